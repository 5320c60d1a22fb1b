"""Work that may hang in the kernel, in threads that nobody waits for at the end.

A name server that has gone away, or a home on a disk that does, blocks for as long as it likes and cannot be cancelled.
asyncio's default executor joins its threads when the loop ends, and again when Python does, so a program whose network
has died would quit only then. Daemon threads are left behind instead.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def aside(work: Callable[[], T]) -> T:
    """What `work` returns, done in a thread of its own. Raises its OSError; it may raise no other."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def tell(result: T) -> None:
        if not answer.done():  # else who asked has given up
            answer.set_result(result)

    def fail(error: OSError) -> None:
        if not answer.done():
            answer.set_exception(error)

    def run() -> None:
        try:
            try:
                result = work()
            except OSError as error:
                loop.call_soon_threadsafe(fail, error)
            else:
                loop.call_soon_threadsafe(tell, result)
        except RuntimeError:
            pass  # the loop has ended meanwhile, and nobody wants to know

    threading.Thread(target=run, name="aside", daemon=True).start()
    return await answer
