"""Which kind is meant."""

from __future__ import annotations

import pytest

from tui.data.kinds import find_kind, find_kinds, known_kind, words_of
from tui.errors import Problem, ProblemKind
from tui.model.kube import PODS, KindRef

LIST = frozenset({"list", "watch"})
EVENTS = KindRef("", "v1", "events", "Event", "event", True, ("ev",), verbs=LIST)
NEW_EVENTS = KindRef("events.k8s.io", "v1", "events", "Event", "event", True, ("ev",), verbs=LIST)
DEPLOYMENTS = KindRef("apps", "v1", "deployments", "Deployment", "deployment", True, ("deploy",), verbs=LIST)
POD_METRICS = KindRef("metrics.k8s.io", "v1beta1", "pods", "PodMetrics", verbs=LIST)
REVIEWS = KindRef("authentication.k8s.io", "v1", "tokenreviews", "TokenReview", verbs=frozenset({"create"}))
GADGETS = KindRef("example.com", "v1", "gadgets", "Gadget", "gadget", True, ("deployments", "gd"), verbs=LIST)
KINDS = (PODS, EVENTS, GADGETS, DEPLOYMENTS, NEW_EVENTS, POD_METRICS, REVIEWS)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("pods", PODS),
        ("po", PODS),
        ("Pod", PODS),
        (" POD ", PODS),
        ("deploy", DEPLOYMENTS),
        ("deploy.apps", DEPLOYMENTS),
        ("deployments.apps", DEPLOYMENTS),
        ("deployments.v1.apps", DEPLOYMENTS),
        ("deployments", DEPLOYMENTS),  # a plural stands before another kind's short name
        ("gd", GADGETS),
        ("Gadget.example.com", GADGETS),
        ("ev", EVENTS),
        ("events.events.k8s.io", NEW_EVENTS),
        ("events.events", NEW_EVENTS),
        ("podmetrics", POD_METRICS),
        ("pods.metrics.k8s.io", POD_METRICS),
    ],
)
def test_a_kind_is_found_as_kubectl_finds_it(text: str, kind: KindRef) -> None:
    assert find_kind(text, KINDS) == kind


@pytest.mark.parametrize(
    ("text", "hint"),
    [("pod s", "pods"), ("deploymnets", "deployments"), ("gadgetz", "gadgets"), ("xyzzy", ""), ("tokenreview", "")],
)
def test_an_unknown_kind_names_the_nearest(text: str, hint: str) -> None:
    found = find_kind(text, KINDS)
    assert isinstance(found, Problem)
    assert found.kind is ProblemKind.INVALID
    assert text in found.summary
    assert hint in found.summary
    assert ("did you mean" in found.summary) == bool(hint)


def test_pods_are_known_without_asking() -> None:
    assert [known_kind(text) for text in ("pods", "po", "Pod", "pod")] == [PODS] * 4
    assert known_kind("pods.metrics.k8s.io") is None
    assert known_kind("deploy") is None


def test_a_category_is_all_its_kinds_that_can_be_listed() -> None:
    widgets = KindRef("example.com", "v1", "widgets", "Widget", categories=("all",), verbs=LIST)
    hidden = KindRef("example.com", "v1", "ghosts", "Ghost", categories=("all",))
    assert find_kinds("all", (*KINDS, widgets, hidden)) == (PODS, widgets)
    assert find_kinds("deploy", KINDS) == (DEPLOYMENTS,)
    assert isinstance(find_kinds("xyzzy", KINDS), Problem)


def test_several_words_are_several_kinds() -> None:
    assert words_of(" deploy, sts,,deploy ") == ("deploy", "sts")
