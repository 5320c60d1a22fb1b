"""One simulator for the journeys of a worker: each takes back what it did, or does it to what is its own."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TypeAlias

import pytest
import yaml
from textual.drivers.headless_driver import HeadlessDriver

from tests.conftest import SimProcess, simulating
from tests.journeys.driver import Person, sitting
from tests.sim.kubectl import Kubectl
from tui.sim.google.credentials import data_path
from tui.sim.loading import load

CLUSTERS = ("prod-eu", "prod-us")
Sit: TypeAlias = Callable[..., AbstractAsyncContextManager[Person]]


@pytest.fixture(scope="session")
def journeys_sim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimProcess]:
    with simulating(tmp_path_factory.mktemp("journeys")) as running:
        yield running


@pytest.fixture
def sit(journeys_sim: SimProcess, tmp_path: Path, kubectl: str, monkeypatch: pytest.MonkeyPatch) -> Sit:
    """`async with sit(production=["prod-eu"]) as person`: with this configuration, in a home of one's own."""
    configs = {name: _kubeconfig(journeys_sim, tmp_path, name) for name in CLUSTERS}
    clients = {name: Kubectl(kubectl, journeys_sim, tmp_path, config) for name, config in configs.items()}

    return seat(journeys_sim, tmp_path, monkeypatch, CLUSTERS, clients)


def seat(
    sim: SimProcess,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    clusters: Sequence[str],
    clients: dict[str, Kubectl],
) -> Sit:
    """A place at the screen, for whoever sourced the simulator's file."""
    environ = sim.environ(home)
    for name in ("KUBECONFIG", "VISUAL", "EDITOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(HeadlessDriver, "can_suspend", True)  # there is no terminal that an editor would need

    def at_the_screen(**config: object) -> AbstractAsyncContextManager[Person]:
        path = home / "config.yaml"
        path.write_text(yaml.safe_dump({"clusters": list(clusters), "flash": False, **config}))
        return sitting({**environ, "CLUSTERVIEW_CONFIG": str(path)}, clusters, clients)

    return at_the_screen


def _kubeconfig(sim: SimProcess, home: Path, name: str) -> Path:
    """A kubeconfig for a membership through the gateway, with the admin's token."""
    scenario = load("healthy")
    spec = next(one for one in scenario.memberships if one.id == name)
    number = next(project.number for project in scenario.projects if project.id == spec.project)
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "clusters": [{"name": name, "cluster": {"server": sim.base_url + data_path(number, spec)}}],
        "users": [{"name": name, "user": {"token": sim.env["CLOUDSDK_AUTH_ACCESS_TOKEN"]}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
    }
    path = home / f"{name}.kubeconfig"
    path.write_text(yaml.safe_dump(config))
    return path


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """The user's editor changes its file by this Python script, in which `t` is the text and `turn` counts from 1."""

    def use(script: str) -> None:
        path, turns = tmp_path / "editor.py", tmp_path / "turns"
        path.write_text(
            "import pathlib, sys\n"
            f"p = pathlib.Path(sys.argv[1]); t = p.read_text(); n = pathlib.Path({str(turns)!r})\n"
            "turn = int(n.read_text()) + 1 if n.exists() else 1; n.write_text(str(turn))\n"
            f"{script}\np.write_text(t)\n"
        )
        monkeypatch.setenv("VISUAL", f"{sys.executable} {path}")

    return use
