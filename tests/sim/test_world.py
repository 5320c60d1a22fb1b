"""Worlds: clusters that have lived before they are seen, and go on by the clock."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
from dataclasses import replace
from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from tui.sim import agents
from tui.sim.agents import agent_behaviour
from tui.sim.kube.actors.addresses import PodAddresses
from tui.sim.kube.actors.behaviours import Behaviour
from tui.sim.kube.actors.catalogue import DEPLOYMENTS, EVENTS, JOBS, NODES, PODS, SECRETS, SERVICE_ACCOUNTS
from tui.sim.kube.cluster import KubeCluster
from tui.sim.kube.kinds import Kind
from tui.sim.kube.objects import parse_timestamp
from tui.sim.kube.rbac import KINDS
from tui.sim.kube.status import Obj
from tui.sim.loading import load
from tui.sim.scenario import (
    AksSpec,
    ClusterSpec,
    LinkerSpec,
    MembershipSpec,
    PersonSpec,
    ProjectSpec,
    Scenario,
    WorkloadSpec,
)
from tui.sim.world import World

START = 1_790_000_000.0
DAY = 86400.0


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now


def scenario(*clusters: ClusterSpec, **more: Any) -> Scenario:
    return Scenario(
        name="test",
        title="",
        people=(PersonSpec("admin", "ana@example.com", kube="cluster-admin"), PersonSpec("reader", "rui@example.com")),
        projects=(ProjectSpec("acme", "1234"),),
        clusters=clusters,
        **{"memberships": (), **more},
    )


def workload(name: str, **spec: Any) -> WorkloadSpec:
    return WorkloadSpec(**{"kind": "Deployment", "namespace": "shop", "name": name, **spec})


def world(*clusters: ClusterSpec, clock: Clock | None = None, speed: float = 1.0, **more: Any) -> World:
    return World(scenario(*clusters, **more), now=clock or Clock(), speed=speed)


def member(id: str, cluster: str, kind: str = "vmware", **more: Any) -> MembershipSpec:
    return MembershipSpec(id, "acme", "europe-west3", kind, cluster, **more)


def age(obj: Obj, now: float = START) -> float:
    created = parse_timestamp(obj["metadata"]["creationTimestamp"])
    assert created is not None
    return now - created


def named(cluster: KubeCluster, kind: Kind, name: str, namespace: str = "") -> Obj:
    found = cluster.store.get(kind, namespace, name)
    assert found is not None, f"no {kind.plural} {namespace}/{name}"
    return found


def ready(pod: Obj) -> bool:
    return any(one["type"] == "Ready" and one["status"] == "True" for one in pod["status"]["conditions"])


def test_a_cluster_is_as_old_as_it_says_and_what_runs_in_it_is_younger() -> None:
    cluster = world(ClusterSpec("one", workloads=(workload("web", replicas=3),), age=50 * DAY)).clusters["one"]
    assert age(cluster.store.list(NODES)[0]) == 50 * DAY
    pods = cluster.store.list(PODS, "shop")
    assert len(pods) == 3
    assert all(ready(pod) for pod in pods)
    assert all(2 * DAY < age(pod) < 46 * DAY for pod in pods)


def test_a_workload_of_a_given_age_has_that_age_and_the_revisions_it_had() -> None:
    spec = workload("web", image="app:3", history=("app:1", "app:2"), age=30 * DAY)
    cluster = world(ClusterSpec("one", workloads=(spec,))).clusters["one"]
    deployment = named(cluster, DEPLOYMENTS, "web", "shop")
    assert age(deployment) == 30 * DAY
    assert deployment["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "3"
    pod = cluster.store.list(PODS, "shop")[0]
    assert abs(age(pod) - 10 * DAY) < 120
    assert pod["spec"]["containers"][0]["image"] == "app:3"


def test_only_events_of_the_last_hour_are_left_and_there_are_some_where_something_happens() -> None:
    specs = (workload("bad", behaviour="crash", crash_after=20.0), workload("web"))
    cluster = world(ClusterSpec("one", workloads=specs)).clusters["one"]
    events = cluster.store.list(EVENTS)
    assert any(event["reason"] == "BackOff" for event in events)
    for event in events:
        last = parse_timestamp(event.get("lastTimestamp") or event["eventTime"])
        assert last is not None
        assert START - 3600 <= last <= START


def test_one_of_each_thing_is_broken_in_the_healthy_scenario_and_the_rest_is_well() -> None:
    healthy = World(load("healthy"), now=Clock())
    broken: dict[str, set[str]] = {}
    for name, cluster in healthy.clusters.items():
        for pod in cluster.store.list(PODS):
            if pod["status"]["phase"] == "Succeeded" or ready(pod):
                continue
            statuses = pod["status"].get("containerStatuses", [{"state": {"waiting": {"reason": "Unschedulable"}}}])
            waiting = statuses[0]["state"].get("waiting", {})
            broken.setdefault(name, set()).add(waiting.get("reason", "not ready"))
    assert broken.keys() == {"prod-us", "staging", "batch-ap", "plant-7", "plant-3", "aks-shop-neu"}
    assert broken["staging"] == broken["aks-shop-neu"] == {"ImagePullBackOff"}
    assert broken["batch-ap"] == {"Unschedulable"}
    assert broken["plant-7"] == {"not ready"}
    reached = {one.id: healthy.connected(one.id) for one in healthy.scenario.memberships}
    assert [id for id, connected in reached.items() if not connected] == ["plant-3", "depot-14"]


def test_the_same_seed_makes_the_same_world_and_another_another() -> None:
    def content(seed: int) -> dict[str, object]:
        made = World(load("healthy"), now=Clock(), seed=seed)
        return {name: cluster.store.list(PODS) for name, cluster in made.clusters.items()}

    assert content(1) == content(1)
    assert content(1) != content(2)


def test_time_runs_as_fast_as_asked_from_the_start_on() -> None:
    clock = Clock()
    made = world(ClusterSpec("one"), clock=clock, speed=60.0)
    assert made.now() == START
    clock.now += 2
    assert made.now() == START + 120
    assert made.clusters["one"].now() == START + 120


def test_a_tick_does_what_is_due() -> None:
    clock = Clock()
    made = world(ClusterSpec("one"), clock=clock)
    cluster = made.clusters["one"]
    cluster.apply_manifest(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "new", "namespace": "default"},
            "spec": {"containers": [{"name": "app", "image": "app:1"}]},
        }
    )
    clock.now += 30
    made.tick()
    assert ready(named(cluster, PODS, "new", "default"))


# agents


def fleet(agent: str, **more: Any) -> tuple[World, Clock]:
    clock = Clock()
    made = world(ClusterSpec("plant", agent=agent), clock=clock, memberships=(member("plant", "plant", **more),))
    return made, clock


def agent_pods(made: World) -> list[Obj]:
    return made.clusters["plant"].store.list(PODS, "gke-connect")


@pytest.mark.parametrize(("agent", "well"), [("healthy", 2), ("degraded", 1), ("down", 0)])
def test_an_agent_is_as_well_as_the_scenario_says(agent: str, well: int) -> None:
    made, _ = fleet(agent)
    assert len(agent_pods(made)) == 2
    assert sum(map(ready, agent_pods(made))) == well
    assert made.connected("plant") == (well > 0)


def test_an_agent_has_the_objects_google_gives_it() -> None:
    made, _ = fleet("healthy")
    cluster = made.clusters["plant"]
    (deployment,) = cluster.store.list(DEPLOYMENTS, "gke-connect")
    assert deployment["metadata"]["name"].startswith("gke-connect-agent-20")
    template = deployment["spec"]["template"]
    assert template["metadata"]["labels"]["app"] == "gke-connect-agent"
    assert template["spec"]["serviceAccountName"] == "connect-agent-sa"
    assert cluster.store.get(SERVICE_ACCOUNTS, "gke-connect", "connect-agent-sa")
    environment = {one["name"]: one["value"] for one in template["spec"]["containers"][0]["env"]}
    resource = "//gkehub.googleapis.com/projects/1234/locations/europe-west3/memberships/plant"
    assert environment["ENDPOINT_RESOURCE"] == resource
    namespace = next(
        one
        for one in cluster.store.list(cluster_kind(cluster, "namespaces"))
        if one["metadata"]["name"] == "gke-connect"
    )
    assert namespace["metadata"]["labels"]["hub.gke.io/project"] == "acme"


def cluster_kind(cluster: KubeCluster, plural: str) -> Kind:
    found = cluster.registry.by_storage("", plural)
    assert found is not None
    return found


def test_people_with_rights_may_be_impersonated_and_those_without_may_not() -> None:
    made, _ = fleet("healthy")
    store = made.clusters["plant"].store
    role = store.get(KINDS["clusterroles"], "", "gateway-impersonate-acme_ana_plant")
    assert role is not None
    assert role["rules"] == [
        {"apiGroups": [""], "resources": ["users"], "resourceNames": ["ana@example.com"], "verbs": ["impersonate"]}
    ]
    assert role["metadata"]["labels"] == {"connect.gke.io/owner-feature": "connect-gateway"}
    bindings = {one["metadata"]["name"]: one for one in store.list(KINDS["clusterrolebindings"])}
    assert bindings["gateway-permission-acme_ana_plant"]["roleRef"]["name"] == "cluster-admin"
    assert not [name for name in bindings if "rui" in name]


def test_gke_clusters_need_no_impersonation_and_always_are_connected() -> None:
    made = world(ClusterSpec("one"), memberships=(member("one", "one", "gke"),))
    names = [one["metadata"]["name"] for one in made.clusters["one"].store.list(KINDS["clusterroles"])]
    assert not [name for name in names if "impersonate" in name]
    assert made.connected("one")
    assert made.last_connection("one") is None


def test_the_last_contact_goes_on_while_an_agent_is_ready_and_stands_when_none_is() -> None:
    made, clock = fleet("healthy", last_contact=25.0)
    assert made.last_connection("plant") == START - 25
    clock.now += 300
    made.tick()
    last = made.last_connection("plant")
    assert last is not None
    assert 0 <= clock.now - last <= 60
    place = (agents.NAMESPACE, agents.DEPLOYMENT, agents.IMAGE)
    made.inhabited("plant").crew.behave(*place, Behaviour("crash", 5.0, 1, ready=False))
    clock.now += 30
    made.tick()
    assert not made.connected("plant")
    stood = made.last_connection("plant")
    assert stood is not None
    assert last <= stood <= clock.now
    clock.now += 3000
    made.tick()
    assert made.last_connection("plant") == stood
    mended = agent_behaviour("healthy", made.scenario.memberships[0], made.scenario.projects[0])
    made.inhabited("plant").crew.behave(*place, mended)
    clock.now += 30
    made.tick()
    assert made.connected("plant")
    assert (made.last_connection("plant") or 0) > stood + 3000


@pytest.mark.parametrize("more", [{"connected": False}, {"cluster_missing": True}])
def test_a_cut_link_is_no_matter_of_pods(more: dict[str, Any]) -> None:
    made, _ = fleet("healthy", last_contact=600.0, **more)
    assert sum(map(ready, agent_pods(made))) == 2
    assert not made.connected("plant")
    assert made.last_connection("plant") == START - 600


def test_an_agent_that_never_connected_was_never_heard_of() -> None:
    made, _ = fleet("down", last_contact=None)
    assert made.last_connection("plant") is None


def test_deleting_the_agent_cuts_the_link() -> None:
    made, clock = fleet("healthy")
    cluster = made.clusters["plant"]
    deployment = cluster.store.list(DEPLOYMENTS, "gke-connect")[0]
    cluster.store.update(DEPLOYMENTS, {**deployment, "spec": {**deployment["spec"], "replicas": 0}})
    clock.now += 10
    made.tick()
    assert not made.connected("plant")


# Service Connector

IDENTITY: dict[str, object] = {"authType": "userAssignedIdentity", "clientId": "c-1"}


def azure(aks: AksSpec, *linkers: LinkerSpec) -> KubeCluster:
    return world(ClusterSpec("aks"), aks=(aks,), linkers=linkers).clusters["aks"]


def aks(**more: Any) -> AksSpec:
    return AksSpec("aks-1", "sub", "rg", "westeurope", "aks", **more)


def linker(name: str, auth: dict[str, object], **more: Any) -> LinkerSpec:
    target = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/st/blobServices/default"
    return LinkerSpec(name, "aks-1", target, auth, "shop", **more)


@pytest.mark.parametrize(
    ("spec", "secrets", "accounts"),
    [
        (linker("orders_1", IDENTITY), ["sc-orders1-secret"], ["sc-account-c-1"]),
        (linker("orders_1", IDENTITY, objects_present="secret"), ["sc-orders1-secret"], []),
        (linker("orders_1", IDENTITY, objects_present=False), [], []),
        (linker("orders_1", {"authType": "secret"}), ["sc-orders1-secret"], []),
        (linker("vault", {"authType": "userAssignedIdentity", "clientId": None}), ["sc-vault-secret"], []),
    ],
)
def test_a_connection_has_left_its_objects(spec: LinkerSpec, secrets: list[str], accounts: list[str]) -> None:
    store = azure(aks(), spec).store
    found = store.list(SECRETS, "shop")
    assert [one["metadata"]["name"] for one in found] == secrets
    made = [one["metadata"] for one in store.list(SERVICE_ACCOUNTS, "shop") if one["metadata"]["name"] != "default"]
    assert [one["name"] for one in made] == accounts
    for account in made:
        assert account["annotations"] == {"azure.workload.identity/client-id": "c-1"}


@pytest.mark.parametrize(
    ("auth", "keys"),
    [
        ({"authType": "secret"}, {"AZURE_STORAGEBLOB_CONNECTIONSTRING"}),
        (IDENTITY, {"AZURE_STORAGEBLOB_RESOURCEENDPOINT", "AZURE_STORAGEBLOB_CLIENTID"}),
        (
            {"authType": "servicePrincipalSecret", "clientId": "c"},
            {f"AZURE_STORAGEBLOB_{name}" for name in ("RESOURCEENDPOINT", "CLIENTID", "CLIENTSECRET", "TENANTID")},
        ),
    ],
)
def test_a_connections_secret_has_the_documented_keys(auth: dict[str, object], keys: set[str]) -> None:
    assert set(azure(aks(), linker("orders", auth)).store.list(SECRETS, "shop")[0]["data"]) == keys


def test_the_extension_leaves_a_helm_release_that_helm_could_read() -> None:
    secret = named(azure(aks()), SECRETS, "sh.helm.release.v1.sc-extension.v1", "sc-system")
    assert secret["type"] == "helm.sh/release.v1"
    assert secret["metadata"]["labels"]["status"] == "deployed"
    packed = base64.b64decode(base64.b64decode(secret["data"]["release"]))
    release = json.loads(gzip.decompress(packed))
    assert (release["name"], release["namespace"], release["info"]["status"]) == (
        "sc-extension",
        "sc-system",
        "deployed",
    )


def test_a_cluster_without_the_extension_has_neither_namespace_nor_release() -> None:
    cluster = azure(aks(extension=None))
    assert cluster.store.list(SECRETS, "sc-system") == []
    assert cluster.store.get(cluster_kind(cluster, "namespaces"), "", "sc-system") is None


def test_aks_runs_the_two_agents_of_its_extensions() -> None:
    pods = azure(aks()).store.list(PODS, "kube-system")
    assert [pod["metadata"]["name"].rsplit("-", 2)[0] for pod in pods] == ["extension-agent", "extension-operator"]
    assert all(ready(pod) and len(pod["status"]["containerStatuses"]) == 2 for pod in pods)


@pytest.mark.parametrize(
    ("left", "waiting", "conditions"),
    [("", None, []), ("image-missing", "ImagePullBackOff", []), ("failed", None, ["FailureTarget", "Failed"])],
)
def test_a_failed_installation_leaves_its_job_standing(left: str, waiting: str | None, conditions: list[str]) -> None:
    store = azure(aks(sc_job=left), linker("orders", IDENTITY)).store
    jobs = store.list(JOBS, "sc-system")
    assert len(jobs) == (1 if left else 0)
    for job in jobs:
        assert [one["type"] for one in job["status"].get("conditions", [])] == conditions
    reasons = {
        pod["status"]["containerStatuses"][0]["state"].get("waiting", {}).get("reason")
        for pod in store.list(PODS, "sc-system")
    }
    assert reasons == ({waiting} if left else set())


# running


async def test_a_running_world_never_holds_the_loop_for_long() -> None:
    """A whole cluster starts at once, a hundred times too fast; other tasks still get their turn."""
    specs = tuple(workload(f"web-{number}", replicas=20) for number in range(10))
    made = World(scenario(ClusterSpec("one", nodes=10, workloads=specs)), speed=100.0)
    for deployment in made.clusters["one"].store.list(DEPLOYMENTS, "shop"):
        spec = deployment["spec"]
        template = {**spec["template"], "metadata": {**spec["template"]["metadata"], "annotations": {"again": "yes"}}}
        made.clusters["one"].store.update(DEPLOYMENTS, {**deployment, "spec": {**spec, "template": template}})
    running = asyncio.create_task(made.run())
    turns, updated = 0, list[int | None]()
    while updated != [20] * 10:
        await asyncio.sleep(0)
        turns += 1
        updated = [one["status"].get("updatedReplicas") for one in made.clusters["one"].store.list(DEPLOYMENTS, "shop")]
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert turns > 20  # in one go it would have been one


def test_a_broken_controller_ends_the_world_loudly() -> None:
    made = world(ClusterSpec("one"))
    store = made.clusters["one"].store
    pod = {
        "metadata": {"name": "p", "namespace": "default"},
        "spec": {"nodeName": "n", "containers": "none"},
        "status": {},
    }
    store.create(PODS, pod)
    with pytest.raises(TypeError):
        made.tick()


def test_a_membership_can_share_a_cluster_and_its_link() -> None:
    one, other = member("one", "plant"), replace(member("other", "plant"), last_contact=None)
    made = world(ClusterSpec("plant", agent="healthy"), memberships=(one, other))
    assert made.connected("one")
    assert made.connected("other")
    assert made.last_connection("other") == START


def test_every_pod_has_an_address_of_its_own_in_the_network_of_its_node() -> None:
    spec = ClusterSpec("c", nodes=3, workloads=(workload("web", replicas=9), workload("cron", replicas=4)))
    for crowded in (0, 600):
        store = world(replace(spec, pods=crowded)).clusters["c"].store
        networks = {node["metadata"]["name"]: node["spec"]["podCIDR"] for node in store.list(NODES)}
        assert len(set(networks.values())) == 3
        pods = [pod for pod in store.list(PODS) if pod["status"].get("podIP") and not pod["spec"].get("hostNetwork")]
        for pod in pods:
            assert ip_address(pod["status"]["podIP"]) in ip_network(networks[pod["spec"]["nodeName"]])
        assert len({pod["status"]["podIP"] for pod in pods}) == len(pods) >= 13 + crowded


def test_an_address_is_not_given_twice_while_it_is_in_use() -> None:
    addresses = PodAddresses()
    first = addresses.take("uid-0", "10.8.1.0/24")
    given = [addresses.take(f"uid-{number}", "10.8.1.0/24") for number in range(1, 253)]
    assert len({first, *given}) == 253
    addresses.release("uid-7")
    assert addresses.take("uid-new", "10.8.1.0/24") == given[6]


def test_a_google_node_is_where_its_labels_say() -> None:
    google = world(ClusterSpec("c", nodes=3), memberships=(member("m", "c", "gke"),))
    nodes = google.clusters["c"].store.list(NODES)
    zones = {node["metadata"]["labels"]["topology.kubernetes.io/zone"] for node in nodes}
    assert len(zones) == 3
    for node in nodes:
        zone, name = node["metadata"]["labels"]["topology.kubernetes.io/zone"], node["metadata"]["name"]
        assert node["spec"]["providerID"] == f"gce://acme/{zone}/{name}"


def test_what_is_said_to_be_issued_is_there() -> None:
    clusters = World(load("healthy"), now=Clock()).clusters
    for name in ("prod-eu", "prod-us"):
        store = clusters[name].store
        certificates = clusters[name].registry.resource("cert-manager.io", "v1", "certificates")
        assert certificates is not None
        found = store.list(certificates)
        assert found
        for one in found:
            secret = store.get(SECRETS, one["metadata"]["namespace"], one["spec"]["secretName"])
            assert secret is not None
            assert secret["type"] == "kubernetes.io/tls"
