"""`--kubeconfig F` works against any API server named in F, by token or client certificate, with no cloud at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.main_job.conftest import until
from tui.clock import SystemClock
from tui.config.loading import load_settings
from tui.model.cluster import Via
from tui.model.kube import PODS, ResourceQuery
from tui.model.logs import LogQuery
from tui.sim.server import SimServer
from tui.wiring import build_hub


@pytest.mark.parametrize("certificate", [True, False], ids=["client certificate", "token"])
async def test_namespaces_pods_watch_and_logs(
    sim: SimServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, certificate: bool
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    path = sim.kubeconfig("plant-9", certificate=certificate)
    environ = {"HOME": str(tmp_path), "PATH": ""}
    hub = build_hub(load_settings(environ, {"kubeconfig": (path,)}), environ, SystemClock())
    await hub.start()
    try:
        known = await until(hub.clusters, lambda feed: bool(feed.value))
        assert known.value is not None
        (cluster,) = known.value
        assert cluster.via is Via.CONTEXT

        namespaces = hub.resources(ResourceQuery("ns", (cluster,)))
        listed = await until(namespaces, lambda feed: bool(feed.value and feed.value.parts[0].feed.value))
        assert listed.value is not None
        table = listed.value.parts[0].feed.value
        assert table is not None
        assert ("", "kube-system") in table.rows

        pods = hub.resources(ResourceQuery("pods", (cluster,), namespace="gke-connect"))
        first = await until(pods, lambda feed: bool(feed.value and feed.value.parts[0].feed.value))
        assert first.value is not None
        before = first.value.parts[0].feed.value
        assert before is not None
        names = set(before.rows)
        gone = min(names)
        store = sim.world.clusters["plant-9"].store
        kind = next(kind for kind in sim.world.clusters["plant-9"].registry if kind.plural == PODS.plural)
        store.remove(kind, *gone)
        # The watch tells: the pod is gone from the view without anybody asking again.
        await until(pods, lambda feed: bool(feed.value) and gone not in _rows(feed.value.parts[0].feed.value))

        book = hub.logs(LogQuery((cluster,), agents=True, tail=5))
        lines = await until(book.status, lambda feed: feed.value is not None and feed.value.next_seq >= 5)
        assert lines.value is not None
        assert book.since(lines.value.first_seq)[0][0].text
    finally:
        await hub.stop()


def _rows(table: object) -> set[tuple[str, str]]:
    return set(getattr(table, "rows", ()))
