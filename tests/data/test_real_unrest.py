"""Thousands of changes over real clients and sockets: in the end the table, and the list that was mended on the way,
are what the cluster holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.data.fakeworld import followed
from tests.data.helpers import Reader
from tui.clock import SystemClock
from tui.config.settings import Settings
from tui.data.hub import Hub
from tui.model.feed import FeedState
from tui.model.kube import ResourceQuery, Row
from tui.model.sorting import SortBy
from tui.present.listed import Listed
from tui.present.resources import entries
from tui.sim.churn import Churn
from tui.sim.kube.actors.catalogue import PODS
from tui.sim.kube.objects import name_of, namespace_of, resource_version
from tui.sim.kube.store import Store
from tui.sim.server import SimServer
from tui.wiring import build_hub

CLOCK = SystemClock()
CLUSTER = "prod-eu"
EVENTS = 6_000
BURST = 40
PATIENCE = 60.0
"""Seconds after which the test gives up; nothing is asserted of how long it takes."""


def stored(store: Store) -> dict[tuple[str, str], str]:
    return {(namespace_of(pod), name_of(pod)): resource_version(pod) for pod in store.list(PODS)}


def versions(rows: dict[tuple[str, str], Row]) -> dict[tuple[str, str], str]:
    return {key: row.version for key, row in rows.items()}


def table(reader: Reader) -> dict[tuple[str, str], Row]:
    part = reader.value.parts[0].feed.value
    return dict(part.rows) if part is not None else {}


async def test_what_thousands_of_events_leave_is_what_the_cluster_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with SimServer.start(scale=(12, 1_000)) as server:
        environ = {**server.environment(), "HOME": str(tmp_path)}
        for name, value in environ.items():  # azure-identity reads the process's own
            monkeypatch.setenv(name, value)
        hub = build_hub(Settings(projects=tuple(environ["CLUSTERVIEW_PROJECTS"].split(","))), environ, CLOCK)
        await hub.start()
        try:
            await in_unrest(hub, server)
        finally:
            await hub.stop()


async def in_unrest(hub: Hub, server: SimServer) -> None:
    cluster = server.world.clusters[CLUSTER]
    async with followed(hub.clusters) as (clusters,):
        end = CLOCK.monotonic() + PATIENCE
        while not any(ref.name == CLUSTER for ref in (clusters.value if clusters.feeds else ()) or ()):
            assert CLOCK.monotonic() < end
            await CLOCK.sleep(0.02)
        ref = next(ref for ref in clusters.value if ref.name == CLUSTER)
        async with followed(hub.resources(ResourceQuery("pods", (ref,)))) as (pods,):
            while not pods.feeds or pods.last.state(CLOCK.now()) is not FeedState.LIVE:
                assert CLOCK.monotonic() < end
                await CLOCK.sleep(0.02)
            mended = Listed()
            mended.sort(SortBy("restarts", True))
            mended.take(pods.value, ["one"], [""])
            churn, step = Churn(cluster, rate=1000.0), 0
            while churn.events < EVENTS:
                step += 1
                churn.catch_up(step * BURST / 1000.0)
                await CLOCK.sleep(0.0)
                mended.take(pods.value, ["one"], [""])
            while versions(table(pods)) != stored(cluster.store) and CLOCK.monotonic() < end:
                await CLOCK.sleep(0.02)
            assert versions(table(pods)) == stored(cluster.store)
            mended.take(pods.value, ["one"], [""])
            anew = Listed()
            anew.take(pods.value, ["one"], [""])
            anew.sort(SortBy("restarts", True))
            assert list(mended.rows) == list(anew.rows)
            assert sorted(entry[:3] for entry in mended.rows) == [entry[:3] for entry in entries(pods.value)]
