"""exec, attach and cp through the simulated gateway, with the real kubectl; and what faults do to streams."""

from __future__ import annotations

import asyncio
import os
import random
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import pytest

from tests.sim.kube.exec_client import Talk, query
from tests.sim.kubectl import member, through_the_gateway
from tui.sim.google.credentials import data_path
from tui.sim.kube.actors.owners import controller_of
from tui.sim.kube.kinds import builtin
from tui.sim.kube.objects import name_of, namespace_of
from tui.wire.channels import V5

if TYPE_CHECKING:
    from tui.sim.server import SimServer

MEMBERS = [("gke", "none"), ("baremetal", "healthy")]


def a_pod(sim: SimServer, cluster: str) -> tuple[str, str]:
    """Namespace and name of a pod that runs, will not end by itself, and has a shell."""
    for pod in sim.world.clusters[cluster].store.list(builtin("", "pods")):
        status = pod.get("status", {})
        image = pod["spec"]["containers"][0]["image"]
        stays = (controller_of(pod) or {}).get("kind") in ("ReplicaSet", "StatefulSet")
        alone = len(pod["spec"]["containers"]) == 1
        if status.get("phase") == "Running" and stays and alone and "k8s.io" not in image:
            return namespace_of(pod), name_of(pod)
    raise AssertionError(cluster)


class Gate:
    """kubectl, behind the gateway."""

    def __init__(self, program: str, sim: SimServer, kubeconfig: Path) -> None:
        self._program = program
        self._env = {"HOME": str(kubeconfig.parent), "PATH": os.defpath, "KUBECONFIG": str(kubeconfig)}

    async def __call__(self, *arguments: str, stdin: bytes = b"", **env: str) -> tuple[int, bytes, str]:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            self._program, *arguments, stdin=pipe, stdout=pipe, stderr=pipe, env={**self._env, **env}
        )
        out, err = await asyncio.wait_for(process.communicate(stdin), 60)
        return process.returncode or 0, out, err.decode()


@pytest.mark.real_client
@pytest.mark.parametrize(("kind", "agent"), MEMBERS)
async def test_kubectl_through_the_gateway(sim: SimServer, kubectl: str, tmp_path: Path, kind: str, agent: str):
    spec = member(kind, agent)
    namespace, pod = a_pod(sim, spec.cluster)
    run = Gate(kubectl, sim, through_the_gateway(sim, "admin", spec))
    status, out, err = await run("exec", "-n", namespace, pod, "--", "sh", "-c", "hostname; exit 7")
    assert (status, out.decode().strip()) == (7, pod), err
    sent = random.Random(9).randbytes(10 << 20)
    assert await run("exec", "-i", "-n", namespace, pod, "--", "cat", stdin=sent) == (0, sent, "")
    (tmp_path / "sent").write_bytes(sent)
    status, _, err = await run("cp", "-n", namespace, str(tmp_path / "sent"), f"{pod}:/tmp/f1")
    assert status == 0, err
    status, _, err = await run("cp", "-n", namespace, f"{pod}:/tmp/f1", str(tmp_path / "back"))
    assert (tmp_path / "back").read_bytes() == sent, err


@pytest.mark.real_client
async def test_kubectl_debug_adds_a_container_that_can_be_entered(sim: SimServer, kubectl: str):
    spec = member("gke", "none")
    gate = Gate(kubectl, sim, through_the_gateway(sim, "admin", spec))
    namespace, pod = a_pod(sim, spec.cluster)
    where = ("-n", namespace)
    status, _, err = await gate("debug", pod, *where, "--image=busybox:1.36", "-c", "looker", "-i", "--attach=false")
    assert status == 0, err
    running = "jsonpath={.status.ephemeralContainerStatuses[0].state.running.startedAt}"
    status, _, err = await gate("wait", f"pod/{pod}", *where, f"--for={running}", "--timeout=30s")
    assert status == 0, err
    status, out, err = await gate("exec", pod, *where, "-c", "looker", "--", "sh", "-c", "echo in $HOSTNAME; exit 7")
    assert (status, out) == (7, f"in {pod}\n".encode()), err
    status, out, err = await gate("logs", pod, *where, "-c", "looker")
    assert (status, out) == (0, b""), err
    gone = ("--subresource=ephemeralcontainers", "--type=merge", "-p", '{"spec":{"ephemeralContainers":null}}')
    status, _, err = await gate("patch", "pod", pod, *where, *gone)
    assert status == 1
    assert 'existing ephemeral containers "looker" may not be removed' in err


@pytest.mark.real_client
async def test_streams_of_a_pod_that_is_deleted_end_with_its_containers(sim: SimServer, kubectl: str):
    spec = member("gke", "none")
    gate = Gate(kubectl, sim, through_the_gateway(sim, "admin", spec))
    namespace, pod = a_pod(sim, spec.cluster)
    where = ("-n", namespace)
    entered = asyncio.create_task(gate("exec", pod, *where, "--", "sh", "-c", "touch /tmp/up; sleep 1000"))
    attached = asyncio.create_task(gate("attach", pod, *where))
    while (await gate("exec", pod, *where, "--", "test", "-e", "/tmp/up"))[0]:
        assert not entered.done(), entered.result()
    assert not attached.done(), attached.result()
    status, _, err = await gate("delete", "pod", pod, *where)
    assert status == 0, err
    status, _, err = await entered
    assert status == 137, err  # SIGKILL, with all of the container
    assert "terminated with exit code 137" in err
    status, _, err = await attached
    assert status == 0, err


@pytest.mark.real_client
async def test_kubectl_with_spdy_does_not_pass(sim: SimServer, kubectl: str):
    spec = member("gke", "none")
    namespace, pod = a_pod(sim, spec.cluster)
    run = Gate(kubectl, sim, through_the_gateway(sim, "admin", spec))
    status, _, err = await run("exec", "-n", namespace, pod, "--", "ls", KUBECTL_REMOTE_COMMAND_WEBSOCKETS="false")
    assert status == 1
    assert "unable to upgrade connection" in err
    assert "Error 400 (Bad Request)" in err


@asynccontextmanager
async def talking(sim: SimServer, asked: str, *, gateway: bool = True) -> AsyncIterator[Talk]:
    spec = member("gke", "none")
    namespace, pod = a_pod(sim, spec.cluster)
    road = data_path(sim.google.projects[spec.project].number, spec) if gateway else f"/clusters/{spec.cluster}"
    url = f"{sim.base_url}{road}/api/v1/namespaces/{namespace}/pods/{pod}/exec?{asked}"
    headers = {"Authorization": f"Bearer {sim.tokens['admin']}"}
    context = ssl.create_default_context(cafile=str(sim.ca_pem))
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(url, protocols=[V5], headers=headers, ssl=context) as socket,
    ):
        yield Talk(socket)


@pytest.mark.parametrize("gateway", [True, False], ids=["gateway", "direct"])
async def test_a_stream_is_cut_after_so_many_bytes(sim: SimServer, gateway: bool):
    sim.faults.add("cut-stream", {"path": "*/exec"}, bytes=100_000, times=1)
    async with talking(sim, query("cat", "/dev/zero"), gateway=gateway) as talk:
        heard = await talk.rest()
    assert sum(1 + len(data) for _, data in heard.frames) <= 100_000
    assert heard.code == 1006
    assert not heard.on(3)
    async with talking(sim, query("echo", "again"), gateway=gateway) as talk:
        assert (await talk.rest()).out == b"again\n"


async def test_a_stream_is_cut_after_some_time(sim: SimServer):
    sim.faults.add("cut-stream", {"path": "*/exec"}, seconds=0.2, times=1)
    async with talking(sim, query("sleep", "1000")) as talk:
        heard = await talk.rest()
    assert (heard.code, heard.on(3)) == (1006, b"")


@pytest.mark.parametrize("options", [{"bytes": 50_000}, {"seconds": 0.2}], ids=["bytes", "seconds"])
async def test_a_stream_ends_in_good_order_too_soon(sim: SimServer, options: dict[str, float]):
    sim.faults.add("end-stream", {"path": "*/exec"}, times=1, **options)
    async with talking(sim, query("sh", "-c", "cat /dev/zero | head -c 200000; sleep 1000")) as talk:
        heard = await talk.rest()
    assert not heard.on(3)
    assert heard.code in (1000, 1006)  # it takes leave, and whether it waits for an answer is another matter


async def test_slow_and_hanging_streams(sim: SimServer):
    sim.faults.add("slow", {"path": "*/exec"}, seconds=0.1, times=1)
    async with talking(sim, query("echo", "late")) as talk:
        assert (await talk.rest()).out == b"late\n"
    hanging = sim.faults.add("hang", {"path": "*/exec"})

    async def held() -> bytes:
        async with talking(sim, query("echo", "later")) as talk:
            return (await talk.rest()).out

    waiting = asyncio.create_task(held())
    done, _ = await asyncio.wait((waiting,), timeout=0.3)
    assert not done
    sim.faults.remove(hanging)
    assert await asyncio.wait_for(waiting, 20) in (b"later\n", b"")


async def test_a_stream_is_slow(sim: SimServer, monkeypatch: pytest.MonkeyPatch):
    waited: list[float] = []

    async def pause(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr("tui.sim.tamper.pause", pause)
    sim.faults.add("slow-stream", {"path": "*/exec"}, rate=1000, times=1)
    async with talking(sim, query("sh", "-c", "head -c 20000 /dev/zero")) as talk:
        heard = await talk.rest()
    assert (len(heard.out), heard.exit_code) == (20000, 0)
    assert sum(waited) == pytest.approx(sum(1 + len(data) for _, data in heard.frames) / 1000)


async def test_a_disconnected_agent_breaks_what_flows(sim: SimServer):
    async with talking(sim, query("sh", "-c", "echo on; sleep 1000")) as talk:
        await talk.until(b"on\n")
        sim.faults.add("disconnect", {"membership": member("gke", "none").id})
        assert (await talk.rest()).code == 1006


async def test_nothing_is_left_when_the_simulator_ends(tmp_path: Path):
    from tui.sim.server import SimServer

    async with SimServer.start() as server:
        async with talking(server, query("touch", "/tmp/x")) as talk:
            assert (await talk.rest()).exit_code == 0
        cluster = server.world.clusters[member("gke", "none").cluster]
        base = cluster.streams.rooms.base
        assert len(list(base.iterdir())) == 1
        async with talking(server, query("sh", "-c", "echo on; sleep 1000")) as talk:
            await talk.until(b"on\n")
    assert not base.exists()
