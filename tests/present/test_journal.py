"""Rows and details of the journal."""

from __future__ import annotations

import pytest

from tests.ui import changes_world as cw
from tests.ui import world
from tui.model.changes import Action
from tui.present.journal import COLUMNS, cells, details_of, object_words, undo_words
from tui.present.parts import cell_text

NOW = world.NOW
ENTRIES = cw.entries()


@pytest.mark.parametrize(("place", "said"), list(enumerate(("u undoes", "failed", "undone", "–", "–"))))
def test_whether_u_takes_it_back_is_said_in_words(place: int, said: str) -> None:
    assert undo_words(ENTRIES[place]) == said


def test_a_row_has_a_cell_for_each_column_and_nothing_breaks_out_of_it() -> None:
    evil = cw.entry(1, Action.SCALE, "a\x1b[31m\n", "x\u202ey", cluster="c\r", who="\x07")
    texts = [cell_text(cell) for cell in cells(evil, NOW)]
    assert len(texts) == len(COLUMNS)
    assert not any(char in text for text in texts for char in "\x1b\n\r\x07\u202e")


def test_what_failed_is_marked_and_what_was_undone_is_dim() -> None:
    failed, undone = cells(ENTRIES[1], NOW), cells(ENTRIES[2], NOW)
    assert [cell for cell in failed if not isinstance(cell, str)] == [
        ('× deployments.apps "front" is forbidden', "bad")
    ]
    assert all(not isinstance(cell, str) and cell[1] == "dim" for cell in undone)


def test_the_details_tell_what_was_asked_and_when_it_was_undone() -> None:
    lines = {line.label: line.text for line in details_of(ENTRIES[0], ENTRIES, NOW).lines}
    assert (lines["who"], lines["replicas"], lines["undo"]) == ("ana@example.com", "5", "u undoes it")
    undone = {line.label: line.text for line in details_of(ENTRIES[2], ENTRIES, NOW).lines}
    assert undone["undone"].startswith("at 2026-11-22")


def test_a_manifest_is_not_repeated_among_the_arguments() -> None:
    applied = cw.entry(1, Action.APPLY, "a", "applied", args={"manifest": "secret: 1", "force": "true"})
    texts = [line.text for line in details_of(applied, (), NOW).lines]
    assert "true" in texts
    assert "secret: 1" not in texts


def test_things_of_the_whole_cluster_have_no_namespace() -> None:
    assert object_words(cw.entry(1, Action.CORDON, "n1", "", kind="node", namespace="")) == "node n1"
