"""The real kubectl against the simulated clouds, above all with the kubeconfig that gcloud wrote, as it wrote it.

Simulated time runs fast here, so that what takes a cluster a minute takes a test two seconds.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tui.sim.google.credentials import data_path
from tui.sim.loading import load
from tui.sim.scenario import MembershipSpec

if TYPE_CHECKING:
    from tests.conftest import SimProcess
    from tui.sim.server import SimServer

pytestmark = pytest.mark.real_client
SPEED = "10"
Done = subprocess.CompletedProcess[str]


class Kubectl:
    """kubectl with one kubeconfig. `ok` insists on success and returns what was printed."""

    def __init__(self, binary: str, sim: SimProcess, home: Path, kubeconfig: Path, context: str = "") -> None:
        self._command = [binary, *(["--context", context] if context else [])]
        self._env = sim.environ(home, KUBECONFIG=str(kubeconfig))

    def __call__(self, *arguments: str, text: str | None = None) -> Done:
        command = [*self._command, *arguments]
        return subprocess.run(
            command, env=self._env, input=text, capture_output=True, text=True, timeout=60, check=False
        )

    def ok(self, *arguments: str, text: str | None = None) -> str:
        done = self(*arguments, text=text)
        assert done.returncode == 0, f"kubectl {' '.join(arguments)}: {done.stderr}{done.stdout}"
        return done.stdout

    def json(self, *arguments: str) -> Any:
        return json.loads(self.ok(*arguments, "-o", "json"))

    def first_lines(self, count: int, *arguments: str, during: Callable[[], object] = lambda: None) -> list[str]:
        """The first lines of a command that does not end by itself; `during` happens after the first of them."""
        with subprocess.Popen(
            [*self._command, *arguments], env=self._env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            guard = threading.Timer(30, process.kill)
            guard.start()
            assert process.stdout is not None
            lines: list[str] = []
            for line in process.stdout:
                lines.append(line.rstrip("\n"))
                if len(lines) == 1:
                    during()
                if len(lines) >= count:
                    break
            guard.cancel()
            process.kill()
        assert len(lines) == count, lines
        return lines


def table(text: str) -> list[dict[str, str]]:
    """What kubectl printed in columns, by heading."""
    heading, *lines = text.splitlines()
    names = [(found.start(), found.group()) for found in re.finditer(r"\S+(?: \S+)*", heading)]
    ends = [*(start for start, _ in names[1:]), None]
    return [{name: line[start:end].strip() for (start, name), end in zip(names, ends, strict=True)} for line in lines]


@pytest.fixture(scope="module")
def own_sim(tmp_path_factory: pytest.TempPathFactory, simulate: Any) -> Iterator[SimProcess]:
    with simulate(tmp_path_factory.mktemp("kubectl-sim"), "--speed", SPEED) as running:
        yield running


def member(kind: str, agent: str) -> MembershipSpec:
    """A membership of the scenario of that kind, whose agent is in that state."""
    scenario = load("healthy")
    agents = {cluster.name: cluster.agent for cluster in scenario.clusters}
    return next(
        one for one in scenario.memberships if (one.kind, agents[one.cluster], one.connected) == (kind, agent, True)
    )


@pytest.fixture(scope="module")
def gateway(own_sim: SimProcess, kubectl: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Kubectl]:
    """kubectl by membership kind, through the gateway, with the kubeconfig that gcloud wrote, unmodified."""
    gcloud = shutil.which("gcloud")
    if gcloud is None or shutil.which("gke-gcloud-auth-plugin") is None:
        pytest.skip("gcloud or its plugin gke-gcloud-auth-plugin is not installed")
    home = tmp_path_factory.mktemp("home")
    kubeconfig = home / "kubeconfig"
    clients: dict[str, Kubectl] = {}
    for kind, spec in {"gke": member("gke", "none"), "onprem": member("baremetal", "healthy")}.items():
        where = [f"--location={spec.location}", f"--project={spec.project}"]
        command = [gcloud, "container", "fleet", "memberships", "get-credentials", spec.id, *where]
        env = own_sim.environ(home, KUBECONFIG=str(kubeconfig))
        subprocess.run(command, env=env, check=True, capture_output=True, timeout=60)
        context = f"connectgateway_{spec.project}_{spec.location}_{spec.id}"
        clients[kind] = Kubectl(kubectl, own_sim, home, kubeconfig, context)
    return clients


@pytest.fixture
def k(gateway: dict[str, Kubectl]) -> Kubectl:
    """On the cluster whose agent impersonates: the longer road."""
    return gateway["onprem"]


@pytest.fixture
def namespace(k: Kubectl, request: pytest.FixtureRequest) -> Iterator[str]:
    name = request.node.name.replace("_", "-")[:60].rstrip("-")
    k.ok("create", "namespace", name)
    yield name
    k.ok("delete", "namespace", name, "--wait=false")


@pytest.mark.parametrize("kind", ["gke", "onprem"])
def test_namespaces_and_pods_of_all_namespaces(gateway: dict[str, Kubectl], kind: str) -> None:
    printed = gateway[kind].ok("get", "ns,pods", "-A")
    assert "namespace/kube-system" in printed
    pods = table(printed.split("\n\n")[1])
    assert list(pods[0]) == ["NAMESPACE", "NAME", "READY", "STATUS", "RESTARTS", "AGE"]
    assert any(pod["STATUS"] == "Running" for pod in pods)
    assert any(pod["NAMESPACE"] == "gke-connect" for pod in pods) is (kind == "onprem")


def test_wide_shows_where_pods_run(k: Kubectl) -> None:
    nodes = {node["NAME"] for node in table(k.ok("get", "nodes"))}
    pods = table(k.ok("get", "pods", "-n", "gke-connect", "-o", "wide"))
    assert {pod["NODE"] for pod in pods} <= nodes
    assert all(pod["IP"].count(".") == 3 for pod in pods)


def test_yaml_is_the_whole_object_and_can_be_applied_again(k: Kubectl) -> None:
    printed = k.ok("get", "deployments", "-n", "gke-connect", "-o", "yaml")
    found = yaml.safe_load(printed)
    assert (found["kind"], found["items"][0]["kind"]) == ("List", "Deployment")
    assert found["items"][0]["status"]["observedGeneration"] >= 1
    name = found["items"][0]["metadata"]["name"]
    again = k.ok("apply", "-f", "-", "--dry-run=server", text=yaml.safe_dump(found["items"][0]))
    assert again == f"deployment.apps/{name} configured (server dry run)\n"


def test_a_watch_prints_what_happens(k: Kubectl, namespace: str) -> None:
    k.ok("create", "configmap", "before", "-n", namespace)
    lines = k.first_lines(
        3,
        *("get", "configmaps", "-n", namespace, "-w", "--no-headers"),
        during=lambda: k.ok("create", "configmap", "zz-after", "-n", namespace, "--from-literal=a=b"),
    )
    assert [line.split()[0] for line in lines] == ["before", "kube-root-ca.crt", "zz-after"]


def test_describe_tells_the_story_of_a_pod(k: Kubectl, namespace: str) -> None:
    k.ok("create", "deployment", "web", "--image=registry.example.com/web:1", "-n", namespace)
    k.ok("rollout", "status", "deployment/web", "-n", namespace, "--timeout=30s")
    told = k.ok("describe", "pod", "-n", namespace, "-l", "app=web")
    for part in ("Name:", "Node:", "Controlled By:", "Containers:", "Ready ", "QoS Class:", "Events:", "Scheduled"):
        assert part in told, part
    assert "Successfully assigned" in told
    assert "Started container" in told or "Container started" in told


def test_logs_follow_as_lines_come(k: Kubectl) -> None:
    pod = table(k.ok("get", "pods", "-n", "gke-connect"))[0]["NAME"]
    assert all(k.first_lines(3, "logs", "-f", "-n", "gke-connect", pod, "--tail=1"))


def test_logs_of_all_connect_agents_as_google_advises(k: Kubectl) -> None:
    printed = k.ok("logs", "-l", "app=gke-connect-agent", "-n", "gke-connect", "--tail", "-1")
    assert len(printed.splitlines()) > 3
    stamped = k.ok("logs", "-l", "app=gke-connect-agent", "-n", "gke-connect", "--tail", "2", "--timestamps")
    assert all(line.split()[0].endswith("Z") for line in stamped.splitlines())


def test_top(k: Kubectl) -> None:
    pods = table(k.ok("top", "pods", "-n", "gke-connect"))
    assert all(pod["CPU(cores)"].endswith("m") and pod["MEMORY(bytes)"].endswith("Mi") for pod in pods)
    assert len(table(k.ok("top", "nodes"))) == len(table(k.ok("get", "nodes")))


def test_api_resources_are_a_clusters(k: Kubectl) -> None:
    rows = {(row["NAME"], row["APIVERSION"]): row for row in table(k.ok("api-resources"))}
    assert rows["deployments", "apps/v1"] == {
        "NAME": "deployments",
        "SHORTNAMES": "deploy",
        "APIVERSION": "apps/v1",
        "NAMESPACED": "true",
        "KIND": "Deployment",
    }
    assert rows["pods", "v1"]["SHORTNAMES"] == "po"
    assert rows["pods", "metrics.k8s.io/v1beta1"]["KIND"] == "PodMetrics"
    assert len(rows) > 50


def test_the_life_of_a_deployment(k: Kubectl, namespace: str) -> None:
    n = ("-n", namespace)
    assert k.ok("create", "deployment", "web", "--image=registry.example.com/web:1", "--replicas=2", *n) == (
        "deployment.apps/web created\n"
    )
    assert 'deployment "web" successfully rolled out' in k.ok("rollout", "status", "deploy/web", "--timeout=30s", *n)
    assert table(k.ok("get", "deploy", *n))[0]["READY"] == "2/2"
    assert k.ok("scale", "deploy/web", "--replicas=3", *n) == "deployment.apps/web scaled\n"
    k.ok("wait", "deploy/web", "--for=jsonpath={.status.readyReplicas}=3", "--timeout=30s", *n)
    before = {pod["metadata"]["name"] for pod in k.json("get", "pods", *n)["items"]}
    assert k.ok("rollout", "restart", "deploy/web", *n) == "deployment.apps/web restarted\n"
    k.ok("rollout", "status", "deploy/web", "--timeout=30s", *n)
    k.ok("wait", "--for=delete", *(f"pod/{name}" for name in before), "--timeout=30s", *n)
    after = {pod["metadata"]["name"] for pod in k.json("get", "pods", *n)["items"]}
    assert (len(before), len(after), before & after) == (3, 3, set())
    assert len(k.ok("rollout", "history", "deploy/web", *n).splitlines()) == 5
    assert k.ok("rollout", "undo", "deploy/web", *n) == "deployment.apps/web rolled back\n"
    assert k.ok("label", "deploy/web", "tier=front", *n) == "deployment.apps/web labeled\n"
    assert table(k.ok("get", "deploy", "-l", "tier=front", *n))[0]["NAME"] == "web"
    assert k.ok("delete", "deploy/web", *n).startswith('deployment.apps "web" deleted')
    k.ok("wait", "--for=delete", "pod", "-l", "app=web", "--timeout=30s", *n)
    assert k("get", "deploy/web", *n).stderr == ('Error from server (NotFound): deployments.apps "web" not found\n')


MANIFEST = """
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, labels: {app: web}}
data: {colour: red, size: "1"}
"""


def test_client_side_apply_and_diff(k: Kubectl, namespace: str) -> None:
    n = ("-n", namespace)
    assert k.ok("apply", "-f", "-", *n, text=MANIFEST) == "configmap/settings created\n"
    assert k.ok("apply", "-f", "-", *n, text=MANIFEST) == "configmap/settings unchanged\n"
    assert k.ok("diff", "-f", "-", *n, text=MANIFEST) == ""
    changed = MANIFEST.replace("red", "blue").replace(', size: "1"', "")
    diff = k("diff", "-f", "-", *n, text=changed)
    assert diff.returncode == 1
    assert "-  colour: red" in diff.stdout
    assert "+  colour: blue" in diff.stdout
    assert k.ok("apply", "-f", "-", *n, text=changed) == "configmap/settings configured\n"
    assert k.json("get", "configmap/settings", *n)["data"] == {"colour": "blue"}


def test_server_side_apply_and_its_conflicts(k: Kubectl, namespace: str) -> None:
    n = ("-n", namespace)
    assert k.ok("apply", "--server-side", "-f", "-", *n, text=MANIFEST) == "configmap/settings serverside-applied\n"
    other = MANIFEST.replace("red", "blue")
    refused = k("apply", "--server-side", "--field-manager=other", "-f", "-", *n, text=other)
    assert refused.returncode == 1
    assert 'conflict with "kubectl": .data.colour' in refused.stderr
    forced = ("--field-manager=other", "--force-conflicts")
    k.ok("apply", "--server-side", *forced, "-f", "-", *n, text=other)
    fields = k.json("get", "configmap/settings", "--show-managed-fields", *n)["metadata"]["managedFields"]
    assert {one["manager"]: one["operation"] for one in fields} == {"kubectl": "Apply", "other": "Apply"}


def test_who_am_i_and_what_may_i(k: Kubectl) -> None:
    assert "cluster-admin" not in k.ok("auth", "whoami")
    assert k.ok("auth", "can-i", "delete", "nodes") == "yes\n"
    rules = k.ok("auth", "can-i", "--list")
    assert rules.split("\n")[0].split()[:1] == ["Resources"]
    assert any(line.startswith("*.*") and line.endswith("[*]") for line in rules.splitlines())


def test_raw_on_the_servers_own_url(k: Kubectl) -> None:
    assert json.loads(k.ok("get", "--raw", "/api/v1/namespaces/kube-system"))["kind"] == "Namespace"
    assert k.ok("get", "--raw", "/readyz") == "ok"


def test_a_pod_is_deleted_and_replaced(k: Kubectl, namespace: str) -> None:
    n = ("-n", namespace)
    k.ok("create", "deployment", "web", "--image=registry.example.com/web:1", *n)
    k.ok("rollout", "status", "deploy/web", "--timeout=30s", *n)
    name = k.json("get", "pods", *n)["items"][0]["metadata"]["name"]
    k.ok("delete", "pod", name, *n, "--timeout=30s")
    k.ok("wait", "deploy/web", "--for=condition=Available", "--timeout=30s", *n)
    assert k.json("get", "pods", "-l", "app=web", *n)["items"][0]["metadata"]["name"] != name


# Refusals, and the road without a gateway: the simulator in this process, so that anybody can be anyone.


async def ask(kubectl: str, kubeconfig: Path, *arguments: str) -> tuple[int, str, str]:
    env = {"KUBECONFIG": str(kubeconfig), "HOME": str(kubeconfig.parent), "PATH": os.defpath}
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(kubectl, *arguments, env=env, stdout=pipe, stderr=pipe)
    out, err = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


def through_the_gateway(sim: SimServer, person: str, spec: MembershipSpec) -> Path:
    """A kubeconfig for a membership, with the person's token instead of a plugin."""
    project = sim.google.projects[spec.project]
    config = yaml.safe_load(sim.kubeconfig(spec.cluster, person).read_text())
    config["clusters"][0]["cluster"]["server"] = sim.base_url + data_path(project.number, spec)
    path = sim.folder / f"{person}-{spec.id}.yaml"
    path.write_text(yaml.safe_dump(config))
    return path


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
