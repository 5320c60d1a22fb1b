"""`clusterview logs -f`: the log book of the data layer, printed until there is nothing more to come.

Merged by time; new pods join, broken streams are resumed without a gap or a repeated line. It ends when every
container that was asked for has run for the last time, which its pod's status tells: a stream may end for many other
reasons. The agents of clusters are followed until somebody has seen enough.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from typing import cast

from tui.cli.choosing import Chosen, chosen_clusters
from tui.cli.get import namespace_of
from tui.cli.live import Live, running_hub
from tui.cli.output import safe_line, say
from tui.cli.podlogs import finished, nothing, pods_in, read_pod, scope_of
from tui.cli.session import PARTIAL, Session, opened, over
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.cluster import ClusterRef
from tui.model.feed import Feed
from tui.model.logs import LogLine, LogQuery, LogSource, LogStatus


async def follow(arguments: argparse.Namespace, seconds: int | None) -> int:
    """seconds: only lines not older. Raises SourceError where a pod that was named is nowhere."""
    async with opened(arguments) as session:
        chosen = await chosen_clusters(session)
        # One namespace is followed in all clusters; where there is one cluster, its context may name it.
        client = await session.clients.cluster(chosen.clusters[0]) if len(chosen.clusters) == 1 else None
        namespace = "" if arguments.agents else namespace_of(arguments, client)
        clusters, refused, code = await _worth_following(session, chosen, arguments)
        if not clusters:
            return code
        query = LogQuery(
            clusters,
            namespace=namespace,
            labels=arguments.selector,
            pods=(arguments.pod,) if arguments.pod else (),
            containers=(arguments.container,) if arguments.container else (),
            agents=arguments.agents,
            tail=arguments.tail if arguments.tail >= 0 else 1_000_000,
            since_seconds=seconds,
        )
        async with running_hub(arguments, lossless_logs=True) as live:
            printer = Printer(timestamps=arguments.timestamps, said=refused)
            whole = await _print(live, query, printer, Ends(session, named=bool(arguments.pod)))
        return chosen.exit_code(code or (0 if whole else PARTIAL))


async def _worth_following(
    session: Session, chosen: Chosen, arguments: argparse.Namespace
) -> tuple[tuple[ClusterRef, ...], dict[str, str], int]:
    """The clusters to follow, what was said of those that did not answer, and the exit code so far.

    A pod that was named is followed where it is; whatever else is chosen may appear anywhere, at any time.
    """
    refused: dict[str, str] = {}

    async def look(ref: ClusterRef) -> int:
        try:
            client = await session.clients.cluster(ref)
            scope = await scope_of(client, arguments)
            held = len(await pods_in(client, scope))
        except SourceError as error:
            refused[ref.name] = str(error.problem)
            raise
        if not held and not arguments.pod:
            say(nothing(ref, arguments, scope.namespace))
        return held

    found, code = await over(chosen.clusters, look, session.clock)
    if not found:
        return (), refused, code
    if not arguments.pod:
        return chosen.clusters, refused, code
    there = tuple(ref for ref, held in found if held)
    if not there:
        names = ", ".join(ref.name for ref, _ in found)
        raise SourceError(Problem(ProblemKind.NOT_FOUND, f'pods "{arguments.pod}" not found in {names}'))
    return there, refused, code


async def _print(live: Live, query: LogQuery, printer: Printer, ends: Ends) -> bool:
    """Print until all has ended; whether every cluster was seen then."""
    book = live.hub.logs(query)
    position = 0
    async with aclosing(cast("AsyncGenerator[Feed[LogStatus]]", book.status.follow())) as feeds:
        async for feed in feeds:
            status = feed.value or LogStatus()
            printer.problems(feed)
            while position < status.next_seq:
                lines, missed = book.since(position)
                if missed:
                    say(f"{missed} lines came faster than they could be printed, and are lost")
                if not lines:
                    break
                printer.lines(lines, status.sources)
                position = lines[-1].seq + 1
            # The merge by time may still hold lines back.
            if not query.agents and position == status.received and await ends.reached(status.sources):
                return not feed.gaps
    return True


class Ends:
    """Knows when all that is followed has come to its end. named: a pod that is gone then was the one meant, and not
    merely one of those that match."""

    def __init__(self, session: Session, *, named: bool) -> None:
        self._session = session
        self._named = named
        self._over: dict[int, int] = {}

    async def reached(self, sources: Sequence[LogSource]) -> bool:
        """Whether no source will bring another line. Asks only while every one of them rests."""
        if not sources or not all(map(_rests, sources)):
            return False
        return all(await asyncio.gather(*map(self._ended, sources)))

    async def _ended(self, source: LogSource) -> bool:
        known = self._over.get(source.index)
        if known is None:
            if not await self._has_run(source):
                return False
            known = self._over[source.index] = source.opened
        # A stream that was cut while the container ended must be read once more, to the end.
        return source.state == "ended" or source.opened > known or source.problem is not None

    async def _has_run(self, source: LogSource) -> bool:
        try:
            client = await self._session.clients.cluster(source.cluster)
            return finished(await read_pod(client, source.namespace, source.pod), source.container)
        except SourceError as error:
            return self._named and error.problem.kind is ProblemKind.NOT_FOUND


def _rests(source: LogSource) -> bool:
    if source.state == "ended":
        return True
    gone = source.problem is None or source.problem.kind is ProblemKind.NOT_FOUND
    return source.state == "waiting" and gone


class Printer:
    """Prints log lines, and the troubles of clusters and sources once, on stderr. said: those that were said."""

    def __init__(self, *, timestamps: bool, said: Mapping[str, str]) -> None:
        self._timestamps = timestamps
        self._said: dict[str, str] = dict(said)
        self._followed: set[int] = set()
        self._gaps: set[str] = set()

    def lines(self, lines: Sequence[LogLine], sources: tuple[LogSource, ...]) -> None:
        several = len(sources) > 1
        names = {source.index: _name(source) for source in sources}
        out: list[bytes] = []
        for line in lines:
            time = f"{_stamp(line.at)} ".encode() if self._timestamps else b""
            lead = f"{names.get(line.source, '?')} ".encode() if several else b""
            out.append(time + lead + safe_line(line.text) + b"\n")
        sys.stdout.flush()
        sys.stdout.buffer.write(b"".join(out))
        sys.stdout.buffer.flush()

    def problems(self, feed: Feed[LogStatus]) -> None:
        for gap in feed.gaps:
            self._trouble(gap.who, str(gap.problem))
        gaps = {gap.who for gap in feed.gaps}
        for who in sorted(self._gaps - gaps):
            self._relief(who, "answers again")
        self._gaps = gaps
        for source in feed.value.sources if feed.value is not None else ():
            if source.problem is not None:
                self._trouble(_name(source), str(source.problem))
            elif source.state == "following":
                self._relief(_name(source), "following again" if source.index in self._followed else "following")
                self._followed.add(source.index)

    def _trouble(self, who: str, words: str) -> None:
        if self._said.get(who) != words:
            self._said[who] = words
            say(f"{who}: {words}")

    def _relief(self, who: str, words: str) -> None:
        if self._said.pop(who, None) is not None:
            say(f"{who}: {words}")


def _name(source: LogSource) -> str:
    return f"{source.cluster.name}/{source.pod}/{source.container}".rstrip("/")


def _stamp(at: int) -> str:
    moment = datetime.fromtimestamp(at // 10**9, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{at % 10**9:09}Z"
