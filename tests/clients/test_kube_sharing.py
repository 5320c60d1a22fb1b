"""What many rows say is held once, and what is said only once is not held for ever."""

from __future__ import annotations

import pytest

from tui.clients.kube_decode import Metadata, Partial, PrintedRow, printed_rows
from tui.clients.kube_sharing import Shared


def pod(number: int) -> PrintedRow:
    labels = {"app": "".join(["we", "b"]), "hash": "".join(["ab", "c"])}
    name = f"web-{number}"
    cells = (f"web-{number}", "".join(["Run", "ning"]), f"10.0.0.{number}")
    return PrintedRow(cells, Partial(Metadata(name, "".join(["pay", "ments"]), f"uid-{number}", labels=labels)))


@pytest.mark.parametrize("rows", [2, 500])
def test_texts_and_labels_that_many_rows_have_are_one_object(rows: int) -> None:
    one, two = printed_rows([pod(number) for number in range(1, rows + 1)], 0)[:2]
    assert one.cells == ("web-1", "Running", "10.0.0.1")
    assert one.cells[0] is one.name
    assert one.cells[1] is two.cells[1]
    assert one.namespace is two.namespace
    assert one.labels is two.labels
    assert two.labels == {"app": "web", "hash": "abc"}


def test_the_texts_of_many_rows_are_not_held_for_ever() -> None:
    shared = Shared()
    for number in range(3 * Shared.MOST):
        shared.cells((f"unique-{number}",))
        shared.labels({"n": str(number)})
    assert len(shared._texts) <= Shared.MOST + 2
    assert len(shared._labels) <= Shared.MOST + 2


def test_no_labels_are_no_labels() -> None:
    assert Shared().labels({}) is None
    assert Shared().labels(None) is None


def test_what_is_no_text_stays_what_it_is_and_what_is_long_is_not_kept() -> None:
    shared = Shared()
    assert shared.cells(("1", "2")) == ("1", "2")
    mixed = (True, 1, 1.0, None, "1")
    assert [type(cell) for cell in shared.cells(mixed)] == [bool, int, float, type(None), str]
    long = ("x" * 1_000_000,)
    assert shared.cells(long) is long
    assert not any(len(text) > 256 for text in shared._texts)


def test_a_page_shares_the_same_cells_as_its_rows_one_by_one_and_changes_none() -> None:
    shared, names = Shared(), [f"web-{number}" for number in range(100)]
    rows = [(name, "Running", True, 1, f"10.0.0.{at}", "x" * 300) for at, name in enumerate(names)]
    assert shared.rows(rows, names, 0) == rows
    assert [[type(cell) for cell in row] for row in shared.rows(rows, names, 0)] == [[*map(type, row)] for row in rows]
    assert shared._texts.keys() == {"Running"}
    assert shared.rows(rows, ["other"] * 100, 0) == rows
    assert shared.rows(rows, names, 9) == rows


def test_rows_of_several_lengths_and_of_none_stay_as_they_are() -> None:
    for rows in ([("a", "b"), ("a",)] * 50, [()] * 50):
        assert Shared().rows(rows, ["a"] * len(rows), 0) == rows
