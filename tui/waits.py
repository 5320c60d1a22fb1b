"""Waiting on the injected clock: a pause that can be cut short, a deadline, a gate for starts, a calm repeat, and
making way for others.

asyncio's own timeouts read the loop's time, which no test can move; these read ours.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import TracebackType
from typing import TypeVar

from tui.clock import Clock

T = TypeVar("T")

LONGEST_WAY = 0.1
"""Seconds that anybody waits for others to go first, before each of his turns."""
LOOK_AGAIN = 0.005
"""Seconds after which who makes way looks whether he still has to."""


class Pause:
    """A sleep that others may cut short; a cut while nobody sleeps does nothing."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._over = asyncio.Event()
        self._firm = False
        self.sleeping = False

    def cut(self) -> None:
        """End the sleep now, unless it is a firm one."""
        if self.sleeping and not self._firm:
            self._over.set()

    async def sleep(self, seconds: float | None, *, firm: bool = False) -> None:
        """Return after `seconds` (None = only when cut), or sooner where `cut` is called. firm: a server asked for
        this wait, so nothing cuts it."""
        timer = None if seconds is None else asyncio.create_task(self._expire(seconds))
        self._firm, self.sleeping = firm, True
        try:
            await self._over.wait()
        finally:
            self._firm = self.sleeping = False
            self._over.clear()
            if timer is not None:
                timer.cancel()

    async def _expire(self, seconds: float) -> None:
        await self._clock.sleep(seconds)
        self._over.set()


class Deadline:
    """`with Deadline(clock, seconds):` raises TimeoutError in the body when the time is over, as asyncio.timeout does.

    seconds: None = never. `extend` moves the end; it costs no more than an assignment.
    """

    def __init__(self, clock: Clock, seconds: float | None) -> None:
        self._clock = clock
        self._due = float("inf") if seconds is None else clock.monotonic() + seconds
        self._look = seconds or 0.0
        self._timer: asyncio.Task[None] | None = None
        self.expired = False

    def extend(self, seconds: float) -> None:
        """The end is `seconds` from now; infinity holds it until it is extended again."""
        self._due = self._clock.monotonic() + seconds

    def end(self) -> None:
        """Time is over now; called by another task than the one that runs the body."""
        if not self.expired:
            self.expired = True
            self._task.cancel()

    def __enter__(self) -> Deadline:
        task = asyncio.current_task()
        assert task is not None, "a deadline needs a task to interrupt"
        self._task = task
        self._cancelling = task.cancelling()
        if self._due != float("inf"):
            self._timer = asyncio.create_task(self._expire())
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        # Only our own cancellation becomes a timeout; one from outside counts on top of it and goes through.
        if self.expired and self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from exc

    async def _expire(self) -> None:
        while (left := self._due - self._clock.monotonic()) > 0:
            await self._clock.sleep(min(left, self._look))
        self.end()


class Gate:
    """Lets few start at a time, without letting slow ones hold up the rest: whoever is not done after `patience`
    seconds goes on, but gives its place to the next. Twenty hanging clusters among five hundred cost the others
    nothing.

    per_second: starts in the long run, after a first `burst` of them; None = as many as there are places for.
    """

    def __init__(
        self,
        clock: Clock,
        places: int,
        patience: float = 1.0,
        *,
        per_second: float | None = None,
        burst: int = 30,
    ) -> None:
        self._clock = clock
        self._places = asyncio.Semaphore(places)
        self._patience = patience
        self._spacing = 0.0 if per_second is None else 1 / per_second
        self._credit = burst * self._spacing
        self._paid_until = float("-inf")

    @asynccontextmanager
    async def passing(self) -> AsyncGenerator[Callable[[], None]]:
        """Hold a place for the body, or for `patience` seconds of it, or until what it is given is called."""
        await self._clock.sleep(self._turn())
        await self._places.acquire()
        held = asyncio.create_task(self._hold())
        given = False

        def give_back() -> None:
            nonlocal given
            if not given and not held.done():
                given = True
                held.cancel()
                self._places.release()

        try:
            yield give_back
        finally:
            give_back()

    def _turn(self) -> float:
        """Seconds until this start is due."""
        now = self._clock.monotonic()
        self._paid_until = max(self._paid_until, now - self._credit) + self._spacing
        return self._paid_until - now

    async def _hold(self) -> None:
        await self._clock.sleep(self._patience)
        self._places.release()


class Pace:
    """Calls `act` when asked, but at most once in `gap` seconds: the first call at once, the last one never lost."""

    def __init__(self, act: Callable[[], None], clock: Clock, gap: float) -> None:
        self._act = act
        self._clock = clock
        self._gap = gap
        self._last = float("-inf")
        self._acting = False
        self._later: asyncio.Task[None] | None = None

    def __call__(self) -> None:
        """There is something new."""
        if self._later is not None:
            return
        wait = self._gap if self._acting else self._last + self._gap - self._clock.monotonic()
        if wait <= 0:
            self._now()
        else:
            self._later = asyncio.create_task(self._after(wait))

    def flush(self) -> None:
        """Act now where something waits for its turn."""
        if self._later is not None:
            self._later.cancel()
            self._now()

    def drop(self) -> None:
        """Forget what waits for its turn."""
        if self._later is not None:
            self._later.cancel()
            self._later = None

    def _now(self) -> None:
        self._later = None
        self._acting = True
        try:
            self._act()
        finally:
            self._acting = False
            self._last = self._clock.monotonic()  # what takes long rests all the same

    async def _after(self, wait: float) -> None:
        await self._clock.sleep(wait)
        self._now()


class RightOfWay:
    """Who answers somebody goes first: what reads on and on waits before its next turn, but never for long."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until = float("-inf")
        self._opening: asyncio.Task[None] | None = None

    def give(self, seconds: float) -> None:
        """Everything else waits for `seconds` from now, and no longer. Any thread may say so."""
        self._until = self._clock.monotonic() + seconds

    async def clear(self) -> None:
        """Return when the way is free, or when this has waited for `LONGEST_WAY`."""
        end = self._clock.monotonic() + LONGEST_WAY
        while self._until > (now := self._clock.monotonic()) and now < end:
            if self._opening is None:
                self._opening = asyncio.create_task(self._open())
            await asyncio.shield(self._opening)

    async def _open(self) -> None:
        """One for all who wait: each looking for himself would take what they make way for."""
        try:
            end = self._clock.monotonic() + LONGEST_WAY
            while (left := min(self._until, end) - self._clock.monotonic()) > 0:
                await self._clock.sleep(min(left, LOOK_AGAIN))
        finally:
            self._opening = None


@asynccontextmanager
async def finishing(items: AsyncIterator[T]) -> AsyncGenerator[AsyncIterator[T]]:
    """Iterate `items` and close it at the end, so that its connection is closed now and not when garbage is
    collected."""
    try:
        yield items
    finally:
        close = getattr(items, "aclose", None)
        if close is not None:
            await close()
