"""What the real kubectl says when it is refused, and the road to a cluster without a gateway.

The simulator runs in this process, so that anybody can be anyone.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.sim.kubectl import ask, member, through_the_gateway

if TYPE_CHECKING:
    from tui.sim.server import SimServer

pytestmark = pytest.mark.real_client


@pytest.mark.parametrize("certificate", [False, True])
async def test_a_plain_cluster_by_token_and_by_certificate(sim: SimServer, kubectl: str, certificate: bool) -> None:
    cluster = sim.scenario.clusters[0].name
    admin = sim.kubeconfig(cluster, "admin", certificate=certificate)
    code, out, err = await ask(kubectl, admin, "get", "pods", "-A")
    assert (code, "kube-system" in out) == (0, True), err
    _, out, _ = await ask(kubectl, admin, "auth", "whoami", "-o", "json")
    assert json.loads(out)["status"]["userInfo"]["username"] == sim.people.resolve("admin")


async def test_a_viewer_may_look_and_not_touch(sim: SimServer, kubectl: str) -> None:
    viewer = sim.kubeconfig(sim.scenario.clusters[0].name, "viewer")
    assert (await ask(kubectl, viewer, "get", "pods", "-A"))[0] == 0
    email = sim.people.resolve("viewer")
    code, _, err = await ask(kubectl, viewer, "delete", "namespace", "kube-public")
    assert code == 1
    assert f'Error from server (Forbidden): namespaces "kube-public" is forbidden: User "{email}" cannot delete' in err


async def test_google_rights_alone_are_no_rights_in_a_cluster(sim: SimServer, kubectl: str) -> None:
    email = sim.people.resolve("reader")
    code, _, err = await ask(kubectl, through_the_gateway(sim, "reader", member("gke", "none")), "get", "pods")
    assert code == 1
    assert f'pods is forbidden: User "{email}" cannot list resource "pods" in API group "" in the namespace' in err
    pods = "/api/v1/namespaces/default/pods"  # raw, since a refused discovery would hide the cluster's words
    code, _, err = await ask(
        kubectl, through_the_gateway(sim, "reader", member("baremetal", "healthy")), "get", "--raw", pods
    )
    assert code == 1
    agent = "system:serviceaccount:gke-connect:connect-agent-sa"
    assert f'User "{agent}" cannot impersonate resource "users" in API group "" at the cluster scope' in err


async def test_without_google_rights_kubectl_hides_why(sim: SimServer, kubectl: str) -> None:
    """The trap the doctor is for: nothing of Google's own words reaches the user."""
    code, _, err = await ask(kubectl, through_the_gateway(sim, "nobody", member("gke", "none")), "get", "ns")
    assert (code, "gkehub.gateway.get" in err) == (1, False)
    code, _, err = await ask(kubectl, through_the_gateway(sim, "nobody", member("gke", "none")), "get", "ns", "-v=8")
    assert "gkehub.gateway.get" in err


async def test_a_token_nobody_knows(sim: SimServer, kubectl: str) -> None:
    path = sim.kubeconfig(sim.scenario.clusters[0].name, "admin")
    path.write_text(path.read_text().replace(sim.tokens["admin"], "stale"))
    code, _, err = await ask(kubectl, path, "get", "pods")
    assert code == 1
    assert "error: You must be logged in to the server" in err
