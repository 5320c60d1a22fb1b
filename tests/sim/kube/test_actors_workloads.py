"""The controllers that keep pods running: Deployment, ReplicaSet, StatefulSet, DaemonSet."""

from __future__ import annotations

from typing import Any

import pytest

from tests import recordings
from tests.sim.kube.living import Town, ready, state, template
from tui.sim.kube.actors.behaviours import Behaviour
from tui.sim.kube.actors.catalogue import (
    CONTROLLER_REVISIONS,
    DAEMON_SETS,
    DEPLOYMENTS,
    NODES,
    PERSISTENT_VOLUME_CLAIMS,
    PODS,
    REPLICA_SETS,
    SERVICE_ACCOUNTS,
    STATEFUL_SETS,
)
from tui.sim.kube.actors.nodes import node
from tui.sim.kube.status import Obj


def with_image(image: str) -> Any:
    def change(spec: Obj) -> Obj:
        containers = [{**spec["template"]["spec"]["containers"][0], "image": image}]
        return {
            **spec,
            "template": {**spec["template"], "spec": {**spec["template"]["spec"], "containers": containers}},
        }

    return change


def replicas(town: Town, name: str = "web") -> int:
    return int(town.get(DEPLOYMENTS, name)["status"].get("availableReplicas", 0))


def progressing(town: Town, name: str = "web") -> tuple[str, str]:
    conditions = {one["type"]: one for one in town.get(DEPLOYMENTS, name)["status"]["conditions"]}
    return conditions["Progressing"]["status"], conditions["Progressing"]["reason"]


def revisions(town: Town) -> dict[str, int]:
    """Size of each ReplicaSet by its revision."""
    sets = town.store.list(REPLICA_SETS, "default")
    key = "deployment.kubernetes.io/revision"
    return {one["metadata"]["annotations"][key]: one["spec"]["replicas"] for one in sets}


def test_a_deployment_comes_up_and_says_so() -> None:
    town = Town()
    town.deployment(replicas=3)
    town.live(0)
    assert town.get(DEPLOYMENTS, "web")["status"]["unavailableReplicas"] == 3
    town.until(lambda: replicas(town) == 3)
    status = town.get(DEPLOYMENTS, "web")["status"]
    assert status["updatedReplicas"] == status["readyReplicas"] == status["replicas"] == 3
    assert progressing(town) == ("True", "NewReplicaSetAvailable")
    replica_set = town.store.list(REPLICA_SETS, "default")[0]
    name = replica_set["metadata"]["name"]
    assert town.events("web") == [("ScalingReplicaSet", f"Scaled up replica set {name} from 0 to 3")]
    assert [pod["metadata"]["ownerReferences"][0]["uid"] for pod in town.pods()] == [replica_set["metadata"]["uid"]] * 3


@recordings.needed
@pytest.mark.parametrize(
    ("recording", "kind", "name"), [("list-deployments", DEPLOYMENTS, "dep"), ("list-replicasets", REPLICA_SETS, "dep")]
)
def test_objects_have_the_fields_of_real_ones(recording: str, kind: Any, name: str) -> None:
    town = Town()
    town.deployment("dep", replicas=3)
    town.live(30)
    made = town.store.list(kind, "default")[0]
    real = recordings.load(recording).body["items"][0]
    unheard_of = {"managedFields"}  # who owns a field is said where a client writes
    assert set(made["metadata"]) == set(real["metadata"]) - unheard_of
    assert set(made["spec"]) == set(real["spec"])
    assert set(made["status"]) == set(real["status"])
    assert made["metadata"]["name"].startswith(name)


def test_a_rolling_update_keeps_within_its_bounds_at_every_moment() -> None:
    town = Town()
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 1}}
    town.deployment(replicas=4, strategy=strategy)
    town.until(lambda: replicas(town) == 4)
    town.change(DEPLOYMENTS, "web", with_image("app:2"))
    seen: set[tuple[int, int]] = set()
    for _ in range(200):
        town.live(0.1)
        pods = [pod for pod in town.pods() if "deletionTimestamp" not in pod["metadata"]]
        seen.add((len(pods), sum(map(ready, pods))))
    assert max(total for total, _ in seen) <= 5
    assert min(available for _, available in seen) >= 3
    assert {pod["spec"]["containers"][0]["image"] for pod in town.pods()} == {"app:2"}
    assert revisions(town) == {"1": 0, "2": 4}


def test_recreate_lets_the_last_old_pod_go_before_the_first_new_one_comes() -> None:
    town = Town()
    town.deployment(replicas=2, strategy={"type": "Recreate"})
    town.until(lambda: replicas(town) == 2)
    town.change(DEPLOYMENTS, "web", with_image("app:2"))
    images: set[str] = set()
    for _ in range(80):
        town.live(0.1)
        images = {pod["spec"]["containers"][0]["image"] for pod in town.pods()}
        assert len(images) <= 1
    assert images == {"app:2"}


def test_a_rollout_to_an_image_that_is_not_there_stops_at_its_bounds_and_is_called_stuck() -> None:
    town = Town()
    town.deployment(replicas=4, progressDeadlineSeconds=60)
    town.until(lambda: replicas(town) == 4)
    town.behave("web", "app:2", kind="image-missing")
    town.change(DEPLOYMENTS, "web", with_image("app:2"))
    town.live(30)
    assert progressing(town)[0] == "True"
    assert replicas(town) == 3
    town.live(120)
    assert progressing(town) == ("False", "ProgressDeadlineExceeded")
    assert sorted({state(pod) for pod in town.pods()}) == ["ImagePullBackOff", "running"]


def test_undoing_a_rollout_brings_back_the_old_set_under_a_new_revision() -> None:
    town = Town()
    town.deployment(replicas=2)
    town.live(20)
    town.behave("web", "app:2", kind="crash", runs_for=2.0, exit_code=1)
    town.change(DEPLOYMENTS, "web", with_image("app:2"))
    town.live(30)
    town.change(DEPLOYMENTS, "web", with_image("app:1"))
    town.live(30)
    assert revisions(town) == {"2": 0, "3": 2}
    assert town.get(DEPLOYMENTS, "web")["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "3"
    back = next(one for one in town.store.list(REPLICA_SETS, "default") if one["spec"]["replicas"])
    assert back["metadata"]["annotations"]["deployment.kubernetes.io/revision-history"] == "1"
    assert replicas(town) == 2


def test_a_paused_rollout_waits_but_can_be_scaled() -> None:
    town = Town()
    town.deployment(replicas=2)
    town.live(20)
    town.change(DEPLOYMENTS, "web", lambda spec: {**with_image("app:2")(spec), "paused": True})
    town.live(10)
    assert progressing(town) == ("Unknown", "DeploymentPaused")
    assert revisions(town) == {"1": 2}
    town.change(DEPLOYMENTS, "web", lambda spec: {**spec, "replicas": 3})
    town.live(10)
    assert revisions(town) == {"1": 3}
    town.change(DEPLOYMENTS, "web", lambda spec: {**spec, "paused": False})
    town.live(20)
    assert revisions(town) == {"1": 0, "2": 3}
    assert progressing(town) == ("True", "NewReplicaSetAvailable")


def test_scaling_down_takes_the_pods_that_are_least_use() -> None:
    town = Town()
    town.deployment(replicas=2)
    town.live(20)
    old = {pod["metadata"]["name"] for pod in town.pods()}
    town.change(DEPLOYMENTS, "web", lambda spec: {**spec, "replicas": 5})
    town.live(0.5)
    town.change(DEPLOYMENTS, "web", lambda spec: {**spec, "replicas": 2})
    town.live(10)
    assert {pod["metadata"]["name"] for pod in town.pods()} == old


def test_a_failure_after_a_completed_rollout_is_no_stuck_rollout() -> None:
    town = Town()
    town.deployment(replicas=2, progressDeadlineSeconds=30)
    town.live(20)
    town.crew.behave("default", "web", "app:1", Behaviour("crash", 5.0, 1))
    town.live(300)
    assert progressing(town) == ("True", "NewReplicaSetAvailable")


def test_minimum_ready_seconds_hold_back_availability() -> None:
    town = Town()
    town.deployment(replicas=1, minReadySeconds=20)
    town.until(lambda: all(map(ready, town.pods())) and bool(town.pods()))
    assert replicas(town) == 0
    took = town.until(lambda: replicas(town) == 1)
    assert 18 <= took <= 22


def test_old_sets_beyond_the_history_limit_are_forgotten() -> None:
    town = Town()
    town.deployment(replicas=1, revisionHistoryLimit=2)
    for number in range(2, 7):
        town.live(20)
        town.change(DEPLOYMENTS, "web", with_image(f"app:{number}"))
    town.live(20)
    assert sorted(revisions(town)) == ["4", "5", "6"]


def test_a_deleted_pod_is_replaced() -> None:
    town = Town()
    town.deployment(replicas=2)
    town.live(20)
    gone = town.pods()[0]["metadata"]["name"]
    town.delete(PODS, gone)
    town.live(10)
    assert gone not in {pod["metadata"]["name"] for pod in town.pods()}
    assert replicas(town) == 2


@pytest.mark.parametrize("propagation", ["Background", "Foreground"])
def test_a_deleted_deployment_takes_everything_with_it(propagation: str) -> None:
    town = Town()
    town.deployment(replicas=2)
    town.live(20)
    town.delete(DEPLOYMENTS, "web", propagation=propagation)
    assert (town.store.get(DEPLOYMENTS, "default", "web") is None) == (propagation == "Background")
    town.live(15)
    assert not town.store.list(DEPLOYMENTS, "default")
    assert not town.store.list(REPLICA_SETS, "default")
    assert not town.pods()


def test_what_an_orphaning_deletion_leaves_is_taken_up_again_by_the_same_deployment() -> None:
    town = Town()
    town.deployment(replicas=2)
    town.live(20)
    names = {pod["metadata"]["name"] for pod in town.pods()}
    town.delete(DEPLOYMENTS, "web", propagation="Orphan")
    town.live(5)
    assert not town.store.list(DEPLOYMENTS, "default")
    assert {pod["metadata"]["name"] for pod in town.pods()} == names
    town.deployment(replicas=2)
    town.live(10)
    assert {pod["metadata"]["name"] for pod in town.pods()} == names
    assert replicas(town) == 2


def test_pods_whose_service_account_is_missing_are_not_made_and_it_is_said_why() -> None:
    town = Town()
    town.deployment(replicas=1, **template("web", serviceAccountName="ghost"))
    town.live(5)
    assert not town.pods()
    replica_set = town.store.list(REPLICA_SETS, "default")[0]["metadata"]["name"]
    reason, message = town.events(replica_set)[0]
    assert reason == "FailedCreate"
    assert 'serviceaccount "ghost" not found' in message
    town.store.create(SERVICE_ACCOUNTS, {"metadata": {"name": "ghost", "namespace": "default"}})
    town.until(lambda: len(town.pods()) == 1)


# stateful sets


def stateful(town: Town, replicas: int = 3, **spec: Any) -> None:
    claim = {
        "metadata": {"name": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    }
    town.apply(
        "StatefulSet",
        "db",
        {"replicas": replicas, "serviceName": "db", "volumeClaimTemplates": [claim], **template("db"), **spec},
    )


def storage(town: Town) -> None:
    town.cluster.apply_manifest(
        {
            "apiVersion": "storage.k8s.io/v1",
            "kind": "StorageClass",
            "metadata": {"name": "fast", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
            "provisioner": "disk.example.com",
        }
    )


def names(town: Town) -> list[str]:
    return [pod["metadata"]["name"] for pod in town.pods("db")]


def test_a_stateful_set_brings_up_one_pod_after_another_each_with_its_claim() -> None:
    town = Town()
    storage(town)
    stateful(town)
    order: list[int] = []
    for _ in range(200):
        town.live(0.25)
        order.append(len(town.pods("db")))
        assert all(map(ready, town.pods("db")[:-1]))
    assert names(town) == ["db-0", "db-1", "db-2"]
    assert sorted(set(order)) == [1, 2, 3]
    claims = town.store.list(PERSISTENT_VOLUME_CLAIMS, "default")
    assert [claim["metadata"]["name"] for claim in claims] == ["data-db-0", "data-db-1", "data-db-2"]
    assert {claim["status"]["phase"] for claim in claims} == {"Bound"}
    pod = town.get(PODS, "db-1")
    assert pod["metadata"]["labels"]["apps.kubernetes.io/pod-index"] == "1"
    assert pod["spec"]["hostname"] == "db-1"


def test_parallel_stateful_sets_do_not_wait() -> None:
    town = Town()
    storage(town)
    stateful(town, podManagementPolicy="Parallel")
    town.live(0.5)
    assert names(town) == ["db-0", "db-1", "db-2"]


def test_a_stateful_set_shrinks_from_the_top_and_keeps_its_claims() -> None:
    town = Town()
    storage(town)
    stateful(town)
    town.live(60)
    town.change(STATEFUL_SETS, "db", lambda spec: {**spec, "replicas": 1})
    town.live(30)
    assert names(town) == ["db-0"]
    assert len(town.store.list(PERSISTENT_VOLUME_CLAIMS, "default")) == 3


def test_a_stateful_set_is_updated_from_the_highest_ordinal_down_to_its_partition() -> None:
    town = Town()
    storage(town)
    rolling = {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}}
    stateful(town, updateStrategy=rolling)
    town.live(60)
    town.change(STATEFUL_SETS, "db", with_image("app:2"))
    town.live(60)
    images = [pod["spec"]["containers"][0]["image"] for pod in town.pods("db")]
    assert images == ["app:1", "app:2", "app:2"]
    status = town.get(STATEFUL_SETS, "db")["status"]
    assert (status["updatedReplicas"], status["currentRevision"] == status["updateRevision"]) == (2, False)
    town.change(STATEFUL_SETS, "db", lambda spec: {**spec, "updateStrategy": {"type": "RollingUpdate"}})
    town.live(30)
    status = town.get(STATEFUL_SETS, "db")["status"]
    assert (status["updatedReplicas"], status["currentRevision"] == status["updateRevision"]) == (3, True)
    assert len(town.store.list(CONTROLLER_REVISIONS, "default")) == 2


# daemon sets


def daemons(town: Town, **spec: Any) -> None:
    town.apply("DaemonSet", "log", {**template("log"), **spec})


def test_a_daemon_set_runs_on_every_node_and_on_new_ones() -> None:
    town = Town(nodes=2)
    daemons(town)
    town.live(20)
    assert {pod["spec"]["nodeName"] for pod in town.pods()} == {
        node["metadata"]["name"] for node in town.store.list(NODES)
    }
    status = town.get(DAEMON_SETS, "log")["status"]
    assert (status["desiredNumberScheduled"], status["numberAvailable"]) == (2, 2)
    town.store.create(NODES, node("town", 7, "gke", "europe-west1", "v1.36.2", town.time))
    town.live(20)
    assert town.get(DAEMON_SETS, "log")["status"]["numberAvailable"] == 3


def test_daemons_ignore_cordons_and_respect_taints() -> None:
    town = Town(nodes=2)
    first, second = town.store.list(NODES)
    town.store.update(NODES, {**first, "spec": {**first["spec"], "unschedulable": True}})
    taint = {"key": "gpu", "effect": "NoSchedule"}
    town.store.update(NODES, {**second, "spec": {**second["spec"], "taints": [taint]}})
    daemons(town)
    town.live(20)
    assert [pod["spec"]["nodeName"] for pod in town.pods()] == [first["metadata"]["name"]]


def test_daemons_are_renewed_one_node_at_a_time() -> None:
    town = Town(nodes=3)
    daemons(town)
    town.live(20)
    town.change(DAEMON_SETS, "log", with_image("app:2"))
    for _ in range(200):
        town.live(0.25)
        assert sum(map(ready, town.pods())) >= 2
    assert {pod["spec"]["containers"][0]["image"] for pod in town.pods()} == {"app:2"}
    assert town.get(DAEMON_SETS, "log")["status"]["updatedNumberScheduled"] == 3
