"""`Watcher`: keeps whatever can be listed and watched true, and is the only writer of its cell.

The rules are those of client-go's reflector (style page, section 1.8), the reason beside each where it is followed.
This and the poller are the two places of the program that catch whatever happens.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from typing import Generic, TypeVar

from msgspec.structs import replace

from tui.data.listwatch import Kept, ListWatch, Told
from tui.data.runtime import Runtime
from tui.data.tasks import bug
from tui.data.topic import Cell
from tui.data.unexpired import read_unexpired
from tui.data.vouching import Answer, ask
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.feed import Feed
from tui.model.kube import EventType
from tui.waits import Deadline, Gate, Pace, Pause, finishing

log = logging.getLogger(__name__)

T = TypeVar("T")

WATCH_TIMEOUT = 300.0
"""Seconds, and up to as many again at random: when the server is asked to end a watch, so that the watches of many
clients do not all come back at once and a lost one is never believed for long."""
SHORT_WATCH = 1.0
"""A watch that ends sooner without an event is a failure: this alone prevents a hot loop (client-go's
VeryShortWatchError)."""
QUIET = 150.0
"""Seconds without an event or a bookmark after which a watch is opened again. API servers send a bookmark about once a
minute, so a longer silence may be a connection that died without a word; opening again is one cheap request."""
DOUBT_AFTER = 5.0
"""Seconds of silence from which another job's failure makes us doubt an open watch."""
PUT_GAP = 0.05
"""Seconds between two puts: ten thousand events in a burst are some tens of repaints."""
UNWATCHED_EVERY = 30.0
"""Seconds between two lists of a kind that cannot be watched."""
REFUSED_WAIT = 120.0
"""Seconds, and up to as many again at random, between two tries of a list that is forbidden: rights are seldom granted
while somebody waits, and a person without them has many such lists. A refresh cuts it short."""

_VERSION_STANDS = frozenset({ProblemKind.THROTTLED, ProblemKind.SERVER, ProblemKind.TIMEOUT, ProblemKind.SIGNED_OUT})
"""Failures after which the watch goes on where it was, without a list. Not UNREACHABLE: what answers afterwards may
be another server, or one restored from a backup, and a watch from a resourceVersion it has not reached yet stays open
and silent, so that old rows would look alive."""

_ONLY_THE_WATCH = frozenset({ProblemKind.FORBIDDEN, ProblemKind.NOT_FOUND, ProblemKind.INVALID, ProblemKind.PROTOCOL})
"""Failures of a watch that say nothing of lists: rows are then listed again after each wait, and stay marked."""

_CLOSED_AT_ONCE = Problem(ProblemKind.PROTOCOL, "the server ends every watch at once")
_NOT_CONFIRMED = Problem(ProblemKind.TIMEOUT, "not confirmed yet: a connection to it broke or hangs; it is asked again")


class Watcher(Generic[T]):
    """Lists, then watches, for as long as `run` runs.

    connect: gives what is listed and watched. rows: takes in what comes. watchable: there is a watch. group: the
    cluster's key. gate: passed before each list. every: seconds between two lists of what cannot be watched; calm:
    nothing hastens them.
    """

    def __init__(
        self,
        name: str,
        cell: Cell[T],
        connect: Callable[[], Awaitable[ListWatch]],
        rows: Kept[T],
        runtime: Runtime,
        *,
        watchable: bool = True,
        group: str = "",
        gate: Gate | None = None,
        every: float = UNWATCHED_EVERY,
        calm: bool = False,
    ) -> None:
        self._every = every
        self._calm = calm
        self.name = name
        self.group = group
        self._cell = cell
        self._connect = connect
        self._runtime = runtime
        self._clock = runtime.clock
        self._gate = gate or Gate(runtime.clock, 1)
        self._backoff = runtime.backoff()
        self._pause = Pause(runtime.clock)
        self._pace = Pace(self._put, runtime.clock, PUT_GAP)
        self._rows = rows
        self._watchable = watchable
        self._version = ""  # the resourceVersion to watch from; "" = list first
        self._heard: float | None = None  # wall-clock time at which the server last vouched for the rows
        self._trouble: Problem | None = None  # what a list that succeeds does not disprove
        self._expired = 0  # watches in a row that were refused as too old
        self._watching: Deadline | None = None
        self._doubted = False  # the watch was ended by doubt
        self._unheard = False  # the watch that is being opened has not been accepted, and the last one was silent
        self._last_word = 0.0  # monotonic time of the newest event

    def check(self, *, doubt: bool = False) -> None:
        """Try now where a failure is being waited out. doubt: open a watch again that has been silent for a moment."""
        self._pause.cut()
        if doubt and self._watching and self._silence() >= DOUBT_AFTER:
            self._doubted = True
            self._watching.end()

    async def run(self) -> None:
        """List and watch until cancelled."""
        with self._runtime.checks.running(self):
            try:
                while True:
                    problem = await self._cycle()
                    if problem is not None:
                        await self._wait_out(problem)
            finally:
                self._pace.drop()
                self._version = ""
                self._cell.rest(self._heard)

    async def _cycle(self) -> Problem | None:
        """One list where one is due, and one watch; the problem it ended with, if any."""
        try:
            with Deadline(self._clock, self._runtime.timeout):
                port = await self._connect()
            if not self._version:
                async with self._gate.passing():
                    await read_unexpired(partial(self._read, port))
            if self._watchable:
                await self._watch(port)
            else:
                await self._pause.sleep(self._every, firm=self._calm)
                self._version = ""
        except SourceError as exc:
            return exc.problem
        except TimeoutError:
            summary = f"no answer within {self._runtime.timeout:g} s"
            return Problem(ProblemKind.TIMEOUT, summary, target=self.name)
        except Exception as exc:
            if self._runtime.strict:
                raise
            log.exception("%s: an exception that nobody foresaw", self.name)
            return bug(exc)
        return None

    async def _read(self, port: ListWatch, limit: int) -> None:
        """Read the whole list."""
        pages = port.pages(limit)
        self._rows.begin()
        version = ""
        with Deadline(self._clock, self._runtime.timeout) as deadline:
            async with finishing(pages):
                async for page in pages:
                    deadline.extend(self._runtime.timeout)
                    self._rows.page(page)
                    version = page.version or version
                    if not self._rows.complete:
                        self._answered()
                        self._pace()  # the first page paints at once
                    await asyncio.sleep(0)
        self._rows.finish()
        self._version = version or "0"
        self._answered()
        self._pace.drop()
        self._put()

    async def _watch(self, port: ListWatch) -> None:
        """Follow changes until the server ends the watch, which it does every few minutes."""
        opened = self._last_word = self._clock.monotonic()
        events = 0
        deadline = self._watching = Deadline(self._clock, QUIET)
        questioned = self._in_question() or self._unheard
        vouch = self._runtime.tasks.spawn(self._vouch(port, deadline), f"{self.name}: vouch") if questioned else None
        try:
            with deadline:
                async with finishing(self._open(port)) as batches:
                    async for batch in batches:
                        events += len(batch)
                        deadline.extend(QUIET)
                        self._take(batch)
                        await asyncio.sleep(0)  # a burst that is already here must not hold up everybody else
        except TimeoutError:
            if not deadline.expired:
                raise
            self._reopen()
            return
        except SourceError as exc:
            self._watch_failed(exc.problem)
            raise
        finally:
            self._watching = None
            if vouch is not None:
                vouch.cancel()
        if not events and self._clock.monotonic() - opened < SHORT_WATCH:
            self._trouble = _CLOSED_AT_ONCE
            raise SourceError(_CLOSED_AT_ONCE)
        self._expired = 0

    def _open(self, port: ListWatch) -> AsyncIterator[Sequence[Told]]:
        return port.watch(self._version, round(WATCH_TIMEOUT * (1 + self._runtime.rng.random())))

    def _reopen(self) -> None:
        """The watch was silent for long, or is in doubt: open it again, and see. What is doubted is not live until
        the server answers, for it may hang and take a minute to say so."""
        self._unheard = True
        if self._doubted and not self._in_question():
            self._cell.fail(_NOT_CONFIRMED, None, self._heard)
        self._doubted = False

    def _take(self, batch: Sequence[Told]) -> None:
        """Apply events; an unknown one is skipped and one that cannot be understood is skipped and logged."""
        changed = False
        for event in batch:
            if event.type is EventType.ERROR:
                raise SourceError(Problem(ProblemKind.PROTOCOL, "the server broke off the watch", target=self.name))
            try:
                changed = self._rows.apply(event) or changed
            except Exception:
                log.exception("%s: skipped a malformed watch event", self.name)
            self._version = event.version or self._version
        self._last_word = self._clock.monotonic()
        self._answered()
        if batch:
            self._trouble, self._expired = None, 0
        if changed:
            self._pace()
        elif self._cell.feed.problem is not None and self._trouble is None:
            self._put()

    async def _vouch(self, port: ListWatch, watch: Deadline) -> None:
        """The rows' truth is in question while a watch is being opened again: clear it when the watch has outlived
        the bound of a short one and the server, which may have nothing to tell, answers."""
        await self._clock.sleep(SHORT_WATCH)
        if self._trouble is None:
            answer = await ask(port, self._clock, lambda: self._in_question() or self._unheard, self._got_no_answer)
            if answer is Answer.REFUSED:
                return  # the watch will find out itself
            if answer is Answer.AFTER_SILENCE:
                watch.end()  # what was asked before the silence may have been lost in it
                return
        self._trouble, self._unheard = None, False
        if self._in_question():
            self._answered()
            self._put()

    def _got_no_answer(self, problem: Problem) -> None:
        if not self._in_question():
            self._cell.fail(problem, None, self._heard)
        self._runtime.checks.failed(self, problem)

    def _silence(self) -> float:
        """Seconds since the server's last word, by whichever clock says more: one stands still while a laptop sleeps,
        the other may be set back."""
        asleep = self._clock.now() - self._heard if self._heard is not None else 0.0
        return max(self._clock.monotonic() - self._last_word, asleep)

    def _in_question(self) -> bool:
        return self._cell.feed.problem is not None

    def _answered(self) -> None:
        self._heard, self._unheard = self._clock.now(), False
        self._runtime.checks.answered(self)

    def _put(self) -> None:
        """Publish the rows. A trouble that a list does not disprove stays beside them."""
        fresh_for = None if self._watchable else 2 * self._every + self._runtime.timeout
        feed = Feed(self._rows.value(), self._heard, self._trouble, fresh_for=fresh_for)
        if self._trouble is not None:
            feed = replace(feed, failures=self._cell.feed.failures, retry_at=self._cell.feed.retry_at)
        self._cell.replace(feed)

    def _watch_failed(self, problem: Problem) -> None:
        """Remember what a list that succeeds cannot disprove."""
        if problem.kind is ProblemKind.EXPIRED:
            self._expired += 1
        elif problem.kind in _ONLY_THE_WATCH:
            self._trouble = problem

    async def _wait_out(self, problem: Problem) -> None:
        """Say what went wrong, and wait."""
        if problem.kind not in _VERSION_STANDS:
            self._version = ""
        self._pace.flush()
        delay = self._backoff.failed(problem)
        if problem.kind is ProblemKind.FORBIDDEN and self._trouble is None:
            delay = max(delay, REFUSED_WAIT * (1 + self._runtime.rng.random()))
        if problem.kind is not ProblemKind.EXPIRED or self._expired > 1:  # once is how long quiet lists always end
            self._cell.fail(problem, self._clock.now() + delay, self._heard)
        self._runtime.checks.failed(self, problem)
        await self._pause.sleep(delay, firm=problem.retry_after is not None)
