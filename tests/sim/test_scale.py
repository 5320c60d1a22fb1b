"""--scale: thousands of memberships, tens of thousands of pods, still quick to make and cheap to keep."""

from __future__ import annotations

from tui.sim.kube.actors.catalogue import NAMESPACES, NODES, PODS
from tui.sim.kube.deletion import DeleteOptions, delete_object
from tui.sim.loading import load
from tui.sim.scale import scaled
from tui.sim.scenario import ClusterSpec, MembershipSpec, ProjectSpec, Scenario
from tui.sim.world import World

SMALL = Scenario(
    name="small",
    title="",
    people=(),
    projects=(ProjectSpec("acme", "1"),),
    clusters=(ClusterSpec("plant", agent="healthy"), ClusterSpec("cloud")),
    memberships=(
        MembershipSpec("plant", "acme", "global", "vmware", "plant"),
        MembershipSpec("cloud", "acme", "europe-west1", "gke", "cloud"),
    ),
)


def test_memberships_are_the_scenarios_own_and_then_copies_under_other_names() -> None:
    made = scaled(load("healthy"), 5000, 0).memberships
    assert made[:12] == load("healthy").memberships
    assert len(made) == len({(one.project, one.location, one.id) for one in made}) == 5000
    assert {one.cluster for one in made} == {
        spec.name for spec in load("healthy").clusters if not spec.name.startswith("aks")
    }
    assert {one.cluster for one in made[12:]} == {one.cluster for one in made[:12]}
    assert all(one.labels.get("load") == "true" for one in made[12:])


def test_fewer_memberships_than_there_are_can_be_asked_for() -> None:
    assert [one.id for one in scaled(SMALL, 1, 0).memberships] == ["plant"]


def test_pods_go_to_a_cluster_that_needs_no_agent_on_as_many_nodes_as_they_take() -> None:
    plant, cloud = scaled(SMALL, 2, 3000).clusters
    assert (plant.pods, cloud.pods, cloud.nodes) == (0, 3000, 12)


def test_the_pods_are_there_run_and_can_be_deleted_like_others() -> None:
    now = [1_790_000_000.0]
    world = World(scaled(SMALL, 2, 2500), now=lambda: now[0])
    store = world.clusters["cloud"].store
    pods = store.list(PODS)
    assert len(pods) == 2500
    assert len({pod["metadata"]["uid"] for pod in pods}) == 2500
    assert len({pod["status"]["podIP"] for pod in pods}) == 2500
    assert {pod["status"]["phase"] for pod in pods} == {"Running"}
    assert {pod["spec"]["nodeName"] for pod in pods} == {node["metadata"]["name"] for node in store.list(NODES)}
    assert len([one for one in store.list(NAMESPACES) if one["metadata"]["name"].startswith("load-")]) == 3
    delete_object(store, PODS, pods[7], DeleteOptions(), now[0])
    now[0] += 10
    world.tick()
    assert len(store.list(PODS)) == 2499


def test_pods_share_what_they_can() -> None:
    world = World(scaled(SMALL, 2, 1000), now=lambda: 1_790_000_000.0)
    pods = world.clusters["cloud"].store.list(PODS)
    assert len({id(pod["spec"]) for pod in pods}) == len({pod["spec"]["nodeName"] for pod in pods})
    assert len({id(pod["status"]["conditions"]) for pod in pods}) <= 64
