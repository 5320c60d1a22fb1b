"""Which containers a log view follows: it keeps one follow for each container of each pod that is asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from msgspec.structs import replace

from tui.data.logsource import LogHost, Source, not_started, phase_of
from tui.data.ports import FollowLog, KubePort, LogFollow
from tui.data.runtime import Runtime
from tui.data.tasks import bug
from tui.errors import Problem, ProblemKind
from tui.model.cluster import ClusterRef
from tui.model.kube import Table
from tui.model.logs import LogQuery, LogSource
from tui.waits import Gate

OPENED_AT_ONCE = 8

_TOO_MANY = Problem(ProblemKind.INVALID, "too many streams are open; it waits for a place", remedy="narrow the query")

_PodKey = tuple[str, str, str, str]
"""Cluster key, namespace, pod, uid: a pod made anew under the same name has a log of its own. The uid is "" while only
the name is known."""


class Sources:
    """The sources of one log view, in the order in which they joined; none ever leaves, since lines point to them."""

    def __init__(
        self,
        query: LogQuery,
        host: LogHost,
        runtime: Runtime,
        connect: Callable[[ClusterRef], Awaitable[KubePort]],
        follow_log: FollowLog,
        streams: int,
    ) -> None:
        self._query = query
        self._host = host
        self._runtime = runtime
        self._connect = connect
        self._follow_log = follow_log
        self._gate = Gate(runtime.clock, OPENED_AT_ONCE)
        self._places = asyncio.Semaphore(streams)
        self._pods: dict[_PodKey, list[Source]] = {}
        self._listed: set[str] = set()
        self.all: list[Source] = []

    def named(self, ref: ClusterRef) -> None:
        """The pods of `ref` are not known yet: those that were asked for by name are opened without waiting."""
        if self._query.namespace:
            for pod in self._query.pods:
                self._join((ref.key, self._query.namespace, pod, ""), ref, None)

    def listed(self, ref: ClusterRef, table: Table, *, settled: bool) -> None:
        """These are the pods of `ref`. settled: the table is true now, so that a pod it does not hold is gone."""
        present: set[_PodKey] = set()
        for row in table.rows.values():
            if not self._query.pods or row.name in self._query.pods:
                key = (ref.key, row.namespace, row.name, row.uid)
                present.add(key)
                self._join(key, ref, not_started(table, row))
                for source in self._pods[key]:
                    source.seen(*phase_of(table, row))
        if settled and table.complete:
            self._listed.add(ref.key)
            for key, sources in self._pods.items():
                if key[0] == ref.key and key not in present:
                    for source in sources:
                        source.seen("gone", "")

    async def stop(self) -> None:
        """End all follows; they go on where they stopped when their pods are listed again."""
        tasks = [source.task for source in self.all if source.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _join(self, key: _PodKey, ref: ClusterRef, waits_for: Problem | None) -> None:
        """See to it that the containers of a pod are followed. waits_for: why its log does not exist yet."""
        if key not in self._pods:
            unnamed = self._pods.pop((*key[:3], ""), None)
            self._pods[key] = unnamed if unnamed is not None else self._add_pod(key, ref, waits_for is not None)
        for source in self._pods[key]:
            if waits_for is None:
                self._start(source)
            elif source.task is None and source.record.problem != waits_for:
                source.record = replace(source.record, state="waiting", problem=waits_for)
                self._host.changed()

    def _add_pod(self, key: _PodKey, ref: ClusterRef, began: bool) -> list[Source]:
        # All that a pod writes which has appeared, or has yet to begin, while we look is new.
        tail = None if began or ref.key in self._listed else self._query.tail
        return [self._add(ref, key, name, tail) for name in self._query.containers or ("",)]

    def _add(self, ref: ClusterRef, key: _PodKey, container: str, tail: int | None) -> Source:
        record = LogSource(len(self.all), ref, key[1], key[2], container)
        source = Source(self._host, self._runtime, record, tail, self._split)
        source.follow = self._make_follow(source)
        self.all.append(source)
        return source

    def _make_follow(self, source: Source) -> LogFollow:
        record = source.record
        return self._follow_log(
            lambda: self._connect(record.cluster),
            record.namespace,
            record.pod,
            record.container,
            source,
            self._runtime.clock,
            self._runtime.backoff().failed,
            tail=source.tail,
            since_seconds=self._query.since_seconds,
            previous=self._query.previous,
        )

    def _split(self, source: Source, names: tuple[str, ...]) -> None:
        """`source` turned out to be one of several containers of its pod: it becomes the first of them."""
        key, sources = next((key, held) for key, held in self._pods.items() if source in held)
        source.record = replace(source.record, container=names[0])
        source.follow = self._make_follow(source)
        for name in names[1:]:
            sources.append(self._add(source.record.cluster, key, name, source.tail))
            self._start(sources[-1])
        self._host.changed()

    def _start(self, source: Source) -> None:
        if source.task is None and not source.finished and source.phase() != "gone":
            record = source.record
            source.task = self._runtime.tasks.spawn(
                self._follow(source),
                f"log of {record.namespace}/{record.pod} on {record.cluster.name}",
                lambda died_of: self._ended(source, died_of),
            )

    async def _follow(self, source: Source) -> None:
        if self._places.locked():
            source.state("waiting", _TOO_MANY)
        async with self._places, self._gate.passing():
            with self._runtime.checks.running(source):
                while (follow := source.follow) is not None:
                    await follow.run()
                    if follow is source.follow:
                        break
        source.finished = source.phase() != "gone"

    def _ended(self, source: Source, died_of: BaseException | None) -> None:
        source.task = None
        if died_of is not None:
            source.finished = True
            source.state("ended", bug(died_of))
