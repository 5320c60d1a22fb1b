"""Which containers a log view follows: it keeps one follow for each container of each pod that is asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from msgspec.structs import replace

from tui.data.latecomers import Latecomers, PodKey
from tui.data.logsource import LogHost, Source, has_ended, not_started, phase_of
from tui.data.podlists import PodContainers, PodLists, pod_containers
from tui.data.podparts import containers_of, finished
from tui.data.ports import FollowLog, KubePort, LogFollow
from tui.data.runtime import Runtime
from tui.data.tasks import bug
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.bodies import uid_of
from tui.model.cluster import ClusterRef
from tui.model.kube import PODS, Table
from tui.model.logs import LogQuery, LogSource, LogStart
from tui.waits import Deadline


class Sources:
    """The sources of one log view, in the order in which they joined; none ever leaves, since lines point to them."""

    def __init__(
        self,
        query: LogQuery,
        host: LogHost,
        runtime: Runtime,
        connect: Callable[[ClusterRef], Awaitable[KubePort]],
        follow_log: FollowLog,
    ) -> None:
        self._query = query
        self._host = host
        self._runtime = runtime
        self._connect = connect
        self._follow_log = follow_log
        self._pods: dict[PodKey, list[Source]] = {}
        self._listed: set[str] = set()
        self._pod_lists = PodLists(query, runtime, connect)
        self._latecomers = Latecomers(runtime, self._containers, self._grown)
        self.all: list[Source] = []

    def named(self, ref: ClusterRef) -> None:
        """The pods of `ref` are not known yet: those that were asked for by name are opened without waiting."""
        for pick in self._query.of(ref):
            if pick.namespace and "," not in pick.namespace:
                for pod in pick.pods:
                    self._join((ref.key, pick.namespace, pod, ""), ref, None)

    def listed(self, ref: ClusterRef, table: Table, *, settled: bool) -> None:
        """These are the pods of `ref`. settled: the table is true now, so that a pod it does not hold is gone."""
        present: set[PodKey] = set()
        for row in table.rows.values():
            key = (ref.key, row.namespace, row.name, row.uid)
            present.add(key)
            waits_for = not_started(table, row)
            self._join(key, ref, waits_for)
            phase, words = phase_of(table, row)
            ended = has_ended(table, row)
            for source in self._pods[key]:
                if source.seen(phase, words) and ended and source.record.lacks and not source.record.over:
                    source.finished = False  # whether it gets another container is to be asked once more
                    self._start(source)
            if waits_for is None and not ended and self._may_grow(key):
                self._latecomers.seen(key, row.version, words)
        if settled and table.complete:
            self._listed.add(ref.key)
            for key, sources in self._pods.items():
                if key[0] == ref.key and key not in present:
                    self._latecomers.gone(key)
                    for source in sources:
                        source.seen("gone", "")

    async def stop(self) -> None:
        """End all follows; they go on where they stopped when their pods are listed again."""
        await self._latecomers.stop()
        await self._pod_lists.stop()
        tasks = [source.task for source in self.all if source.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _join(self, key: PodKey, ref: ClusterRef, waits_for: Problem | None) -> None:
        """See to it that the containers of a pod are followed. waits_for: why its log does not exist yet."""
        if key not in self._pods:
            unnamed = self._pods.pop((*key[:3], ""), None)
            self._pods[key] = unnamed if unnamed is not None else self._add_pod(key, ref, waits_for is not None)
        for source in self._pods[key]:
            if waits_for is None:
                self._start(source)
            elif source.task is None and source.record.problem != waits_for:
                # Who reads to the end and no further has nothing to wait for in a log that has not begun.
                source.finished = not source.start.follow
                state = "ended" if source.finished else "waiting"
                source.record = replace(source.record, state=state, problem=waits_for, over=source.finished)
                self._host.changed()

    def _add_pod(self, key: PodKey, ref: ClusterRef, began: bool) -> list[Source]:
        start = self._query.start
        if began or ref.key in self._listed:
            # All that a pod writes which has appeared, or has yet to begin, while we look is new.
            start = replace(start, tail=None)
        return [self._add(ref, key, "", start)]

    def _add(self, ref: ClusterRef, key: PodKey, container: str, start: LogStart) -> Source:
        record = LogSource(len(self.all), ref, key[1], key[2], container)
        source = Source(self._host, self, self._runtime, record, start)
        source.follow = self._make_follow(source)
        self.all.append(source)
        return source

    @property
    def _grows(self) -> bool:
        """Whether a container that a pod gets later may be followed too."""
        return self._query.start.follow and not self._query.previous

    def _may_grow(self, key: PodKey) -> bool:
        """Whether there may be one that is meant and is not followed yet."""
        asked = self._query.containers
        return self._grows and not (asked and {source.record.container for source in self._pods[key]}.issuperset(asked))

    def _meant(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Those of a pod's containers that are asked for."""
        asked = self._query.containers
        return tuple(name for name in names if not asked or name in asked)

    async def _containers(self, key: PodKey) -> tuple[str, ...]:
        """Those that a pod has now. Raises SourceError."""
        port = await self._connect(self._pods[key][0].record.cluster)
        pod = await port.body(PODS, key[1], key[2])
        return containers_of(pod) if uid_of(pod) == key[3] else ()

    def _grown(self, key: PodKey, names: tuple[str, ...]) -> None:
        """A pod has these containers. All that one writes which was not there before is new."""
        held = {source.record.container for source in self._pods[key]}
        meant = self._meant(names)
        if "" in held:
            source = self._pods[key][0]
            if source.record.lacks and meant:
                source.found()
                self._divide(source, meant, names)
                self._start(source)
            elif source.record.lacks:
                source.lacks(names, over=False)
            return  # or it is being found out which there are
        for name in meant:
            if name not in held:
                first = self._pods[key][0]
                self._pods[key].append(self._add(first.record.cluster, key, name, replace(first.start, tail=None)))
                self._start(self._pods[key][-1])
                self._host.changed()

    def _make_follow(self, source: Source) -> LogFollow:
        record = source.record
        return self._follow_log(
            lambda: self._connect(record.cluster),
            (record.namespace, record.pod, record.container),
            source,
            self._runtime.clock,
            self._runtime.backoff(),
            source.start,
        )

    def split(self, source: Source, names: tuple[str, ...]) -> None:
        """`source` turned out to be one of several containers of its pod: it becomes the first of them."""
        key, sources = next((key, held) for key, held in self._pods.items() if source in held)
        source.record = replace(source.record, container=names[0])
        source.follow = self._make_follow(source)
        for name in names[1:]:
            sources.append(self._add(source.record.cluster, key, name, source.start))
            self._start(sources[-1])
        self._host.changed()

    def _divide(self, source: Source, meant: tuple[str, ...], names: tuple[str, ...]) -> None:
        """As `split`. names: all that the pod has; they are kept where some that are asked for are not among them."""
        if not {*self._query.containers}.issubset(names):
            source.record = replace(source.record, there=names)
        self.split(source, meant)

    async def over(self, source: Source) -> bool:
        """Whether the source's container has run for the last time."""
        record = source.record
        try:
            port = await self._connect(record.cluster)
            pod = await port.body(PODS, record.namespace, record.pod)
        except SourceError as error:
            if error.problem.kind is ProblemKind.NOT_FOUND and record.cluster.key not in self._listed:
                source.seen("gone", "")  # nobody else will say so
            return source.phase() == "gone"
        key = next(key for key, held in self._pods.items() if source in held)
        return finished(pod, record.container) if key[3] in ("", uid_of(pod)) else False

    def _start(self, source: Source) -> None:
        if source.task is None and not source.finished and source.phase() != "gone":
            record = source.record
            source.task = self._runtime.tasks.spawn(
                self._follow(source),
                f"log of {record.namespace}/{record.pod} on {record.cluster.name}",
                lambda died_of: self._ended(source, died_of),
            )

    async def _follow(self, source: Source) -> None:
        try:
            if not source.record.container and not await self._name(source):
                return
            with self._runtime.checks.running(source):
                while (follow := source.follow) is not None:
                    await follow.run()
                    if follow is source.follow:
                        break
        finally:
            await source.leave()
        source.finished = source.phase() != "gone"
        source.record = replace(source.record, over=source.finished)

    async def _name(self, source: Source) -> bool:
        """Find out which of the containers that are meant the pod has, and whether any; who may not read pods is told
        by the server, of those that run side by side at least."""
        record, asked = source.record, self._query.containers
        found = await self._pod_lists.of(record.cluster, record.namespace, record.pod) or await self._ask(source)
        names, over = (asked, False) if found is None else (found.names, not self._grows or found.done)
        if meant := self._meant(names):
            self._divide(source, meant, names)
        elif asked:
            source.lacks(names, over=over)
            return False
        return True

    async def _ask(self, source: Source) -> PodContainers | None:
        """Ask the pod of `source` itself, in the place where its log is read then: who waits for its turn has time."""
        record = source.record
        await source.enter()
        try:
            port = await self._connect(record.cluster)
            with Deadline(self._runtime.clock, self._runtime.timeout):
                return pod_containers(await port.body(PODS, record.namespace, record.pod))
        except (SourceError, TimeoutError):
            return None

    def _ended(self, source: Source, died_of: BaseException | None) -> None:
        source.task = None
        if died_of is not None:
            source.finished = True
            source.state("ended", bug(died_of))
        self._host.changed()
