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
from tui.cli.logprint import Form, LogPrinter, stamp
from tui.cli.output import say
from tui.cli.session import PARTIAL
from tui.data.workloads import repeats
from tui.errors import ClusterviewError
from tui.model.feed import Feed
from tui.model.logs import LogGap, LogQuery, LogStatus, RawBook
from tui.present.logcontainers import (
    lacking_words,
    no_such_container,
    open_to,
    unknown_containers,
    unknown_words,
)
from tui.present.logs import out_of_step

AT_ONCE = 20_000
"""Lines that are printed at once."""
LAST_WORDS = 0.5
"""Seconds that a reader is waited for when the end was asked for."""
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
        self._printer = LogPrinter(form, naming)
        self._troubles = Troubles(refused, naming, query)
        self._position = 0
        self._clock = live.clock
        self._news = asyncio.Event()
        self._feed: Feed[LogStatus] = Feed()
        self.output = Output()
        self.status = LogStatus()

    async def run(self) -> bool:
        """Print until all has ended; whether every cluster was seen then. Raises what stdout refuses with."""
        tasks = [asyncio.create_task(self._follow()), asyncio.create_task(self._print())]
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
    """The counters in a line. taken: lines that have been printed, or left out as was asked for: others that were
    received may have waited for their turn when the end came."""
    streams = len(open_to(status.sources))
    return (
        f"{taken:,} lines of {streams} {'container' if streams == 1 else 'containers'}; "
        f"{status.repeated:,} repeated and dropped, {status.gaps} {'gap' if status.gaps == 1 else 'gaps'}, "
        f"{status.late:,} late"
    )


def missing(gap: LogGap) -> str:
    """Where lines may be missing. A clock that was set back, or another run's file, may go on before it stopped."""
    if gap.before < gap.after:
        return f"lines may be missing after {stamp(gap.after)} (it was {gap.why}, and goes on at {stamp(gap.before)})"
    return f"lines may be missing from {stamp(gap.after)} to {stamp(gap.before)} (it was {gap.why})"


class Troubles:
    """Says the troubles of clusters and sources once, on stderr. said: those that were said. naming: what
    sources are called, as before their lines. query: what is followed."""

    def __init__(self, said: Mapping[str, str], naming: Naming, query: LogQuery) -> None:
        self._name = naming.name
        self._query = query
        self._lacking = ""
        self._unknown: set[str] = set()
        self._said: dict[str, str] = dict(said)
        self._sources: dict[int, str] = {}  # by their numbers: a source may be called otherwise later
        self._followed: set[int] = set()
        self._gaps: set[str] = set()
        self._missing = 0
        self._out_of_step: set[int] = set()

    def tell(self, feed: Feed[LogStatus]) -> None:
        """What has changed."""
        for gap in feed.gaps:
            self._trouble(gap.who, str(gap.problem))
        gaps = {gap.who for gap in feed.gaps}
        for who in sorted(self._gaps - gaps):
            self._relief(who, "answers again")
        self._gaps = gaps
        status = feed.value or LogStatus()
        self._containers(status)
        for source in status.sources:
            if source.problem is not None:
                self._sources.setdefault(source.index, self._name(source))
                self._trouble(self._sources[source.index], str(source.problem))
            elif source.state == "following":
                again = source.index in self._followed
                self._relief(self._sources.pop(source.index, ""), "following again" if again else "following")
                self._followed.add(source.index)
            if source.index not in self._out_of_step and (late := out_of_step(source)):
                self._out_of_step.add(source.index)
                say(f"{self._name(source)}: {late}")
        for gap in status.lately[len(status.lately) - (status.gaps - self._missing) :]:
            say(f"{self._name(status.sources[gap.source])}: {missing(gap)}")
        self._missing = status.gaps

    def _containers(self, status: LogStatus) -> None:
        """That pods have no container that is asked for: once that none has, and once that some have not."""
        nowhere = no_such_container(self._query, status)
        words = f"{nowhere.summary}: {nowhere.remedy}" if nowhere is not None else lacking_words(self._query, status)
        kind = "none" if nowhere is not None else "some" if words else ""
        if kind and kind not in self._lacking:
            self._lacking += kind
            say(words)
        unknown = unknown_containers(self._query, status)
        if not self._unknown.issuperset(unknown):
            self._unknown.update(unknown)
            say(unknown_words(self._query, unknown, status))

    def _trouble(self, who: str, words: str) -> None:
        if self._said.get(who) != words:
            self._said[who] = words
            say(f"{who}: {words}")

    def _relief(self, who: str, words: str) -> None:
        if self._said.pop(who, None) is not None:
            say(f"{who}: {words}")
