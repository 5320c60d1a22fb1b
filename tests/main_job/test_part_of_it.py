"""What is seen of clusters that show a part of themselves, over real sockets: one person's two namespaces, and twelve
clusters of which three do not do what they should."""

from __future__ import annotations

import asyncio
import ssl
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.main_job.conftest import Watched, until
from tests.main_job.test_commands import COMMAND
from tui.clock import SystemClock
from tui.config.loading import load_settings
from tui.errors import ProblemKind
from tui.model.cluster import Via
from tui.model.feed import Feed, FeedState
from tui.model.kube import ResourceQuery, ResourceView
from tui.sim.server import SimServer
from tui.wiring import build_hub

BROKEN = {"plant-3", "depot-14"}
NOW = SystemClock().now
RBAC = "/apis/rbac.authorization.k8s.io/v1/namespaces/{}/rolebindings"


async def grant(sim: SimServer, cluster: str, namespace: str, email: str, role: str = "view") -> None:
    """As the cluster's administrator: a role in one namespace."""
    binding = {
        "metadata": {"name": "may-look"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": email}],
    }
    url = f"{sim.base_url}/clusters/{cluster}{RBAC.format(namespace)}"
    head = {"Authorization": f"Bearer {sim.tokens['admin']}"}
    trust = ssl.create_default_context(cafile=str(sim.ca_pem))
    async with aiohttp.ClientSession() as session, session.post(url, json=binding, headers=head, ssl=trust) as answer:
        assert answer.status == 201, await answer.text()


@pytest.fixture
def limited(sim: SimServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment of Rui, who may look into two namespaces of prod-eu, and knows one of them by his kubeconfig."""
    config = sim.kubeconfig("prod-eu", "reader").read_text()
    path = tmp_path / "kubeconfig"
    assert "    user:" in config
    path.write_text(config.replace("    user:", "    namespace: payments\n    user:", 1))
    environment = {"HOME": str(tmp_path), "KUBECONFIG": str(path), "PATH": ""}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return environment


async def command(environ: dict[str, str], *arguments: str) -> tuple[int | None, str, str]:
    """Run while the simulator, which lives in this process, goes on answering."""
    pipe = asyncio.subprocess.PIPE
    ran = await asyncio.create_subprocess_exec(*COMMAND, *arguments, env=environ, stdout=pipe, stderr=pipe)
    out, err = await ran.communicate()
    return ran.returncode, out.decode(), err.decode()


async def test_who_may_see_two_namespaces_sees_these_and_is_told_what_not(
    sim: SimServer, limited: dict[str, str]
) -> None:
    code, out, err = await command(limited, "get", "pods", "-A")
    assert (code, out) == (1, "")
    assert 'cannot list resource "pods" in API group "" at the cluster scope' in err

    await grant(sim, "prod-eu", "payments", "rui@example.com")
    code, out, err = await command(limited, "get", "pods", "-A")
    assert code == 3, err
    assert {line.split()[0] for line in out.splitlines()} == {"NAMESPACE", "payments"}
    assert "other namespaces are not known" in err

    await grant(sim, "prod-eu", "web", "rui@example.com")
    before = len(list(sim.requests))
    hub = build_hub(load_settings(limited), limited, SystemClock())
    await hub.start()
    try:
        ref = next(iter((await until(hub.clusters, lambda feed: bool(feed.value))).value or ()))
        web = hub.resources(ResourceQuery("pods", (ref,), "web"))
        await until(web, lambda feed: feed.state(NOW()) is FeedState.LIVE and bool(_rows(feed)))
        whole = hub.resources(ResourceQuery("pods", (ref,)))
        seen = await until(whole, lambda feed: _namespaces(feed) == {"payments", "web"})
        assert seen.value is not None
        assert seen.value.parts[0].feed.state(NOW()) is FeedState.PARTIAL
        sent = [entry for entry in list(sim.requests)[before:] if entry.method != "GET"]
        assert all("/selfsubjectrulesreviews" in entry.path for entry in sent)
    finally:
        await hub.stop()
    code, out, err = await command(limited, "get", "pods", "-A")  # the hub has remembered
    assert (code, {line.split()[0] for line in out.splitlines()}) == (3, {"NAMESPACE", "payments", "web"}), err


def _rows(feed: Feed[ResourceView]) -> int:
    return sum(len(part.feed.value.rows) for part in (feed.value.parts if feed.value else ()) if part.feed.value)


def _namespaces(feed: Feed[ResourceView]) -> set[str]:
    parts = feed.value.parts if feed.value is not None else ()
    return {row.namespace for part in parts if part.feed.value for row in part.feed.value.rows.values()}


@pytest.fixture
async def twelve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[SimServer, Watched]]:
    """A hub over fourteen clusters, of which two are broken by the scenario itself."""
    async with SimServer.start(scale=(14, 60)) as sim:
        environment = {"HOME": str(tmp_path), **sim.environment()}
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        hub = build_hub(load_settings(environment), environment, SystemClock())
        await hub.start()
        watched = Watched(hub)
        yield sim, watched
        for task in watched.followers:
            task.cancel()
        await asyncio.gather(*watched.followers, return_exceptions=True)
        await hub.stop()


async def test_of_twelve_clusters_one_hangs_one_refuses_one_forbids_and_nine_are_live(
    twelve: tuple[SimServer, Watched],
) -> None:
    sim, watched = twelve
    found = await until(watched.hub.clusters, lambda feed: len(feed.value or ()) >= 14)
    clusters = tuple(ref for ref in found.value or () if ref.via is Via.GATEWAY and ref.name not in BROKEN)
    assert len(clusters) == 12
    hangs, refuses, forbids = (ref.name for ref in clusters[:3])
    sim.faults.add("hang", {"membership": hangs})
    sim.faults.add("unreachable", {"membership": refuses})
    no = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Forbidden", "code": 403}
    said = 'pods is forbidden: User "ana" cannot list resource "pods" in API group "" at the cluster scope'
    for path in ("*/api/v1/pods", "*/namespaces/kube-system/pods"):  # the whole cluster, and one namespace
        sim.faults.add("answer", {"membership": forbids, "path": path}, status=403, body={**no, "message": said})
    pods = watched.hub.resources(ResourceQuery("pods", clusters))
    watched.hold(pods)
    begun = SystemClock().monotonic()

    def states(feed: Feed[ResourceView]) -> dict[str, FeedState]:
        parts = feed.value.parts if feed.value is not None else ()
        return {part.cluster.name: part.feed.state(NOW()) for part in parts}

    nine = {ref.name: FeedState.LIVE for ref in clusters[3:]}
    feed = await until(pods, lambda feed: nine.items() <= states(feed).items(), 15.0)
    print(f"nine live after {SystemClock().monotonic() - begun:.2f} s", file=sys.stderr)
    assert states(feed)[hangs] is FeedState.LOADING

    feed = await until(
        pods,
        lambda feed: (
            states(feed).get(hangs) is FeedState.FAILED
            and states(feed)[refuses] is FeedState.FAILED
            and states(feed)[forbids] is FeedState.PARTIAL
        ),
        40.0,
    )
    assert nine.items() <= states(feed).items()
    assert feed.value is not None
    troubles = {part.cluster.name: part.feed.problem.kind for part in feed.value.parts if part.feed.problem}
    assert troubles == {hangs: ProblemKind.TIMEOUT, refuses: ProblemKind.UNREACHABLE}
    in_part = next(part.feed for part in feed.value.parts if part.cluster.name == forbids)
    assert in_part.value is not None
    assert in_part.value.rows
    assert [gap.who for gap in in_part.gaps] == ["kube-system"]
    assert len(in_part.value.namespaces) > 1
