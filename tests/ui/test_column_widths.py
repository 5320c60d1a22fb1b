"""Columns grow with what is seen, give way fairly, and a cut text keeps what tells it from its neighbours."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from widgets.column_widths import ColumnWidths, TableColumn, cut

COLUMNS = (TableColumn("NAME", flexible=True, min=8), TableColumn("STATUS", flexible=True, min=6), TableColumn("AGE"))


def widths(room: int, *rows: tuple[str, ...]) -> ColumnWidths:
    made = ColumnWidths()
    made.begin(COLUMNS)
    made.grow(rows)
    made.fit(room)
    return made


@pytest.mark.parametrize(
    ("text", "width", "middle", "shown"),
    [
        ("api", 6, True, "api   "),
        ("ledger-sync-66f6b8d64-drxdk", 20, True, "ledger-sync-6…-drxdk"),
        ("ledger-sync-66f6b8d64-drxdk", 20, False, "ledger-sync-66f6b8d…"),
        ("abcdef", 3, True, "ab…"),
        ("abcdef", 1, True, "…"),
        ("abcdef", 0, True, ""),
    ],
)
def test_names_are_cut_so_that_neighbours_differ(text: str, width: int, middle: bool, shown: str) -> None:
    assert cut(text, width, middle=middle) == shown


@pytest.mark.parametrize("width", range(1, 16))
@pytest.mark.parametrize("middle", [True, False])
def test_wide_characters_are_never_cut_in_half(width: int, middle: bool) -> None:
    assert cell_len(cut("日本語クラスタ", width, middle=middle)) == width


def test_the_widest_flexible_column_gives_way_first_and_no_further_than_its_least() -> None:
    row = ("a" * 30, "b" * 12, "5h27m")
    assert widths(100, row).fitted == [30, 12, 5]
    assert widths(40, row).fitted == [21, 12, 5]
    assert widths(10, row).fitted == [8, 6, 5], "what has no room is scrolled to"


def test_columns_do_not_shrink_while_they_stay_the_same() -> None:
    made = widths(100, ("a" * 30, "Running", "5h27m"))
    assert not made.begin(COLUMNS)
    made.grow([("a", "b", "c")])
    made.fit(100)
    assert made.fitted == [30, 7, 5]
    assert made.begin(COLUMNS[:2])
