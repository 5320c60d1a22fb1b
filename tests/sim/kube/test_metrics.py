"""metrics.k8s.io: whole, plausible, and the same for the same moment."""

from __future__ import annotations

from tests import recordings
from tests.sim.kube.living import Town, template
from tui.sim.kube.actors.catalogue import PODS
from tui.sim.kube.metrics import Metrics, register
from tui.sim.kube.objects import parse_timestamp
from tui.sim.kube.quantities import canonical


def measured(seed: int = 1) -> tuple[Town, Metrics]:
    town = Town()
    town.deployment(replicas=3)
    town.pod("waiting", nodeSelector={"pool": "none"})
    town.live(60)
    return town, Metrics(town.store, lambda: town.time, seed)


@recordings.needed
def test_pods_and_nodes_have_the_fields_of_real_ones() -> None:
    _, metrics = measured()
    for made, name in ((metrics.pods(""), "metrics-pods"), (metrics.nodes(), "metrics-nodes")):
        real = recordings.load(name).body["items"][0]
        assert set(made[0]) - {"kind", "apiVersion"} == set(real)
        assert set(made[0]["metadata"]) == set(real["metadata"])
    assert set(metrics.pods("")[0]["containers"][0]) == {"name", "usage"}


def test_only_running_pods_are_measured_each_in_its_namespace() -> None:
    town, metrics = measured()
    assert [one["metadata"]["name"] for one in metrics.pods("default")] == [
        pod["metadata"]["name"] for pod in town.pods("web")
    ]
    assert metrics.pods("kube-system") == []


def test_usage_is_the_same_for_the_same_moment_and_drifts_with_time() -> None:
    town, metrics = measured()
    before = metrics.pods("")
    assert metrics.pods("") == before
    town.live(300)
    assert [one["containers"] for one in metrics.pods("")] != [one["containers"] for one in before]


def test_samples_are_some_seconds_old_and_stand_for_some_seconds() -> None:
    town, metrics = measured()
    for one in metrics.pods(""):
        taken = parse_timestamp(one["timestamp"])
        assert taken is not None
        assert 10 <= town.time - taken <= 45
        assert 10 <= float(one["window"].rstrip("s")) <= 30


def test_a_pod_uses_less_than_it_requests() -> None:
    town = Town()
    container = {"name": "app", "image": "app:1", "resources": {"requests": {"cpu": "500m"}}}
    town.deployment(replicas=5, **template("web", containers=[container]))
    town.live(30)
    metrics = Metrics(town.store, lambda: town.time, 3)
    used = [metrics.used(pod, "cpu") for pod in town.store.list(PODS, "default")]
    assert all(50 <= one <= 360 for one in used)
    assert len(set(used)) > 1


def test_a_node_uses_at_least_what_its_pods_use() -> None:
    town, metrics = measured()
    pods = {one["metadata"]["name"]: nano(one["containers"][0]["usage"]["cpu"]) for one in metrics.pods("")}
    for node in metrics.nodes():
        here = [
            pod["metadata"]["name"] for pod in town.pods("web") if pod["spec"]["nodeName"] == node["metadata"]["name"]
        ]
        assert nano(node["usage"]["cpu"]) > sum(pods[name] for name in here)


def nano(quantity: str) -> int:
    assert canonical(quantity)
    return int(quantity.rstrip("n"))


def test_a_cluster_serves_them_as_kinds_of_its_own() -> None:
    town, metrics = measured()
    register(town.cluster, metrics)
    assert len(town.cluster.virtual["metrics.k8s.io", "pods"]("default")) == 3
    assert len(town.cluster.virtual["metrics.k8s.io", "nodes"]("")) == 3
