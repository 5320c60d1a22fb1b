"""A port-forward that goes on: it listens here, keeps a way to a pod open there, and dials again when the way ends.

kubectl ends with its pod; this holds new connections for a moment while the next pod of the same owner is dialled, and
lets those that run finish on the old one as far as that pod lets them.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager

from msgspec.structs import replace

from tui.clock import Clock
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.streams import Bound, ForwardState, PortPair, Queued
from tui.streams.holders import Holders
from tui.streams.links import Link, Road, TellDialled
from tui.streams.listening import LOOPBACK, bind, serve
from tui.streams.pump import pump, reset
from tui.streams.troubles import PASSING
from tui.waits import Deadline, Pause

LONG_ENOUGH = 5.0
"""Seconds after which a way that ends in good order is dialled again at once; a shorter one after a wait."""
HELD_SECONDS = 60.0
"""For which a connection waits here for a way to a pod: as long as one takes to be scheduled and started, and then to
become ready or be taken without (`tui.streams.succession.READY_SECONDS`)."""
HELD_PAUSE = 5.0
"""Seconds after which it is dialled again at the latest while connections wait, so that none of them is given up while
there is nothing but a pause; only one that the server asked for is kept in full."""


_ENDED = Problem(ProblemKind.UNREACHABLE, "the server ended the port-forward")
_AT_ONCE = Problem(ProblemKind.PROTOCOL, "the way to the pod ended at once")

Dial = Callable[[TellDialled], AbstractAsyncContextManager[Road]]
"""Opens a way to a pod of the target, and tells what it waits for meanwhile. Raises SourceError on entry."""


class Forward:
    """One port-forward. wait: seconds to wait after a failure. changed: told of each new state."""

    def __init__(
        self,
        dial: Dial,
        pairs: Sequence[PortPair],
        clock: Clock,
        wait: Callable[[Problem], float],
        changed: Callable[[ForwardState], None],
        *,
        addresses: tuple[str, ...] = LOOPBACK,
    ) -> None:
        self._dial = dial
        self._pairs = tuple(pairs)
        self._clock = clock
        self._wait = wait
        self._changed = changed
        self._addresses = addresses
        self._road: Road | None = None
        self._ready = asyncio.Event()
        self._serving = False
        self._waited = self._waited_now = False
        """Whether the first way had to wait for a stream, and whether it had to for the present one."""
        self._pause = Pause(clock)
        self._idle = False
        """Whether a pause is on that a connection would end."""
        self._held = 0
        """Connections that wait for a way."""
        self._connections: set[asyncio.Task[None]] = set()
        self._roads: set[asyncio.Task[None]] = set()
        self._used: Counter[Road] = Counter()
        self._freed = asyncio.Condition()
        self._holders = Holders(lambda words: self._put(held_up=words))
        self.state = ForwardState(since=clock.now())

    def check(self) -> None:
        """Dial now where that is being waited for."""
        self._pause.cut()

    async def run(self) -> None:
        """Forward until cancelled. The first way must open before anything is accepted.

        Raises UsageError where a local port cannot be had, SourceError where the first way is refused; where that had
        to wait for a stream, only where it is refused for good.
        """
        held = [bind(pair.local, self._addresses) for pair in self._pairs]
        servers: list[asyncio.Server] = []
        try:
            bound = [
                Bound(sockets[0].getsockname()[1], pair.remote, 0, tuple(str(s.getsockname()[0]) for s in sockets))
                for pair, sockets in zip(self._pairs, held, strict=True)
            ]
            self._put(ports=tuple(bound))
            first: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            keeping = asyncio.create_task(self._keep(first), name="keeping a way to a pod")
            try:
                await first
                for pair, sockets in zip(self._pairs, held, strict=True):
                    servers += await serve(sockets, self._handler(pair.remote))
                self._serving = True
                if self._ready.is_set():
                    self._state("live", None)
                await keeping
            finally:
                keeping.cancel()
                await asyncio.gather(keeping, return_exceptions=True)
        finally:
            for server in servers:
                server.close()
            for sockets in held:
                for one in sockets:
                    one.close()
            await _cancelled(self._connections | self._roads)
            self._state("ended", None)

    async def _keep(self, first: asyncio.Future[None]) -> None:
        """Have a way to a pod, always. first: done when there is one, or when it was refused."""
        while True:
            problem: Problem | None = None
            opened: asyncio.Future[Road] = asyncio.get_running_loop().create_future()
            self._waited_now = False
            holding = asyncio.create_task(self._hold(opened), name="a way to a pod")
            self._roads.add(holding)
            holding.add_done_callback(self._roads.discard)
            try:
                self._road = road = await opened
                self._opened(road)
                if not first.done():
                    first.set_result(None)
                began = self._clock.monotonic()
                await road.leaving()
                if not road.open:
                    lasted, cut = self._clock.monotonic() - began, await _end_of(road)
                    cuts, at = self.state.cuts + 1, self._clock.now()
                    self.state = replace(self.state, cuts=cuts, cut=cut, cut_after=lasted, cut_at=at)
                    problem = _AT_ONCE if lasted < LONG_ENOUGH else None
            except SourceError as exc:
                if not first.done() and not self._is_passing(exc.problem):
                    first.set_exception(exc)
                    return
                problem = exc.problem
            self._ready.clear()
            self.state = replace(self.state, note="", way_since=0.0)
            self._state("waiting", problem)
            if problem is not None:
                await self._rest(self._wait(problem), firm=problem.retry_after is not None)

    def _is_passing(self, problem: Problem) -> bool:
        """Whether the first way is dialled again after a failure: somebody who waited for a stream for minutes need not
        do so anew for one hiccup, or since the pod went meanwhile."""
        gone_meanwhile = self._waited_now and problem.kind is ProblemKind.NOT_FOUND
        return self._waited and (gone_meanwhile or problem.kind in PASSING)

    async def _rest(self, seconds: float, *, firm: bool) -> None:
        """A pause before it is dialled again. firm: the server asked for it."""
        began = self._clock.monotonic()
        first = seconds if firm else min(seconds, HELD_PAUSE)
        await self._pause.sleep(first, firm=firm)
        if self._held or first == seconds or self._clock.monotonic() - began < first:  # the last: it was cut
            return
        self._idle = True
        try:
            await self._pause.sleep(seconds - first)
        finally:
            self._idle = False

    async def _hold(self, opened: asyncio.Future[Road]) -> None:
        """Keep one way open until it ends, which may be after the next one has been opened."""
        try:
            async with self._dial(self._tell) as road:
                opened.set_result(road)
                await self._needed(road)
        except SourceError as exc:
            if not opened.done():
                opened.set_exception(exc)
        finally:
            if not opened.done():
                opened.cancel()

    async def _needed(self, road: Road) -> None:
        """Return when a way has ended, or when its pod is going and nobody is on it any more: a tunnel outlives its
        pod, and is one of the few streams that a fleet has. Raises SourceError where it broke."""
        over = asyncio.create_task(road.over(), name="a way's end")
        unused = asyncio.create_task(self._unused(road), name="a way's last connection")
        try:
            done, _ = await asyncio.wait((over, unused), return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            await _cancelled({over, unused})

    async def _unused(self, road: Road) -> None:
        await road.leaving()
        async with self._freed:
            await self._freed.wait_for(lambda: not self._used[road])

    def _opened(self, road: Road) -> None:
        self._ready.set()
        ports = tuple(replace(port, remote=road.ports[port.asked]) for port in self.state.ports)
        self.state = replace(
            self.state, pod=road.pod, dials=self.state.dials + 1, ports=ports, way_since=self._clock.now()
        )
        if self._serving:  # it is live once somebody can connect
            self._state("live", None)

    def _handler(self, remote: int | str) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], asyncio.Task[None]]:
        def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> asyncio.Task[None]:
            task = asyncio.create_task(self._connection(remote, reader, writer), name=f"connection to {remote}")
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)
            return task

        return accepted

    async def _connection(self, remote: int | str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._put(open=self.state.open + 1, total=self.state.total + 1)
        link: Link | None = None
        road: Road | None = None
        held = self._holders.of(writer.get_extra_info("peername"), remote)

        try:
            road, link = await self._connect(remote)
            await pump(link, reader, writer, sent=self._sent, received=self._received, held=held)
        except SourceError as exc:
            self._put(failed=self.state.failed + 1, problem=exc.problem)
            reset(writer)
        except OSError:
            pass  # the local side went; that is its right
        finally:
            self._put(open=self.state.open - 1)
            held(0)
            writer.close()
            if link is not None:
                await link.close()
            if road is not None:
                await self._leave(road)

    async def _connect(self, remote: int | str) -> tuple[Road, Link]:
        """A connection to the pod that is to be used now; where there is none, to the next. Whoever got it gives the
        road back by `_leave`. Raises SourceError."""
        while True:
            road = await self._usable()
            self._used[road] += 1
            try:
                return road, await road.way.connect(road.ports[remote])
            except BaseException as exc:
                await self._leave(road)
                if not isinstance(exc, SourceError) or (road is self._road and self._ready.is_set()):
                    raise

    async def _leave(self, road: Road) -> None:
        self._used[road] -= 1
        if not self._used[road]:
            del self._used[road]
        async with self._freed:
            self._freed.notify_all()

    async def _usable(self) -> Road:
        self._held += 1
        if self._idle:
            self._pause.cut()
        try:
            with Deadline(self._clock, HELD_SECONDS):
                await self._ready.wait()
        except TimeoutError as exc:
            why = f": {self.state.note}" if self.state.note else ""
            summary = f"no pod could be reached for {HELD_SECONDS:.0f} s{why}"
            raise SourceError(self.state.problem or Problem(ProblemKind.TIMEOUT, summary)) from exc
        finally:
            self._held -= 1
        assert self._road is not None  # it is what `_ready` says
        return self._road

    # Bytes are counted and not told each time: whoever shows them looks when he paints.
    def _sent(self, count: int) -> None:
        self.state = replace(self.state, sent=self.state.sent + count)

    def _received(self, count: int) -> None:
        self.state = replace(self.state, received=self.state.received + count)

    def _tell(self, told: str | Queued) -> None:
        note = told.words if isinstance(told, Queued) else told
        if not self._serving and isinstance(told, Queued):
            self._waited = self._waited_now = True
            since = self.state.since if self.state.state == "queued" else self._clock.now()
            self._put(note=note, state="queued", problem=None, since=since)
        elif self.state.state == "queued":
            self._put(note=note, state="opening")
        elif note != self.state.note:
            self._put(note=note)

    def _state(self, state: str, problem: Problem | None) -> None:
        self._put(state=state, problem=problem, since=self._clock.now())

    def _put(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)
        self._changed(self.state)


async def _end_of(road: Road) -> Problem:
    """How a way has ended."""
    try:
        await road.over()
    except SourceError as exc:
        return exc.problem
    return _ENDED


async def _cancelled(tasks: set[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
