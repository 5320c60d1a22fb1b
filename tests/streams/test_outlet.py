"""What is written by a thread comes out whole and in order, and who brings more waits for who reads."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Generator

import pytest

from tui.streams.nearends import Pipes
from tui.streams.outlet import AHEAD, Outlet

PIECE = 32 << 10


@pytest.fixture
def pipe() -> Generator[tuple[int, int]]:
    far, near = os.pipe()
    yield far, near
    for fd in (far, near):
        try:
            os.close(fd)
        except OSError:
            pass  # the test closed it


async def _read(fd: int, size: int) -> bytes:
    def read() -> bytes:
        held = b""
        while len(held) < size and (more := os.read(fd, size - len(held))):
            held += more
        return held

    return await asyncio.to_thread(read)


async def test_what_is_fed_comes_out_in_order(pipe: tuple[int, int]) -> None:
    far, near = pipe
    rng = random.Random(1)
    sent = [rng.randbytes(rng.randrange(PIECE)) for _ in range(300)]
    with Outlet(near) as out:
        reading = asyncio.create_task(_read(far, sum(map(len, sent))))
        for piece in sent:
            await out.feed(piece)
        await out.flush()
    assert await reading == b"".join(sent)


async def test_who_feeds_waits_for_who_reads(pipe: tuple[int, int]) -> None:
    far, near = pipe
    fed = 0

    async def feed() -> None:
        nonlocal fed
        while True:
            await out.feed(bytes(PIECE))
            fed += PIECE

    with Outlet(near) as out:
        feeding = asyncio.create_task(feed())
        for _ in range(1000):
            await asyncio.sleep(0)
        assert AHEAD - PIECE <= fed <= AHEAD + PIECE
        before = fed
        await _read(far, 40 * PIECE)
        for _ in range(1000):
            await asyncio.sleep(0.001)
            if fed > before:
                break
        assert fed > before
        feeding.cancel()
        os.close(far)  # the thread is let go


async def test_behind_what_could_not_be_written_nothing_is(pipe: tuple[int, int]) -> None:
    far, near = pipe
    os.close(far)
    read_again, write_again = os.pipe()
    with Outlet(near) as out:
        with pytest.raises(BrokenPipeError):
            await out.write(b"lost")
        os.dup2(write_again, near)  # it could be written now, and would come behind a hole
        await out.feed(b"more")
        with pytest.raises(BrokenPipeError):
            await out.flush()
    os.close(write_again)
    os.close(near)
    assert os.read(read_again, 10) == b""
    os.close(read_again)


async def test_who_feeds_is_told_that_nobody_reads(pipe: tuple[int, int]) -> None:
    far, near = pipe
    os.close(far)
    with Outlet(near) as out:

        async def feed() -> None:
            while True:
                await out.feed(b"x")
                await asyncio.sleep(0)

        with pytest.raises(BrokenPipeError):
            await feed()


async def test_stdout_and_stderr_of_one_place_keep_their_order(pipe: tuple[int, int]) -> None:
    far, near = pipe
    expected = b""
    with Outlet(near) as out, Outlet(near) as err:
        pipes = Pipes(lambda words: None, out, err)
        for number in range(300):
            said = b"%d " % number
            await (pipes.err(said) if number % 3 == 0 else pipes.out(said))
            expected += said
        await pipes.flush()
    assert await _read(far, len(expected)) == expected
