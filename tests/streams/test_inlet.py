"""What is fed to a command is read whole, in pieces of a message, and nobody else waits for it."""

from __future__ import annotations

import asyncio
import fcntl
import gc
import os
import random
from collections.abc import Generator, Sequence
from pathlib import Path

import pytest

from tests.turns import counted
from tui.errors import UsageError
from tui.streams import inlet
from tui.streams import waitless as nowait
from tui.streams.inlet import LEAST, TURN, Inlet
from tui.wire.channels import MESSAGE_BYTES, STDIN, TOGETHER, messages

FED = random.Random(1).randbytes(3 * TURN + 7)


@pytest.fixture(params=["waitless", "patient"], autouse=True)
def flag(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the system's flag for it, and as where there is none."""
    if request.param == "patient":
        monkeypatch.setattr(nowait, "NOWAIT", 0)


@pytest.fixture
def file(tmp_path: Path) -> Generator[int]:
    path = tmp_path / "fed"
    path.write_bytes(FED)
    fd = os.open(path, os.O_RDONLY)
    yield fd
    os.close(fd)


@pytest.fixture
def pipe() -> Generator[tuple[int, int]]:
    far, near = os.pipe()
    yield far, near
    os.close(far)


async def _whole(fd: int) -> list[bytes]:
    return [bytes(one)[1:] async for piece in Inlet(fd).chunks() for one in messages(STDIN, piece)]


async def test_a_file_comes_whole(file: int) -> None:
    assert b"".join(await _whole(file)) == FED


async def test_a_file_is_read_from_where_it_stands(file: int) -> None:
    os.lseek(file, TURN, os.SEEK_SET)
    assert b"".join(await _whole(file)) == FED[TURN:]


async def test_a_pipe_comes_whole_and_in_pieces_of_a_message(pipe: tuple[int, int]) -> None:
    far, near = pipe

    def write() -> None:
        with os.fdopen(near, "wb") as end:
            end.write(FED)

    pieces, _ = await asyncio.gather(_whole(far), asyncio.to_thread(write))
    assert b"".join(pieces) == FED
    assert max(map(len, pieces)) == MESSAGE_BYTES


async def test_much_is_read_together_and_a_little_is_not(
    file: int, pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def read(fd: int, into: Sequence[memoryview]) -> int:
        asked.append(len(into))
        return os.readv(fd, into)

    monkeypatch.setattr(inlet, "read_now", read)
    assert b"".join(await _whole(file)) == FED
    assert asked[:5] == [1, 2, 4, 8, 8]
    assert max(asked) == TOGETHER
    del asked[:]
    far, near = pipe
    pieces = Inlet(far).chunks()
    for size in (MESSAGE_BYTES, 1, 1):
        os.write(near, bytes(size))
        piece = await anext(pieces)
        assert [len(bytes(one)) for one in messages(STDIN, piece)] == [1 + size]
    assert asked == [1, 2, 1]
    os.close(near)


@pytest.mark.parametrize("blocking", [True, False])
async def test_what_comes_late_is_waited_for(pipe: tuple[int, int], blocking: bool) -> None:
    far, near = pipe
    os.set_blocking(far, blocking)
    reading = asyncio.create_task(_whole(far))
    for _ in range(10):
        await asyncio.sleep(0)
    assert not reading.done()
    os.write(near, b"late")
    os.close(near)
    assert b"".join(await reading) == b"late"


async def test_nothing_to_read_is_an_end() -> None:
    fd = os.open(os.devnull, os.O_RDONLY)
    assert await _whole(fd) == []
    os.close(fd)


async def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    fd = os.open(tmp_path, os.O_RDONLY)
    try:
        with pytest.raises(UsageError, match="stdin cannot be read: Is a directory"):
            await _whole(fd)
    finally:
        os.close(fd)


async def test_others_have_their_turn_where_nothing_has_to_wait(file: int) -> None:
    turns: list[int] = []
    taken = 0

    async def other() -> None:
        while True:
            turns.append(taken)
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    async for piece in Inlet(file).chunks():
        taken += sum(len(bytes(one)[1:]) for one in messages(STDIN, piece))
    task.cancel()
    assert any(TURN < turn < len(FED) for turn in turns)


async def test_who_gives_up_leaves_nothing_behind(pipe: tuple[int, int]) -> None:
    far, near = pipe
    reading = asyncio.create_task(_whole(far))
    for _ in range(10):
        await asyncio.sleep(0)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    assert not asyncio.get_running_loop().remove_reader(far)
    os.close(near)


async def test_nothing_in_the_middle_of_a_file_is_not_taken_for_its_end(
    file: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Linux 5.9 and 5.10 (preadv2(2), BUGS)."""
    answers = iter((True, False, True, True))

    def faulty(fd: int, into: Sequence[memoryview]) -> int:
        return nowait.read_now(fd, into) if next(answers, True) else 0

    monkeypatch.setattr(inlet, "read_now", faulty)
    assert b"".join(await _whole(file)) == FED


def test_what_nothing_was_read_into_is_let_go_of_at_once(pipe: tuple[int, int]) -> None:
    """A command is fed for hours, and garbage is searched for seldom."""
    far, near = pipe
    into = bytearray(1)
    gc.disable()
    try:
        try:
            nowait.read_now(far, [memoryview(into)])
        except (BlockingIOError, nowait.UntoldError):
            pass
        into.append(0)  # which it cannot be while anything has a view of it
    finally:
        gc.enable()
    os.close(near)


async def test_small_pieces_leave_others_their_turn(pipe: tuple[int, int]) -> None:
    far, near = pipe
    os.write(near, bytes(1))
    pieces = 0
    async with counted() as turns:
        async for _ in Inlet(far).chunks():
            os.write(near, bytes(1))
            pieces += 1
            if pieces == 300:
                break
    os.close(near)
    assert turns.count >= 300 // (TURN // LEAST) - 1


@pytest.mark.skipif(not hasattr(fcntl, "F_SETPIPE_SZ"), reason="pipes have one size here")
async def test_a_pipe_is_made_wider_and_never_smaller(pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    far, near = pipe
    nowait.widen(far)
    wide = fcntl.fcntl(far, fcntl.F_GETPIPE_SZ)
    if wide <= 1 << 16:
        pytest.skip("this user's pipes may not be wider")
    monkeypatch.setattr(nowait, "PIPE", 1 << 17)
    nowait.widen(far)
    assert fcntl.fcntl(far, fcntl.F_GETPIPE_SZ) == wide
    os.close(near)
