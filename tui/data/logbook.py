"""`LogView`: what many containers write, merged by time into one ring; pods that appear join by themselves.

The pods are found by the same table watches as everywhere else; each container has a follow of its own
(`tui.streams.logs`, handed in by the composition root).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from msgspec.structs import replace

from tui.data.agents import Agents
from tui.data.demand import on_demand
from tui.data.derived import REST, Follower, Read, carry
from tui.data.listwatch import Scope
from tui.data.logsource import Source
from tui.data.logsources import Sources
from tui.data.merge import gaps_of, worst_of
from tui.data.ports import FollowLog, KubePort
from tui.data.ring import Ring
from tui.data.runtime import Runtime
from tui.data.tables import Tables
from tui.data.timemerge import WINDOW, TimeMerge
from tui.data.topic import Cell
from tui.model.cluster import ClusterRef
from tui.model.feed import Feed
from tui.model.kube import PODS, Table
from tui.model.logs import LogLine, LogQuery, LogStatus
from tui.waits import Pace

STATUS_GAP = 0.05
"""Seconds between two puts of the status, and so between two repaints of the pane."""
FIRST_WINDOW = 1.0
"""Seconds that lines are held back while the first streams are being opened, so that their histories are merged."""
SETTLED_AFTER = 2.0
"""Seconds after which streams that are still being opened are waited for no longer."""


class LogView:
    """A log view (`tui.model.logs.LogBook`); it runs while its status is followed, and goes on where it stopped.

    lines: what its ring holds. streams: how many follows are open at once; the others wait for a place. lossless: the
    streams are held up rather than lines evicted that `since` has not given out yet (for whoever prints them all).
    """

    def __init__(
        self,
        query: LogQuery,
        runtime: Runtime,
        tables: Tables,
        agents: Agents,
        connect: Callable[[ClusterRef], Awaitable[KubePort]],
        follow_log: FollowLog,
        *,
        lines: int,
        streams: int,
        lossless: bool = False,
    ) -> None:
        self.name = f"logs of {query.title}"
        self._query = query
        self._runtime = runtime
        self._tables = tables
        self._agents = agents
        self._sources = Sources(query, self, runtime, connect, follow_log, streams)
        self._ring = Ring(lines)
        self._merge = TimeMerge(self._ring.append, runtime.clock)
        self._pace = Pace(self._flush, runtime.clock, STATUS_GAP)
        self._parts: list[tuple[str, Feed[Table]]] = []
        self._counted = LogStatus()
        self._started = 0.0
        self._lossless = lossless
        self._given_out = 0
        self._read = asyncio.Event()
        self.status: Cell[LogStatus] = on_demand(runtime, lambda cell: self)

    def since(self, seq: int, limit: int = 10_000) -> tuple[Sequence[LogLine], int]:
        """Lines with sequence >= seq, oldest first, at most `limit`; and how many before them have been evicted."""
        lines, missed = self._ring.since(seq, limit)
        self._given_out = max(self._given_out, seq + missed + len(lines))
        self._read.set()
        return lines, missed

    async def run(self) -> None:
        """Find pods and follow their logs until cancelled."""
        follower = Follower()
        self._started = self._runtime.clock.monotonic()
        try:
            while True:
                await follower.changed.wait()
                follower.changed.clear()
                self._parts = [(ref.name, self._attend(ref, follower.read)) for ref in self._query.clusters]
                follower.sweep()
                self._pace()
                await self._runtime.clock.sleep(REST)
        finally:
            follower.close()
            await self._sources.stop()
            self._pace.drop()
            self._merge.release(everything=True)

    def took(self, source: Source, batch: list[bytes]) -> None:
        """`source` has read new lines."""
        self._counted = replace(self._counted, received=self._counted.received + len(batch))
        self._merge.add(source.record.index, batch)
        self._pace()

    async def room(self) -> None:
        """Let the reader catch up, where nothing may be lost; let others work, in any case."""
        await asyncio.sleep(0)
        while self._lossless and self._counted.received - self._given_out > self._ring.capacity // 2:
            self._read.clear()
            await self._read.wait()

    def dropped(self, count: int) -> None:
        """A resumed stream has brought lines again."""
        self._counted = replace(self._counted, repeated=self._counted.repeated + count)

    def broke(self) -> None:
        """A resumed stream no longer holds its last line."""
        self._counted = replace(self._counted, gaps=self._counted.gaps + 1)

    def changed(self) -> None:
        """A source's record has changed."""
        self._settle()
        self._pace()

    def _attend(self, ref: ClusterRef, read: Read) -> Feed[Table]:
        """Follow the pods of one cluster; what is known of them."""
        query = self._query
        if query.agents:
            scope = read(self._agents.scope(ref))
            if scope.value is None:
                return carry(scope, None)
            feed = read(self._tables.of(ref, PODS, scope.value))
        else:
            only = f"metadata.name={query.pods[0]}" if len(query.pods) == 1 else ""
            feed = read(self._tables.of(ref, PODS, Scope(query.namespace, query.labels, only)))
        if feed.value is None:
            self._sources.named(ref)
        else:
            self._sources.listed(ref, feed.value, settled=feed.problem is None)
        return feed

    def _settle(self) -> None:
        """Wait longer for older lines while histories are still coming in; not at all where there is one source."""
        known = all(
            feed.problem is not None or (feed.value is not None and feed.value.complete) for _, feed in self._parts
        )
        opening = any(source.record.state == "opening" for source in self._sources.all)
        waited = self._runtime.clock.monotonic() - self._started >= SETTLED_AFTER
        settled = waited or (known and not opening)
        self._merge.window = WINDOW if settled else FIRST_WINDOW
        self._merge.direct = settled and len(self._sources.all) == 1

    def _flush(self) -> None:
        self._settle()
        self._merge.release()
        self._put()
        if self._merge.waiting:
            self._pace()

    def _put(self) -> None:
        sources = tuple(source.record for source in self._sources.all)
        if not sources and any(feed.value is None and feed.problem is None for _, feed in self._parts):
            return  # nothing is known yet
        status = replace(
            self._counted,
            sources=sources,
            late=self._merge.late,
            evicted=self._ring.evicted,
            first_seq=self._ring.first_seq,
            next_seq=self._ring.next_seq,
        )
        failing = [(who, feed) for who, feed in self._parts if feed.problem is not None]
        following = any(source.state == "following" for source in sources)
        if failing and len(failing) == len(self._parts) and not following:
            worst = worst_of(failing)
            since = self.status.feed.as_of or worst.as_of
            feed = Feed(status, since, worst.problem, worst.failures, gaps=gaps_of(failing), retry_at=worst.retry_at)
        else:
            feed = Feed(status, self._runtime.clock.now(), gaps=gaps_of(failing))
        self.status.replace(feed)
