"""`clusterview logs -f` ends when there is nothing more to come, and says who could not be followed."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.clients.kubernetes_server import status, table
from tests.clients.scripted import HANG, Asked, Reply, ScriptedServer
from tests.conftest import SimProcess
from tests.main_job.test_command_manners import interruptible
from tests.main_job.test_commands import clusterview

PODS = "/api/v1/namespaces/default/pods"
LINES = b"2026-06-01T10:00:00.000000001Z one\n2026-06-01T10:00:01.000000001Z two\n"


def listed(*names: str) -> Callable[[Asked], Reply]:
    def answer(asked: Asked) -> Reply:
        return HANG if asked.query.get("watch") else Reply(200, table(*names))

    return answer


def pod(phase: str) -> dict[str, Any]:
    spec = {"restartPolicy": "Never", "containers": [{"name": "migrate"}]}
    return {"kind": "Pod", "metadata": {"name": "job-1"}, "spec": spec, "status": {"phase": phase}}


def kubeconfig(folder: Path, *servers: str) -> dict[str, str]:
    """An environment with a context for each server, and nothing else of the machine."""
    names = [f"c{number}" for number in range(1, len(servers) + 1)]
    document = {
        "current-context": "c1",
        "clusters": [{"name": n, "cluster": {"server": url}} for n, url in zip(names, servers, strict=True)],
        "contexts": [{"name": n, "context": {"cluster": n}} for n in names],
    }
    (folder / "kubeconfig").write_text(json.dumps(document))
    return {"HOME": str(folder), "PATH": "", "KUBECONFIG": str(folder / "kubeconfig")}


async def ran(environ: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return await asyncio.to_thread(clusterview, environ, *arguments)


@pytest.mark.parametrize(
    ("choice", "name"),
    [(("job-1",), ""), (("-l", "job-name=job"), "c1/job-1/migrate ")],
    ids=["by name", "by label"],
)
async def test_ends_with_the_pod(tmp_path: Path, choice: tuple[str, ...], name: str) -> None:
    async with ScriptedServer() as server:
        server.on(PODS, listed("job-1"))
        server.on(f"{PODS}/job-1/log", Reply(200, chunks=(LINES,)))
        server.on(f"{PODS}/job-1", Reply(200, pod("Succeeded")))
        done = await ran(kubeconfig(tmp_path, server.url), "logs", "-f", *choice)
    assert (done.returncode, done.stdout) == (0, f"{name}one\n{name}two\n")
    assert done.stderr.splitlines() == [
        "c1: the kubeconfig's current context (--all-clusters asks every cluster)",
        "2 lines of 1 container; 2 repeated and dropped, 0 gaps, 0 late",
    ]


async def test_a_stream_that_was_cut_as_the_container_ended_is_read_to_its_end(tmp_path: Path) -> None:
    last = b"2026-06-01T10:00:02.000000001Z three\n"
    async with ScriptedServer() as server:
        server.on(PODS, listed("job-1"))
        first, whole = Reply(200, chunks=(LINES,)), Reply(200, chunks=(LINES, last))
        server.on(f"{PODS}/job-1/log", first, whole)
        server.on(f"{PODS}/job-1", Reply(200, pod("Succeeded")))
        done = await ran(kubeconfig(tmp_path, server.url), "logs", "-f", "job-1")
    assert (done.returncode, done.stdout) == (0, "one\ntwo\nthree\n")


async def test_a_pod_that_is_nowhere_is_an_error_and_no_wait(tmp_path: Path) -> None:
    async with ScriptedServer() as server:
        server.on(PODS, listed())
        done = await ran(kubeconfig(tmp_path, server.url), "logs", "-f", "nosuch")
    assert (done.returncode, done.stdout) == (1, "")
    assert 'pods "nosuch" not found' in done.stderr
    assert "following" not in done.stderr


async def test_a_cluster_that_does_not_answer_is_named_and_makes_it_partial(tmp_path: Path) -> None:
    async with ScriptedServer() as one, ScriptedServer() as two:
        one.on(PODS, listed("job-1"))
        one.on(f"{PODS}/job-1/log", Reply(200, chunks=(LINES,)))
        one.on(f"{PODS}/job-1", Reply(200, pod("Failed")))
        for path in (PODS, f"{PODS}/job-1"):
            two.on(path, Reply(403, status(403, "Forbidden", "pods is forbidden")))
        environ = kubeconfig(tmp_path, one.url, two.url)
        done = await ran(environ, "logs", "-f", "job-1", "--cluster", "c*")
    assert (done.returncode, done.stdout) == (3, "c1/job-1/migrate one\nc1/job-1/migrate two\n")
    assert done.stderr.count("c2: ") == 1
    assert "pods is forbidden" in done.stderr


def test_agents_that_cannot_be_reached_are_said(sim_process: SimProcess, tmp_path: Path) -> None:
    environ = sim_process.environ(tmp_path)
    with interruptible("logs", "-f", "--agents", "--cluster", "plant-3", "--cluster", "plant-9", environ=environ) as it:
        assert it.stderr is not None
        assert it.stdout is not None
        assert "plant-3: " in it.stderr.readline()
        assert "plant-9/gke-connect-agent" in it.stdout.readline()


@pytest.mark.parametrize("follow", [(), ("-f",)], ids=["copied", "followed"])
async def test_the_agents_namespace_is_found_by_its_label(tmp_path: Path, follow: tuple[str, ...]) -> None:
    async with ScriptedServer() as server:
        server.on("/api/v1/namespaces", Reply(200, table("fleet-agent")))
        agents = "/api/v1/namespaces/fleet-agent/pods"
        held = table("gke-connect-agent-1")
        held["rows"][0]["object"]["metadata"]["namespace"] = "fleet-agent"
        server.on(agents, lambda asked: HANG if asked.query.get("watch") else Reply(200, held))
        server.on(f"{agents}/gke-connect-agent-1", Reply(200, pod("Running")))
        server.on(f"{agents}/gke-connect-agent-1/log", Reply(200, chunks=(LINES,), end="hang" if follow else "clean"))
        with interruptible("logs", "--agents", *follow, environ=kubeconfig(tmp_path, server.url)) as it:
            assert it.stdout is not None
            assert await asyncio.to_thread(it.stdout.readline)
        labels = {asked.query.get("labelSelector") for asked in server.asked if asked.path == agents}
    assert labels == {"app=gke-connect-agent"}


@pytest.mark.parametrize(
    ("cluster", "whose"),
    [("prod-eu", set[str]()), ("aks-shop-weu", {"extension-agent", "extension-operator"})],
    ids=["none", "those-that-install-extensions"],
)
def test_agents_are_those_that_the_screen_shows(
    sim_process: SimProcess, tmp_path: Path, cluster: str, whose: set[str]
) -> None:
    done = clusterview(sim_process.environ(tmp_path), "logs", "--agents", "--cluster", cluster)
    assert done.returncode == 0
    assert "no such pod" not in done.stderr
    pods = {line.split("/")[1] for line in done.stdout.splitlines()}
    assert {"-".join(pod.split("-")[:2]) for pod in pods} == whose
