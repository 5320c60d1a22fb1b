"""Work that several wait for at once: started by the first, cancelled by none of them."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def start(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """A task to be awaited through `asyncio.shield`. Its failure is for those who wait; where all have given up, it is
    nobody's, and asyncio is not to report it as forgotten."""
    task = asyncio.create_task(work)
    task.add_done_callback(_seen)
    return task


def failed(task: asyncio.Task[Any]) -> bool:
    """Whether `task` has ended without a result."""
    return task.done() and (task.cancelled() or task.exception() is not None)


def _seen(task: asyncio.Task[Any]) -> None:
    if not task.cancelled():
        task.exception()
