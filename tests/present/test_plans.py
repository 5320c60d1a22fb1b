"""Plans, their confirmation and their results in words; and the modal's moments, one by one."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tui.errors import Problem, ProblemKind
from tui.model.changes import Action, DiffLine, Fate, Outcome, Plan, Progress, Step, Wish
from tui.model.cluster import ClusterRef, Via
from tui.model.kube import PODS, KindRef
from tui.model.objects import ObjectRef
from tui.present import planning
from tui.present.planning import Planning
from tui.present.plans import (
    all_well,
    confirm_words,
    first_failure,
    plan_lines,
    plan_notes,
    plan_title,
    progress_lines,
    progress_words,
    typed_right,
    wish_words,
)
from tui.present.problems import Line

EU, US = ClusterRef("context:eu", "eu", Via.CONTEXT), ClusterRef("context:us", "us", Via.CONTEXT)
DEPLOYMENTS = KindRef("apps", "v1", "deployments", "Deployment", "deployment")
EVIL = "\x1b[31m"
NO = Problem(ProblemKind.INVALID, "it was refused", server_words="spec.replicas: must be\nat least 0", status=422)
NOW = 1000.0


def ref(name: str, cluster: ClusterRef = EU, kind: KindRef = DEPLOYMENTS) -> ObjectRef:
    return ObjectRef(cluster, kind, "web", name)


DIFF = (DiffLine("@", "@@ -1 +1 @@"), DiffLine("-", "replicas: 3"), DiffLine("+", f"replicas: {EVIL}5"))
GOOD = Step(0, ref("api"), "replicas 3 → 5", DIFF, undoable=True)
OTHER = Step(1, ref("api", US), "replicas 3 → 5", DIFF)
BAD = Step(2, ref("front"), "", problem=NO)
SAME = Step(3, ref("ledger"), "", unchanged=True)
WISH = Wish(Action.SCALE, (ref("api"), ref("api", US), ref("front"), ref("ledger")), {"replicas": "5"}, hidden=1)
PLAN = Plan(1, WISH, (GOOD, OTHER, BAD, SAME), commands=("kubectl scale",))


def texts(lines: list[Line]) -> list[str]:
    return [line.text for line in lines]


def test_the_title_is_about_all_and_the_button_only_about_what_would_be_done() -> None:
    assert plan_title(PLAN) == "scale 4 deployments in eu, us"
    assert confirm_words(PLAN) == "scale 2 deployments in eu, us"
    assert wish_words(Wish(Action.APPLY, clusters=(EU, US))) == "apply to eu, us"


@pytest.mark.parametrize("action", list(Action))
def test_every_action_has_its_words(action: Action) -> None:
    said = plan_title(Plan(1, Wish(action), (GOOD,)))
    assert "deployment web/api" in said
    assert said.endswith("in eu")


def test_what_must_not_be_overlooked_stands_above() -> None:
    assert texts(plan_notes(PLAN)) == [
        "! 1 of these rows is hidden by the filter",
        "× 1 of 4 refused by the dry-run: left out",
        "= 1 of 4 as wished already: left out",
        "! 1 of 2 cannot be undone from the journal",
    ]
    assert plan_notes(Plan(1, replace(WISH, hidden=0), (GOOD,))) == []


def test_every_step_says_what_happens_and_diffs_carry_their_signs() -> None:
    shown = texts(plan_lines(PLAN, NOW, folded=False))
    assert shown[:4] == [
        "› eu  web/api  replicas 3 → 5", "  @@ -1 +1 @@", "  - replicas: 3", "  + replicas: ␛[31m5",
    ]  # fmt: skip
    assert "× eu  web/front" in shown
    assert any("spec.replicas: must be" in text for text in shown)
    assert shown[-1] == "= eu  web/ledger  as wished already"


def test_folded_steps_count_their_differences() -> None:
    shown = texts(plan_lines(PLAN, NOW, folded=True))
    assert shown[:2] == ["› eu  web/api  replicas 3 → 5  +1 -1", "› us  web/api  replicas 3 → 5  +1 -1"]
    assert any("spec.replicas: must be" in text for text in shown), "a refusal is never folded"


def test_kinds_are_named_where_they_differ() -> None:
    mixed = Plan(1, WISH, (GOOD, replace(GOOD, token=1, ref=ref("p", kind=PODS))))
    assert texts(plan_lines(mixed, NOW, folded=True))[1].startswith("› pod  web/p")


def running(*outcomes: Outcome, finished: bool = False) -> Progress:
    return Progress(PLAN, outcomes, finished)


SKIPPED = (Outcome(Fate.SKIPPED), Outcome(Fate.SKIPPED))


@pytest.mark.parametrize(
    ("progress", "said", "well"),
    [
        (running(Outcome(), Outcome(), *SKIPPED), "0 of 2 done", True),
        (running(Outcome(Fate.DONE), Outcome(Fate.RUNNING), *SKIPPED), "1 of 2 done", True),
        (running(Outcome(Fate.DONE), Outcome(Fate.DONE), *SKIPPED, finished=True), "2 of 2 done", True),
        (
            running(Outcome(Fate.FAILED, "", NO), Outcome(Fate.SKIPPED), *SKIPPED, finished=True),
            "0 of 2 done, 1 failed, 1 not begun",
            False,
        ),
    ],
)
def test_progress_is_counted_over_what_was_planned(progress: Progress, said: str, well: bool) -> None:
    assert progress_words(progress) == said
    assert all_well(progress) is well
    assert (first_failure(progress) is None) is well


def test_a_result_tells_each_fate_in_a_word_and_failures_in_the_servers() -> None:
    ended = running(Outcome(Fate.DONE), Outcome(Fate.FAILED, "", NO), *SKIPPED, finished=True)
    shown = texts(progress_lines(ended, NOW))
    assert shown[0] == "✓ eu  web/api  done: replicas 3 → 5"
    assert shown[1] == "× us  web/api  failed"
    assert "    server: spec.replicas: must be" in shown
    assert shown[-1] == "– eu  web/ledger  skipped"


@pytest.mark.parametrize(
    ("typed", "right"),
    [("eu us", True), ("us, eu", True), (" eu\tus ", True), ("eu", False), ("", False), ("EU us", False)],
)
def test_production_names_are_typed_exactly(typed: str, right: bool) -> None:
    assert typed_right(replace(PLAN, typed=("eu", "us")), typed) is right


MAKING = Planning(WISH, options="arguments")
READY = replace(MAKING, plan=PLAN)
UNDER_WAY = replace(READY, running=True, progress=running(Outcome(), Outcome(), *SKIPPED))
ENDED = replace(UNDER_WAY, progress=running(Outcome(Fate.DONE), Outcome(Fate.DONE), *SKIPPED, finished=True))


@pytest.mark.parametrize(
    ("state", "first", "hints"),
    [
        (MAKING, "… reading, and trying each request with the server's dry-run", "esc cancel · o arguments"),
        (READY, "! 1 of these rows is hidden by the filter",
         "esc cancel · y, then enter: do it · o arguments · d fold · K by hand"),
        (replace(READY, plan=replace(PLAN, typed=("eu",))), "! 1 of these rows is hidden by the filter",
         "esc cancel · y, the name, enter · o arguments · d fold · K by hand"),
        (replace(READY, plan=replace(PLAN, steps=(SAME,))), "Nothing is left to do.",
         "esc close · o arguments · K by hand"),
        (replace(MAKING, problem=NO), "× not possible; nothing was changed", "esc close · o arguments"),
        (UNDER_WAY, "▸ 0 of 2 done", "esc stop · K by hand"),
        (replace(UNDER_WAY, cancelled=True), "▸ 0 of 2 done · stopping: no further one is begun",
         "esc stop · K by hand"),
        (ENDED, "✓ 2 of 2 done", "esc close · o arguments · K by hand"),
    ],
    ids=["making", "ready", "typed", "nothing", "failed", "running", "stopping", "ended"],
)  # fmt: skip
def test_each_moment_of_the_modal(state: Planning, first: str, hints: str) -> None:
    assert planning.notes(state)[0].text == first
    assert planning.hints(state) == hints


def test_one_object_is_not_counted() -> None:
    assert texts(planning.notes(replace(MAKING, so_far=(0, 1)))) == texts(planning.notes(MAKING))
    assert texts(planning.notes(replace(MAKING, so_far=(7, 40))))[1] == "▸ 7 of 40 planned"


def test_only_a_plan_that_is_there_can_begin() -> None:
    asking = [state.asking for state in (MAKING, READY, replace(READY, problem=NO), UNDER_WAY, ENDED)]
    assert asking == [False, True, False, False, False]


def test_why_it_makes_no_sense_is_said_as_text() -> None:
    assert texts(planning.body(replace(MAKING, words=f"replicas {EVIL}?"), NOW)) == ["× replicas ␛[31m?"]
