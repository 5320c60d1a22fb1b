"""A question behind a session that has gone: only a key that stands alone answers it, over a pty."""

from __future__ import annotations

import asyncio
import os
import pty
import select
import termios
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tui.clock import ManualClock, settle
from tui.streams.answering import QUIET, drained, one_of

KEYS = {b"q": False, b"\r": True, b"\x03": False, b"\x1b": False}


class Asked:
    """A question that is being asked on a pty."""

    def __init__(self, near: int, far: int, clock: ManualClock) -> None:
        self._near = near
        self.far = far
        self._clock = clock
        self.before = termios.tcgetattr(far)
        self._said = asyncio.Event()
        self.task = asyncio.create_task(one_of(far, KEYS, self._said.set, clock))

    async def begun(self) -> None:
        await asyncio.wait_for(self._said.wait(), 20)

    async def typed(self, keys: bytes, then: float) -> None:
        """Keys in one, seen; then so many seconds."""
        os.write(self._near, keys)
        while select.select([self.far], [], [], 0)[0]:
            await settle()
        await settle()
        await self._clock.advance(then)

    async def answer(self) -> bool:
        return await asyncio.wait_for(self.task, 20)


@asynccontextmanager
async def asked() -> AsyncIterator[Asked]:
    near, far = pty.openpty()
    asking = Asked(near, far, ManualClock())
    try:
        await asking.begun()
        yield asking
    finally:
        asking.task.cancel()
        await asyncio.gather(asking.task, return_exceptions=True)
        os.close(near)
        os.close(far)


@pytest.mark.parametrize(("key", "meant"), KEYS.items())
async def test_a_key_alone_is_the_answer_once_it_is_quiet_behind_it(key: bytes, meant: bool) -> None:
    async with asked() as question:
        await question.typed(b"", QUIET)
        await question.typed(key, QUIET / 2)
        assert not question.task.done()
        await question.typed(b"", QUIET / 2)
        assert await question.answer() is meant
        assert termios.tcgetattr(question.far) == question.before


async def test_a_key_right_behind_the_cut_was_meant_for_the_session() -> None:
    async with asked() as question:
        await question.typed(b"", QUIET / 2)
        await question.typed(b"\r", 2 * QUIET)
        assert not question.task.done()


@pytest.mark.parametrize("line", [(b"l", b"s", b"\r"), (b";echo HARM\r",), (b"\x1b[A",), (b"\r", b"x"), (b"q", b"\r")])
async def test_a_key_with_others_around_it_is_none(line: tuple[bytes, ...]) -> None:
    async with asked() as question:
        await question.typed(b"", QUIET)
        for key in line:
            await question.typed(key, QUIET / 2)
        await question.typed(b"", QUIET)
        assert not question.task.done()
        await question.typed(b"\r", QUIET)
        assert await question.answer() is True
        assert not select.select([question.far], [], [], 0)[0], "something is left for the shell behind"


async def test_a_key_that_is_held_down_is_one() -> None:
    async with asked() as question:
        await question.typed(b"", QUIET)
        for _ in range(3):
            await question.typed(b"\r", QUIET / 2)
        await question.typed(b"\r\r", QUIET / 2)
        assert not question.task.done()
        await question.typed(b"", QUIET / 2)
        assert await question.answer() is True


async def test_what_is_typed_on_goes_nowhere_until_it_is_quiet() -> None:
    near, far = pty.openpty()
    clock, before = ManualClock(), termios.tcgetattr(far)
    os.write(near, b"rm -r")
    draining = asyncio.create_task(drained(far, clock))
    await settle()
    os.write(near, b" /\r")
    await clock.advance(QUIET)
    assert not draining.done()
    await clock.advance(QUIET)
    await asyncio.wait_for(draining, 20)
    os.set_blocking(far, False)
    assert not select.select([far], [], [], 0)[0]
    assert termios.tcgetattr(far) == before
    os.close(near)
    os.close(far)
