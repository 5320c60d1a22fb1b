"""The real kubectl against the simulated clouds, above all with the kubeconfig that gcloud wrote, as it wrote it.

Simulated time runs fast here, so that what takes a cluster a minute takes a test two seconds.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.sim.kubectl import Kubectl, member, table

if TYPE_CHECKING:
    from tests.conftest import SimProcess

pytestmark = pytest.mark.real_client
SPEED = "10"


@pytest.fixture(scope="module")
def own_sim(tmp_path_factory: pytest.TempPathFactory, simulate: Any) -> Iterator[SimProcess]:
    with simulate(tmp_path_factory.mktemp("kubectl-sim"), "--speed", SPEED) as running:
        yield running


@pytest.fixture(scope="module")
def gateway(own_sim: SimProcess, kubectl: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Kubectl]:
    """kubectl by membership kind, through the gateway, with the kubeconfig that gcloud wrote, unmodified.

    For the GKE cluster it is the machine's own kubectl, where there is one beside the wheel's.
    """
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
        binary = (shutil.which("kubectl") or kubectl) if kind == "gke" else kubectl
        clients[kind] = Kubectl(binary, own_sim, home, kubeconfig, context)
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


def test_who_am_i_and_what_may_i(k: Kubectl, own_sim: SimProcess) -> None:
    """The agent's impersonation leaves the user and no group but what everybody has."""
    who = k.json("auth", "whoami")["status"]["userInfo"]
    assert who == {"username": own_sim.env["CLOUDSDK_CORE_ACCOUNT"], "groups": ["system:authenticated"]}
    assert table(k.ok("auth", "whoami"))[0] == {"ATTRIBUTE": "Username", "VALUE": who["username"]}
    assert k.ok("auth", "can-i", "delete", "nodes") == "yes\n"
    rules = k.ok("auth", "can-i", "--list")
    assert rules.split("\n")[0].split()[:1] == ["Resources"]
    assert any(line.startswith("*.*") and line.endswith("[*]") for line in rules.splitlines())


@pytest.mark.parametrize("kind", ["gke", "onprem"])
def test_raw_on_the_servers_own_url(gateway: dict[str, Kubectl], kind: str) -> None:
    """Older kubectls take the path as it is given, newer ones append it to the server's URL; nothing answers twice."""
    k = gateway[kind]
    answers = [k("get", "--raw", f"{prefix}/api/v1/namespaces/kube-system") for prefix in ("", k.server_path)]
    assert sorted(answer.returncode for answer in answers) == [0, 1]
    said = {answer.returncode: answer for answer in answers}
    assert json.loads(said[0].stdout)["metadata"]["name"] == "kube-system"
    assert said[1].stderr == "Error from server (NotFound): the server could not find the requested resource\n"


def test_a_pod_is_deleted_and_replaced(k: Kubectl, namespace: str) -> None:
    n = ("-n", namespace)
    k.ok("create", "deployment", "web", "--image=registry.example.com/web:1", *n)
    k.ok("rollout", "status", "deploy/web", "--timeout=30s", *n)
    name = k.json("get", "pods", *n)["items"][0]["metadata"]["name"]
    k.ok("delete", "pod", name, *n, "--timeout=30s")
    k.ok("wait", "deploy/web", "--for=condition=Available", "--timeout=30s", *n)
    assert k.json("get", "pods", "-l", "app=web", *n)["items"][0]["metadata"]["name"] != name


def test_a_cluster_without_an_agent_is_no_different(gateway: dict[str, Kubectl]) -> None:
    """A day's work, straight through."""
    k, n = gateway["gke"], ("-n", "walk")
    k.ok("create", "namespace", "walk")
    k.ok("create", "deployment", "web", "--image=registry.example.com/web:1", *n)
    k.ok("rollout", "status", "deploy/web", "--timeout=30s", *n)
    assert k.ok("scale", "deploy/web", "--replicas=2", *n) == "deployment.apps/web scaled\n"
    k.ok("wait", "deploy/web", "--for=jsonpath={.status.readyReplicas}=2", "--timeout=30s", *n)
    assert k.ok("rollout", "restart", "deploy/web", *n) == "deployment.apps/web restarted\n"
    k.ok("rollout", "status", "deploy/web", "--timeout=30s", *n)
    assert k.ok("label", "deploy/web", "tier=front", *n) == "deployment.apps/web labeled\n"
    assert "Scaled up replica set" in k.ok("describe", "deploy/web", *n)
    pod = table(k.ok("get", "pods", "-o", "wide", *n))[0]["NAME"]
    assert "QoS Class:" in k.ok("describe", "pod", pod, *n)
    assert all(k.first_lines(2, "logs", "-f", pod, "--tail=1", *n))
    k.ok("wait", "pod", pod, "--for=condition=Ready", *n)
    assert {row["NAME"] for row in table(k.ok("top", "pods", "-n", "kube-system"))}
    assert k.first_lines(1, "get", "pods", "-w", "--no-headers", *n)[0].startswith("web-")
    assert k.ok("apply", "-f", "-", *n, text=MANIFEST) == "configmap/settings created\n"
    assert k("diff", "-f", "-", *n, text=MANIFEST.replace("red", "blue")).returncode == 1
    assert "serverside-applied" in k.ok("apply", "--server-side", "-f", "-", *n, text=MANIFEST)
    assert yaml.safe_load(k.ok("get", "configmap/settings", "-o", "yaml", *n))["data"]["colour"] == "red"
    assert "deployments" in k.ok("api-resources", "-o", "name")
    assert k.ok("auth", "can-i", "--list").startswith("Resources")
    assert k.json("auth", "whoami")["status"]["userInfo"]["groups"] == ["system:authenticated"]
    no_agents = k("logs", "-l", "app=gke-connect-agent", "-n", "gke-connect", "--tail", "-1")
    assert (no_agents.returncode, no_agents.stderr) == (0, "No resources found in gke-connect namespace.\n")
    assert k.ok("delete", "namespace", "walk", "--timeout=30s").startswith('namespace "walk" deleted')
