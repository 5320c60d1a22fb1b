"""The arguments of each change: what stands in the form, what is refused and why, and what the wish is given."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from tui.model.changes import Action, Revision
from tui.present.forms import Facts, FieldType, args_of, facts_of, fields_for, notes_for, nothing, unset, wrong
from tui.present.revisions import revision_lines

FACTS = Facts(3, (("init", "i:1"), ("api", "a:1")), {"app": "x"}, {"note": "y"})

WORKLOAD = """
metadata: {labels: {app: web, n: 1}, annotations: {a: "1"}}
spec:
  replicas: 4
  template: {spec: {initContainers: [{name: init, image: i}], containers: [{name: web, image: w}]}}
"""
POD = "metadata: {name: p}\nspec: {containers: [{name: web, image: w}]}"
CRON = "spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: job, image: j}]}}}}}"


def test_facts_are_read_from_workloads_pods_and_cron_jobs() -> None:
    assert facts_of(WORKLOAD) == Facts(4, (("init", "i"), ("web", "w")), {"app": "web", "n": "1"}, {"a": "1"})
    assert facts_of(POD).containers == (("web", "w"),)
    assert facts_of(CRON).containers == (("job", "j"),)


@pytest.mark.parametrize("text", ["", "[]", "spec: 3", "spec: {template: {spec: {containers: [1, {image: 2}]}}}"])
def test_a_manifest_of_another_shape_is_no_reason_to_end(text: str) -> None:
    assert facts_of(text).replicas is None


@pytest.mark.parametrize(
    ("action", "names"),
    [
        (Action.SCALE, ["replicas"]),
        (Action.SET_IMAGE, ["image:init", "image:api"]),
        (Action.UNDO_ROLLOUT, ["revision"]),
        (Action.TRIGGER, ["name"]),
        (Action.LABEL, ["pairs"]),
        (Action.DELETE, ["propagation", "grace"]),
        (Action.DRAIN, ["grace", "timeout", "force", "delete-emptydir-data"]),
        (Action.APPLY, ["path", "manifest", "force"]),
        (Action.RESTART, []),
    ],
)
def test_each_action_has_its_fields(action: Action, names: list[str]) -> None:
    assert [field.name for field in fields_for(action, FACTS)] == names


HISTORY = (
    Revision(1, ("reg.example/team/web:1",), "first\x1b release", 1_000.0),
    Revision(10, ("reg.example/team/web@sha256:" + "ab" * 32, "proxy:2"), "", 3_600.0),
    Revision(11, ("web:3",), "", 4_000.0, present=True),
)


def test_a_rollout_goes_back_to_one_of_its_revisions_and_the_one_before_stands_first() -> None:
    facts = Facts(revisions=HISTORY, now=4_000.0)
    (field,) = fields_for(Action.UNDO_ROLLOUT, facts)
    assert (field.choices, field.value) == (("10", "1"), "10")
    assert field.lines == (
        "10  6m40s  web@sha256:abababababab, proxy:2",
        " 1  50m    web:1                             first␛ release",
    )
    assert notes_for(Action.UNDO_ROLLOUT, facts) == ("now 11  0s  web:3",)
    assert args_of(Action.UNDO_ROLLOUT, {"revision": "1"}, facts) == {"revision": "1"}


def test_the_images_that_are_always_the_same_leave_the_room_to_the_others() -> None:
    one, two = (Revision(n, (f"api:{n}", "proxy:2", f"log:{n}"), "because", 0.0) for n in (1, 2))
    assert revision_lines([two, one], 60.0) == ("2  60s  api:2, log:2  because", "1  60s  api:1, log:1  because")
    same = replace(two, number=1)
    assert revision_lines([two, same], 60.0)[1] == "1  60s  api:2, proxy:2, log:2  because"


def test_several_rollouts_have_each_their_own_revisions_and_a_first_one_has_none_to_go_back_to() -> None:
    (field,) = fields_for(Action.UNDO_ROLLOUT, Facts())
    assert (field.type, field.value) == (FieldType.LINE, "")
    assert fields_for(Action.UNDO_ROLLOUT, Facts(revisions=HISTORY[2:])) == ()
    assert "no earlier revision" in nothing(Action.UNDO_ROLLOUT)
    assert "no containers" in nothing(Action.SET_IMAGE)


def test_what_is_there_now_is_filled_in() -> None:
    assert fields_for(Action.SCALE, FACTS)[0].value == "3"
    assert fields_for(Action.SET_IMAGE, FACTS)[1].value == "a:1"
    assert notes_for(Action.LABEL, FACTS) == ("app=x",)
    assert notes_for(Action.ANNOTATE, FACTS) == ("note=y",)


@pytest.mark.parametrize(
    ("action", "field", "value", "right"),
    [
        (Action.SCALE, "replicas", "0", True),
        (Action.SCALE, "replicas", " 5 ", True),
        (Action.SCALE, "replicas", "-1", False),
        (Action.SCALE, "replicas", "", False),
        (Action.SCALE, "replicas", "²", False),
        (Action.SET_IMAGE, "image:api", "registry.example:5000/a/b:1@sha256:00", True),
        (Action.SET_IMAGE, "image:api", "", False),
        (Action.SET_IMAGE, "image:api", "a,b", False),
        (Action.UNDO_ROLLOUT, "revision", "", True),
        (Action.UNDO_ROLLOUT, "revision", "0", False),
        (Action.TRIGGER, "name", "by-hand-1", True),
        (Action.TRIGGER, "name", "By Hand", False),
        (Action.DELETE, "grace", "", True),
        (Action.DELETE, "grace", "soon", False),
        (Action.LABEL, "pairs", "a=b,example.com/c-", True),
        (Action.LABEL, "pairs", "", False),
        (Action.LABEL, "pairs", "a", False),
        (Action.LABEL, "pairs", "a=b c", False),
        (Action.LABEL, "pairs", "-a=b", False),
        (Action.ANNOTATE, "pairs", "a=any thing, even commas", True),
        (Action.APPLY, "path", "x.yaml", True),
        (Action.APPLY, "path", " ", False),
    ],
)
def test_what_is_wrong_is_said_in_words(action: Action, field: str, value: str, right: bool) -> None:
    found = wrong(action, {field: value})
    assert bool(found.get(field)) is not right


def test_only_what_was_changed_or_given_becomes_an_argument() -> None:
    images = {"image:init": "i:1", "image:api": "a:2"}
    assert args_of(Action.SET_IMAGE, images, FACTS) == {"images": "api=a:2"}
    same = args_of(Action.SET_IMAGE, {"image:api": "a:1"}, FACTS)
    assert unset(Action.SET_IMAGE, same) == "change at least one image"
    assert args_of(Action.DELETE, {"propagation": "orphan", "grace": ""}, FACTS) == {"propagation": "orphan"}
    assert args_of(Action.DRAIN, {"grace": "5", "force": "yes", "delete-emptydir-data": "no"}, FACTS) == {
        "grace": "5", "force": "true",
    }  # fmt: skip
    assert args_of(Action.APPLY, {"path": "f", "manifest": "a: b", "force": "no"}, FACTS) == {"manifest": "a: b"}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("a=b", {"a": "b"}),
        ("a=b, c-", {"a": "b", "c": None}),
        ("a=", {"a": ""}),
        ("note=hello, world,b=c", {"note": "hello, world", "b": "c"}),
        ("url=https://x/?q=1&r=2", {"url": "https://x/?q=1&r=2"}),
    ],
)
def test_pairs_may_hold_commas(typed: str, meant: dict[str, str | None]) -> None:
    assert json.loads(args_of(Action.ANNOTATE, {"pairs": typed}, FACTS)["pairs"]) == meant
