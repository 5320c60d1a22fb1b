"""Changing things as a person does: menu, arguments, plan, confirmation, result; editor, lock and journal."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.ui import changes_world as cw
from tests.ui import objects, states, world
from tests.ui.fake import FakeHub
from tests.ui.run import SMALL, Story, running
from tests.ui.test_object_stories import opened
from tui.errors import Problem, ProblemKind, SourceError, UsageError
from tui.model.changes import Action, Fate, Outcome, Permission, Question, Step, Wish
from tui.present.actions import deed_of, questions


async def deployments(story: Story, of: str = "") -> None:
    """To the list of deployments: of the cluster under the cursor, or of those that match."""
    await story.press("colon")
    await story.type(f"deploy {of}".strip())
    await story.press("enter")


def allow(hub: FakeHub, *, but: Action | None = None) -> None:
    """Answers for every question about the deployments of both clusters; but: an action that is forbidden."""
    for action in Action:
        try:
            deed = deed_of(action)
        except StopIteration:
            continue
        for name in cw.NAMES:
            for question in questions(deed, [cw.ref_of(name)]):
                no = Permission(False, "no role of yours allows it")
                if action is but:
                    hub.changes.answers[question] = no
                else:
                    hub.changes.answers.setdefault(question, Permission(True))


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


# The menu ----------------------------------------------------------------------------------------------------------


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
        await story.press("m")
        assert story.shows("Scale", "…")
        verbs = {question.verb for question in hub.changes.asked}
        assert "delete" not in verbs, "Delete is further down"
        await story.press(*["down"] * 16)
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


# From the arguments to the result ----------------------------------------------------------------------------------


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


async def test_a_plan_can_be_made_by_hand() -> None:
    hub = cw.unlocked()
    hub.changes.commands = ("kubectl --context prod-eu delete deployment api",)
    async with running(hub) as story:
        await deployments(story)
        await story.press("ctrl+d", "K")
        assert story.shows("The change", "kubectl --context prod-eu delete deployment api")


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


async def test_the_palette_lists_the_changes_too() -> None:
    hub = cw.unlocked()
    async with running(hub) as story:
        await deployments(story)
        commands = {command.title for command in story.app.get_system_commands(story.app.screen)}
        assert {"Scale", "Restart, pod after pod", "Menu of everything possible with the row"} <= commands


# Locking -----------------------------------------------------------------------------------------------------------


async def test_w_unlocks_counts_down_and_locks() -> None:
    async with running(cw.hub()) as story:
        assert story.shows("READ-ONLY")
        await story.press("W")
        assert story.shows("WRITE 5:00")
        await story.advance(28)
        assert story.shows("WRITE 4:32")
        await story.press("W")
        assert story.shows("READ-ONLY")
        await story.press("colon")
        await story.type("write")
        await story.press("enter")
        assert story.shows("WRITE 5:00")
        await story.press("colon")
        await story.type("lock")
        await story.press("enter")
        assert story.shows("READ-ONLY")


async def test_what_cannot_be_unlocked_says_why() -> None:
    hub = cw.closing(cw.hub(), "the configuration says read_only")
    async with running(hub) as story:
        await story.press("W")
        assert story.shows("the configuration says read_only", "READ-ONLY")


async def test_keys_that_write_say_what_unlocks_them() -> None:
    hub = cw.hub()
    async with running(hub) as story:
        await deployments(story)
        await story.press("ctrl+d")
        assert story.shows("read-only: W unlocks")
        assert hub.changes.planned == []


# The editor --------------------------------------------------------------------------------------------------------


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


# The journal -------------------------------------------------------------------------------------------------------


async def journal(story: Story) -> None:
    await story.press("colon")
    await story.type("journal")
    await story.press("enter")


async def test_the_journal_is_live_newest_first_and_filtered() -> None:
    hub = cw.hub()
    async with running(hub) as story:
        await journal(story)
        assert story.shows("No change has been made yet.")
        hub.changes.journal.put(cw.entries(), world.NOW)
        await story.settle()
        rows = [line for line in story.lines() if "web/" in line]
        assert ["web/api" in rows[0], "web/front" in rows[1], "undone" in rows[2]] == [True, True, True]
        assert story.shows("14:01:32", "prod-eu", "× deployments.apps", "ana@example.com", "5 changes")
        await story.press("slash")
        await story.type("delete")
        await story.press("enter")
        assert story.shows("1 of 5 changes", "web/old")
        await story.press("escape", "escape")
        assert story.app.screen is story.overview


async def test_enter_shows_the_difference_and_u_plans_the_way_back() -> None:
    hub = cw.unlocked()
    hub.changes.journal.put(cw.entries(), world.NOW)
    async with running(hub) as story:
        await journal(story)
        await story.press("enter")
        assert story.shows("scale deployment web/api", "+   replicas: 5", "replicas", "ana@example.com")
        await story.press("escape", "u")
        assert hub.changes.planned[-1] == cw.entries()[0].undo
        await story.press("y", "enter")
        assert len(hub.changes.carried) == 1


@pytest.mark.parametrize(("row", "said"), [(2, "it has been undone already"), (3, "nothing takes this back")])
async def test_what_cannot_be_undone_says_so(row: int, said: str) -> None:
    hub = cw.unlocked()
    hub.changes.journal.put(cw.entries(), world.NOW)
    async with running(hub) as story:
        await journal(story)
        await story.press(*["down"] * row, "u")
        assert story.shows(said)
        assert hub.changes.planned == []


async def test_the_journal_is_there_by_hand_too() -> None:
    hub = cw.hub()
    hub.changes.journal.put(cw.entries(), world.NOW)
    async with running(hub) as story:
        await journal(story)
        await story.press("K")
        assert story.shows(
            "kubectl --context connectgateway_acme-1_europe-west1_prod-eu get deployments.apps api -n web"
        )


# By hand -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pane", "said"),
    [
        ("1", "gcloud container fleet memberships get-credentials prod-eu --location=europe-west1 --project=acme-1"),
        ("2", "az aks connection show --connection orders-blob -g rg-shop -n aks-1"),
        ("3", "kubectl --context connectgateway_acme-1_europe-west1_prod-eu get pods -A"),
    ],
)
async def test_every_pane_says_how_it_is_done_by_hand(pane: str, said: str) -> None:
    async with running(states.live()) as story:
        await story.press(pane, "K")
        assert story.shows("The same by hand", said)
        await story.press("c")
        assert story.shows("copied")


async def test_logs_by_hand_are_one_command_for_each_stream() -> None:
    async with running(states.live()) as story:
        await story.press("down", "down", "4", "K")
        assert story.shows(
            "kubectl --context connectgateway_acme-1_global_plant-7 logs", "-c gke-connect-agent --tail=100"
        )


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
