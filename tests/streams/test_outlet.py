"""What is written by a thread comes out whole and in order, and who brings more waits for who reads."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Generator
from contextlib import suppress

import pytest

from tui.streams import waitless as nowait
from tui.streams.outlet import AHEAD, AT_ONCE, Outlet
from tui.streams.pipes import Pipes

PIECE = 32 << 10


class Pipe:
    """far: where it is read. Each end is closed once: its number may be another's soon."""

    def __init__(self) -> None:
        self.far, self.near = os.pipe()
        self._open = {self.far, self.near}

    def close(self, *ends: int) -> None:
        for end in ends:
            self._open.remove(end)
            os.close(end)

    def close_all(self) -> None:
        self.close(*tuple(self._open))


@pytest.fixture
def pipe() -> Generator[Pipe]:
    made = Pipe()
    yield made
    made.close_all()


async def _read(fd: int, size: int) -> bytes:
    def read() -> bytes:
        held = b""
        while len(held) < size and (more := os.read(fd, size - len(held))):
            held += more
        return held

    return await asyncio.to_thread(read)


@pytest.mark.parametrize("waitless", [True, False])
async def test_what_is_fed_comes_out_in_order(pipe: Pipe, waitless: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not waitless:
        monkeypatch.setattr(nowait, "NOWAIT", 0)
    rng = random.Random(1)
    sent = [rng.randbytes(rng.randrange(rng.choice((2, PIECE)))) for _ in range(900)]
    with Outlet(pipe.near) as out:
        reading = asyncio.create_task(_read(pipe.far, sum(map(len, sent))))
        place = 0
        while place < len(sent):
            many = rng.choice((1, 3, 2 * AT_ONCE))
            await out.feed(*sent[place : place + many])
            place += many
        await out.flush()
    assert await reading == b"".join(sent)


async def test_who_feeds_waits_for_who_reads(pipe: Pipe) -> None:
    fed = 0

    async def feed() -> None:
        nonlocal fed
        while True:
            await out.feed(bytes(PIECE))
            fed += PIECE

    with Outlet(pipe.near) as out:
        feeding = asyncio.create_task(feed())
        for _ in range(1000):
            await asyncio.sleep(0)
        assert AHEAD - 3 * PIECE <= fed <= AHEAD + PIECE
        before = fed
        await _read(pipe.far, 40 * PIECE)
        for _ in range(1000):
            await asyncio.sleep(0.001)
            if fed > before:
                break
        assert fed > before
        feeding.cancel()
        pipe.close(pipe.far)  # the thread is let go


async def test_behind_what_could_not_be_written_nothing_is(pipe: Pipe) -> None:
    pipe.close(pipe.far)
    read_again, write_again = os.pipe()
    with Outlet(pipe.near) as out:
        with pytest.raises(BrokenPipeError):
            await out.write(b"lost")
        os.dup2(write_again, pipe.near)  # it could be written now, and would come behind a hole
        with pytest.raises(BrokenPipeError):
            await out.write(b"more")
        with pytest.raises(BrokenPipeError):
            await out.feed(b"more")
    os.close(write_again)
    pipe.close(pipe.near)
    assert os.read(read_again, 10) == b""
    os.close(read_again)


@pytest.mark.parametrize("waitless", [True, False])
async def test_who_feeds_is_told_that_nobody_reads(pipe: Pipe, waitless: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not waitless:
        monkeypatch.setattr(nowait, "NOWAIT", 0)
    pipe.close(pipe.far)
    with Outlet(pipe.near) as out:
        with suppress(BrokenPipeError):  # where it is written at once
            await out.feed(b"a little")
        with pytest.raises(BrokenPipeError):
            await asyncio.wait_for(out.broken(), 10)
        with pytest.raises(BrokenPipeError):
            await out.feed(b"more")


async def test_small_pieces_are_not_held_by_the_million(pipe: Pipe) -> None:
    fed = 0

    async def feed() -> None:
        nonlocal fed
        while True:
            await out.feed(b"x")
            fed += 1

    with Outlet(pipe.near) as out:
        await out.feed(bytes(PIECE * 4))  # more than the pipe holds: the thread waits for a reader
        feeding = asyncio.create_task(feed())
        for _ in range(3000):
            await asyncio.sleep(0)
        assert 0 < fed < 2000
        feeding.cancel()
        pipe.close(pipe.far)


async def test_stdout_and_stderr_of_one_place_keep_their_order(pipe: Pipe) -> None:
    expected = b""
    with Outlet(pipe.near) as out, Outlet(pipe.near) as err:
        pipes = Pipes(lambda words: None, out, err)
        for number in range(300):
            said = memoryview(b"%d " % number)
            await (pipes.err([said]) if number % 3 == 0 else pipes.out([said]))
            expected += said
        await pipes.flush()
    assert await _read(pipe.far, len(expected)) == expected
