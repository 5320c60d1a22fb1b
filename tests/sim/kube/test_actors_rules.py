"""The pure parts: rollout arithmetic, quantities, hashes, the reading of commands; and the agenda."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from tests.sim.kube.living import START
from tui.sim.kube.actors.behaviours import Behaviour, Behaviours
from tui.sim.kube.actors.catalogue import CONFIG_MAPS
from tui.sim.kube.actors.engine import Clock, Engine, Key
from tui.sim.kube.actors.pods import template_hash
from tui.sim.kube.actors.podstatus import ContainerRun, image_id, phase_of
from tui.sim.kube.actors.requests import Requests, fits, thousandths
from tui.sim.kube.actors.rollout import Bounds, Old, bounds, new_size, shrink
from tui.sim.kube.cluster import KubeCluster
from tui.sim.kube.dice import Dice
from tui.sim.kube.status import Obj


@pytest.mark.parametrize(
    ("surge", "unavailable", "replicas", "expected"),
    [
        ("25%", "25%", 3, Bounds(1, 0)),  # surge rounds up, unavailable down
        ("25%", "25%", 4, Bounds(1, 1)),
        ("25%", "25%", 10, Bounds(3, 2)),
        (0, 0, 5, Bounds(0, 1)),  # could never move otherwise
        (2, "100%", 5, Bounds(2, 5)),
        ("50%", 0, 1, Bounds(1, 0)),
    ],
)
def test_bounds_of_a_rolling_update(surge: object, unavailable: object, replicas: int, expected: Bounds) -> None:
    assert bounds(surge, unavailable, replicas) == expected


@pytest.mark.parametrize(
    ("wish", "new", "total", "expected"),
    [(10, 0, 10, 3), (10, 3, 13, 3), (10, 8, 10, 10), (3, 5, 5, 3), (5, 5, 5, 5)],
)
def test_how_far_the_new_set_may_grow(wish: int, new: int, total: int, expected: int) -> None:
    assert new_size(wish, Bounds(3, 2), new, total) == expected


@pytest.mark.parametrize(
    ("olds", "new", "available", "expected"),
    [
        ([Old("a", 10, 10)], 3, 0, {"a": 8}),  # 13 over all, 8 must be available, none of the new is
        ([Old("a", 10, 10)], 3, 3, {"a": 5}),
        ([Old("a", 10, 4)], 3, 3, {"a": 5}),  # what is broken goes first, and nothing that serves
        ([Old("a", 2, 2), Old("b", 6, 6)], 3, 3, {"a": 0, "b": 5}),
        ([Old("a", 1, 1)], 10, 10, {"a": 0}),
        ([Old("a", 8, 8)], 0, 0, {}),
    ],
)
def test_how_far_old_sets_may_shrink(olds: list[Old], new: int, available: int, expected: dict[str, int]) -> None:
    assert shrink(10, Bounds(3, 2), olds, new, available) == expected


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [
        ("1", 1000),
        ("250m", 250),
        ("1.5", 1500),
        ("1Ki", 1024_000),
        ("2Gi", 2 * 2**30 * 1000),
        ("3k", 3_000_000),
        ("x", 0),
    ],
)
def test_quantities_in_thousandths(quantity: str, expected: int) -> None:
    assert thousandths(quantity) == expected


def test_a_node_says_everything_it_is_short_of() -> None:
    asked = Requests({"cpu": 3000, "memory": 10, "gpu": 1000})
    taken = Requests({"cpu": 2000})
    assert fits(asked, taken, 5, {"cpu": "4", "memory": "1Ki", "pods": "5"}) == [
        "Too many pods",
        "Insufficient cpu",
        "Insufficient gpu",
    ]


def test_a_template_has_one_hash_whatever_the_order_of_its_fields() -> None:
    one, other = {"a": 1, "b": {"c": 2}}, {"b": {"c": 2}, "a": 1}
    assert template_hash(one) == template_hash(other) != template_hash({**one, "a": 2})
    assert template_hash(one) != template_hash(one, 1)
    assert set(template_hash(one)) <= set("bcdf456789")


@pytest.mark.parametrize(
    ("image", "repository"),
    [("nginx", "nginx"), ("nginx:1.27", "nginx"), ("host:5000/app", "host:5000/app"), ("a/b@sha256:00", "a/b")],
)
def test_an_image_resolves_to_a_digest_of_its_repository(image: str, repository: str) -> None:
    assert image_id(image).startswith(f"{repository}@sha256:")


def run(phase: str, code: int = 0, *, init: bool = False) -> ContainerRun:
    return ContainerRun("c", "i", init, phase, exit_code=code, ready=phase == "running")


@pytest.mark.parametrize(
    ("runs", "policy", "phase"),
    [
        ([run("waiting")], "Always", "Pending"),
        ([run("terminated", init=True), run("running")], "Always", "Running"),
        ([run("running", init=True), run("waiting")], "Always", "Pending"),
        ([run("terminated", 1, init=True), run("waiting")], "Never", "Failed"),
        ([run("terminated", 0)], "Never", "Succeeded"),
        ([run("terminated", 1), run("terminated", 0)], "Never", "Failed"),
        ([run("terminated", 1), run("running")], "Never", "Running"),
        ([run("terminated", 1)], "OnFailure", "Running"),
    ],
)
def test_the_phase_of_a_pod_follows_from_its_containers(runs: list[ContainerRun], policy: str, phase: str) -> None:
    assert phase_of(runs, policy) == phase


def pod(container: Obj, policy: str = "Always") -> Obj:
    spec = {"containers": [{"name": "c", **container}], "restartPolicy": policy, "nodeName": "n"}
    return {"metadata": {"name": "p", "namespace": "default", "uid": "u"}, "spec": spec}


@pytest.mark.parametrize(
    ("container", "policy", "runs_for", "exit_code", "exists"),
    [
        ({"image": "nginx"}, "Always", None, 0, True),
        ({"image": "nginx"}, "Never", 5.0, 0, True),
        ({"image": "registry.invalid/x:1"}, "Always", None, 0, False),
        ({"image": "b", "command": ["sleep", "2m"]}, "Always", 120.0, 0, True),
        ({"image": "b", "command": ["/bin/sh", "-c", "sleep 3; exit 7"]}, "Never", 3.0, 7, True),
        ({"image": "b", "args": ["false"]}, "Never", 1.0, 1, True),
        ({"image": "b", "command": ["httpd", "-f"]}, "Always", None, 0, True),
    ],
)
def test_what_an_unknown_container_is_taken_to_do(
    container: Obj, policy: str, runs_for: float | None, exit_code: int, exists: bool
) -> None:
    made = pod(container, policy)
    program = Behaviours().program(made, made["spec"]["containers"][0])
    assert (program.runs_for, program.exit_code, program.image_exists) == (runs_for, exit_code, exists)


def test_another_image_is_another_program() -> None:
    behaviours = Behaviours()
    behaviours.add("default", "p", "app:bad", Behaviour("crash", 3.0, 1))
    bad, good = pod({"image": "app:bad"}), pod({"image": "app:good"})
    assert behaviours.program(bad, bad["spec"]["containers"][0]).runs_for == 3.0
    assert behaviours.program(good, good["spec"]["containers"][0]).runs_for is None


def test_chance_is_the_same_for_the_same_place_and_spread_over_places() -> None:
    assert [Dice(1, 5).bits() for _ in range(3)] == [Dice(1, 5).bits()] * 3
    counts = [0] * 10
    for position in range(10_000):
        counts[Dice(42, position).below(10)] += 1
    assert all(850 < count < 1150 for count in counts)
    assert all(0 <= Dice(7, position).part() < 1 for position in range(1000))


class Diary:
    """A controller that notes when it is asked about what. again: seconds after which it wants to be asked again."""

    def __init__(self, now: Clock, again: Mapping[str, float] | None = None) -> None:
        self.notes: list[tuple[str, float]] = []
        self._now = now
        self._again = again or {}

    @property
    def watches(self) -> Mapping[tuple[str, str], Any]:
        return {CONFIG_MAPS.storage: self._keys}

    def _keys(self, record: Any) -> Iterable[Key]:
        return ((record.obj["metadata"]["name"],),)

    def sync(self, key: Key) -> float | None:
        self.notes.append((key[0], self._now() - START))
        return self._again.get(key[0])


class Place:
    def __init__(self, again: Mapping[str, float] | None = None) -> None:
        self.time = START
        self.clock = Clock(lambda: self.time)
        self.store = KubeCluster("engine", now=self.clock).store
        self.engine = Engine(self.store, self.clock)
        self.diary = Diary(self.clock, again)
        self.engine.add(self.diary)

    def write(self, name: str) -> None:
        self.store.create(CONFIG_MAPS, {"metadata": {"name": name, "namespace": "default"}})


def test_a_change_is_looked_at_once_however_often_it_was_asked_for() -> None:
    place = Place()
    place.write("a")
    place.store.update(CONFIG_MAPS, {"metadata": {"name": "a", "namespace": "default"}, "data": {"k": "v"}})
    place.engine.run_until(place.time)
    assert place.diary.notes == [("a", 0.0)]
    assert place.engine.next_due is None


def test_what_is_overdue_is_done_in_order_each_at_its_own_time() -> None:
    place = Place({"a": 10.0, "b": 4.0})
    place.write("a")
    place.write("b")
    place.time += 21
    place.engine.run_until(place.time)
    assert place.diary.notes == [
        ("a", 0.0),
        ("b", 0.0),
        ("b", 4.0),
        ("b", 8.0),
        ("a", 10.0),
        ("b", 12.0),
        ("b", 16.0),
        ("a", 20.0),
        ("b", 20.0),
    ]
    assert place.clock() == place.time


def test_a_change_does_not_put_off_what_is_overdue_already() -> None:
    place = Place({"a": 5.0})
    place.write("a")
    place.engine.run_until(place.time)
    place.time += 9
    place.store.update(CONFIG_MAPS, {"metadata": {"name": "a", "namespace": "default"}, "data": {"k": "v"}})
    place.engine.run_until(place.time)
    assert place.diary.notes == [("a", 0.0), ("a", 5.0)]


def test_work_beyond_its_share_of_time_is_left_for_later_and_not_lost() -> None:
    place = Place()
    for number in range(20):
        place.write(f"m{number:02d}")
    assert place.engine.run_until(place.time, seconds=0.0) is False
    assert len(place.diary.notes) == 1
    while not place.engine.run_until(place.time, seconds=0.0):
        pass
    assert [name for name, _ in place.diary.notes] == [f"m{number:02d}" for number in range(20)]


def test_a_controller_that_goes_round_in_circles_is_named() -> None:
    place = Place({"a": 0.0})
    place.write("a")
    with pytest.raises(RuntimeError, match=r"Diary goes round in circles over \('a',\)"):
        place.engine.run_until(place.time)
