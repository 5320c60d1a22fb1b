"""What stands around an object: pure relations by tables of bodies, and the tree as it is asked for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.data.fakekube import FakeKube, problem
from tests.data.helpers import ONE, connecting, reading, runtime
from tui.clock import ManualClock
from tui.data.objects import Objects
from tui.data.relations.links import uses
from tui.data.relations.looks import selects
from tui.model.builtin import (
    AUTOSCALERS,
    BUDGETS,
    CONFIG_MAPS,
    DEPLOYMENTS,
    INGRESSES,
    NETWORK_POLICIES,
    REPLICA_SETS,
    SECRETS,
    SERVICES,
)
from tui.model.kube import PODS, KindRef
from tui.model.objects import ObjectRef, Related, RelatedNode

LABELS = {"app": "web"}


def of(name: str, *owners: str, labels: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    meta: dict[str, Any] = {"name": name, "namespace": "shop", "labels": labels or {}}
    if owners:
        meta["ownerReferences"] = [
            {"apiVersion": "apps/v1", "kind": kind, "name": of_name, "uid": f"uid-{of_name}", "controller": True}
            for kind, of_name in (owner.split("/") for owner in owners)
        ]
    return {"metadata": meta, **more}


@pytest.fixture
def kube(clock: ManualClock) -> FakeKube:
    """A deployment with its pods, and whatever may stand around them."""
    made = FakeKube(clock)
    template = {"metadata": {"labels": LABELS}, "spec": {"volumes": [{"name": "c", "configMap": {"name": "cfg"}}]}}
    workload = {"selector": {"matchLabels": LABELS}, "replicas": 1, "template": template}
    pod = {"volumes": [{"name": "c", "configMap": {"name": "cfg"}}], "nodeName": "n1"}
    put = made.bodies.put
    put(DEPLOYMENTS, of("web", spec=workload))
    put(REPLICA_SETS, of("web-1", "Deployment/web", labels=LABELS, spec=workload, status={"replicas": 1}))
    put(REPLICA_SETS, of("web-0", "Deployment/web", labels=LABELS, spec=workload, status={"replicas": 0}))
    put(REPLICA_SETS, of("alien", "Deployment/another", labels=LABELS, spec=workload, status={"replicas": 1}))
    put(PODS, of("web-1-a", "ReplicaSet/web-1", labels=LABELS, spec=pod))
    put(PODS, of("web-alien", "ReplicaSet/alien", labels=LABELS, spec={}))
    put(SERVICES, of("web", spec={"selector": LABELS}))
    put(SERVICES, of("headless", spec={}))
    put(SERVICES, of("other", spec={"selector": {"app": "other"}}))
    put(BUDGETS, of("all", spec={"selector": {}}))
    put(NETWORK_POLICIES, of("np", spec={"podSelector": {"matchExpressions": [{"key": "app", "operator": "Exists"}]}}))
    put(AUTOSCALERS, of("hpa", spec={"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}}))
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    rule = {"host": "a.example.com", "http": {"paths": [{"path": "/", "backend": backend}]}}
    put(INGRESSES, of("ing", spec={"rules": [rule]}))
    put(CONFIG_MAPS, of("cfg"))
    return made


async def around(kube: FakeKube, clock: ManualClock, kind: KindRef, name: str) -> Related:
    rt = runtime(clock)
    connect = connecting(kube)
    cell = Objects(rt, lambda ref: connect()).related(ObjectRef(ONE, kind, "shop", name))
    async with reading(rt, cell) as (reader,):
        await clock.advance(1)
        assert reader.last.problem is None
        found: Related = reader.value
        return found


def told(nodes: tuple[RelatedNode, ...]) -> list[str]:
    return [
        f"{node.relation.value} {node.kind}/{node.name}" + (f" {told(node.children)}" if node.children else "")
        for node in nodes
    ]


async def test_a_deployment_and_what_stands_around_it(kube: FakeKube, clock: ManualClock) -> None:
    found = await around(kube, clock, DEPLOYMENTS, "web")
    assert told(found.nodes) == [
        "owns ReplicaSet/web-1 ['owns Pod/web-1-a']",
        "owns ReplicaSet/web-0",
        "selected by Service/web",
        "selected by PodDisruptionBudget/all",
        "selected by NetworkPolicy/np",
        "selected by HorizontalPodAutoscaler/hpa",
        "uses ConfigMap/cfg",
    ]
    assert found.gaps == ()


async def test_a_pods_owners_are_a_chain(kube: FakeKube, clock: ManualClock) -> None:
    found = await around(kube, clock, PODS, "web-1-a")
    assert told(found.nodes)[0] == "owned by ReplicaSet/web-1 ['owned by Deployment/web']"
    assert "uses Node/n1" in told(found.nodes)


async def test_a_service_leads_to_pods_and_is_led_to_by_ingresses(kube: FakeKube, clock: ManualClock) -> None:
    found = await around(kube, clock, SERVICES, "web")
    assert told(found.nodes) == ["selects Pod/web-1-a", "selects Pod/web-alien", "selected by Ingress/ing"]
    assert found.nodes[-1].note == "a.example.com/"


async def test_a_config_map_is_used_by_pods(kube: FakeKube, clock: ManualClock) -> None:
    found = await around(kube, clock, CONFIG_MAPS, "cfg")
    assert [(node.name, node.note) for node in found.nodes] == [("web-1-a", "volume c")]


async def test_what_is_used_and_not_there_is_called_so(kube: FakeKube, clock: ManualClock) -> None:
    kube.absent.add("ConfigMap/shop/cfg")
    found = await around(kube, clock, PODS, "web-1-a")
    assert [(node.name, node.lost) for node in found.nodes if node.lost] == [("cfg", "not found")]


async def test_an_owner_that_is_gone_and_one_whose_name_was_taken(kube: FakeKube, clock: ManualClock) -> None:
    kube.bodies.put(PODS, of("orphan", "ReplicaSet/gone", "ReplicaSet/web-1"))
    kube.bodies.put(REPLICA_SETS, {"metadata": {"name": "web-1", "namespace": "shop", "uid": "a-new-one"}})
    found = await around(kube, clock, PODS, "orphan")
    assert [node.lost for node in found.nodes[:2]] == ["not found", "another object has this name now"]


async def test_a_forbidden_kind_is_named_and_costs_nothing_else(kube: FakeKube, clock: ManualClock) -> None:
    kube.bodies.refuse["list networkpolicies.networking.k8s.io"] = problem(403)
    found = await around(kube, clock, DEPLOYMENTS, "web")
    assert [gap.who for gap in found.gaps] == ["networkpolicies.networking.k8s.io"]
    assert "selected by Service/web" in told(found.nodes)


async def test_children_of_a_custom_kind_are_found_by_metadata_alone(kube: FakeKube, clock: ManualClock) -> None:
    widgets = KindRef("example.com", "v1", "widgets", "Widget", "widget")
    kube.bodies.put(widgets, of("w"))
    kube.bodies.put(SECRETS, of("made", "Widget/w", data={"password": "c2VjcmV0"}))
    found = await around(kube, clock, widgets, "w")
    assert told(found.nodes) == ["owns Secret/made"]
    assert "data" not in (found.nodes[0].body or {})


def test_uses_are_named_once_with_how() -> None:
    env = [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "db", "key": "a"}}}]
    spec = {
        "serviceAccountName": "app",
        "imagePullSecrets": [{"name": "pull"}],
        "containers": [{"env": env, "envFrom": [{"secretRef": {"name": "db"}}]}],
        "volumes": [
            {"name": "p", "projected": {"sources": [{"configMap": {"name": "root"}}, {"secret": {"name": "s"}}]}},
            {"name": "e", "ephemeral": {}},
        ],
    }
    found = uses({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "x"}, "spec": spec})
    assert [(link.kind, link.name, link.note) for link in found] == [
        ("ServiceAccount", "app", ""),
        ("Secret", "pull", "pulls images"),
        ("ConfigMap", "root", "volume p"),
        ("Secret", "s", "volume p"),
        ("PersistentVolumeClaim", "p-e", "volume e"),
        ("Secret", "db", "env A"),
    ]


@pytest.mark.parametrize(
    ("held", "matches"),
    [
        ({}, True),
        ({"matchLabels": {"a": "1"}}, True),
        ({"matchLabels": {"a": "2"}}, False),
        ({"matchExpressions": [{"key": "a", "operator": "In", "values": ["1", "2"]}]}, True),
        ({"matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["1"]}]}, False),
        ({"matchExpressions": [{"key": "b", "operator": "NotIn", "values": ["1"]}]}, True),
        ({"matchExpressions": [{"key": "b", "operator": "Exists"}]}, False),
        ({"matchExpressions": [{"key": "b", "operator": "DoesNotExist"}]}, True),
        ({"matchExpressions": [{"key": "a", "operator": "Later"}]}, False),
    ],
)
def test_selectors_match_as_the_server_matches(held: dict[str, Any], matches: bool) -> None:
    assert selects(held, {"a": "1"}) is matches
