"""The tasks of one hub: each has an owner that ends it, and one that dies of a bug is heard of.

Not asyncio.TaskGroup, in which one failing job would end its siblings (design principle 2: a dead cluster costs the
others nothing).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from tui.errors import Problem, ProblemKind

log = logging.getLogger(__name__)


class Tasks:
    """Every task spawned here is ended by `close`. failures: what tasks died of, oldest first."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()
        self.closed = False
        self.failures: list[BaseException] = []

    def __len__(self) -> int:
        return len(self._running)

    def spawn(
        self,
        work: Coroutine[Any, Any, None],
        name: str,
        on_end: Callable[[BaseException | None], None] | None = None,
    ) -> asyncio.Task[None]:
        """Start `work`. on_end: called when it is over, with the exception it died of or None (done or cancelled)."""
        if self.closed:
            work.close()
            raise RuntimeError(f"{name}: the hub has been stopped")
        task = asyncio.create_task(work, name=name)
        self._running.add(task)

        def over(ended: asyncio.Task[None]) -> None:
            self._running.discard(ended)
            died_of = None if ended.cancelled() else ended.exception()
            if died_of is not None:
                self.failures.append(died_of)
                log.error("%s died of a bug", name, exc_info=died_of)
            if on_end is not None:
                on_end(died_of)

        task.add_done_callback(over)
        return task

    async def close(self) -> None:
        """Cancel everything and return when all of it has ended; nothing can be spawned from here on."""
        self.closed = True
        while self._running:
            ending = list(self._running)
            for task in ending:
                task.cancel()
            await asyncio.gather(*ending, return_exceptions=True)
        for _ in range(3):  # timers that those tasks have just cancelled end within two turns of the loop
            await asyncio.sleep(0)


def bug(exc: BaseException) -> Problem:
    """The problem that stands for an exception nobody foresaw; the traceback belongs in the log file."""
    return Problem(ProblemKind.BUG, f"an error in clusterview itself: {type(exc).__name__}", str(exc)[:256])
