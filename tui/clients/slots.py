"""Our share of the streams that the Connect gateway allows at once, and who waits for one.

Ten exec, attach and port-forward streams may be open in a fleet host project, by everybody together (facts: "What the
gateway documents"). Whoever asks beyond our share waits here, in order, where it can be seen, instead of being refused
there with a bare 400; logs and watches are plain GETs and do not count. The share holds over all processes of one user
on this machine (`tui.clients.queuefiles`), and of each process by itself where they have no way to know of each other.
"""

from __future__ import annotations

import asyncio
import errno
import itertools
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Protocol, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from tui.clients.aside import aside
from tui.clients.streamqueue import Busy, OwnQueue, Queue, Standing, Ticket
from tui.clock import Clock
from tui.model.streams import Queued, TellQueued
from tui.waits import Deadline, Pause

T = TypeVar("T")

log = logging.getLogger(__name__)

LOOK_EVERY = 0.25
"""Seconds between two looks at the queue of who waits; an end in this process is seen at once."""


DISK_SECONDS = 5.0
"""For which the queue is waited for before each process counts by itself: a folder on a disk far away may hang."""
LEAVE_SECONDS = 1.0
"""For which it is waited for when a stream has ended."""
TRIAL = "trial"
"""The queue of no project, to try whether there can be any."""
TRIES = 20
"""How often a place is asked for, where what is in the way may pass: a process has only so many files."""
_FOR_GOOD = frozenset(
    {errno.ENOLCK, errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL, errno.ENOTDIR}
)
"""What a place that can hold no queue answers; a refusal without a number is of the kind too."""


class Run(Protocol):
    """Runs what may wait for a disk; `aside` is the real one."""

    def __call__(self, work: Callable[[], T], /) -> Awaitable[T]: ...


class Slot(Struct, frozen=True):
    """One stream, open or waiting. what: "exec payments/api". since: wall-clock seconds."""

    id: int
    project: str
    what: str
    since: float
    waiting: bool = False


class Slots:
    """share: streams that each project may have open by us. queue: makes the one of a project. changed: told when any
    opens, ends or waits. shown: what a project is called where somebody reads it."""

    def __init__(
        self,
        clock: Clock,
        share: int,
        changed: Callable[[], None] = lambda: None,
        *,
        queue: Callable[[str], Queue] = lambda project: OwnQueue(),
        run: Run = aside,
        shown: Callable[[str], str] = str,
    ) -> None:
        self._clock = clock
        self._changed = changed
        self._make = queue
        self._run = run
        self._shown = shown
        self._ids = itertools.count(1)
        self._open: dict[int, Slot] = {}
        self._waiting: dict[int, Slot] = {}
        self._pauses: dict[int, Pause] = {}
        self._queues: dict[str, Queue] = {}
        self._tickets: dict[int, list[Ticket]] = {}
        """Of the open streams; two of one that was open when its queue was given up."""
        self._joining = asyncio.Lock()
        """Those of this process join one after the other, in the order of asking."""
        self.share = share
        self.alone = ""
        """Why other processes are not counted; "" where they are."""

    def held(self) -> tuple[Slot, ...]:
        """Those of this process that are open, oldest first, then those that wait, in their order."""
        return (*self._open.values(), *self._waiting.values())

    async def free(self, project: str) -> int:
        """How many more may be opened now."""
        return self.share - await self.used(project)

    async def used(self, project: str) -> int:
        """How many of our share are in use, by other processes too, as far as can be told."""
        try:
            taken = await self._asked(self._queue(project).length)
        except OSError:
            taken = sum(slot.project == project for slot in self.held())
        return min(self.share, taken)

    async def tried(self) -> str:
        """Why other processes are not counted, "" where they are; found out by a place that is given back at once."""
        await self._left(await self._joined(TRIAL))
        return self.alone

    @asynccontextmanager
    async def hold(self, project: str, what: str, tell: TellQueued = lambda queued: None) -> AsyncGenerator[Slot]:
        """A slot for the body; waits for one in the order of asking. tell: told how the queue stands when it changes,
        and None when the wait is over; not where there was none. It may raise SourceError to decline the turn."""
        slot = Slot(next(self._ids), project, what, self._clock.now())
        ticket = await self._joined(project)
        try:
            self._tickets[slot.id] = [await self._turn(slot, ticket, tell)]
            self._open[slot.id] = slot = replace(slot, since=self._clock.now())
            self._changed()
            yield slot
        finally:
            self._open.pop(slot.id, None)
            for held in self._tickets.pop(slot.id, [ticket]):
                await self._left(held)
            for pause in self._pauses.values():
                pause.cut()
            self._changed()

    async def _turn(self, slot: Slot, ticket: Ticket, tell: TellQueued) -> Ticket:
        """Return once fewer than our share come before `ticket`, or before the one that took its place."""
        pause, told = Pause(self._clock), None
        try:
            while True:
                standing = await self._look(slot.project, ticket)
                if standing is None:  # the queue was swept away, or given up
                    await self._left(ticket)
                    await pause.sleep(LOOK_EVERY)
                    ticket = await self._joined(slot.project)
                    continue
                if standing.before < self.share:
                    if told is not None:
                        tell(None)
                    break
                queued = Queued(self._shown(slot.project), standing.before - self.share, self.share)
                if queued != told:
                    self._waiting[slot.id] = replace(slot, waiting=True)
                    self._pauses[slot.id] = pause
                    told = queued
                    self._changed()
                    tell(queued)
                await pause.sleep(LOOK_EVERY * min(8.0, 1.0 + queued.ahead / 8))  # a long queue looks less often
        except BaseException:
            await self._left(ticket)
            raise
        finally:
            self._waiting.pop(slot.id, None)
            self._pauses.pop(slot.id, None)
        return ticket

    async def _look(self, project: str, ticket: Ticket) -> Standing | None:
        """None where the place is worth nothing any more."""
        while True:
            try:
                return await self._asked(ticket.look)
            except FileNotFoundError:
                return None
            except TimeoutError as exc:
                self._fall_back(project, exc)
                return None
            except OSError:
                await self._clock.sleep(LOOK_EVERY)  # what is in the way may pass

    async def _asked(self, work: Callable[[], T]) -> T:
        """Raises OSError: TimeoutError where the disk does not answer."""
        with Deadline(self._clock, DISK_SECONDS):
            return await self._run(work)

    async def _left(self, ticket: Ticket) -> None:
        """Give a place back; a disk that hangs does it when it can, or our end does."""
        leaving = asyncio.ensure_future(self._run(ticket.leave))
        try:
            with Deadline(self._clock, LEAVE_SECONDS):
                await asyncio.shield(leaving)
        except TimeoutError:
            log.info("the queue of streams does not answer")

    async def _joined(self, project: str) -> Ticket:
        async with self._joining:
            tries = 0
            while True:
                try:
                    joining = asyncio.ensure_future(self._run(self._queue(project).join))
                    try:
                        with Deadline(self._clock, DISK_SECONDS):
                            return await asyncio.shield(joining)
                    except (asyncio.CancelledError, TimeoutError):
                        joining.add_done_callback(_given_back)
                        raise
                except Busy:
                    await self._clock.sleep(LOOK_EVERY)
                except OSError as exc:
                    tries += 1
                    if tries >= TRIES or isinstance(exc, TimeoutError) or exc.errno is None or exc.errno in _FOR_GOOD:
                        self._fall_back(project, exc)
                    else:
                        await self._clock.sleep(LOOK_EVERY)

    def _queue(self, project: str) -> Queue:
        """Raises OSError where there can be none that is shared."""
        if project not in self._queues:
            self._queues[project] = self._make(project)
        return self._queues[project]

    def _fall_back(self, project: str, why: OSError) -> None:
        """From now on each process counts by itself; what is open already counts on."""
        if not self.alone:
            self.alone = str(why) or "the folder of the queue does not answer"
            log.info("streams are counted in this process alone: %s", self.alone)
        self._queues[project] = queue = OwnQueue()
        for slot in self._open.values():
            if slot.project == project:
                self._tickets[slot.id].append(queue.join())


def _given_back(joining: asyncio.Future[Ticket]) -> None:
    """Nobody wants the place any more."""
    if not joining.cancelled() and joining.exception() is None:
        joining.result().leave()
