"""What surrounds pods: services, volumes, autoscalers, budgets, quotas, nodes, namespaces."""

from __future__ import annotations

from typing import Any

import pytest

from tests import recordings
from tests.sim.kube.living import Town, ready, template
from tui.sim.kube.actors.autoscalers import EVERY
from tui.sim.kube.actors.catalogue import (
    AUTOSCALERS,
    DEPLOYMENTS,
    DISRUPTION_BUDGETS,
    ENDPOINT_SLICES,
    ENDPOINTS,
    LEASES,
    NAMESPACES,
    NODES,
    PERSISTENT_VOLUME_CLAIMS,
    PERSISTENT_VOLUMES,
    PODS,
    REPLICA_SETS,
    RESOURCE_QUOTAS,
    SERVICES,
)
from tui.sim.kube.actors.nodes import LEASE_EVERY, PLATFORMS, STATUS_EVERY, node
from tui.sim.kube.objects import parse_timestamp
from tui.sim.kube.status import Obj


def service(town: Town, name: str = "web", target: object = 8080) -> None:
    spec = {"selector": {"app": name}, "ports": [{"port": 80, "targetPort": target}]}
    town.apply("Service", name, spec, api="v1")
    town.settle()


def addresses(town: Town, name: str = "web") -> tuple[list[str], list[str]]:
    """(ready, not ready) addresses of an Endpoints object."""
    subsets = town.get(ENDPOINTS, name).get("subsets", [])
    ready = [one["ip"] for subset in subsets for one in subset.get("addresses", [])]
    return ready, [one["ip"] for subset in subsets for one in subset.get("notReadyAddresses", [])]


def test_endpoints_follow_the_readiness_of_pods() -> None:
    town = Town()
    service(town)
    town.deployment(replicas=2)
    town.until(lambda: any("podIP" in pod["status"] for pod in town.pods()))
    assert addresses(town)[0] == []
    assert addresses(town)[1] != []
    town.live(20)
    assert sorted(addresses(town)[0]) == sorted(pod["status"]["podIP"] for pod in town.pods())
    assert addresses(town)[1] == []
    town.change(DEPLOYMENTS, "web", lambda spec: {**spec, "replicas": 0})
    town.live(20)
    assert addresses(town) == ([], [])


@recordings.needed
def test_endpoint_slices_have_the_fields_of_real_ones() -> None:
    town = Town()
    service(town, "dep")
    town.deployment("dep", replicas=3)
    town.live(20)
    made = next(
        one for one in town.store.list(ENDPOINT_SLICES, "default") if one["metadata"]["name"].startswith("dep-")
    )
    real = recordings.load("list-endpointslices").body["items"][0]
    assert set(made) - {"kind", "apiVersion"} == set(real)
    assert set(made["metadata"]) == set(real["metadata"]) - {"managedFields"}
    assert set(made["endpoints"][0]) == set(real["endpoints"][0])
    assert made["endpoints"][0]["conditions"] == real["endpoints"][0]["conditions"]
    assert made["ports"] == real["ports"]


def test_a_pod_that_is_going_is_still_in_its_slice_but_not_ready() -> None:
    town = Town()
    service(town)
    town.deployment(replicas=1)
    town.live(20)
    town.delete(PODS, town.pods()[0]["metadata"]["name"])
    slices = [one for one in town.store.list(ENDPOINT_SLICES, "default") if one["metadata"]["name"].startswith("web")]
    conditions = [endpoint["conditions"] for one in slices for endpoint in one["endpoints"]]
    assert {"ready": False, "serving": True, "terminating": True} in conditions


def test_a_named_target_port_is_that_of_the_pods() -> None:
    town = Town()
    service(town, target="http")
    container = {"name": "app", "image": "app:1", "ports": [{"name": "http", "containerPort": 9090}]}
    town.deployment(replicas=1, **template("web", containers=[container]))
    town.live(20)
    assert town.get(ENDPOINTS, "web")["subsets"][0]["ports"][0]["port"] == 9090


def test_more_than_a_hundred_endpoints_take_more_than_one_slice() -> None:
    town = Town(nodes=3)
    service(town)
    town.deployment(replicas=130)
    town.live(30)
    slices = [one for one in town.store.list(ENDPOINT_SLICES, "default") if one["metadata"]["name"].startswith("web")]
    assert sorted(len(one["endpoints"]) for one in slices) == [30, 100]


def test_a_service_without_an_address_is_given_one_and_leaves_nothing_behind() -> None:
    town = Town()
    service(town)
    assert town.get(SERVICES, "web")["spec"]["clusterIP"].startswith("10.96.")
    town.delete(SERVICES, "web")
    town.live(5)
    assert town.store.get(ENDPOINTS, "default", "web") is None
    assert not [one for one in town.store.list(ENDPOINT_SLICES, "default") if one["metadata"]["name"].startswith("web")]


# volumes


def storage_class(town: Town, policy: str = "Delete") -> None:
    annotations = {"storageclass.kubernetes.io/is-default-class": "true"}
    town.cluster.apply_manifest(
        {
            "apiVersion": "storage.k8s.io/v1",
            "kind": "StorageClass",
            "metadata": {"name": "fast", "annotations": annotations},
            "provisioner": "disk.example.com",
            "reclaimPolicy": policy,
        }
    )


def claim(town: Town) -> None:
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "5Gi"}}}
    town.apply("PersistentVolumeClaim", "data", spec, api="v1")
    town.settle()


def test_a_claim_is_bound_to_a_volume_made_for_it() -> None:
    town = Town()
    storage_class(town)
    claim(town)
    assert town.get(PERSISTENT_VOLUME_CLAIMS, "data")["status"]["phase"] == "Pending"
    town.live(5)
    bound = town.get(PERSISTENT_VOLUME_CLAIMS, "data")
    assert bound["status"] == {"phase": "Bound", "accessModes": ["ReadWriteOnce"], "capacity": {"storage": "5Gi"}}
    volume = town.get(PERSISTENT_VOLUMES, bound["spec"]["volumeName"])
    assert volume["spec"]["claimRef"]["uid"] == bound["metadata"]["uid"]


def test_a_claim_without_any_class_waits_and_says_so_again_and_again() -> None:
    town = Town()
    claim(town)
    town.live(100)
    reason, message = town.events("data")[0]
    assert reason == "FailedBinding"
    assert "no storage class is set" in message
    assert town.get(PERSISTENT_VOLUME_CLAIMS, "data")["status"]["phase"] == "Pending"


@pytest.mark.parametrize(("policy", "left"), [("Delete", 0), ("Retain", 1)])
def test_a_claim_in_use_is_not_let_go_before_its_pod_and_its_volume_follows_its_policy(policy: str, left: int) -> None:
    town = Town()
    storage_class(town, policy)
    claim(town)
    town.pod(volumes=[{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}])
    town.live(10)
    assert ready(town.get(PODS, "one"))
    town.delete(PERSISTENT_VOLUME_CLAIMS, "data")
    town.live(10)
    assert town.get(PERSISTENT_VOLUME_CLAIMS, "data")["metadata"]["deletionTimestamp"]
    town.delete(PODS, "one")
    town.live(10)
    assert town.store.get(PERSISTENT_VOLUME_CLAIMS, "default", "data") is None
    assert town.store.count(PERSISTENT_VOLUMES) == left


# autoscalers


class Load:
    """Millicores and bytes every pod uses."""

    def __init__(self) -> None:
        self.each = 50
        self.memory = 64 * 2**20

    def __call__(self, pod: Obj, resource: str) -> int:
        return self.each if resource == "cpu" else self.memory * 1000


def autoscaled(load: Load, cpu: str = "100m", replicas: int = 2, metric: Obj | None = None, **more: Any) -> Town:
    town = Town(usage=load)
    container = {"name": "app", "image": "app:1", **({"resources": {"requests": {"cpu": cpu}}} if cpu else {})}
    town.deployment(replicas=replicas, **template("web", containers=[container]))
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    cpu_metric = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}
    metrics = [metric or {"type": "Resource", "resource": cpu_metric}]
    spec = {"scaleTargetRef": target, "minReplicas": 2, "maxReplicas": 6, "metrics": metrics, **more}
    town.apply("HorizontalPodAutoscaler", "web", spec, api="autoscaling/v2")
    town.live(20)
    return town


def size(town: Town) -> int:
    return int(town.get(DEPLOYMENTS, "web")["spec"]["replicas"])


def scaling(town: Town) -> dict[str, Obj]:
    return {one["type"]: one for one in town.get(AUTOSCALERS, "web")["status"]["conditions"]}


def test_an_autoscaler_grows_with_the_load_and_shrinks_after_it_has_settled() -> None:
    load = Load()
    town = autoscaled(load)
    assert size(town) == 2
    load.each = 120
    assert town.until(lambda: size(town) > 2) <= EVERY + 1
    assert size(town) == 4  # 2 x 120 / 50 = 5, but no more than four, or twice as many, at a time
    assert scaling(town)["ScalingLimited"]["reason"] == "ScaleUpLimit"
    town.live(45)
    assert size(town) == 6
    assert (scaling(town)["ScalingLimited"]["status"], scaling(town)["ScalingLimited"]["reason"]) == (
        "True",
        "TooManyReplicas",
    )
    load.each = 10
    town.live(120)
    assert size(town) == 6
    assert scaling(town)["AbleToScale"]["reason"] == "ScaleDownStabilized"
    town.live(400)
    assert size(town) == 2
    status = town.get(AUTOSCALERS, "web")["status"]
    assert status["desiredReplicas"] == 2
    assert status["currentMetrics"][0]["resource"]["current"] == {"averageUtilization": 10, "averageValue": "10m"}
    town.live(300)
    assert scaling(town)["ScalingLimited"]["reason"] == "TooFewReplicas"


@pytest.mark.parametrize(
    ("replicas", "bounds", "size_after", "why"),
    [
        (1, {"minReplicas": 3}, 3, "Current number of replicas below Spec.MinReplicas"),
        (9, {"maxReplicas": 4}, 4, "Current number of replicas above Spec.MaxReplicas"),
    ],
)
def test_an_autoscaler_keeps_its_bounds_without_any_metric(
    replicas: int, bounds: Obj, size_after: int, why: str
) -> None:
    town = autoscaled(Load(), cpu="", replicas=replicas, **bounds)
    assert size(town) == size_after
    assert ("SuccessfulRescale", f"New size: {size_after}; reason: {why}") in town.events("web")


def test_an_autoscaler_of_nothing_is_disabled() -> None:
    town = autoscaled(Load(), replicas=0)
    assert (size(town), scaling(town)["ScalingActive"]["reason"]) == (0, "ScalingDisabled")


def test_an_autoscaler_measures_the_resource_it_is_told_to() -> None:
    load = Load()
    target = {"type": "AverageValue", "averageValue": "64Mi"}
    town = autoscaled(load, cpu="", metric={"type": "Resource", "resource": {"name": "memory", "target": target}})
    assert size(town) == 2
    load.memory *= 2
    load.each = 0
    town.live(20)
    assert size(town) == 4
    told = "New size: 4; reason: memory resource above target"
    assert ("SuccessfulRescale", told) in town.events("web")
    shown = town.get(AUTOSCALERS, "web")["status"]["currentMetrics"]
    assert shown == [{"type": "Resource", "resource": {"name": "memory", "current": {"averageValue": "134217728"}}}]


def test_an_autoscaler_goes_as_fast_as_its_behaviour_allows() -> None:
    load = Load()
    slowly = {"policies": [{"type": "Pods", "value": 1, "periodSeconds": 60}]}
    down = {"stabilizationWindowSeconds": 0, "policies": [{"type": "Percent", "value": 50, "periodSeconds": 15}]}
    town = autoscaled(load, behavior={"scaleUp": slowly, "scaleDown": down})
    load.each = 500
    town.live(20)
    assert (size(town), scaling(town)["ScalingLimited"]["reason"]) == (3, "ScaleUpLimit")
    town.live(60)
    assert size(town) == 4
    load.each = 1
    town.live(16)
    assert size(town) == 2


def test_a_metric_that_nobody_serves_is_told_of() -> None:
    metric = {"type": "External", "external": {"metric": {"name": "lag"}, "target": {"type": "Value", "value": "1"}}}
    town = autoscaled(Load(), metric=metric)
    assert scaling(town)["ScalingActive"]["reason"] == "FailedGetExternalMetric"
    assert any("no external metrics API" in said for _, said in town.events("web"))


def test_an_autoscaler_without_requests_to_measure_against_says_so() -> None:
    town = autoscaled(Load(), cpu="")
    town.live(70)
    conditions = {one["type"]: one for one in town.get(AUTOSCALERS, "web")["status"]["conditions"]}
    assert conditions["ScalingActive"]["status"] == "False"
    assert "missing request for cpu in container app of Pod web-" in conditions["ScalingActive"]["message"]


def test_an_autoscaler_whose_target_is_gone_says_so() -> None:
    town = autoscaled(Load())
    town.delete(DEPLOYMENTS, "web")
    town.live(70)
    conditions = {one["type"]: one for one in town.get(AUTOSCALERS, "web")["status"]["conditions"]}
    assert conditions["AbleToScale"]["reason"] == "FailedGetScale"
    assert 'deployments.apps "web" not found' in conditions["AbleToScale"]["message"]


# budgets and quotas


@pytest.mark.parametrize(
    ("spec", "allowed", "desired"),
    [
        ({"minAvailable": 2}, 2, 2),
        ({"minAvailable": "75%"}, 1, 3),
        ({"maxUnavailable": 1}, 1, 3),
        ({"minAvailable": 9}, 0, 9),
    ],
)
def test_a_disruption_budget_tells_how_many_may_go(spec: Obj, allowed: int, desired: int) -> None:
    town = Town()
    town.deployment(replicas=4)
    town.apply("PodDisruptionBudget", "web", {**spec, "selector": {"matchLabels": {"app": "web"}}}, api="policy/v1")
    town.live(30)
    status = town.get(DISRUPTION_BUDGETS, "web")["status"]
    assert (status["disruptionsAllowed"], status["desiredHealthy"]) == (allowed, desired)
    assert (status["currentHealthy"], status["expectedPods"]) == (4, 4)
    assert status["conditions"][0]["status"] == str(allowed > 0)


def test_a_quota_counts_what_there_is() -> None:
    town = Town()
    hard = {"pods": "10", "requests.cpu": "4", "count/deployments.apps": "5", "secrets": "9"}
    town.apply("ResourceQuota", "all", {"hard": hard}, api="v1")
    container = {"name": "app", "image": "app:1", "resources": {"requests": {"cpu": "250m"}}}
    town.deployment(replicas=2, **template("web", containers=[container]))
    town.live(5)
    used = {"pods": "2", "requests.cpu": "500m", "count/deployments.apps": "0", "secrets": "0"}
    status = town.get(RESOURCE_QUOTAS, "all")["status"]
    assert status["hard"] == hard
    assert {**used, "count/deployments.apps": "1"} == status["used"]


def test_a_workload_grows_no_further_than_its_quota_and_says_so() -> None:
    town = Town()
    town.apply("ResourceQuota", "few", {"hard": {"pods": "2"}}, api="v1")
    town.deployment(replicas=4)
    town.live(30)
    assert len(town.pods("web-")) == 2
    replica_set = town.store.list(REPLICA_SETS)[0]["metadata"]["name"]
    said = next(said for reason, said in town.events(replica_set) if reason == "FailedCreate")
    assert said.startswith(f'Error creating: pods "{replica_set}-')
    assert said.endswith("is forbidden: exceeded quota: few, requested: pods=1, used: pods=2, limited: pods=2")


# nodes and namespaces


def test_nodes_show_sparse_signs_of_life() -> None:
    town = Town(nodes=1)
    name = town.store.list(NODES)[0]["metadata"]["name"]
    writes: list[Any] = []
    town.store.subscribe(lambda record: writes.append(record.storage))
    town.live(STATUS_EVERY + 1)
    lease = town.get(LEASES, name, "kube-node-lease")
    renewed = parse_timestamp(lease["spec"]["renewTime"])
    assert renewed is not None
    assert town.time - renewed <= LEASE_EVERY
    ready = next(one for one in town.get(NODES, name)["status"]["conditions"] if one["type"] == "Ready")
    assert town.time - (parse_timestamp(ready["lastHeartbeatTime"]) or 0) <= STATUS_EVERY
    assert len(writes) <= STATUS_EVERY / LEASE_EVERY + 2


@recordings.needed
def test_nodes_of_every_platform_have_the_fields_of_a_real_one() -> None:
    real = recordings.load("list-nodes").body["items"][0]
    for platform in PLATFORMS:
        made = node("plant", 1, platform, "europe-west1", "v1.33.4", 1_790_000_000.0)
        missing = set(real["status"]) - set(made["status"])
        assert missing <= {"runtimeHandlers", "features", "declaredFeatures"}, platform
        assert set(real["status"]["nodeInfo"]) == set(made["status"]["nodeInfo"])
        assert set(real["metadata"]["labels"]) <= set(made["metadata"]["labels"])
        assert "{" not in made["metadata"]["name"] + made["spec"]["providerID"]


def test_the_pods_of_a_deleted_node_go_and_come_back_elsewhere() -> None:
    town = Town(nodes=2)
    town.deployment(replicas=2)
    town.live(20)
    gone = town.pods()[0]["spec"]["nodeName"]
    town.delete(NODES, gone)
    town.live(20)
    assert len(town.pods()) == 2
    assert all(ready(pod) and pod["spec"]["nodeName"] != gone for pod in town.pods())


def test_a_deleted_namespace_is_emptied_then_goes() -> None:
    town = Town()
    town.apply("Deployment", "web", {"replicas": 2, **template("web")}, namespace="team")
    town.live(20)
    town.delete(NAMESPACES, "team")
    assert town.get(NAMESPACES, "team")["status"]["phase"] == "Terminating"
    town.live(0.5)
    conditions = {one["type"]: one["status"] for one in town.get(NAMESPACES, "team")["status"]["conditions"]}
    assert conditions["NamespaceContentRemaining"] == "True"
    town.until(lambda: town.store.get(NAMESPACES, "", "team") is None, 30)
    assert not town.pods(namespace="team")
    assert not town.store.list(DEPLOYMENTS, "team")
