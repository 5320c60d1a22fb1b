"""From a wish to its result: the plan, the question, the progress."""

from __future__ import annotations

import pytest

from tests.ui import changes_world as cw
from tests.ui.change_steps import allow, deployments
from tests.ui.run import running
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.changes import Action, Fate, Outcome, Wish


async def test_scaling_from_the_menu_to_the_result() -> None:
    hub = cw.unlocked()
    allow(hub)
    hub.changes.steps = (cw.scaled(),)
    async with running(hub) as story:
        await deployments(story)
        await story.press("m")
        await story.type("scale")
        await story.press("enter")
        assert story.shows("scale deployment web/api in prod-eu", "a whole number; 3 now")
        await story.press("backspace", "5", "enter")
        assert hub.changes.planned[-1] == Wish(Action.SCALE, (cw.ref_of("api"),), {"replicas": "5"})
        assert story.shows("replicas 3 → 5", "-   replicas: 3", "+   replicas: 5", "▸ Cancel ◂")
        await story.press("y")
        assert hub.changes.carried == [], "one key does nothing"
        await story.press("enter")
        assert story.shows("0 of 1 done", "waiting")
        hub.changes.carried[0].tell(Outcome(Fate.DONE, "replicas 3 → 5"), finished=True)
        await story.settle()
        assert story.shows("✓ 1 of 1 done", "▸ Close ◂")
        await story.press("enter")
        assert story.overview.focused is story.overview.resources.table


async def test_enter_alone_cancels_a_plan() -> None:
    hub = cw.unlocked()
    async with running(hub) as story:
        await deployments(story)
        await story.press("ctrl+d", "enter")
        assert len(hub.changes.planned) == 1
        assert hub.changes.carried == []
        assert story.overview.focused is story.overview.resources.table


async def test_a_change_of_marked_rows_is_one_change_and_says_what_a_filter_hides() -> None:
    hub = cw.unlocked()
    async with running(hub) as story:
        await deployments(story, "@prod-*")
        await story.press("space", "space", "space", "slash")
        await story.type("front")
        await story.press("enter", "ctrl+d")
        wish = hub.changes.planned[-1]
        assert [(target.cluster.name, target.name) for target in wish.targets] == [
            ("prod-eu", "api"), ("prod-us", "api"), ("prod-eu", "front"),
        ]  # fmt: skip
        assert wish.hidden == 2
        assert story.shows("delete 3 deployments in prod-eu, prod-us", "! 2 of these rows are hidden by the filter")


async def test_production_wants_its_name_typed() -> None:
    hub = cw.unlocked()
    hub.changes.typed = ("prod-eu",)
    async with running(hub) as story:
        await deployments(story)
        await story.press("ctrl+d")
        assert story.shows("To delete deployment web/api in prod-eu, type prod-eu")
        await story.press("y")
        await story.type("prod-us")
        await story.press("enter")
        assert story.shows("× That is not it")
        assert hub.changes.carried == []
        await story.press(*["backspace"] * 2)
        await story.type("eu")
        await story.press("enter")
        assert len(hub.changes.carried) == 1


async def test_failures_stay_in_the_servers_words_until_they_are_closed() -> None:
    hub = cw.unlocked()
    hub.changes.steps = cw.steps()
    async with running(hub) as story:
        await deployments(story, "@prod-*")
        await story.press("space", "space", "ctrl+d")
        assert story.shows("× 1 of 4 refused by the dry-run: left out", "= 1 of 4 as wished already: left out")
        assert story.shows("must be greater than or", "! autoscaler web/api will set its replicas again")
        await story.press("y", "enter")
        hub.changes.carried[0].tell(*cw.OUTCOMES, finished=True)
        await story.settle()
        assert story.shows("× 1 of 2 done, 1 failed", "cannot patch resource")
        await story.advance(3600)
        assert story.shows("cannot patch resource")
        await story.press("escape")
        assert not story.shows("cannot patch resource")


async def test_esc_stops_what_runs_and_then_closes() -> None:
    hub = cw.unlocked()
    async with running(hub) as story:
        await deployments(story)
        await story.press("ctrl+d", "y", "enter", "escape")
        run = hub.changes.carried[0]
        assert run.cancelled
        assert story.shows("stopping: no further one is begun")
        run.tell(Outcome(Fate.SKIPPED), finished=True)
        await story.settle()
        assert story.shows("0 of 1 done", "1 not begun")


async def test_a_plan_that_is_refused_explains_itself() -> None:
    hub = cw.unlocked()
    hub.changes.refused = SourceError(cw.DENIED)
    async with running(hub) as story:
        await deployments(story)
        await story.press("ctrl+d")
        assert story.shows("× not possible; nothing was changed", "cannot patch resource", "▸ Close ◂")
        await story.press("y", "enter")
        assert hub.changes.carried == []


async def test_many_objects_are_folded_and_d_shows_their_differences() -> None:
    hub = cw.unlocked()
    hub.changes.steps = tuple(cw.scaled(f"app-{number}", token=number) for number in range(30))
    async with running(hub) as story:
        await deployments(story)
        await story.press("ctrl+d")
        assert story.shows("delete 30 deployments in prod-eu", "› web/app-0  replicas 3 → 5  +1 -1")
        assert not story.shows("replicas: 5")
        await story.press("d")
        assert story.shows("+   replicas: 5")
        await story.press("end")
        assert story.shows("web/app-29")


async def test_the_lock_that_fell_shut_in_the_middle_begins_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = cw.unlocked()
    async with running(hub) as story:
        await deployments(story)
        await story.press("ctrl+d")

        def refuse(plan: object) -> None:
            raise SourceError(Problem(ProblemKind.FORBIDDEN, "writing has been locked again"))

        monkeypatch.setattr(hub.changes, "carry_out", refuse)
        await story.press("y", "enter")
        assert story.shows("× not possible", "writing has been locked again")


async def test_a_long_plan_tells_how_far_it_is_and_can_be_left() -> None:
    hub = cw.unlocked()
    hub.changes.wait, hub.changes.so_far = True, (120, 400)
    async with running(hub) as story:
        await deployments(story)
        await story.press("ctrl+d")
        assert story.shows("▸ 120 of 400 planned", "Cancel")
        await story.press("escape")
        assert not story.shows("planned")
        assert hub.changes.carried == []


async def test_marks_are_taken_off_what_was_changed_and_stay_on_what_failed() -> None:
    hub = cw.unlocked()
    async with running(hub) as story:
        await deployments(story, "@prod-*")
        await story.press("space", "space", "space", "ctrl+d", "y", "enter")
        targets = hub.changes.planned[-1].targets
        assert len(targets) == 3
        outcomes = (Outcome(Fate.DONE), Outcome(Fate.FAILED, problem=cw.DENIED), Outcome(Fate.DONE))
        hub.changes.carried[0].tell(*outcomes, finished=True)
        await story.settle()
        await story.press("enter", "ctrl+d")
        assert hub.changes.planned[-1].targets == targets[1:2]


async def test_what_is_deleted_is_not_marked_when_it_is_made_anew() -> None:
    hub = cw.unlocked()
    async with running(hub) as story:
        await deployments(story)
        await story.press("space", "ctrl+d", "y", "enter")
        cw.show(hub, (cw.EU,), cw.NAMES[1:])
        hub.changes.carried[0].finish()
        await story.settle()
        await story.press("enter")
        cw.show(hub, (cw.EU,), cw.NAMES)
        await story.settle()
        assert len(story.overview.resources.table.rows) == len(cw.NAMES)
        assert story.overview.resources.table.marks == set()


async def test_a_plan_outlives_the_lock_and_waits_until_it_is_unlocked_again() -> None:
    hub = cw.unlocked()
    async with running(hub) as story:
        await deployments(story)
        await story.press("ctrl+d", "y")
        hub.changes.relock()
        await story.settle()
        assert story.shows("! writing has been locked meanwhile: W unlocks it", "W unlock")
        await story.press("enter")
        assert hub.changes.carried == []
        await story.press("W")
        assert not story.shows("locked meanwhile")
        await story.press("y", "enter")
        assert len(hub.changes.carried) == 1
