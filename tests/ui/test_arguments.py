"""The arguments of a change: what the forms ask for, what they find wrong, and the wish they make."""

from __future__ import annotations

from pathlib import Path

from tests.ui import changes_world as cw
from tests.ui.change_steps import allow, deployments
from tests.ui.run import Story, running
from tui.model.changes import Action, Wish


async def test_wrong_arguments_are_explained_and_nothing_is_planned() -> None:
    hub = cw.unlocked()
    allow(hub)
    async with running(hub) as story:
        await deployments(story)
        await story.press("m")
        await story.type("scale")
        await story.press("enter", "backspace")
        await story.type("many")
        await story.press("enter")
        assert story.shows("× a whole number from 0 on")
        assert hub.changes.planned == []


async def test_the_images_of_every_container_are_listed_and_only_those_changed_are_set() -> None:
    hub = cw.unlocked()
    allow(hub)
    async with running(hub) as story:
        await deployments(story)
        await story.press("m")
        await story.type("set image")
        await story.press("enter")
        assert story.shows("registry.example/api:1.4.0", "proxy", "registry.example/proxy:2.0.1")
        await story.press("enter")
        assert story.shows("× change at least one image")
        await story.press("backspace", "9", "enter")
        assert hub.changes.planned[-1].args == {"images": "api=registry.example/api:1.4.9"}


async def test_options_lead_back_to_the_arguments_as_they_were_typed() -> None:
    hub = cw.unlocked()
    async with running(hub) as story:
        await deployments(story)
        await story.press("ctrl+d", "o")
        assert story.shows("‹background›", "grace seconds")
        await story.press("right", "tab")
        await story.type("30")
        await story.press("enter")
        assert hub.changes.planned[-1].args == {"propagation": "foreground", "grace": "30"}
        await story.press("o")
        assert story.shows("‹foreground›", "30")


async def undoing(story: Story) -> None:
    await deployments(story)
    await story.press("m")
    await story.type("undo a rollout")
    await story.press("enter")


async def test_a_rollout_is_undone_to_a_revision_that_is_chosen_from_its_history() -> None:
    hub = cw.unlocked()
    allow(hub)
    async with running(hub) as story:
        await undoing(story)
        assert story.shows("undo the rollout of deployment web/api", "now 9", "8  5h", "go back to the old")
        await story.press("down", "enter")
        (wish,) = hub.changes.planned
        assert (wish.action, wish.args) == (Action.UNDO_ROLLOUT, {"revision": "7"})
        await story.press("o")
        assert any("▌ 7" in line for line in story.lines()), "what was chosen is chosen still"
        await story.press(*["up"] * 9, "enter")
        assert hub.changes.planned[-1].args == {"revision": "8"}


async def test_where_there_is_nothing_to_go_back_to_it_is_said() -> None:
    hub = cw.unlocked()
    allow(hub)
    hub.changes.histories[cw.ref_of("api")] = cw.history()[-1:]
    async with running(hub) as story:
        await undoing(story)
        assert story.shows("there is nothing to go back to: no earlier revision")
        assert hub.changes.planned == []


async def test_a_file_is_applied_to_the_clusters_of_the_list(tmp_path: Path) -> None:
    hub = cw.unlocked()
    file = tmp_path / "web.yaml"
    file.write_text(cw.MANIFEST)
    async with running(hub) as story:
        await deployments(story, "@prod-*")
        await story.press("colon")
        await story.type("apply")
        await story.press("enter", "enter")
        assert story.shows("apply to prod-eu, prod-us", "× name a file, or paste a manifest below")
        await story.type(f"{tmp_path}/nothing.yaml")
        await story.press("enter")
        assert story.shows("cannot be read"), "and the form is there again"
        await story.press(*["backspace"] * len("nothing.yaml"))
        await story.type("web.yaml")
        await story.press("enter")
        assert hub.changes.planned[-1] == Wish(Action.APPLY, (), {"manifest": cw.MANIFEST}, (cw.EU, cw.US)), (
            "read from the file"
        )
