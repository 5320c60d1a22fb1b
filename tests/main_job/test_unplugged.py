"""Nothing stale looks alive, nothing gives up, and one dead cluster costs the others nothing."""

from __future__ import annotations

import time

from tests.main_job.conftest import Watched, until
from tui.model.feed import Feed, FeedState
from tui.model.kube import ResourceQuery, ResourceView
from tui.model.logs import LogQuery
from tui.sim.server import SimServer

BACK_WITHIN = 10.0
"""Seconds: what the product promises after a server came back."""


def _states(feed: Feed[ResourceView]) -> list[FeedState]:
    return [part.feed.state(time.time()) for part in feed.value.parts] if feed.value is not None else []


def _rows(feed: Feed[ResourceView]) -> list[int]:
    return [len(part.feed.value.rows) if part.feed.value else 0 for part in feed.value.parts] if feed.value else []


async def test_everything_turns_stale_keeps_its_rows_and_is_live_again(sim: SimServer, watched: Watched) -> None:
    hub = watched.hub
    query = ResourceQuery("pods", (await watched.cluster("prod-eu"), await watched.cluster("plant-9")))
    pods = hub.resources(query)
    book = hub.logs(LogQuery((await watched.cluster("plant-9"),), agents=True))
    for topic in (hub.fleet, hub.connections, pods, book.status):
        watched.hold(topic)
    before = await until(pods, lambda feed: _states(feed) == [FeedState.LIVE] * 2)
    await until(hub.fleet, lambda feed: feed.state(time.time()) is FeedState.LIVE)
    await until(hub.connections, lambda feed: feed.value is not None)
    lines = await until(book.status, lambda feed: feed.value is not None and feed.value.received > 0)

    await sim.unplug()
    stale = await until(pods, lambda feed: _states(feed) == [FeedState.STALE] * 2)
    assert _rows(stale) == _rows(before)
    fleet = await until(hub.fleet, lambda feed: feed.state(time.time()) is FeedState.STALE)
    assert fleet.value is not None
    assert len(fleet.value) == 15  # twelve memberships, three AKS clusters
    assert fleet.as_of is not None
    connections = await until(hub.connections, lambda feed: feed.state(time.time()) is FeedState.STALE)
    assert connections.value is not None
    assert len(connections.value) == 6
    assert lines.value is not None
    seen = lines.value.next_seq

    await sim.plug()
    live = (FeedState.LIVE, FeedState.PARTIAL)
    await until(pods, lambda feed: all(state in live for state in _states(feed)), BACK_WITHIN)
    await until(hub.fleet, lambda feed: feed.state(time.time()) in live, BACK_WITHIN)
    await until(hub.connections, lambda feed: feed.state(time.time()) in live, BACK_WITHIN)
    again = await until(book.status, lambda feed: feed.value is not None and feed.value.next_seq > seen, BACK_WITHIN)
    assert again.value is not None
    assert again.value.gaps == 0


async def test_one_dead_cluster_of_three_leaves_the_others_alone(sim: SimServer, watched: Watched) -> None:
    clusters = tuple([await watched.cluster(name) for name in ("prod-eu", "prod-us", "staging")])
    pods = watched.hub.resources(ResourceQuery("pods", clusters))
    watched.hold(pods)
    await until(pods, lambda feed: _states(feed) == [FeedState.LIVE] * 3)

    fault = sim.faults.add("unreachable", {"membership": "prod-us"})
    await until(pods, lambda feed: _states(feed) == [FeedState.LIVE, FeedState.STALE, FeedState.LIVE])
    for name in ("prod-eu", "staging"):  # the healthy two are not asked again because their neighbour died
        assert len([entry for entry in sim.requests if f"/{name}/" in entry.path and "watch=true" in entry.path]) == 1

    sim.faults.remove(fault)
    await until(pods, lambda feed: _states(feed) == [FeedState.LIVE] * 3, BACK_WITHIN)


async def test_a_hanging_cluster_is_named_while_the_others_are_live(sim: SimServer, watched: Watched) -> None:
    sim.faults.add("hang", {"membership": "prod-us"})
    clusters = tuple([await watched.cluster(name) for name in ("prod-eu", "prod-us")])
    pods = watched.hub.resources(ResourceQuery("pods", clusters))
    watched.hold(pods)
    await until(pods, lambda feed: _states(feed) == [FeedState.LIVE, FeedState.LOADING], 10.0)
