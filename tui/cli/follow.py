"""The merged view of many logs, printed: the log book of the data layer until there is nothing more to come.

Merged by time; new pods join, broken streams are resumed without a gap or a repeated line. It ends when every
container that was asked for has run for the last time, which its pod's status tells: a stream may end for many other
reasons. The agents of clusters are followed until somebody has seen enough.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import cast

from tui.cli.live import Live, running_hub
from tui.cli.lognames import Naming
from tui.cli.logout import Output
from tui.cli.logprint import Form
from tui.cli.logtroubles import Troubles
from tui.cli.logturned import TurnPrinter
from tui.cli.output import say
from tui.cli.session import PARTIAL
from tui.data.workloads import repeats
from tui.errors import ClusterviewError
from tui.model.feed import Feed
from tui.model.logs import LogQuery, LogStatus, RawBook
from tui.model.turnline import all_in_turn
from tui.present.logcontainers import no_such_container, open_to, unknown_containers
from tui.present.parts import count

AT_ONCE = 20_000
"""Lines that are printed at once."""
LAST_WORDS = 0.5
"""Seconds that a reader is waited for when the end was asked for."""
LOOK_EVERY = 1.0
"""Seconds between two looks at troubles, at most: some are told of when they have lasted for a while."""
GATHERED = 0.01
"""Seconds in which lines gather before they are printed: a few big writes cost less than many small ones."""


async def print_view(
    arguments: argparse.Namespace, query: LogQuery, form: Form, naming: Naming, refused: Mapping[str, str], code: int
) -> int:
    """Print until all has ended; the exit code. naming: what sources are called, and where. refused, code: what was
    said of clusters before, and ends with."""
    async with running_hub(arguments, lossless_logs=True) as live:
        view = _View(live, query, form, naming, refused)
        gone = asyncio.create_task(view.output.gone(live.clock))
        printing = asyncio.create_task(view.run())
        try:
            await asyncio.wait({gone, printing}, return_when=asyncio.FIRST_COMPLETED)
            if not printing.done():
                raise BrokenPipeError  # the reader of our pipe has seen enough
            whole = printing.result()
        except BrokenPipeError:
            raise
        except BaseException:
            await view.last_words()
            view.sum_up()
            raise
        finally:
            for task in (gone, printing):
                task.cancel()
            await asyncio.gather(gone, printing, return_exceptions=True)
    view.sum_up()
    failed = not query.follow and any(source.problem is not None for source in view.status.sources)
    failed = failed or no_such_container(query, view.status) is not None
    failed = failed or (not query.follow and bool(unknown_containers(query, view.status)))
    return code or (1 if failed else 0 if whole else PARTIAL)


class _View:
    """One printing of one view."""

    def __init__(self, live: Live, query: LogQuery, form: Form, naming: Naming, refused: Mapping[str, str]) -> None:
        self._book = cast("RawBook", live.hub.logs(query))
        self._query = query
        self._printer = TurnPrinter(form, naming)
        self._troubles = Troubles(refused, naming, query, live.clock, live.hub.counted, live.hub.shown)
        self._position = 0
        self._clock = live.clock
        self._news = asyncio.Event()
        self._feed: Feed[LogStatus] = Feed()
        self.output = Output()
        self.status = LogStatus()

    async def run(self) -> bool:
        """Print until all has ended; whether every cluster was seen then. Raises what stdout refuses with."""
        tasks = [asyncio.create_task(one) for one in (self._follow(), self._print(), self._tick())]
        try:
            while True:
                await self._news.wait()
                self._news.clear()
                for task in tasks:
                    if task.done():
                        task.result()
                self._troubles.tell(self._feed)
                # The merge by time may still hold lines back.
                if self._position == self.status.received and ended(self._query, self.status):
                    await self.output.flush()
                    return not self._feed.gaps
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _follow(self) -> None:
        """Keep what the view says of itself, until cancelled."""
        async with aclosing(cast("AsyncGenerator[Feed[LogStatus]]", self._book.status.follow())) as feeds:
            async for feed in feeds:
                self._feed, self.status = feed, feed.value or LogStatus()
                self._news.set()

    async def _tick(self) -> None:
        """Look at what has been so for a while, until cancelled."""
        while True:
            await self._clock.sleep(LOOK_EVERY)
            self._news.set()

    async def _print(self) -> None:
        """Print lines as they come, until cancelled. Raises what stdout refuses with."""
        try:
            while True:
                await self._book.more(self._position)
                await self._clock.sleep(GATHERED)
                await self._some()
                self._news.set()
        finally:
            self._news.set()

    async def _some(self) -> None:
        while True:
            lines, sources, missed = self._book.raw(self._position, AT_ONCE)
            if not lines:
                return
            if missed:
                say(f"{missed} lines came faster than they could be printed, and are lost")
            self._printer.know(self._book.counted().sources)
            await self.output.write(self._printer.lines((lines, sources)))
            self._position += missed + len(lines)

    async def last_words(self) -> None:
        """Have written what has been printed already, where somebody takes it."""
        try:
            async with asyncio.timeout(LAST_WORDS):
                await self.output.flush()
        except (TimeoutError, OSError, ClusterviewError):
            pass

    def sum_up(self) -> None:
        """What was counted, on stderr: always after a follow, else where there is something to say."""
        status = self._book.counted()
        if self._query.follow or status.gaps or status.late:
            say(summary(status, self._position))


def ended(query: LogQuery, status: LogStatus) -> bool:
    """Whether no source will bring another line, and no other source will come that was meant."""
    sources = status.sources
    if not status.complete or not all(one.over or one.gone for one in sources):
        return False
    if not query.follow or query.previous:
        return True
    if query.agents or not sources or any(map(repeats, query.workloads)):
        return False
    return bool(query.pods) or any(one.over for one in sources)


def summary(status: LogStatus, taken: int) -> str:
    """The counters in a line, with how many logs have not been read at all. taken: lines that have been printed, or
    left out as was asked for: others that were received may have waited for their turn when the end came."""
    sources = open_to(status.sources)
    unread = sum(not source.read for source in sources)
    read = f"{len(sources) - unread:,} of " if unread else ""
    in_turn = all_in_turn(sources)
    turned = f", {in_turn:,} late by turns" if in_turn else ""
    return (
        f"{taken:,} lines of {read}{count(len(sources), 'container')}{f', {unread:,} not read yet' if unread else ''}; "
        f"{status.repeated:,} repeated and dropped, {count(status.gaps, 'gap')}, {status.late - in_turn:,} late{turned}"
    )
