"""`clusterview describe` beside `kubectl describe` of the same objects: nothing that matters is missing."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.present.sidebyside import missing
from tests.sim.kubectl import ask, member, through_the_gateway
from tui.sim.server import SimServer

pytestmark = pytest.mark.real_client

MANIFEST = Path(__file__).with_name("described.yaml")
THINGS = (
    "deployment/web", "statefulset/store", "daemonset/agent", "job/once", "cronjob/nightly", "service/web",
    "ingress/ing", "networkpolicy/np", "poddisruptionbudget/pdb", "horizontalpodautoscaler/hpa", "configmap/cfg",
    "secret/db", "serviceaccount/app", "persistentvolumeclaim/data", "role/reader", "rolebinding/readers",
    "resourcequota/rq", "limitrange/lr", "replicasets", "pods", "endpointslices",
)  # fmt: skip
"""In the namespace `described`; of a plural, the first."""
OF_THE_CLUSTER = ("namespace/described", "nodes", "clusterrole/view", "clusterrolebinding/cluster-admin")
TRIES = 12
"""The world goes on between the two texts; some pair of them is of the same moment."""


@dataclass
class Both:
    """kubectl and clusterview on the same cluster."""

    kubectl: str
    kubeconfig: Path

    async def kube(self, *arguments: str) -> str:
        code, out, err = await ask(self.kubectl, self.kubeconfig, *arguments)
        assert code == 0, err
        return out

    async def ours(self, *arguments: str) -> tuple[int, str, str]:
        env = {"KUBECONFIG": str(self.kubeconfig), "HOME": str(self.kubeconfig.parent), "PATH": os.defpath, "TZ": "UTC"}
        command = str(Path(sys.executable).with_name("clusterview"))
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(command, *arguments, env=env, stdout=pipe, stderr=pipe)
        out, err = await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode is not None
        return process.returncode, out.decode(), err.decode()

    async def compare(self, thing: str, *where: str) -> list[str]:
        """What kubectl prints of a thing and we do not."""
        if "/" not in thing:
            names = (await self.kube("get", thing, *where, "-o", "name")).split()
            thing = f"{thing}/{names[0].partition('/')[2]}"
        lost: list[str] = []
        for _ in range(TRIES):
            theirs = await self.kube("describe", thing, *where)
            code, text, complaint = await self.ours("describe", thing, *where)
            assert code == 0, complaint
            lost = missing(theirs, text)
            if not lost:
                break
        return [f"{thing}: {value}" for value in lost]


@pytest.fixture
async def both(kubectl: str, sim: SimServer) -> Both:
    pair = Both(kubectl, through_the_gateway(sim, "admin", member("gke", "none")))
    await pair.kube("apply", "-f", str(MANIFEST))
    await pair.kube("rollout", "status", "-n", "described", "statefulset/store", "--timeout=60s")
    return pair


async def test_nothing_that_kubectl_says_is_missing(both: Both) -> None:
    lost: list[str] = []
    for thing in THINGS:
        lost += await both.compare(thing, "-n", "described")
    for thing in OF_THE_CLUSTER:
        lost += await both.compare(thing)
    assert lost == []


async def test_manners_of_the_command(both: Both) -> None:
    code, out, complaint = await both.ours("describe", "secret/db", "-n", "described")
    assert (code, "hunter" in out, "•••• 9 bytes" in out) == (0, False, True), complaint
    code, out, _ = await both.ours("describe", "secret", "db", "-n", "described", "--show-secrets")
    assert (code, "hunter222" in out) == (0, True)
    code, out, complaint = await both.ours("describe", "cm/cfg", "cm/nosuch", "-n", "described")
    assert (code, "file.conf" in out) == (3, True)
    assert 'configmaps "nosuch" not found' in complaint
    code, _, complaint = await both.ours("describe", "pods", "web", "-A")
    assert code == 2
    assert "-A goes with a kind alone" in complaint


@pytest.mark.parametrize(
    "chosen",
    [("pods", "-n", "described"), ("deploy,sts", "-n", "described"), ("pods", "-n", "described", "-l", "app=web")],
    ids=["kind", "kinds", "selector"],
)
async def test_without_a_name_all_are_described_as_kubectl_does(both: Both, chosen: tuple[str, ...]) -> None:
    theirs, text, lost = "", "", ["nothing was asked"]
    for _ in range(TRIES):
        theirs = await both.kube("describe", *chosen)
        code, text, complaint = await both.ours("describe", *chosen)
        assert code == 0, complaint
        lost = missing(theirs, text)
        if not lost:
            break
    assert not lost
    assert theirs.count("\nNamespace:") == text.count("\n\n\n") + 1
