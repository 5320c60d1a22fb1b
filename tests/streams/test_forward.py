"""Port-forwards over real local sockets and a scripted far side: they hold, heal, count and end."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

import pytest

from tui.clock import ManualClock
from tui.errors import Problem, ProblemKind, SourceError, UsageError
from tui.model.streams import ForwardState, PortPair, Queued
from tui.streams.forward import HELD_PAUSE, HELD_SECONDS, Forward
from tui.streams.links import TellDialled
from tui.streams.listening import bind

QUEUED = Queued("acme-1", 2, 5)
BROKEN = SourceError(Problem(ProblemKind.UNREACHABLE, "broken"))


class EchoLink:
    """Gives back what it is sent, and ends when we do. breaks: raises instead."""

    def __init__(self, tag: bytes, breaks: SourceError | None) -> None:
        self._tag = tag
        self._breaks = breaks
        self._held: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.closed = False
        self.held: Callable[[int], None] = lambda others: None
        self.cut_off = asyncio.Event()

    async def send(self, data: bytes) -> None:
        self._held.put_nowait(self._tag + data)

    async def finish(self) -> None:
        self._held.put_nowait(None)

    async def receive(self) -> bytes | None:
        data = await self._held.get()
        if self._breaks is not None:
            raise self._breaks
        return data

    async def watch(self, held: Callable[[int], None]) -> None:
        self.held = held
        await self.cut_off.wait()
        raise BROKEN

    async def close(self) -> None:
        self.closed = True


class FakeRoad:
    """Fits `Road` and `Way`: a pod that echoes, marked with its name."""

    def __init__(self, pod: str) -> None:
        self.pod = pod
        self.ports: Mapping[int | str, int] = {80: 8080, "http": 8080}
        self.going = asyncio.Event()
        self.gone = asyncio.Event()
        self.refuses: SourceError | None = None
        self.breaks: SourceError | None = None
        self.breaks_by: SourceError | None = None
        self.links: list[EchoLink] = []
        self.asked: list[int] = []

    @property
    def way(self) -> FakeRoad:
        return self

    @property
    def open(self) -> bool:
        return not self.gone.is_set()

    async def leaving(self) -> None:
        await self.going.wait()

    async def over(self) -> None:
        await self.gone.wait()
        if self.breaks_by is not None:
            raise self.breaks_by

    async def connect(self, port: int) -> EchoLink:
        self.asked.append(port)
        if self.refuses is not None:
            raise self.refuses
        self.links.append(EchoLink(f"{self.pod}:".encode(), self.breaks))
        return self.links[-1]

    def ends(self) -> None:
        self.gone.set()
        self.going.set()


class Stand:
    """A forward that runs. roads: what is dialled, one after the other; errors are raised. queued: whether each of them
    waits for `turn` first."""

    def __init__(
        self,
        *roads: FakeRoad | SourceError,
        pairs: tuple[PortPair, ...] = (PortPair(0, 80),),
        wait: float = 10.0,
        queued: Sequence[bool] = (),
    ) -> None:
        self.clock = ManualClock()
        self.roads = list(roads)
        self.queued = list(queued)
        self.turn = asyncio.Event()
        self.dialled = 0
        self.open = 0
        self.states: list[ForwardState] = []
        self.changed = asyncio.Event()
        self.forward = Forward(self._dial, pairs, self.clock, lambda problem: wait, self._note)
        self.task = asyncio.create_task(self.forward.run())

    @asynccontextmanager
    async def _dial(self, tell: TellDialled) -> AsyncIterator[FakeRoad]:
        self.tell = tell
        self.dialled += 1
        if self.queued and self.queued.pop(0):
            tell(QUEUED)
            await self.turn.wait()
            tell("")
        if not self.roads:
            await asyncio.Event().wait()
        road = self.roads.pop(0)
        if isinstance(road, SourceError):
            raise road
        self.open += 1
        try:
            yield road
        finally:
            self.open -= 1
            road.ends()

    def _note(self, state: ForwardState) -> None:
        self.states.append(state)
        self.changed.set()

    async def until(self, holds: Callable[[ForwardState], bool]) -> ForwardState:
        async with asyncio.timeout(5):
            while not holds(self.forward.state):
                self.changed.clear()
                await self.changed.wait()
        return self.forward.state

    async def live(self, dials: int = 1) -> int:
        """The local port, once so many ways have been opened."""
        state = await self.until(lambda state: state.state == "live" and state.dials == dials)
        return state.ports[0].local

    async def stop(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


@asynccontextmanager
async def standing(*roads: FakeRoad | SourceError, **options) -> AsyncIterator[Stand]:
    stand = Stand(*roads, **options)
    try:
        yield stand
    finally:
        await stand.stop()


async def ask(port: int, sent: bytes, host: str = "127.0.0.1") -> bytes:
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(sent)
    writer.write_eof()
    try:
        return await reader.read()
    finally:
        writer.close()


async def test_what_is_sent_goes_to_the_pods_port_and_what_it_answers_comes_back() -> None:
    road = FakeRoad("a")
    async with standing(road) as stand:
        port = await stand.live()
        assert await ask(port, b"hello") == b"a:hello"
        state = await stand.until(lambda state: state.open == 0)
    assert road.asked == [8080]
    assert (state.total, state.failed, state.sent, state.received) == (1, 0, 5, 7)
    assert (state.pod, state.ports[0].remote) == ("a", 8080)
    assert road.links[0].closed
    assert stand.forward.state.state == "ended"
    assert stand.open == 0


async def test_many_at_once_on_several_ports_and_both_families() -> None:
    road = FakeRoad("a")
    async with standing(road, pairs=(PortPair(0, 80), PortPair(0, "http"))) as stand:
        await stand.live()
        ports = stand.forward.state.ports
        asked = [(ports[n % 2].local, ports[n % 2].addresses[n % len(ports[n % 2].addresses)]) for n in range(60)]
        answers = await asyncio.gather(*(ask(port, str(n).encode(), at) for n, (port, at) in enumerate(asked)))
        assert answers == [f"a:{n}".encode() for n in range(60)]
        assert ports[0].local != ports[1].local


async def test_the_local_half_may_end_first_and_the_far_half_may_end_first() -> None:
    road = FakeRoad("a")
    async with standing(road) as stand:
        port = await stand.live()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"x")
        assert await reader.read(3) == b"a:x"
        await road.links[0].finish()  # as if the pod had finished
        assert await reader.read() == b""
        writer.write(b"y")
        await writer.drain()
        writer.write_eof()
        await stand.until(lambda state: state.open == 0)
        assert stand.forward.state.sent == 2
        writer.close()


async def test_a_port_that_is_taken_is_told_before_anything_is_dialled() -> None:
    held = bind(0)
    try:
        taken = held[0].getsockname()[1]
        held[0].listen()
        stand = Stand(FakeRoad("a"), pairs=(PortPair(taken, 80),))
        with pytest.raises(UsageError, match=f"port {taken} is taken"):
            await stand.task
        assert stand.dialled == 0
    finally:
        for one in held:
            one.close()


async def test_a_refusal_of_the_first_way_ends_it_and_frees_the_port() -> None:
    stand = Stand(SourceError(Problem(ProblemKind.FORBIDDEN, "not allowed", status=403)))
    with pytest.raises(SourceError, match="not allowed"):
        await stand.task
    port = stand.forward.state.ports[0].local
    for one in bind(port):
        one.close()


async def test_a_pod_that_is_going_keeps_what_it_has_and_the_next_gets_what_is_new() -> None:
    first, second = FakeRoad("a"), FakeRoad("b")
    async with standing(first, second) as stand:
        port = await stand.live()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"1")
        assert await reader.read(3) == b"a:1"
        await stand.clock.advance(60)
        first.going.set()
        await stand.live(2)
        assert await ask(port, b"2") == b"b:2"
        writer.write(b"3")
        assert await reader.read(3) == b"a:3"
        assert stand.open == 2
        first.ends()
        writer.close()
        assert stand.forward.state.pod == "b"


async def test_a_way_that_nobody_is_on_is_given_back_when_its_pod_goes() -> None:
    """A tunnel outlives its pod: each would be one of the few streams of a fleet until the gateway cuts it."""
    roads = [FakeRoad(name) for name in "abcd"]
    async with standing(*roads) as stand:
        port = await stand.live()
        for number, road in enumerate(roads[:-1], 2):
            assert await ask(port, b"1") == road.pod.encode() + b":1"
            road.going.set()
            await stand.live(number)
        assert await ask(port, b"2") == b"d:2"
        assert stand.open == 1


async def test_each_way_has_a_clock_and_what_ended_the_last_one_is_kept() -> None:
    first, second, third = FakeRoad("a"), FakeRoad("b"), FakeRoad("c")
    first.breaks_by = BROKEN
    async with standing(first, second, third) as stand:
        await stand.live()
        assert stand.forward.state.way_since == stand.clock.now()
        await stand.clock.advance(24 * 60)
        first.ends()
        await stand.live(2)
        state = stand.forward.state
        assert (state.cuts, state.cut, state.cut_after) == (1, BROKEN.problem, 24 * 60)
        assert (state.cut_at, state.way_since) == (stand.clock.now(), stand.clock.now())
        assert any(one.state == "waiting" and one.cuts == 1 and not one.way_since for one in stand.states)
        await stand.clock.advance(60)
        second.going.set()  # its pod goes: nothing was cut
        await stand.live(3)
        assert stand.forward.state.cuts == 1


async def test_connections_wait_while_the_next_pod_is_dialled() -> None:
    first, second = FakeRoad("a"), FakeRoad("b")
    async with standing(first, BROKEN, second) as stand:
        port = await stand.live()
        await stand.clock.advance(60)
        first.ends()
        await stand.until(lambda state: state.problem is not None)
        asking = asyncio.create_task(ask(port, b"x"))
        await stand.until(lambda state: state.open == 1)
        await stand.clock.advance(10)
        assert await asking == b"b:x"
        assert stand.forward.state.failed == 0


async def test_a_connection_is_not_held_for_ever() -> None:
    first = FakeRoad("a")
    async with standing(first) as stand:
        port = await stand.live()
        await stand.clock.advance(60)
        first.ends()
        await stand.until(lambda state: state.state == "waiting")
        asking = asyncio.create_task(ask(port, b"x"))
        await stand.until(lambda state: state.open == 1)
        stand.tell("waiting for pod b to be ready")
        await stand.clock.advance(HELD_SECONDS + 1)
        with pytest.raises(ConnectionResetError):
            await asking
        problem = stand.forward.state.problem
        assert stand.forward.state.failed == 1
        assert problem is not None
        assert "waiting for pod b to be ready" in problem.summary


WAITS = SourceError(Problem(ProblemKind.THROTTLED, "too many requests", retry_after=40.0))


async def test_no_connection_is_given_up_while_there_is_nothing_but_a_pause() -> None:
    first, second = FakeRoad("a"), FakeRoad("b")
    async with standing(first, *[BROKEN] * 8, second, wait=600.0) as stand:
        port = await stand.live()
        await stand.clock.advance(60)
        first.ends()
        await stand.until(lambda state: state.problem is not None)
        asking = asyncio.create_task(ask(port, b"x"))
        await stand.until(lambda state: state.open == 1)
        await stand.clock.advance(8 * HELD_PAUSE)
        assert await asking == b"b:x"


async def test_a_connection_ends_a_pause_that_has_lasted_for_a_while() -> None:
    first, second = FakeRoad("a"), FakeRoad("b")
    async with standing(first, BROKEN, second, wait=600.0) as stand:
        port = await stand.live()
        await stand.clock.advance(60)
        first.ends()
        await stand.until(lambda state: state.problem is not None)
        await stand.clock.advance(HELD_PAUSE + 100)
        assert stand.dialled == 2, "nobody waits, so nobody is asked"
        assert await ask(port, b"x") == b"b:x"


async def test_a_pause_that_the_server_asked_for_is_kept_and_the_connection_held_over_it() -> None:
    first, second = FakeRoad("a"), FakeRoad("b")
    async with standing(first, WAITS, second, wait=40.0) as stand:
        port = await stand.live()
        await stand.clock.advance(60)
        first.ends()
        await stand.until(lambda state: state.problem is not None)
        asking = asyncio.create_task(ask(port, b"x"))
        await stand.until(lambda state: state.open == 1)
        await stand.clock.advance(39)
        assert stand.dialled == 2
        await stand.clock.advance(1)
        assert await asking == b"b:x"


async def test_a_way_that_ends_at_once_is_not_dialled_without_pause() -> None:
    first, second = FakeRoad("a"), FakeRoad("b")
    first.ends()
    async with standing(first, second) as stand:
        await stand.until(lambda state: state.state == "waiting")
        assert stand.dialled == 1
        await stand.clock.advance(10)
        await stand.live(2)


async def test_a_pod_that_goes_soon_after_it_was_dialled_is_no_failure_of_the_way() -> None:
    first, second = FakeRoad("a"), FakeRoad("b")
    async with standing(first, second) as stand:
        await stand.live()
        first.going.set()
        await stand.live(2)


async def test_a_way_that_went_while_it_was_being_asked_is_not_held_against_the_connection() -> None:
    first, second = FakeRoad("a"), FakeRoad("b")
    async with standing(first, second) as stand:
        port = await stand.live()
        await stand.clock.advance(60)
        first.refuses = BROKEN
        first.going.set()
        assert await ask(port, b"x") == b"b:x"
        assert stand.forward.state.failed == 0


async def test_what_breaks_there_is_reset_here_and_told() -> None:
    road = FakeRoad("a")
    words = Problem(ProblemKind.UNREACHABLE, "port 8080 of the pod did not answer", "connection refused")
    road.breaks = SourceError(words)
    async with standing(road) as stand:
        port = await stand.live()
        with pytest.raises(ConnectionResetError):
            await ask(port, b"x")
        state = await stand.until(lambda state: state.open == 0)
        assert (state.failed, state.problem, state.state) == (1, words, "live")


async def test_a_local_program_that_goes_is_no_failure() -> None:
    road = FakeRoad("a")
    async with standing(road) as stand:
        port = await stand.live()
        made = socket.create_connection(("127.0.0.1", port))
        await stand.until(lambda state: state.open == 1)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        made.close()  # a reset
        state = await stand.until(lambda state: state.open == 0)
        assert state.failed == 0


async def test_check_dials_at_once() -> None:
    first, second = FakeRoad("a"), FakeRoad("b")
    async with standing(first, BROKEN, second) as stand:
        await stand.live()
        await stand.clock.advance(60)
        first.ends()
        await stand.until(lambda state: state.problem is not None)
        stand.forward.check()
        await stand.live(2)


async def test_one_whose_turn_has_not_come_is_queued_and_says_how_the_queue_stands() -> None:
    async with standing(FakeRoad("a"), queued=[True]) as stand:
        state = await stand.until(lambda state: state.state == "queued")
        assert state.note == "waiting for a stream: 2 ahead of you, 5 of 5 in use (acme-1)"
        stand.turn.set()
        state = await stand.until(lambda state: state.state == "live")
        assert (state.note, state.problem) == ("", None)
    seen = [state.state for state in stand.states]
    assert seen.index("queued") < seen.index("live")


@pytest.mark.parametrize("kind", [ProblemKind.UNREACHABLE, ProblemKind.THROTTLED, ProblemKind.NOT_FOUND])
async def test_one_that_waited_for_its_turn_heals_as_any_other(kind: ProblemKind) -> None:
    failed = SourceError(Problem(kind, "not now"))
    async with standing(failed, BROKEN, FakeRoad("a"), queued=[True]) as stand:
        stand.turn.set()
        state = await stand.until(lambda state: state.state == "waiting")
        assert state.problem == failed.problem
        await stand.clock.advance(10)  # it fails once more, without a wait in the queue
        assert stand.forward.state.problem == BROKEN.problem
        await stand.clock.advance(10)
        port = await stand.live()
        assert await ask(port, b"hello") == b"a:hello"
    assert stand.dialled == 3


@pytest.mark.parametrize(
    ("queued", "kinds"),
    [
        ([True], [ProblemKind.FORBIDDEN]),
        ([True], [ProblemKind.NOT_FOUND, ProblemKind.NOT_FOUND]),
        ([True], [ProblemKind.UNREACHABLE, ProblemKind.INVALID]),
        ([], [ProblemKind.UNREACHABLE]),
    ],
)
async def test_a_refusal_for_good_ends_it_whether_it_waited_or_not(
    queued: list[bool], kinds: list[ProblemKind]
) -> None:
    refusals = [SourceError(Problem(kind, f"refusal {number}")) for number, kind in enumerate(kinds)]
    async with standing(*refusals, queued=queued) as stand:
        stand.turn.set()
        await stand.clock.advance(60)
        with pytest.raises(SourceError, match=f"refusal {len(kinds) - 1}"):
            await stand.task
    assert stand.forward.state.state == "ended"


async def test_one_that_waits_for_its_turn_can_be_ended() -> None:
    async with standing(FakeRoad("a"), queued=[True]) as stand:
        await stand.until(lambda state: state.state == "queued")
    assert stand.forward.state.state == "ended"
    assert stand.open == 0


async def test_a_program_that_holds_the_others_up_is_named_and_cut_off() -> None:
    road = FakeRoad("shop-1")
    async with standing(road) as stand:
        local = await stand.live()
        reader, writer = await asyncio.open_connection("127.0.0.1", local)
        writer.write(b"x")
        assert await reader.read(99) == b"shop-1:x"
        (link,) = road.links
        link.held(2)
        host, port = writer.get_extra_info("sockname")[:2]
        assert f"{host}:{port} has stopped reading port 80: 2 other connections wait" in stand.forward.state.held_up
        link.held(0)
        assert stand.forward.state.held_up == ""
        link.held(1)
        link.cut_off.set()
        state = await stand.until(lambda state: state.failed == 1)
        assert state.problem == BROKEN.problem
        with pytest.raises(ConnectionError):
            await reader.read()
        assert (await stand.until(lambda state: state.open == 0)).held_up == ""
