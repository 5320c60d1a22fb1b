"""stdout for a stream without an end: a slow reader must hold up the logs, not the program, and one that is gone must
be noticed even while there is nothing to write."""

from __future__ import annotations

import select
import sys
from collections.abc import Awaitable

from tui.cli.crash import StdoutLost
from tui.clock import Clock
from tui.streams.outlet import Outlet
from tui.streams.waitless import widen
from tui.wire.outgoing import Bytes

LOOK_EVERY = 1.0


class Output:
    """Writes to stdout, in a thread that ends with the program even where nobody reads any more."""

    def __init__(self) -> None:
        sys.stdout.flush()
        self._fd = sys.stdout.fileno()
        widen(self._fd)
        self._outlet = Outlet(self._fd)

    async def write(self, data: Bytes) -> None:
        """Return when it has been taken, or will be soon; until then it may not change. Raises BrokenPipeError where
        nobody reads, else StdoutLost; of what was written before, too."""
        await _told(self._outlet.feed(data))

    async def flush(self) -> None:
        """Return when everything has been taken. Raises as `write`."""
        await _told(self._outlet.flush())

    async def gone(self, clock: Clock) -> None:
        """Return when nobody can read any more what is written."""
        waiting = select.poll()
        waiting.register(self._fd, 0)  # reports nothing but its end
        while not any(event & (select.POLLERR | select.POLLNVAL) for _, event in waiting.poll(0)):
            await clock.sleep(LOOK_EVERY)


async def _told(writing: Awaitable[None]) -> None:
    try:
        await writing
    except BrokenPipeError:
        raise
    except OSError as exc:
        raise StdoutLost(f"the result cannot be written to stdout: {exc.strerror}") from exc
