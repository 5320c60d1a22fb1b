"""stdout for a stream without an end: a slow reader must hold up the logs, not the program, and one that is gone must
be noticed even while there is nothing to write."""

from __future__ import annotations

import asyncio
import os
import queue
import select
import sys
import threading
from collections.abc import Callable

from tui.cli.crash import StdoutLost
from tui.clock import Clock

LOOK_EVERY = 1.0


class Output:
    """Writes to stdout in a thread of its own, which ends with the program even where nobody reads any more."""

    def __init__(self) -> None:
        sys.stdout.flush()
        self._fd = sys.stdout.fileno()
        self._loop = asyncio.get_running_loop()
        self._work: queue.SimpleQueue[tuple[bytes, asyncio.Future[None]]] = queue.SimpleQueue()
        threading.Thread(target=self._run, name="stdout", daemon=True).start()

    async def write(self, data: bytes) -> None:
        """Return when all of it has been taken. Raises BrokenPipeError where nobody reads, else StdoutLost."""
        if data:
            done: asyncio.Future[None] = self._loop.create_future()
            self._work.put((data, done))
            try:
                await done
            except BrokenPipeError:
                raise
            except OSError as error:
                raise StdoutLost(f"the result cannot be written to stdout: {error.strerror}") from error

    async def gone(self, clock: Clock) -> None:
        """Return when nobody can read any more what is written."""
        waiting = select.poll()
        waiting.register(self._fd, 0)  # reports nothing but its end
        while not any(event & (select.POLLERR | select.POLLNVAL) for _, event in waiting.poll(0)):
            await clock.sleep(LOOK_EVERY)

    def _run(self) -> None:
        while True:
            data, done = self._work.get()
            self._tell(done, self._written(data))

    def _written(self, data: bytes) -> OSError | None:
        left = memoryview(data)
        try:
            while left:
                left = left[os.write(self._fd, left) :]
        except OSError as error:
            return error
        return None

    def _tell(self, done: asyncio.Future[None], error: OSError | None) -> None:
        def tell() -> None:
            if not done.done():
                if error is None:
                    done.set_result(None)
                else:
                    done.set_exception(error)

        _quietly(lambda: self._loop.call_soon_threadsafe(tell))


def _quietly(call: Callable[[], object]) -> None:
    try:
        call()
    except RuntimeError:
        pass  # the loop has ended while something was being written
