"""Our terminal around a command that reads no keys, or has no terminal of its own: over a pty."""

from __future__ import annotations

import asyncio
import os
import pty
import select
import termios
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager

import pytest

from tests.streams.fakesocket import FakePort, FakeSocket
from tui.clock import Clock, ManualClock, SystemClock, settle
from tui.streams.nearends import SHOWN, in_terminal
from tui.streams.outlet import Outlet, takes
from tui.streams.paths import Command, Place, Query
from tui.wire.channels import STATUS, STDIN, STDOUT, V5, pack
from tui.wire.status import Ended

LOOKED_AT = Command(Place("default", "shop", "app"), ())
HEARD = Command(Place("default", "shop", "app"), (), stdin=True)


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """The person's side and the program's."""
    near, far = pty.openpty()
    yield near, far
    os.close(near)
    os.close(far)


async def shown(fd: int, words: bytes) -> bytes:
    """What the screen shows, once `words` are among it."""
    seen = b""
    while words not in seen:
        seen += await asyncio.wait_for(asyncio.to_thread(os.read, fd, 4096), 20)
    return seen


async def session_on(
    fd: int, port: FakePort, command: Command, *, clock: Clock | None = None, patience: float | None = None
) -> Ended | None:
    """One under the terminal on `fd`."""
    with Outlet(fd) as out:
        named = "a title".format if clock else None
        return await in_terminal(port, command, fd, out, clock=clock or SystemClock(), title=named, patience=patience)


@pytest.fixture
async def far_end() -> FakeSocket:
    return FakeSocket(V5)


@pytest.mark.parametrize("keys", [b"\x03", b"\x04", b"\r~."])
async def test_what_reads_no_keys_can_be_left(far_end: FakeSocket, terminal: tuple[int, int], keys: bytes) -> None:
    near, far = terminal
    session = asyncio.create_task(session_on(far, FakePort(far_end), LOOKED_AT))
    far_end.coming.put_nowait(pack(STDOUT, b"one\ntwo\n"))
    assert b"one\r\ntwo\r\n" in await shown(near, b"two")
    os.write(near, b"x" + keys)
    assert await asyncio.wait_for(session, 20) is None
    assert [message for message in far_end.sent if message[0] == STDIN] == []


async def test_what_reads_keys_is_given_ctrl_c(far_end: FakeSocket, terminal: tuple[int, int]) -> None:
    near, far = terminal
    session = asyncio.create_task(session_on(far, FakePort(far_end), HEARD))
    far_end.coming.put_nowait(pack(STDOUT, b"one\n"))
    await shown(near, b"one")
    os.write(near, b"\x03")
    await asyncio.wait_for(far_end.sent_some.wait(), 20)
    assert pack(STDIN, b"\x03") in far_end.sent
    far_end.coming.put_nowait(pack(STATUS, b'{"status":"Success"}'))
    ended = await asyncio.wait_for(session, 20)
    assert ended is not None
    assert ended.exit_code == 0


class SlowPort(FakePort):
    """Whose stream waits for its turn, or for a server that does not answer."""

    def __init__(self, socket: FakeSocket) -> None:
        super().__init__(socket)
        self.let_in = asyncio.Event()

    @asynccontextmanager
    async def socket(self, path: str, query: Query, protocols: Sequence[str]) -> AsyncIterator[FakeSocket]:
        await self.let_in.wait()
        async with super().socket(path, query, protocols) as socket:
            yield socket


@pytest.mark.parametrize("keys", [b"\x03", b"~.", b"what\r~."])
@pytest.mark.parametrize("command", [HEARD, LOOKED_AT])
async def test_a_session_that_does_not_open_can_be_left(
    far_end: FakeSocket, terminal: tuple[int, int], keys: bytes, command: Command
) -> None:
    near, far = terminal
    before = termios.tcgetattr(far)
    session = asyncio.create_task(session_on(far, SlowPort(far_end), command))
    await settle()
    os.write(near, keys)
    assert await asyncio.wait_for(session, 20) is None
    assert termios.tcgetattr(far) == before


async def test_what_is_typed_before_a_session_opens_is_for_it(far_end: FakeSocket, terminal: tuple[int, int]) -> None:
    near, far = terminal
    port = SlowPort(far_end)
    session = asyncio.create_task(session_on(far, port, HEARD))
    await settle()
    os.write(near, b"ls\r")
    port.let_in.set()
    while b"".join(one[1:] for one in far_end.sent if one[0] == STDIN) != b"ls\r":
        far_end.sent_some.clear()
        await asyncio.wait_for(far_end.sent_some.wait(), 20)
    far_end.coming.put_nowait(pack(STATUS, b'{"status":"Success"}'))
    ended = await asyncio.wait_for(session, 20)
    assert ended is not None
    assert ended.exit_code == 0


DIED = b'{"status":"Failure","reason":"NonZeroExitCode","message":"command terminated with non-zero exit code: %d",'
DIED += b'"details":{"causes":[{"reason":"ExitCode","message":"%d"}]}}'
BROKE = b'{"status":"Failure","reason":"InternalError","message":"container is not running"}'


@pytest.mark.parametrize(
    ("typed", "status", "killed"),
    [
        (b"ls -l", DIED % (137, 137), True),
        (b"exit\r", DIED % (137, 137), False),
        (b"exit 1\r", DIED % (1, 1), False),
        (b"ls -l", BROKE, True),
    ],
    ids=["killed", "left", "a code of its own", "broke inside"],
)
async def test_a_session_that_somebody_else_ended_is_told_apart_and_tidied(
    far_end: FakeSocket, terminal: tuple[int, int], typed: bytes, status: bytes, killed: bool
) -> None:
    near, far = terminal
    session = asyncio.create_task(session_on(far, FakePort(far_end), HEARD))
    far_end.brings(pack(STDOUT, b"# "))
    await shown(near, b"# ")
    os.write(near, typed)
    while b"".join(one[1:] for one in far_end.sent if one[0] == STDIN) != typed:
        far_end.sent_some.clear()
        await asyncio.wait_for(far_end.sent_some.wait(), 20)
    far_end.brings(pack(STATUS, status))
    ended = await asyncio.wait_for(session, 20)
    assert ended is not None
    assert ended.killed is killed
    seen = os.read(near, 4096) if select.select([near], [], [], 0)[0] else b""
    assert (b"\x1b[?1049l" in seen) is killed


async def test_a_command_that_never_ran_was_not_killed(far_end: FakeSocket, terminal: tuple[int, int]) -> None:
    session = asyncio.create_task(session_on(terminal[1], FakePort(far_end), HEARD))
    far_end.brings(pack(STATUS, BROKE))
    ended = await asyncio.wait_for(session, 20)
    assert ended == Ended(None, "container is not running", "InternalError")


# A terminal that takes nothing ---------------------------------------------------------------------------------------


MUCH = b"x" * (1 << 20)
"""More than any terminal holds for who does not read."""


@pytest.fixture
def rescue(terminal: tuple[int, int]) -> Iterator[threading.Event]:
    """Set where everything stood still because nobody reads, and had to be read all the same to end the test."""
    needed, over = threading.Event(), threading.Event()

    def read() -> None:
        if not over.wait(20):
            needed.set()
            while not over.is_set():
                if select.select([terminal[0]], [], [], 0.1)[0]:
                    os.read(terminal[0], 1 << 16)

    thread = threading.Thread(target=read, name="rescue")
    thread.start()
    yield needed
    over.set()
    thread.join()


async def stopped(fd: int) -> None:
    """Return once the terminal takes nothing more."""
    while takes(fd):
        await settle()


async def test_a_session_whose_terminal_takes_nothing_is_left(
    far_end: FakeSocket, terminal: tuple[int, int], rescue: threading.Event
) -> None:
    near, far = terminal
    clock, before = ManualClock(), termios.tcgetattr(far)
    port = FakePort(far_end)
    session = asyncio.create_task(session_on(far, port, HEARD, clock=clock, patience=2.0))
    far_end.brings(pack(STDOUT, MUCH))
    await stopped(far)
    os.write(near, b"\r~.")
    while port.open:
        await settle()
    assert not session.done(), "it may be read again in a moment"
    await clock.advance(2.0)
    assert await asyncio.wait_for(session, 20) is None
    assert termios.tcgetattr(far) == before
    assert not rescue.is_set()


async def test_who_leaves_is_not_shown_what_has_come_meanwhile(
    far_end: FakeSocket, terminal: tuple[int, int], rescue: threading.Event
) -> None:
    near, far = terminal
    port = FakePort(far_end)
    session = asyncio.create_task(session_on(far, port, HEARD, clock=ManualClock()))
    far_end.brings(pack(STDOUT, bytes(20 * SHOWN)), *(pack(STDOUT, bytes(SHOWN)) for _ in range(20)))
    await stopped(far)
    os.write(near, b"\r~.")
    while port.open:
        await settle()
    seen = await shown(near, b"\x1b[?25h\x1b[0m")
    assert seen.count(0) <= SHOWN
    assert await asyncio.wait_for(session, 20) is None
    assert not rescue.is_set()


async def test_who_can_wait_has_the_terminal_tidied_once_it_takes_something_again(
    far_end: FakeSocket, terminal: tuple[int, int], rescue: threading.Event
) -> None:
    near, far = terminal
    clock, port = ManualClock(), FakePort(far_end)
    session = asyncio.create_task(session_on(far, port, HEARD, clock=clock))
    far_end.brings(pack(STDOUT, MUCH))
    await stopped(far)
    os.write(near, b"\r~.")
    while port.open:
        await settle()
    await clock.advance(3600.0)
    assert not session.done()
    seen = await shown(near, b"\x1b[?25h\x1b[0m")
    assert seen.index(b"\x1b[?1049l") > seen.rindex(b"x")
    assert await asyncio.wait_for(session, 20) is None
    assert not rescue.is_set()


async def test_a_session_that_ends_by_itself_gives_the_title_back_before_it_is_over(
    far_end: FakeSocket, terminal: tuple[int, int]
) -> None:
    near, far = terminal
    session = asyncio.create_task(session_on(far, FakePort(far_end), HEARD, clock=ManualClock()))
    await shown(near, b"a title")
    far_end.brings(pack(STATUS, b'{"status":"Success"}'))
    ended = await asyncio.wait_for(session, 20)
    assert ended is not None
    assert select.select([near], [], [], 0)[0]
    assert os.read(near, 4096).endswith(b"\x1b[23;2t")


async def test_the_bell_is_rung_once_when_the_cut_is_near_and_never_within_a_sequence(
    far_end: FakeSocket, terminal: tuple[int, int]
) -> None:
    near, far = terminal
    clock = ManualClock()
    with Outlet(far) as out:
        session = asyncio.create_task(
            in_terminal(
                FakePort(far_end), HEARD, far, out, clock=clock, title="at {:.0f}".format, warned=lambda age: age >= 60
            )
        )
        await shown(near, b"at 0\x07")
        far_end.brings(pack(STDOUT, b"\x1b]8;;http://half"))
        assert b"\x07" not in await shown(near, b"half")
        await clock.advance(60)
        far_end.brings(pack(STDOUT, b"-way\x1b"))
        far_end.brings(pack(STDOUT, b"\\done"))
        seen = await shown(near, b"at 60\x07\x07")
        assert b"half" not in seen
        assert seen.index(b"-way\x1b\\done") < seen.index(b"\x1b]2;")
        await clock.advance(30)
        seen += await shown(near, b"at 90\x07")
        far_end.brings(pack(STATUS, b'{"status":"Success"}'))
        await asyncio.wait_for(session, 20)
        assert (seen + await shown(near, b"\x1b[23;2t")).count(b"\x07\x07") == 1


async def test_what_nobody_takes_holds_up_nobody_else(terminal: tuple[int, int], rescue: threading.Event) -> None:
    near, far = terminal
    with Outlet(far) as out:
        writing = asyncio.create_task(out.write(MUCH))
        await stopped(far)
        writing.cancel()
        last = out.put(b"end")
        await settle()
        assert not last.done()
        assert (await shown(near, b"end")).count(b"x") == len(MUCH)
        await asyncio.wait_for(last, 20)
    assert not rescue.is_set()
