"""A log view over two fake clusters."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.data.fakekube import FakeKube
from tests.data.helpers import ONE, TWO, Reader, reading, runtime
from tui.clock import ManualClock
from tui.data.agents import Agents
from tui.data.logbook import LogView
from tui.data.logpods import LogPods
from tui.data.namespaces import Namespaces
from tui.data.narrowed import Narrowed
from tui.data.reach import Reachability
from tui.data.remembered import Remembered
from tui.data.ring import MAX_BYTES
from tui.data.runtime import Runtime
from tui.data.tables import Tables
from tui.data.turns import Turns
from tui.data.workloads import Workloads
from tui.model.cluster import ClusterRef
from tui.model.feed import FeedState
from tui.model.logs import LogQuery, LogStatus
from tui.streams.logs import LogFollow


@dataclass
class Bench:
    clock: ManualClock
    one: FakeKube
    two: FakeKube
    rt: Runtime
    view: LogView
    reader: Reader

    @property
    def texts(self) -> list[str]:
        return [line.text.decode() for line in self.view.since(0)[0]]

    @property
    def status(self) -> LogStatus:
        assert self.view.status.feed.value is not None
        return self.view.status.feed.value

    @property
    def state(self) -> FeedState:
        return self.view.status.feed.state(self.clock.now())


def make_view(
    query: LogQuery, rt: Runtime, kubes: dict[str, FakeKube], turns: Turns | None = None, **limits: int
) -> LogView:
    async def connect(ref: ClusterRef) -> FakeKube:
        return kubes[ref.key]

    tables = Tables(rt, connect)
    pods = Narrowed(tables, Namespaces(rt, connect, Remembered(None, rt.tasks.spawn)))
    streams = limits.get("streams", 50)
    return LogView(
        query,
        rt,
        LogPods(pods, Agents(rt, connect, tables), Workloads(rt, connect, pods)),
        connect,
        LogFollow,
        turns or Turns(rt.clock, streams, limits.get("each", streams), 600),
        lines=limits.get("lines", 1000),
        size=limits.get("size", MAX_BYTES),
        lossless=bool(limits.get("lossless")),
        reach=Reachability(rt, connect, lambda problem: "", lambda count: 10.0) if limits.get("probed") else None,
    )


@asynccontextmanager
async def viewing(
    query: LogQuery, clock: ManualClock, one: FakeKube, two: FakeKube, **limits: int
) -> AsyncIterator[Bench]:
    rt = runtime(clock)
    view = make_view(query, rt, {ONE.key: one, TWO.key: two}, None, **limits)
    async with reading(rt, view.status) as (reader,):
        yield Bench(clock, one, two, rt, view, reader)
    assert not any(log.open for kube in (one, two) for log in kube.logs.values())
