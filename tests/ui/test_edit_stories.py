"""`e`: an object in an editor, as often as it takes; nothing that was typed is lost."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.ui import changes_world as cw
from tests.ui.change_steps import deployments
from tests.ui.fake import FakeHub
from tests.ui.run import running
from tui.errors import Problem, ProblemKind, UsageError
from tui.model.changes import Action, Step


class Editor:
    """In the place of the real one: `edits` change what it is given, in turn; what it was given is kept."""

    def __init__(self, folder: Path, *edits: Any) -> None:
        self.folder = folder
        self.edits = list(edits)
        self.given: list[str] = []

    async def __call__(self, app: object, text: str, name: str) -> tuple[str, Path]:
        self.given.append(text)
        file = self.folder / f"edit-{len(self.given)}" / "object.yaml"
        file.parent.mkdir()
        changed = self.edits.pop(0)(text)
        file.write_text(changed)
        return changed, file


def editing(monkeypatch: pytest.MonkeyPatch, folder: Path, *edits: Any) -> Editor:
    editor = Editor(folder, *edits)
    monkeypatch.setattr("screens.edit.edited", editor)
    return editor


def texts_in(folder: Path) -> list[str]:
    """What was kept."""
    return [file.read_text() for file in folder.rglob("object.yaml")]


def five(text: str) -> str:
    return text.replace("replicas: 3", "replicas: 5")


def same(text: str) -> str:
    return text


async def test_an_edit_is_planned_and_confirmed_like_any_change(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hub = cw.unlocked()
    editor = editing(monkeypatch, tmp_path, five)
    async with running(hub) as story:
        await deployments(story)
        await story.press("e")
        assert editor.given[0].startswith("# deployment web/api in prod-eu\n")
        wish = hub.changes.planned[-1]
        assert (wish.action, wish.args) == (Action.EDIT, {"manifest": five(cw.MANIFEST)})
        await story.press("y", "enter")
        hub.changes.carried[0].finish()
        await story.settle()
        await story.press("enter")
        assert os.listdir(tmp_path) == [], "nothing is left behind"


async def test_what_is_left_as_it_was_changes_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    hub = cw.unlocked()
    editing(monkeypatch, tmp_path, same)
    async with running(hub) as story:
        await deployments(story)
        await story.press("e")
        assert story.shows("nothing was changed")
        assert hub.changes.planned == []
        assert os.listdir(tmp_path) == []


async def test_what_is_refused_comes_back_with_the_reason_and_nothing_is_lost(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hub = cw.unlocked()
    hub.changes.steps = (Step(0, cw.ref_of("api"), "edit", problem=cw.REFUSED),)
    editor = editing(monkeypatch, tmp_path, five, same)
    async with running(hub) as story:
        await deployments(story)
        await story.press("e")
        again = editor.given[1]
        assert "# × prod-eu did not accept the request" in again
        assert "must be greater than or equal to 0" in again
        assert "replicas: 5" in again, "what was typed is there"
        assert story.shows("your text is kept in")
        assert texts_in(tmp_path) == [again]


async def test_a_text_that_is_no_object_comes_back_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    hub = cw.unlocked()
    hub.changes.refused = UsageError("the edited object: line 3: mapping values are not allowed here")
    editor = editing(monkeypatch, tmp_path, lambda text: text + "a: b: c\n", lambda text: "")
    async with running(hub) as story:
        await deployments(story)
        await story.press("e")
        assert "# × the edited object: line 3: mapping values are not allowed here" in editor.given[1]
        assert os.listdir(tmp_path) == [], "emptied: given up"


CONFLICT = Problem(ProblemKind.CONFLICT, "it has been changed since it was opened", status=409)


def changed_by_others(hub: FakeHub, *edits: tuple[str, str]) -> None:
    """Somebody else is faster."""
    text = cw.MANIFEST.replace('resourceVersion: "7"', 'resourceVersion: "8"')
    for old, new in edits:
        text = text.replace(old, new)
    hub.changes.manifests[cw.ref_of("api")] = text


async def test_what_others_changed_meanwhile_is_kept_and_ours_planned_over_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hub = cw.unlocked()
    hub.changes.conflict = CONFLICT

    def meanwhile(text: str) -> str:
        changed_by_others(hub, ("api:1.4.0", "api:1.5.0"))
        return five(text)

    editing(monkeypatch, tmp_path, meanwhile)
    async with running(hub) as story:
        await deployments(story)
        await story.press("e")
        manifest = hub.changes.planned[-1].args["manifest"]
        assert all(text in manifest for text in ('resourceVersion: "8"', "api:1.5.0", "replicas: 5"))
        assert story.shows("! Somebody else has changed it since you opened it", "▸ Cancel ◂")
        await story.press("escape")
        assert story.shows("your text is kept in")


async def test_a_place_that_both_changed_comes_back_with_both(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    hub = cw.unlocked()
    hub.changes.conflict = CONFLICT

    def meanwhile(text: str) -> str:
        changed_by_others(hub, ("replicas: 3", "replicas: 9"))
        return five(text)

    editor = editing(monkeypatch, tmp_path, meanwhile, same)
    async with running(hub) as story:
        await deployments(story)
        await story.press("e")
        again = editor.given[1]
        for text in ("× it has been changed", "in 1 place", "<<<<<<< yours\n  replicas: 5\n=======\n  replicas: 9"):
            assert text in again
        assert texts_in(tmp_path) == [again]


async def test_a_plan_of_an_edit_that_is_left_keeps_the_text(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    hub = cw.unlocked()
    editor = editing(monkeypatch, tmp_path, five)
    async with running(hub) as story:
        await deployments(story)
        await story.press("e", "escape")
        assert story.shows("your text is kept in")
        assert texts_in(tmp_path) == [five(editor.given[0])]


async def test_o_leads_from_the_plan_back_to_the_editor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    hub = cw.unlocked()
    editor = editing(monkeypatch, tmp_path, five, lambda text: text.replace("replicas: 5", "replicas: 6"))
    async with running(hub) as story:
        await deployments(story)
        await story.press("e", "o")
        assert "replicas: 5" in editor.given[1]
        assert "replicas: 6" in hub.changes.planned[-1].args["manifest"]


async def test_several_rows_are_not_edited_at_once() -> None:
    hub = cw.unlocked()
    async with running(hub) as story:
        await deployments(story)
        await story.press("space", "space", "e")
        assert story.shows("one object at a time is edited")
