"""Kubelets and scheduler: what becomes of a pod, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from tests import recordings
from tests.sim.kube.living import START, Town, ready, state
from tui.sim.kube.actors.behaviours import Behaviour
from tui.sim.kube.actors.catalogue import EVENTS, NODES, PODS
from tui.sim.kube.objects import parse_timestamp
from tui.sim.kube.status import Obj


def conditions(pod: Obj) -> dict[str, str]:
    return {one["type"]: one["status"] for one in pod["status"]["conditions"]}


def test_a_pod_is_scheduled_then_created_then_runs_then_is_ready() -> None:
    town = Town()
    town.pod()
    pod = town.get(PODS, "one")
    assert pod["spec"]["nodeName"] == town.store.list(NODES)[0]["metadata"]["name"]
    assert state(pod) == "ContainerCreating"
    assert conditions(pod)["PodScheduled"] == "True"
    assert pod["status"]["phase"] == "Pending"
    town.until(lambda: state(town.get(PODS, "one")) == "running")
    assert not ready(town.get(PODS, "one"))
    town.until(lambda: ready(town.get(PODS, "one")))
    assert [reason for reason, _ in town.events("one")] == ["Scheduled", "Pulling", "Pulled", "Created", "Started"]


@recordings.needed
def test_a_running_pod_has_the_fields_of_a_real_one() -> None:
    town = Town()
    town.pod()
    town.live(30)
    pod = town.get(PODS, "one")
    recorded = recordings.load("list-pods").body["items"]
    real = next(item for item in recorded if item["metadata"]["name"] == "crash")
    assert set(pod["status"]) == set(real["status"])
    shown, known = pod["status"]["containerStatuses"][0], real["status"]["containerStatuses"][0]
    assert set(shown) == set(known)
    assert set(pod["spec"]) == set(real["spec"])
    real_conditions = {one["type"]: set(one) - {"reason", "message"} for one in real["status"]["conditions"]}
    assert {one["type"]: set(one) - {"reason", "message"} for one in pod["status"]["conditions"]} == real_conditions


@recordings.needed
def test_events_have_the_fields_of_real_ones() -> None:
    town = Town()
    town.pod()
    town.live(10)
    recorded = {item["reason"]: item for item in recordings.load("list-events").body["items"]}
    for event in town.store.list(EVENTS):
        if event["reason"] in recorded:
            dropped = {"kind", "apiVersion"}
            assert set(event) - dropped == set(recorded[event["reason"]]), event["reason"]


def test_a_crashing_container_is_restarted_at_once_then_after_ten_twenty_forty_seconds() -> None:
    town = Town(nodes=1)
    town.behave("one", kind="crash", runs_for=5.0, exit_code=3)
    town.pod()
    starts: list[float] = []

    def watch(record: Any) -> None:
        if record.storage != PODS.storage:
            return
        for one in record.obj["status"].get("containerStatuses", []):
            begun = (
                parse_timestamp(one["state"].get("running", {}).get("startedAt", ""))
                if "running" in one["state"]
                else None
            )
            if begun is not None and begun not in starts:
                starts.append(begun)

    town.store.subscribe(watch)
    town.live(250)
    waits = [later - earlier - 5 for earlier, later in pairwise(starts)]
    assert waits[:5] == [0, 10, 20, 40, 80]
    pod = town.get(PODS, "one")
    status = pod["status"]["containerStatuses"][0]
    assert status["restartCount"] == len(starts) - 1
    assert state(pod) == "CrashLoopBackOff"
    assert status["lastState"]["terminated"]["exitCode"] == 3
    assert status["lastState"]["terminated"]["reason"] == "Error"
    assert "back-off 2m40s restarting failed container=app" in status["state"]["waiting"]["message"]


def test_a_condition_keeps_the_time_of_its_last_change() -> None:
    town = Town()
    town.behave("one", kind="crash", runs_for=5.0, exit_code=1)
    town.pod()
    town.live(200)
    times = {
        one["type"]: parse_timestamp(one["lastTransitionTime"]) for one in town.get(PODS, "one")["status"]["conditions"]
    }
    assert times["PodScheduled"] == times["Initialized"] == START
    assert (times["Ready"] or 0) > START + 60


def test_back_off_never_exceeds_five_minutes_and_starts_again_after_a_long_run() -> None:
    town = Town()
    town.behave("one", kind="crash", runs_for=1.0, exit_code=1)
    town.pod()
    town.live(3600)
    message = town.get(PODS, "one")["status"]["containerStatuses"][0]["state"]["waiting"]["message"]
    assert "back-off 5m0s" in message
    town.crew.behave("default", "one", "app:1", Behaviour("crash", 700.0, 1))
    town.until(lambda: state(town.get(PODS, "one")) == "running", 400)
    town.live(702)
    assert state(town.get(PODS, "one")) in ("running", "Error")
    assert "5m0s" not in str(town.get(PODS, "one")["status"]["containerStatuses"][0]["state"])


def test_an_image_that_does_not_exist_is_tried_again_and_said_so() -> None:
    town = Town()
    town.behave("one", kind="image-missing")
    town.pod()
    town.until(lambda: state(town.get(PODS, "one")) == "ErrImagePull")
    town.until(lambda: state(town.get(PODS, "one")) == "ImagePullBackOff")
    town.live(400)
    events = {(event["reason"], event["message"]): event for event in town.store.list(EVENTS)}
    assert 5 <= events["Pulling", 'Pulling image "app:1"']["count"] <= 7  # after 10, 20, 40, 80, 160 s
    assert ("Failed", "Error: ErrImagePull") in events
    assert ("BackOff", 'Back-off pulling image "app:1"') in events
    assert town.get(PODS, "one")["status"]["phase"] == "Pending"


def test_a_pod_given_another_image_is_restarted_with_it() -> None:
    town = Town()
    town.behave("one", kind="image-missing")
    town.pod()
    town.live(30)
    town.change(PODS, "one", lambda spec: {**spec, "containers": [{**spec["containers"][0], "image": "app:2"}]})
    town.until(lambda: ready(town.get(PODS, "one")))
    assert town.get(PODS, "one")["status"]["containerStatuses"][0]["image"] == "app:2"


@pytest.mark.parametrize(
    ("command", "policy", "phase", "code"),
    [
        (["false"], "Never", "Failed", 1),
        (["sh", "-c", "echo hello; exit 3"], "Never", "Failed", 3),
        (["sleep", "4"], "Never", "Succeeded", 0),
        (["date"], "OnFailure", "Succeeded", 0),
        (["sleep", "infinity"], "Never", "Running", None),
        (["sh", "-c", "while true; do echo tick; sleep 1; done"], "Always", "Running", None),
    ],
)
def test_commands_whose_end_matters_end_as_they_would(command: list[str], policy: str, phase: str, code: int) -> None:
    town = Town()
    town.pod(container={"command": command}, restartPolicy=policy)
    town.live(20)
    pod = town.get(PODS, "one")
    assert pod["status"]["phase"] == phase
    ended = pod["status"]["containerStatuses"][0]["state"].get("terminated")
    assert (ended and ended["exitCode"]) == code


@recordings.needed
def test_a_completed_pod_has_the_conditions_of_a_real_one() -> None:
    town = Town()
    town.pod(container={"command": ["date"]}, restartPolicy="Never")
    town.live(20)
    real = recordings.load("watch-from-rv").lines[-1]["object"]["status"]
    made = town.get(PODS, "one")["status"]

    def told(status: Obj) -> list[tuple[str, ...]]:
        return [(one["type"], one["status"], one.get("reason", "")) for one in status["conditions"]]

    assert (made["phase"], told(made)) == (real["phase"], told(real))


def test_init_containers_come_first_and_one_after_another() -> None:
    town = Town()
    init = [{"name": "first", "image": "init:1"}, {"name": "second", "image": "init:1"}]
    town.pod(initContainers=init)
    town.until(lambda: state(town.get(PODS, "one")) == "PodInitializing")
    assert conditions(town.get(PODS, "one"))["Initialized"] == "False"
    town.until(lambda: ready(town.get(PODS, "one")))
    statuses = town.get(PODS, "one")["status"]["initContainerStatuses"]
    first, second = (status["state"]["terminated"] for status in statuses)
    assert first["reason"] == second["reason"] == "Completed"
    assert first["finishedAt"] <= second["startedAt"]


def test_a_deleted_pod_stops_its_containers_before_it_goes() -> None:
    town = Town()
    town.pod()
    town.live(10)
    town.delete(PODS, "one")
    pod = town.get(PODS, "one")
    assert parse_timestamp(pod["metadata"]["deletionTimestamp"]) == START + 40
    assert ("Killing", "Stopping container app") in town.events("one")
    took = town.until(lambda: town.store.get(PODS, "default", "one") is None)
    assert 0.5 <= took <= 3


def test_a_deleted_pod_is_seen_ended_before_it_is_gone() -> None:
    town = Town()
    town.pod()
    town.live(10)
    seen: list[tuple[str, str]] = []
    town.store.subscribe(
        lambda record: (
            seen.append((record.change, record.obj["status"]["phase"])) if record.storage == PODS.storage else None
        )
    )
    town.delete(PODS, "one")
    town.live(5)
    assert seen == [("MODIFIED", "Running"), ("MODIFIED", "Succeeded"), ("DELETED", "Succeeded")]


def test_a_pod_without_a_node_goes_at_once() -> None:
    town = Town(nodes=0)
    town.pod()
    town.delete(PODS, "one")
    assert town.store.get(PODS, "default", "one") is None


def tainted(town: Town) -> None:
    for node in town.store.list(NODES):
        taint = {"key": "CriticalAddonsOnly", "value": "true", "effect": "NoSchedule"}
        town.store.update(NODES, {**node, "spec": {**node["spec"], "taints": [taint]}})


def cordoned(town: Town) -> None:
    for node in town.store.list(NODES):
        town.store.update(NODES, {**node, "spec": {**node["spec"], "unschedulable": True}})


def nothing(town: Town) -> None:
    pass


@pytest.mark.parametrize(
    ("prepare", "spec", "why"),
    [
        (nothing, {"container": {"resources": {"requests": {"cpu": "64"}}}}, "3 Insufficient cpu"),
        (nothing, {"nodeSelector": {"pool": "gpu"}}, "3 node(s) didn't match Pod's node affinity/selector"),
        (tainted, {}, "3 node(s) had untolerated taint {CriticalAddonsOnly: true}"),
        (cordoned, {}, "3 node(s) were unschedulable"),
        (
            nothing,
            {"volumes": [{"name": "d", "persistentVolumeClaim": {"claimName": "none"}}]},
            'persistentvolumeclaim "none" not found',
        ),
    ],
)
def test_a_pod_no_node_will_take_says_why(prepare: Callable[[Town], None], spec: dict[str, Any], why: str) -> None:
    town = Town()
    prepare(town)
    town.pod(**spec)
    town.live(1)
    pod = town.get(PODS, "one")
    scheduled = next(one for one in pod["status"]["conditions"] if one["type"] == "PodScheduled")
    assert scheduled["reason"] == "Unschedulable"
    assert f"0/3 nodes are available: {why}" in scheduled["message"]
    assert town.events("one") == [("FailedScheduling", scheduled["message"])]


def test_a_pending_pod_is_scheduled_when_the_taint_is_taken_away() -> None:
    town = Town()
    tainted(town)
    town.pod()
    town.live(1)
    node = town.store.list(NODES)[1]
    town.store.update(
        NODES, {**node, "spec": {field: value for field, value in node["spec"].items() if field != "taints"}}
    )
    town.live(1)
    assert town.get(PODS, "one")["spec"]["nodeName"] == node["metadata"]["name"]


def test_a_pending_pod_is_scheduled_when_there_is_room_again() -> None:
    town = Town(nodes=1)
    asked = {"resources": {"requests": {"cpu": "3"}}}
    town.pod("first", container=asked)
    town.pod("second", container=asked)
    town.live(2)
    assert "nodeName" not in town.get(PODS, "second")["spec"]
    town.delete(PODS, "first")
    town.live(5)
    assert town.get(PODS, "second")["spec"]["nodeName"]


def test_pods_of_one_workload_are_spread_over_the_nodes() -> None:
    town = Town()
    town.deployment(replicas=3)
    town.live(10)
    assert len({pod["spec"]["nodeName"] for pod in town.pods()}) == 3


def test_spreading_a_workload_counts_for_more_than_an_emptier_node() -> None:
    town = Town(nodes=2)
    busy = town.store.list(NODES)[1]
    for number in range(4):
        town.pod(f"other-{number}", nodeName=busy["metadata"]["name"])
    town.deployment(replicas=2)
    town.live(10)
    assert len({pod["spec"]["nodeName"] for pod in town.pods("web")}) == 2


def test_a_degraded_workload_has_all_its_pods_but_the_second() -> None:
    town = Town()
    town.behave("agent", kind="degraded", log="connect-agent")
    town.deployment("agent", replicas=2)
    town.live(60)
    assert sorted(map(ready, town.pods())) == [False, True]
    unready = next(pod for pod in town.pods() if not ready(pod))
    assert any(reason == "Unhealthy" for reason, _ in town.events(unready["metadata"]["name"]))


def test_a_behaviour_changed_while_pods_run_takes_hold_and_can_be_mended() -> None:
    town = Town()
    town.deployment(replicas=2)
    town.live(60)
    town.crew.behave("default", "web", "app:1", Behaviour("crash", 3.0, 1))
    town.live(60)
    assert {pod["status"]["containerStatuses"][0]["restartCount"] for pod in town.pods()} == {3}
    town.crew.behave("default", "web", "app:1", Behaviour())
    town.live(5)
    assert all(map(ready, town.pods()))


def test_equal_events_are_counted_and_forgotten_an_hour_after_the_last() -> None:
    town = Town()
    town.behave("one", kind="crash", runs_for=1.0, exit_code=1)
    town.pod()
    town.live(1000)
    back_off = [event for event in town.store.list(EVENTS) if event["reason"] == "BackOff"]
    assert len(back_off) == 1
    assert back_off[0]["count"] >= 5
    assert not any(event["reason"] == "Scheduled" for event in after(town, 3700))
    town.delete(PODS, "one")
    town.live(3700)
    assert not [event for event in town.store.list(EVENTS) if event["involvedObject"]["name"] == "one"]


def after(town: Town, seconds: float) -> list[Obj]:
    town.live(seconds)
    return [event for event in town.store.list(EVENTS) if event["involvedObject"]["name"] == "one"]


@pytest.mark.parametrize(
    ("version", "created"), [("v1.36.2", "Container created"), ("v1.33.4", "Created container: app")]
)
def test_events_speak_the_words_of_their_version(version: str, created: str) -> None:
    town = Town(version=version)
    town.pod()
    town.live(10)
    assert ("Created", created) in town.events("one")


def test_an_hour_passed_at_once_is_lived_through_in_its_own_order() -> None:
    step_by_step, at_once = Town(), Town()
    for town in (step_by_step, at_once):
        town.behave("one", kind="crash", runs_for=7.0, exit_code=1)
        town.pod()
    for _ in range(3600):
        step_by_step.live(1)
    at_once.live(3600)
    one, other = (town.get(PODS, "one")["status"] for town in (step_by_step, at_once))
    assert one["containerStatuses"] == other["containerStatuses"]
    assert one["conditions"] == other["conditions"]


def test_an_ephemeral_container_runs_and_is_no_part_of_the_pods_health() -> None:
    town = Town()
    town.pod()
    town.until(lambda: ready(town.get(PODS, "one")))
    before = conditions(town.get(PODS, "one"))
    added = [
        {"name": "looker", "image": "busybox:1.36", "stdin": True, "targetContainerName": "app"},
        {"name": "brief", "image": "busybox:1.36"},
    ]
    town.change(PODS, "one", lambda spec: {**spec, "ephemeralContainers": added})
    town.settle()

    def states() -> list[str]:
        found = town.get(PODS, "one")["status"].get("ephemeralContainerStatuses", [])
        return [next(iter(one["state"])) for one in found]

    assert states() == ["waiting", "waiting"]
    town.until(lambda: states() == ["running", "terminated"])
    town.live(600)
    pod = town.get(PODS, "one")
    assert states() == ["running", "terminated"]  # nobody starts it again
    looker, brief = pod["status"]["ephemeralContainerStatuses"]
    assert (looker["ready"], looker["restartCount"], "started" in looker) == (False, 0, False)
    assert (brief["state"]["terminated"]["exitCode"], brief["restartCount"]) == (0, 0)
    assert conditions(pod) == before
    assert pod["status"]["phase"] == "Running"
    paths = {one["involvedObject"].get("fieldPath") for one in town.store.list(EVENTS) if one["reason"] == "Started"}
    assert "spec.ephemeralContainers{looker}" in paths


def test_an_ephemeral_container_looks_into_a_pod_whose_init_containers_fail() -> None:
    town = Town()
    town.pod(initContainers=[{"name": "prepare", "image": "tool:1", "command": ["false"]}])
    town.live(20)
    town.change(PODS, "one", lambda spec: {**spec, "ephemeralContainers": [{"name": "e", "image": "i", "stdin": True}]})
    town.live(20)
    pod = town.get(PODS, "one")
    assert "running" in pod["status"]["ephemeralContainerStatuses"][0]["state"]
    assert pod["status"]["phase"] == "Pending"
