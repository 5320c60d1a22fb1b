"""Which changes each kind offers, what is asked of the server about them, and why some of them are grey."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tui.errors import Problem, ProblemKind
from tui.model.changes import Action, Lock, Permission, Question
from tui.model.cluster import ClusterRef, Via
from tui.model.kube import PODS, KindRef
from tui.model.objects import ObjectRef
from tui.present.actions import (
    ASKED_AT_MOST,
    LOCKED,
    UNLOCK,
    MenuItem,
    closed_reason,
    deed_items,
    deed_of,
    deeds_for,
    forbidden,
    matching,
    menu_title,
    questions,
)
from tui.present.scope import Selection

EU, US = ClusterRef("context:eu", "eu", Via.CONTEXT), ClusterRef("context:us", "us", Via.CONTEXT)
ALL = frozenset({"get", "list", "watch", "create", "update", "patch", "delete"})
NOW = 1000.0


def kind(plural: str, group: str = "", *subresources: str, verbs: frozenset[str] = ALL) -> KindRef:
    return KindRef(group, "v1", plural, plural.title(), plural[:-1], verbs=verbs, subresources=frozenset(subresources))


def ref(of: KindRef, name: str = "a", cluster: ClusterRef = EU, namespace: str = "web") -> ObjectRef:
    return ObjectRef(cluster, of, namespace, name)


DEPLOYMENTS = kind("deployments", "apps", "scale", "status")
EVERYWHERE = "edit label annotate delete"


@pytest.mark.parametrize(
    ("of", "offered"),
    [
        (DEPLOYMENTS, f"{EVERYWHERE} scale set-image restart undo-rollout pause resume"),
        (kind("statefulsets", "apps", "scale"), f"{EVERYWHERE} scale set-image restart undo-rollout"),
        (kind("daemonsets", "apps"), f"{EVERYWHERE} set-image restart undo-rollout"),
        (kind("replicasets", "apps", "scale"), f"{EVERYWHERE} scale set-image"),
        (PODS, f"{EVERYWHERE} set-image"),
        (kind("cronjobs", "batch"), f"{EVERYWHERE} set-image trigger suspend unsuspend"),
        (kind("jobs", "batch"), f"{EVERYWHERE} suspend unsuspend"),
        (kind("nodes"), f"{EVERYWHERE} cordon uncordon drain"),
        (kind("secrets"), EVERYWHERE),
        (kind("gadgets", "example.com", "scale"), f"{EVERYWHERE} scale"),
        (kind("deployments", "example.com"), EVERYWHERE),
        (kind("events", verbs=frozenset({"get", "list"})), ""),
        (kind("things", verbs=frozenset({"get", "delete"})), "delete"),
        (kind("strangers", verbs=frozenset()), EVERYWHERE),
    ],
    ids=lambda value: value.qualified if isinstance(value, KindRef) else None,
)
def test_each_kind_offers_what_its_api_can(of: KindRef, offered: str) -> None:
    assert {deed.action.value for deed in deeds_for([ref(of)])} == set(offered.split())


def test_several_rows_offer_what_all_their_kinds_can_and_no_editor() -> None:
    both = [ref(DEPLOYMENTS), ref(kind("daemonsets", "apps"))]
    assert {deed.action.value for deed in deeds_for(both)} == {
        "label", "annotate", "delete", "set-image", "restart", "undo-rollout",
    }  # fmt: skip
    assert deeds_for([]) == ()


@pytest.mark.parametrize(
    ("action", "of", "asked"),
    [
        (Action.SCALE, DEPLOYMENTS, [Question(EU, "patch", "apps", "deployments", "scale", "web", "a")]),
        (Action.EDIT, DEPLOYMENTS, [Question(EU, "update", "apps", "deployments", "", "web", "a")]),
        (Action.DELETE, PODS, [Question(EU, "delete", "", "pods", "", "web", "a")]),
        (Action.TRIGGER, kind("cronjobs", "batch"), [Question(EU, "create", "batch", "jobs", "", "web")]),
    ],
)
def test_what_is_asked_about_one_row(action: Action, of: KindRef, asked: list[Question]) -> None:
    assert list(questions(deed_of(action), [ref(of)])) == asked


def test_a_drain_asks_about_the_node_and_about_evictions_everywhere() -> None:
    node = ObjectRef(EU, kind("nodes"), "", "n1")
    assert questions(deed_of(Action.DRAIN), [node]) == (
        Question(EU, "patch", "", "nodes", "", "", "n1"),
        Question(EU, "create", "", "pods", "eviction", "", ""),
    )


def test_many_rows_are_asked_about_by_namespace_and_not_without_end() -> None:
    rows = [ref(PODS, f"p{number}", cluster, space) for number in range(9) for cluster in (EU, US) for space in "ab"]
    asked = questions(deed_of(Action.DELETE), rows)
    assert asked == tuple(Question(cluster, "delete", "", "pods", "", space) for cluster in (EU, US) for space in "ab")
    wide = [ref(PODS, "p", EU, f"team-{number}") for number in range(300)]
    wide.append(ref(PODS, "q", EU, "team-0"))
    assert len(questions(deed_of(Action.DELETE), wide)) == ASKED_AT_MOST


ASK = Question(EU, "patch", "apps", "deployments", "scale", "web", "a")


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ([], ""),
        ([Permission(True)], ""),
        ([Permission(True), None], None),
        ([None, Permission(False, "no\x1b[31m role")], "eu: you may not patch deployments/scale in web: no␛[31m role"),
        ([Permission(False)], "eu: you may not patch deployments/scale in web"),
    ],
)
def test_one_refusal_is_enough_and_one_answer_that_is_missing_leaves_it_open(
    answers: list[Permission | None], said: str | None
) -> None:
    assert forbidden((ASK, answer) for answer in answers) == said


RULE = Problem(ProblemKind.FORBIDDEN, "read-only by configuration", target="eu")
SHUT = Problem(ProblemKind.FORBIDDEN, "writing is locked")


@pytest.mark.parametrize(
    ("lock", "refusals", "said"),
    [
        (None, {}, LOCKED),
        (Lock(), {}, LOCKED),
        (Lock(NOW), {}, LOCKED),
        (Lock(), {US: SHUT, EU: RULE}, "eu: read-only by configuration"),
        (Lock(), {US: SHUT}, LOCKED),
        (Lock(NOW + 1), {}, ""),
        (Lock(NOW + 1), {EU: RULE}, "eu: read-only by configuration"),
        (Lock(closed="the file says so"), {EU: RULE}, "read-only: the file says so"),
    ],
)
def test_why_nothing_may_be_written(lock: Lock | None, refusals: dict[ClusterRef, Problem], said: str) -> None:
    assert closed_reason(lock, refusals, NOW) == said


def test_the_lines_of_the_menu_are_grey_pending_or_free() -> None:
    deeds = [deed_of(Action.SCALE), deed_of(Action.DELETE)]
    keys = {"change.delete": "ctrl+d", "change.lock": "W"}
    locked = deed_items(deeds, keys, LOCKED, {})
    assert [(item.id, item.key, item.reason) for item in locked] == [
        (UNLOCK, "W", ""), ("do:scale", "", LOCKED), ("do:delete", "ctrl+d", LOCKED),
    ]  # fmt: skip
    free = deed_items(deeds, keys, "", {Action.SCALE: None, Action.DELETE: "eu: no"})
    assert [(item.id, item.pending, item.reason) for item in free] == [
        ("do:scale", True, ""), ("do:delete", False, "eu: no"),
    ]  # fmt: skip
    assert [item.id for item in deed_items(deeds, keys, "read-only: never", {})] == ["do:scale", "do:delete"]


def test_typing_finds_by_any_word_and_what_begins_so_comes_first() -> None:
    items = [MenuItem("a", "Logs of the previous run"), MenuItem("do:restart", "Restart, pod after pod"),
             MenuItem("p", "Pod things")]  # fmt: skip
    assert [item.id for item in matching(items, "pod")] == ["p", "do:restart"]
    assert [item.id for item in matching(items, "previous logs")] == ["a"]
    assert len(matching(items, "")) == 3


@pytest.mark.parametrize(
    ("selection", "said"),
    [
        (Selection(), ""),
        (Selection((ref(DEPLOYMENTS),)), "deployment web/a in eu"),
        (Selection((ref(PODS, "a"), ref(PODS, "b", US)), 1), "2 pods in eu, us (1 hidden by the filter)"),
        (Selection((ref(PODS, "a"), ref(DEPLOYMENTS))), "2 objects in eu"),
        (
            Selection(tuple(ref(PODS, "a", replace(EU, key=name, name=name)) for name in "wxyz")),
            "4 pods in 4 clusters: w, x, y …",
        ),
    ],
)
def test_the_menu_names_what_it_is_about(selection: Selection, said: str) -> None:
    assert menu_title(selection) == said
