"""`m`: everything possible with the row, what is grey and why, and what the server is asked for it."""

from __future__ import annotations

import pytest

from tests.ui import changes_world as cw
from tests.ui import objects, states, world
from tests.ui.change_steps import allow, deployments
from tests.ui.run import SMALL, running
from tests.ui.test_object_stories import opened
from tui.errors import Problem, ProblemKind
from tui.model.changes import Action, Permission, Question


async def test_the_menu_is_grey_with_the_reason_while_writing_is_locked_and_asks_the_server_nothing() -> None:
    hub = cw.hub()
    async with running(hub) as story:
        await deployments(story)
        await story.press("m")
        assert story.shows("deployment web/api in prod-eu", "Open", "The same by hand", "read-only: W unlocks")
        await story.type("scale")
        await story.press("enter")
        assert story.shows("deployment web/api in prod-eu", "× read-only"), "it stays, and says why"
        assert hub.changes.asked == []
        assert hub.changes.planned == []


async def test_the_menu_unlocks_writing_and_stays() -> None:
    hub = cw.hub()
    allow(hub)
    async with running(hub) as story:
        await deployments(story)
        await story.press("m")
        await story.type("unlock")
        await story.press("enter")
        assert story.shows("WRITE 5:00", "deployment web/api in prod-eu")
        assert not story.shows("read-only: W")


async def test_what_is_forbidden_is_grey_with_the_servers_reason() -> None:
    hub = cw.unlocked()
    allow(hub, but=Action.DELETE)
    async with running(hub) as story:
        await deployments(story)
        await story.press("m")
        await story.type("delete")
        assert story.shows("prod-eu: you may not delete deployments in web: no role of yours allows it")
        await story.press("enter")
        assert hub.changes.planned == []


async def test_permissions_are_asked_for_only_where_the_line_is_on_screen() -> None:
    hub = cw.unlocked()
    async with running(hub, SMALL) as story:
        await deployments(story)
        await story.press("m", *["down"] * 15)
        assert story.shows("Scale", "…")
        verbs = {question.verb for question in hub.changes.asked}
        assert "delete" not in verbs, "Delete is further down"
        await story.press(*["down"] * 6)
        assert "delete" in {question.verb for question in hub.changes.asked}


async def test_answers_come_while_the_menu_is_open_and_nobody_asks_after_it_is_closed() -> None:
    hub = cw.unlocked()
    question = Question(cw.EU, "delete", "apps", "deployments", "", "web", "api")
    async with running(hub) as story:
        await deployments(story)
        await story.press("m")
        await story.type("delete")
        assert story.shows("…")
        hub.changes.may(question).put(Permission(True), world.NOW)
        await story.settle()
        assert not any("Delete" in line and "…" in line for line in story.lines())
        await story.press("escape")
        assert hub.changes.may(question).readers == 0


async def test_the_menu_runs_what_only_looks() -> None:
    async with running(cw.hub()) as story:
        await deployments(story)
        await story.press("m")
        await story.type("by hand")
        await story.press("enter")
        assert story.shows("The same by hand", "kubectl --context connectgateway_acme-1_europe-west1_prod-eu get")


async def test_a_pane_without_objects_has_a_menu_of_what_it_can() -> None:
    async with running(states.live()) as story:
        await story.press("m")
        assert story.shows("Fleets", "Open", "Details")
        assert not story.shows("Scale")


async def test_a_cluster_that_is_read_only_says_so_in_the_menu(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = cw.unlocked()
    rule = Problem(ProblemKind.FORBIDDEN, "read-only by the pattern prod-*")
    monkeypatch.setattr(hub.changes, "refusal", lambda cluster: rule)
    async with running(hub) as story:
        await deployments(story)
        await story.press("m")
        await story.type("scale")
        assert story.shows("prod-eu: read-only by the pattern prod-*")


async def test_the_palette_lists_the_changes_too() -> None:
    hub = cw.unlocked()
    async with running(hub) as story:
        await deployments(story)
        commands = {command.title for command in story.app.get_system_commands(story.app.screen)}
        assert {"Scale", "Restart, pod after pod", "Menu of everything possible with the row"} <= commands


async def test_the_screen_of_one_object_has_the_same_keys() -> None:
    hub = objects.live_hub()
    hub.changes.unlock()
    async with running(hub) as story:
        await opened(story, objects.POD, "YAML")
        await story.press("m")
        assert story.shows("pod payments/api-7c9f6d-kk0d2 in prod-us", "Events", "Delete")
        await story.press("escape", "ctrl+d", "y", "enter")
        assert [target.name for target in hub.changes.planned[-1].targets] == ["api-7c9f6d-kk0d2"]
        assert len(hub.changes.carried) == 1
