"""`LogView`: what many containers write, merged by time into one ring; pods that appear join by themselves.

The pods are found by the same table watches as everywhere else; each container has a follow of its own
(`tui.streams.logs`, handed in by the composition root).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from tui.clock import Clock
from tui.data.catchingup import UNKNOWN, CatchingUp
from tui.data.demand import on_demand
from tui.data.derived import REST, Follower, Read
from tui.data.logfeed import complete, feed_of
from tui.data.logpods import LogPods
from tui.data.logsource import Source
from tui.data.logsources import Sources
from tui.data.ports import FollowLog, KubePort
from tui.data.pressure import LOOKING, PASSING, Pressure, Waiter
from tui.data.reach import Reachability
from tui.data.ring import MAX_BYTES, Ring
from tui.data.runtime import Runtime
from tui.data.timemerge import TimeMerge
from tui.data.topic import Cell
from tui.data.turns import Turns
from tui.errors import Problem
from tui.model.cluster import ClusterRef
from tui.model.feed import Feed
from tui.model.gapline import gap_line
from tui.model.kube import Table
from tui.model.logs import LogGap, LogLine, LogQuery, LogStatus
from tui.waits import Gate, Pace

STATUS_GAP = 0.05
"""Seconds between two puts of the status, and so between two repaints of the pane."""
OPENED_AT_ONCE = 8
GAPS = 200
"""Gaps whose spans are remembered."""


class LogView:
    """A log view (`tui.model.logs.LogBook`); it runs while its status is followed, and goes on where it stopped.

    pods: which there are. lines, size: what its ring holds, and of how many bytes. turns: how many follows are open
    at once, over all views; the others take turns. lossless: the streams are held up rather than lines evicted that
    `since` or `raw` have not given out yet (for whoever prints them all). reach: probes the clusters of what is
    followed.
    """

    def __init__(
        self,
        query: LogQuery,
        runtime: Runtime,
        pods: LogPods,
        connect: Callable[[ClusterRef], Awaitable[KubePort]],
        follow_log: FollowLog,
        turns: Turns,
        *,
        lines: int,
        size: int = MAX_BYTES,
        lossless: bool = False,
        reach: Reachability | None = None,
    ) -> None:
        self.name = f"logs of {query.title}"
        self._query = query
        self._runtime = runtime
        self._pods = pods
        self._reach = reach
        self._turns = turns
        self._gate = Gate(runtime.clock, OPENED_AT_ONCE)
        self._sources = Sources(query, self, runtime, connect, follow_log)
        self._ring = Ring(lines, size)
        self._grown = asyncio.Event()
        self._finite = query.previous or not query.follow
        self._merge = TimeMerge(self._append, runtime.clock, finite=self._finite)
        self._passing: dict[int, Callable[[], None]] = {}
        self._pace = Pace(self._flush, runtime.clock, STATUS_GAP)
        self._next: asyncio.Handle | None = None
        self._parts: list[tuple[str, Feed[Table]]] = []
        self._gaps: deque[LogGap] = deque(maxlen=GAPS)
        self._heard: float | None = None
        self._catching_up = CatchingUp(runtime.clock)
        self._pressure = Pressure(self._ring, runtime.clock, self._pace, runtime.way)
        self._whole = self._pressure.reader("the reader of the output") if lossless else None
        self.status: Cell[LogStatus] = on_demand(runtime, lambda cell: self)

    def since(self, seq: int, limit: int = 10_000) -> tuple[Sequence[LogLine], int]:
        """Lines with sequence >= seq, oldest first, at most `limit`; and how many before them have been evicted."""
        lines, missed = self._ring.since(seq, limit)
        if self._whole is not None:
            self._whole.reached(seq + missed + len(lines))
        return lines, missed

    def raw(self, seq: int, limit: int = 10_000) -> tuple[list[bytes], list[int], int]:
        """The same, raw: lines with their stamps, of each its source (`~index` where it came late), and how many are
        missing before them."""
        lines, sources, missed = self._ring.raw(seq, limit)
        if self._whole is not None:
            self._whole.reached(seq + missed + len(lines))
        return lines, sources, missed

    def reader(self, name: str, *, looks: bool = False) -> Waiter:
        """Somebody who must see every line: the streams are held up for him. name: as `LogStatus.held`. looks: he stays
        at the lines that he looks at."""
        return self._pressure.reader(name, LOOKING if looks else PASSING)

    def raw_for(self, reader: Waiter, limit: int) -> tuple[list[bytes], list[int], int]:
        """The next lines of somebody who must see all; he says himself when he has."""
        return self._ring.raw(reader.position, limit)

    async def more(self, seq: int) -> None:
        """Return when there is a line with sequence >= seq."""
        while self._ring.next_seq <= seq:
            self._grown.clear()
            await self._grown.wait()

    def wake(self) -> None:
        """Have the status told anew."""
        self._pace()

    @property
    def clock(self) -> Clock:
        return self._runtime.clock

    async def run(self) -> None:
        """Find pods and follow their logs until cancelled."""
        follower = Follower()
        if not self._finite:
            self._catching_up.begin()
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
            if self._next is not None:
                self._next.cancel()
                self._next = None
            while self._release(everything=True):
                await self._runtime.clock.sleep(0)

    @asynccontextmanager
    async def place(self, source: Source) -> AsyncGenerator[None]:
        """Held while a stream of `source` is open. Who is far ahead of others takes no place that they may need, nor
        does who could read nothing: each opening would bring some lines that have nowhere to go."""
        if self._finite:
            await self._pressure.ease(lambda: self._merge.holds_share(source.record.index, 0.5), lambda: 0)
        else:
            self._catching_up.opens(source.record.index)
            with self._catching_up.waits(source.record.index, opens=True):
                await self._pressure.ease(lambda: False, self._held_back)
        async with self._turns.turn(source), self._gate.passing() as passed:
            self._passing[source.record.index] = passed
            yield

    def answered(self, source: Source) -> None:
        """Its stream is open: the next may be opened."""
        if source.waited:
            self._merge.turn_began(source.record.index)
        if (passed := self._passing.pop(source.record.index, None)) is not None:
            passed()

    def took(self, source: Source, batch: list[bytes]) -> None:
        """`source` has read new lines."""
        self._heard = self._runtime.clock.now()
        if self._merge.direct and len(batch) > self._pressure.free[0]:
            self._merge.direct = False  # what does not fit waits there
        self._merge.add(source.record.index, batch)
        self._catching_up.brought(source.record.index)
        self._pace()

    async def room(self, source: Source) -> None:
        """Let the readers catch up that must see every line, and sources that are behind; let others work, in any
        case."""
        with self._catching_up.waits(source.record.index):
            await self._pressure.ease(lambda: self._too_far(source), self._held_back)

    def _held_back(self) -> int:
        """Lines that would be in the ring, were there room. Where they wait for other logs, these are bounded by
        shares, and are no reader's debt."""
        return self._merge.held if self._merge.awaited is None else self._merge.ready

    def _too_far(self, source: Source) -> bool:
        """Whether `source` must wait for those that are behind; it gives its place to them where they need it."""
        if not self._merge.crowded(source.record.index):
            return False
        if self._finite and self._turns.wanted(source):
            source.give_way()
        return True

    def _append(self, lines: list[bytes], sources: list[int]) -> None:
        self._ring.append(lines, sources)
        self._grown.set()

    def refused(self, source: Source, problem: Problem) -> None:
        """It could not be read now."""
        self._turns.refused(source, problem)

    def broke(self, gap: LogGap) -> None:
        """A resumed stream no longer holds its last line. Whoever prints every line is told beside them."""
        self._gaps.append(gap)
        if self._whole is None:
            self._merge.add(gap.source, [gap_line(gap)])
        self._pace()

    def changed(self) -> None:
        """A source's record has changed."""
        self._settle()
        self._pace()

    def _attend(self, ref: ClusterRef, read: Read) -> Feed[Table]:
        """Follow the pods of one cluster; what is known of them."""
        if self._reach is not None and self._query.follow:
            read(self._reach.of(ref))  # a stream that has gone silent is doubted when the probe fails
        feed = self._pods.table(self._query, ref, read)
        if feed.value is None:
            self._sources.named(ref)
        else:
            self._sources.listed(ref, feed.value, settled=feed.problem is None)
        return feed

    def _settle(self) -> None:
        """Who is waited for; nobody where there is one source."""
        merge, pending = self._merge, self._catching_up
        if self._finite:
            awaited = {source.record.index for source in self._sources.all if source.task is not None}
            merge.awaited = frozenset(awaited if complete(self._parts) else awaited | {UNKNOWN})
        else:
            pending.look(self._sources.all)
            at_start = pending.awaited(merge.behind, complete=complete(self._parts))
            merge.awaited = (at_start | (pending.expected if self._pressure.lately else frozenset())) or None
            merge.expected = pending.reopened
        merge.direct = len(self._sources.all) == 1 and (complete(self._parts) or not (self._finite or pending.starting))

    def _flush(self) -> None:
        self._settle()
        self._step()
        self._pressure.eased()
        shut = self._pressure.shut(waiting=self._merge.waiting)
        self._put()
        stuck = shut or (bool(self._merge.awaited) and self._catching_up.all_wait)
        if self._catching_up.starting or (self._merge.waiting and not stuck):
            self._pace()

    def _step(self) -> None:
        """Let lines into the ring; where many may go, some now, and more when others have had their turn."""
        if self._next is not None:
            self._next.cancel()
        self._next = None
        if self._release(everything=self._merge.direct):
            self._next = asyncio.get_running_loop().call_soon(self._step)
            self._pace()

    def _release(self, *, everything: bool) -> bool:
        """Let lines into the ring, as far as none leaves it that somebody has yet to see. Whether more of them may go
        soon."""
        lines, size = self._pressure.free
        return self._merge.release(everything=everything, lines_at_most=lines, bytes_at_most=size)

    def counted(self) -> LogStatus:
        """The status as it is in this moment."""
        late, in_turn, ring = self._merge.late, self._merge.in_turn, self._ring
        off = self._merge.off
        every = {party: self._turns.interval(party) for party in {source.party for source in self._sources.all}}
        sources = tuple(
            source.counted(late[index], in_turn.get(index, 0), off.get(index, 0.0), every[source.party])
            for index, source in enumerate(self._sources.all)
        )
        return LogStatus(
            sources,
            received=sum(source.received for source in sources),
            repeated=sum(source.repeated for source in sources),
            late=late.total(),
            evicted=ring.evicted,
            first_seq=ring.first_seq,
            next_seq=ring.next_seq,
            gaps=sum(source.gaps for source in sources),
            lately=tuple(self._gaps),
            held=self._pressure.held,
            bytes=ring.bytes,
            capacity=ring.capacity,
            max_bytes=ring.max_bytes,
            complete=complete(self._parts),
            merging=self._catching_up.long and len(sources) > 1,
        )

    def _put(self) -> None:
        feed = feed_of(self.counted(), self._parts, self._heard, self._runtime.clock.now())
        if feed is not None:
            self.status.replace(feed)
