"""A read-only rule that names a host or a kubeconfig's cluster is known before anybody has been there."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.main_job.conftest import until
from tui.clock import SystemClock
from tui.config.loading import load_settings
from tui.sim.server import SimServer
from tui.wiring import build_hub


@pytest.mark.parametrize("pattern", ["127.0.0.*", "plant-9"])
async def test_a_context_of_any_name_is_known_to_be_read_only_before_it_is_used(
    sim: SimServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pattern: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    document = yaml.safe_load(sim.kubeconfig("plant-9").read_text())
    document["contexts"][0]["name"] = document["current-context"] = "mine"
    path, config = tmp_path / "renamed.yaml", tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(document))
    config.write_text(f"read_only: ['{pattern}']\n")
    environ = {"HOME": str(tmp_path), "PATH": ""}
    hub = build_hub(load_settings(environ, {"kubeconfig": (path,)}, config), environ, SystemClock())
    await hub.start()
    try:
        known = await until(hub.clusters, lambda feed: bool(feed.value))
        assert known.value is not None
        (cluster,) = known.value
        assert cluster.name == "mine"
        hub.changes.unlock()
        refusal = hub.changes.refusal(cluster)
        assert refusal is not None
        assert refusal.summary == f"mine is read-only: {config} says so (read_only)"
        assert [asked for asked in sim.requests if asked.cluster == "plant-9"] == []
    finally:
        await hub.stop()
