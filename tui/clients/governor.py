"""Holds all gateway requests of a fleet host project under our share of its quota, what is on screen first.

The Connect gateway allows 2,400 requests a minute per fleet host project, shared by everybody and everything that uses
that fleet (facts: "What the gateway documents"). A token bucket per project lets a burst of a third of our share
through at once and the rest evenly, so that no window of 60 s ever holds more than the share. The last quarter of the
bucket is kept from background work: a key press does not wait behind a poll.

A request is held for a moment; one that would have to wait longer is told so, and for how long, instead of looking
stuck.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections import deque
from collections.abc import Callable

from msgspec import Struct

from tui.clock import Clock
from tui.errors import Problem, ProblemKind, SourceError

QUOTA_PER_MINUTE = 2_400
DEFAULT_SHARE = 0.25
DEFAULT_PAUSE = 5.0
"""Seconds that a project rests after a 429 without Retry-After."""

PATIENCE = 10.0
"""Seconds for which a request is held at most."""

_WINDOW = 60.0
_SHORTEST_SLEEP = 0.001
_ON_SCREEN, _BACKGROUND = 0, 1


class Usage(Struct, frozen=True):
    """What was sent for `project` in the last 60 s, what may be, and how many requests wait now."""

    project: str
    last_minute: int
    allowed: int
    waiting: int


class Governor:
    """One per process. share: our part of the quota, above 0 and up to 1. shown: what a project is called where
    somebody reads it."""

    def __init__(
        self,
        clock: Clock,
        share: float = DEFAULT_SHARE,
        quota: int = QUOTA_PER_MINUTE,
        *,
        shown: Callable[[str], str] = str,
    ) -> None:
        self._clock = clock
        self._shown = shown
        self._allowed = max(1, int(share * quota))
        self._projects: dict[str, _Bucket] = {}
        self._others: dict[str, str] = {}

    @property
    def allowed(self) -> int:
        """Requests a minute that each project may take."""
        return self._allowed

    def lane(self, project: str, *, background: bool = False) -> Lane:
        """The gate for requests of `project`. background: they give way to what is on screen."""
        self._bucket(project)
        return Lane(lambda: self._bucket(project), _BACKGROUND if background else _ON_SCREEN)

    def same(self, other: str, project: str) -> None:
        """`other` is another name of `project`, from now on and of what was sent already: a project has an id and a
        number, and there are lanes by either before it is known that they are one."""
        if other == project:
            return
        self._others[other] = project
        former = self._projects.pop(other, None)
        if former is not None:
            self._bucket(project).absorb(former)

    def _bucket(self, project: str) -> _Bucket:
        project = self._others.get(project, project)
        bucket = self._projects.get(project)
        if bucket is None:
            bucket = self._projects[project] = _Bucket(lambda: self._shown(project), self._clock, self._allowed)
        return bucket

    def usage(self) -> tuple[Usage, ...]:
        """Every project seen so far, the busiest first."""
        found = [Usage(name, b.last_minute(), self._allowed, b.waiting) for name, b in self._projects.items()]
        return tuple(sorted(found, key=lambda usage: (-usage.last_minute, usage.project)))

    async def close(self) -> None:
        """Stop serving; whoever still waits is cancelled."""
        for bucket in self._projects.values():
            await bucket.close()


class Lane:
    """A `Gate`: the way of one kind of request into one project's bucket."""

    def __init__(self, bucket: Callable[[], _Bucket], priority: int) -> None:
        self._bucket = bucket
        self._priority = priority

    async def enter(self) -> None:
        """Return when one request may be sent. Raises SourceError (THROTTLED) where that is not soon."""
        await self._bucket().take(self._priority)

    def answered(self, status: int, retry_after: float | None) -> None:
        """A 429 makes the whole project rest for `retry_after` seconds: every other request would be refused too."""
        if status == 429:
            self._bucket().rest(DEFAULT_PAUSE if retry_after is None else retry_after)


class _Bucket:
    def __init__(self, shown: Callable[[], str], clock: Clock, allowed: int) -> None:
        self._shown = shown
        self._allowed = allowed
        self._clock = clock
        self._size = max(1.0, allowed / 3)
        self._rate = (allowed - self._size) / _WINDOW or 1 / (_WINDOW + 1)
        self._reserve = self._size / 4 if self._size >= 4 else 0.0
        self._tokens = self._size
        self._filled_at = clock.monotonic()
        self._resting_until = self._filled_at
        self._sent: deque[float] = deque()
        self._order = itertools.count()
        self._queue: list[tuple[int, int, asyncio.Future[None]]] = []
        self._pump: asyncio.Task[None] | None = None

    async def take(self, priority: int) -> None:
        if not self._queue and self._delay(priority) <= 0:
            self._spend()
            return
        wait = self._expected(priority)
        if wait > PATIENCE:
            raise self._full(wait)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._queue, (priority, next(self._order), turn))
        self._serve()
        await turn

    def rest(self, seconds: float) -> None:
        """Send nothing for `seconds`, then begin with an empty bucket: the others will be hungry too."""
        now = self._clock.monotonic()
        self._resting_until = max(self._resting_until, now + seconds)
        self._tokens = 0.0
        self._filled_at = self._resting_until
        if seconds > PATIENCE:
            for _, _, turn in self._queue:
                if not turn.done():
                    turn.set_exception(self._full(seconds))
            self._queue.clear()
        self._serve()

    def absorb(self, other: _Bucket) -> None:
        """Take over what `other` has sent, and who waits there: both are one project's."""
        for bucket in (self, other):
            bucket._delay(_ON_SCREEN)  # fills it
        self._tokens += other._tokens - self._size
        self._filled_at = max(self._filled_at, other._filled_at)
        self._resting_until = max(self._resting_until, other._resting_until)
        self._sent = deque(sorted((*self._sent, *other._sent)))
        for priority, _, turn in sorted(other._queue, key=lambda waiting: waiting[:2]):
            heapq.heappush(self._queue, (priority, next(self._order), turn))
        other._queue.clear()
        other._serve()
        self._serve()

    @property
    def waiting(self) -> int:
        return sum(not turn.done() for _, _, turn in self._queue)

    def last_minute(self) -> int:
        self._forget()
        return len(self._sent)

    async def close(self) -> None:
        for _, _, turn in self._queue:
            turn.cancel()
        self._queue.clear()
        if self._pump is not None:
            self._pump.cancel()
            await asyncio.gather(self._pump, return_exceptions=True)

    def _serve(self) -> None:
        """(Re)start the one who hands out turns: a newcomer may be due before the one it sleeps for."""
        if self._pump is not None:
            self._pump.cancel()
        self._pump = asyncio.create_task(self._run()) if self._queue else None

    async def _run(self) -> None:
        while self._queue:
            priority, _, turn = self._queue[0]
            wait = 0.0 if turn.done() else self._delay(priority)
            if wait > 0:
                await self._clock.sleep(max(wait, _SHORTEST_SLEEP))
                continue
            heapq.heappop(self._queue)
            if not turn.done():  # else its caller was cancelled while it waited
                self._spend()
                turn.set_result(None)

    def _delay(self, priority: int) -> float:
        """Seconds until a request of `priority` may be sent."""
        now = self._clock.monotonic()
        if now > self._filled_at:
            self._tokens = min(self._size, self._tokens + (now - self._filled_at) * self._rate)
            self._filled_at = now
        needed = 1 + (self._reserve if priority == _BACKGROUND else 0.0)
        lacking = max(0.0, needed - self._tokens - 1e-9) / self._rate
        return max(self._resting_until - now, 0.0) + lacking

    def _expected(self, priority: int) -> float:
        """Seconds until a newcomer of `priority` would have its turn, behind those who are before it."""
        ahead = sum(other <= priority and not turn.done() for other, _, turn in self._queue)
        return self._delay(priority) + ahead / self._rate

    def _full(self, wait: float) -> SourceError:
        resting = self._resting_until > self._clock.monotonic()
        why = (
            "the gateway asks for a rest"
            if resting
            else f"our share of the gateway's quota, {self._allowed} requests a minute, is used up"
        )
        project = self._shown()
        summary = f"{why}; {project} goes on in {wait:.0f} s"
        return SourceError(Problem(ProblemKind.THROTTLED, summary, retry_after=wait, target=project))

    def _spend(self) -> None:
        self._tokens -= 1
        self._forget()
        self._sent.append(self._clock.monotonic())

    def _forget(self) -> None:
        limit = self._clock.monotonic() - _WINDOW
        while self._sent and self._sent[0] <= limit:
            self._sent.popleft()
