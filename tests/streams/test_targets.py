"""Which pod is talked to and which port is meant, as tables."""

from __future__ import annotations

import pytest

from tui.errors import ProblemKind, SourceError
from tui.model.objects import Body
from tui.streams.targets import best_pod, controller_of, leaving, ports_of, selector_of


def pod(name: str, *, phase: str = "Running", ready: str = "True", since: str = "2026-01-01T00:00:00Z", **meta) -> Body:
    return {
        "metadata": {"name": name, **meta},
        "spec": {"nodeName": "n", "containers": [{"name": "c", "ports": [{"containerPort": 8080, "name": "http"}]}]},
        "status": {"phase": phase, "conditions": [{"type": "Ready", "status": ready, "lastTransitionTime": since}]},
    }


GOING = pod("a-going", deletionTimestamp="2026-01-01T00:00:00Z")
DONE = pod("b-done", phase="Succeeded")
FAILED = pod("c-failed", phase="Failed")
PENDING = pod("d-pending", phase="Pending", ready="False")
UNREADY = pod("e-unready", ready="False")
YOUNG = pod("f-young", since="2026-02-01T00:00:00Z")
OLD = pod("g-old")


@pytest.mark.parametrize(
    ("pods", "best"),
    [
        ([GOING, DONE, FAILED], None),
        ([], None),
        ([GOING, PENDING], "d-pending"),
        ([PENDING, UNREADY], "e-unready"),
        ([UNREADY, YOUNG], "f-young"),
        ([YOUNG, OLD], "g-old"),
        ([{"metadata": {"name": "x"}}, OLD], "g-old"),
    ],
)
def test_the_pod_that_serves_best_is_taken(pods: list[Body], best: str | None) -> None:
    for order in (pods, pods[::-1]):
        found = best_pod(order)
        assert (found["metadata"]["name"] if found else None) == best


def test_a_pod_that_is_going_or_has_ended_gets_nothing_new() -> None:
    assert [leaving(one) for one in (GOING, DONE, FAILED, PENDING, OLD)] == [True, True, True, False, False]


@pytest.mark.parametrize(
    ("owner", "selector"),
    [
        ({"kind": "Service", "spec": {"selector": {"b": "2", "a": "1"}}}, "a=1,b=2"),
        ({"kind": "Service", "spec": {}}, ""),
        ({"kind": "Deployment", "spec": {"selector": {"matchLabels": {"app": "x"}}}}, "app=x"),
        (
            {"kind": "Job", "spec": {"selector": {"matchExpressions": [{"key": "k", "operator": "Exists"}]}}},
            "k",
        ),
        ({"kind": "Deployment", "spec": {"selector": "nonsense"}}, ""),
        ({}, ""),
    ],
)
def test_what_a_workload_selects(owner: Body, selector: str) -> None:
    assert selector_of(owner) == selector


def test_the_maker_is_the_owner_that_controls() -> None:
    owners = [{"kind": "A"}, {"kind": "B", "controller": True}]
    assert controller_of({"metadata": {"ownerReferences": owners}}) == owners[1]
    assert controller_of({"metadata": {"ownerReferences": "x"}}) == {}


def service(**spec: object) -> Body:
    ports = [
        {"port": 80, "name": "web", "targetPort": "http"},
        {"port": 81, "targetPort": 9000},
        {"port": 82},
        {"port": 83, "targetPort": "nowhere"},
    ]
    return {"kind": "Service", "metadata": {"name": "shop"}, "spec": {"ports": ports, **spec}}


@pytest.mark.parametrize(
    ("asked", "of", "port"),
    [
        (8080, None, 8080),
        (9999, None, 9999),
        ("http", None, 8080),
        (80, service(), 8080),
        ("web", service(), 8080),
        (81, service(), 9000),
        (82, service(), 82),
        (80, service(clusterIP="None"), 80),
        (81, service(clusterIP="None"), 81),
    ],
)
def test_a_port_is_found_by_number_or_name(asked: int | str, of: Body | None, port: int) -> None:
    assert ports_of([asked], OLD, of) == {asked: port}


@pytest.mark.parametrize(
    ("asked", "of", "words"),
    [
        ("https", None, "pod g-old has no port https: it has 8080 http"),
        (443, service(), "service shop has no port 443: it has 80 web, 81, 82, 83"),
        (83, service(), "has no port nowhere"),
    ],
)
def test_a_port_that_is_not_there_is_told_with_those_that_are(asked: int | str, of: Body | None, words: str) -> None:
    with pytest.raises(SourceError) as caught:
        ports_of([asked], OLD, of)
    assert words in caught.value.problem.summary
    assert caught.value.problem.kind is ProblemKind.NOT_FOUND
