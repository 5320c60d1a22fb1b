"""The table keeps cursor, marks and scroll on rows, not on positions, and paints only what is visible."""

from __future__ import annotations

import random
from collections.abc import Hashable, Iterator, Sequence
from typing import overload

import pytest
from textual.app import App, ComposeResult
from textual.strip import Strip
from textual.widgets import Button

from widgets.column_widths import TableColumn
from widgets.row_table import RowTable
from widgets.table_row import TableRow

COLUMNS = [TableColumn("NAME", flexible=True, max=40), TableColumn("READY", align="right"), TableColumn("STATUS")]


class TableApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.table = RowTable()
        self.seen: list[object] = []

    def compose(self) -> ComposeResult:
        yield self.table

    def on_row_table_highlighted(self, message: RowTable.Highlighted) -> None:
        self.seen.append(("highlighted", message.key))

    def on_row_table_selected(self, message: RowTable.Selected) -> None:
        self.seen.append(("selected", message.key))

    def on_row_table_marks_changed(self, message: RowTable.MarksChanged) -> None:
        self.seen.append(("marks", message.marks))


def rows(*names: str) -> list[TableRow]:
    return [TableRow(name, [name, "1/1", ("Running", "good")]) for name in names]


def lines(table: RowTable) -> list[str]:
    return [table.render_line(y).text.rstrip() for y in range(table.size.height)]


async def test_shows_header_rows_and_the_cursor_without_colour() -> None:
    app = TableApp()
    async with app.run_test(size=(40, 6)) as pilot:
        app.table.show(COLUMNS, rows("a", "b"))
        await pilot.pause()
        assert lines(app.table)[:4] == [
            "  NAME READY STATUS",
            "▌ a      1/1 Running",
            "  b      1/1 Running",
            "",
        ]


async def test_cursor_stays_on_its_row_when_rows_come_and_go_above() -> None:
    app = TableApp()
    async with app.run_test(size=(40, 8)) as pilot:
        app.table.show(COLUMNS, rows("b", "c", "d"))
        await pilot.press("down")
        assert app.table.cursor_key == "c"
        app.table.show(COLUMNS, rows("a", "aa", "b", "c", "d"))
        await pilot.pause()
        assert app.table.cursor_key == "c"
        app.table.show(COLUMNS, rows("d"))
        await pilot.pause()
        assert app.table.cursor_key == "d"
        app.table.show(COLUMNS, [])
        await pilot.pause()
        assert app.table.cursor_key is None


async def test_an_untouched_cursor_stays_at_the_top_while_rows_load() -> None:
    app = TableApp()
    async with app.run_test(size=(40, 8)) as pilot:
        app.table.show(COLUMNS, rows("m"))
        app.table.show(COLUMNS, rows("a", "m"))
        await pilot.pause()
        assert app.table.cursor_key == "a"


async def test_the_row_under_the_cursor_stays_at_its_height_on_screen() -> None:
    app = TableApp()
    async with app.run_test(size=(40, 10)) as pilot:
        many = [f"row-{number:03}" for number in range(100)]
        app.table.show(COLUMNS, rows(*many))
        await pilot.press("end")
        for _ in range(4):
            await pilot.press("up")
        await pilot.pause()
        height = next(y for y, line in enumerate(lines(app.table)) if line.startswith("▌"))
        app.table.show(COLUMNS, rows("a", "b", "c", *many))
        await pilot.pause()
        assert lines(app.table)[height].startswith("▌ row-095")


async def test_keys_move_mark_and_select() -> None:
    app = TableApp()
    async with app.run_test(size=(40, 8)) as pilot:
        app.table.focus()
        app.table.show(COLUMNS, rows("a", "b", "c"))
        await pilot.press("space", "enter", "G", "space")
        await pilot.pause()
        assert app.table.marks == {"a", "c"}
        assert ("selected", "b") in app.seen
        assert app.seen[-1] == ("marks", frozenset({"a", "c"}))
        assert lines(app.table)[3].startswith("▌●c")
        app.table.show(COLUMNS, rows("b", "c"))  # a marked row went away: the mark is kept for its return
        assert app.table.marks == {"a", "c"}


async def test_long_cells_are_cut_with_an_ellipsis_and_wide_characters_stay_aligned() -> None:
    app = TableApp()
    async with app.run_test(size=(30, 6)) as pilot:
        app.table.show(COLUMNS, rows("日本語クラスタ", "a-very-long-name-that-cannot-fit-in-here"))
        await pilot.pause()
        shown = lines(app.table)
        assert {app.table.render_line(y).cell_length for y in range(4)} == {app.table.scrollable_content_region.width}
        assert "…" in shown[2]
        assert shown[1].endswith("1/1 Running")
        assert shown[2].endswith("1/1 Running")


class Lazy(Sequence[TableRow]):
    """Fifty thousand rows that count how many were made."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.made = 0

    def __len__(self) -> int:
        return self.size

    @overload
    def __getitem__(self, index: int) -> TableRow: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[TableRow]: ...
    def __getitem__(self, index: int | slice) -> TableRow | Sequence[TableRow]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(self.size))]
        self.made += 1
        return TableRow(index, [f"row-{index}", "1/1", "Running"])

    def __iter__(self) -> Iterator[TableRow]:
        raise AssertionError("nobody may walk over all rows")

    def position(self, key: Hashable) -> int | None:
        return key if isinstance(key, int) and key < self.size else None


async def test_only_visible_rows_are_ever_made() -> None:
    app = TableApp()
    async with app.run_test(size=(60, 20)) as pilot:
        many = Lazy(50_000)
        app.table.show(COLUMNS, many)
        await pilot.press("pagedown", "pagedown", "down", "up", "end")
        await pilot.pause()
        assert app.table.cursor_key == 49_999
        assert many.made < 1_000


async def test_says_why_it_is_empty() -> None:
    app = TableApp()
    async with app.run_test(size=(40, 6)) as pilot:
        app.table.empty_text = "no pods in payments"
        app.table.show(COLUMNS, [])
        await pilot.pause()
        assert lines(app.table)[1] == "  no pods in payments"


async def test_clicking_moves_the_cursor_and_a_double_click_opens() -> None:
    app = TableApp()
    async with app.run_test(size=(40, 8)) as pilot:
        app.table.show(COLUMNS, rows("a", "b", "c"))
        await pilot.click(app.table, offset=(4, 3))
        assert app.table.cursor_key == "c"
        await pilot.click(app.table, offset=(4, 2), times=2)
        await pilot.pause()
        assert ("selected", "b") in app.seen


async def test_scrolls_sideways_when_the_columns_cannot_fit() -> None:
    app = TableApp()
    async with app.run_test(size=(20, 5)) as pilot:
        app.table.focus()
        wide = [TableColumn("NAME"), TableColumn("MESSAGE")]
        app.table.show(wide, [TableRow(1, ["a" * 12, "b" * 30])])
        await pilot.pause()
        assert lines(app.table)[0].endswith("›"), "there is more to the right"
        await pilot.press("right", "right")
        await pilot.pause()
        assert lines(app.table)[1].strip("b") == ""
        assert lines(app.table)[0][0] == "‹"
        await pilot.press("left", "left")
        await pilot.pause()
        assert lines(app.table)[1].startswith("▌ aaa")


class Counting(RowTable):
    """Knows which lines it was asked for since it was last looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.anew: list[int] = []

    def render_line(self, y: int) -> Strip:
        self.anew.append(y)
        return super().render_line(y)


class CountingApp(TableApp):
    """With something else that can have the focus."""

    CSS = "Button { height: 1; border: none; }"

    def __init__(self) -> None:
        super().__init__()
        self.table = Counting()

    def compose(self) -> ComposeResult:
        yield self.table
        yield Button("other")

    def on_screen(self) -> list[list[tuple[str, str]]]:
        """Each cell of the table, and its style, as Textual shows it."""
        strips = self.screen._compositor.render_strips()[: self.table.region.height]  # pyright: ignore[reportPrivateUsage]
        return [[(letter, str(part.style)) for part in strip for letter in part.text] for strip in strips]


async def test_lines_that_say_the_same_are_not_painted_again() -> None:
    app = CountingApp()
    table = app.table
    assert isinstance(table, Counting)
    async with app.run_test(size=(40, 6)) as pilot:

        async def painted(names: str, changed_at: float | None = None, columns: Sequence[TableColumn] = COLUMNS):
            table.show(columns, rows(*names), changed_at)
            table.anew.clear()
            await pilot.pause()
            return sorted(table.anew)

        await painted("abc")
        assert await painted("abc") == []
        assert await painted("abc", 7.0) == []
        assert await painted("axc") == [2]
        table.rows = rows(*"axz")
        table.redraw()
        table.anew.clear()
        await pilot.pause()
        assert table.anew == [3]
        others = [*COLUMNS[:2], TableColumn("PHASES")]
        assert await painted("axz", None, others) == list(range(table.size.height)), "the headings are others"


@pytest.mark.parametrize("seed", range(4))
async def test_what_is_on_the_screen_is_what_all_lines_would_show(seed: int) -> None:
    """Whatever was done, in any order."""
    app, chance = CountingApp(), random.Random(seed)
    table = app.table
    assert isinstance(table, Counting)
    async with app.run_test(size=(30, 8)) as pilot:
        less = 0
        for at in range(60):
            names = chance.sample("abcdefghijklmn", chance.randrange(15))
            head = chance.choice([COLUMNS, COLUMNS[:2], [*COLUMNS[:2], TableColumn("PHASES")]])
            steps = [
                lambda: table.show(COLUMNS, rows(*names), chance.choice([None, 5.0, at])),  # noqa: B023
                lambda: table.show(COLUMNS, [TableRow(row.key, row.cells) for row in table.rows], None),
                lambda: table.show(head, table.rows, None),  # noqa: B023
                lambda: table.action_move(chance.choice([-3, -1, 1, 2])),
                lambda: table.action_sideways(chance.choice([-8, 8])),
                table.action_toggle_mark,
                lambda: table.fade(at),  # noqa: B023
                lambda: (setattr(table, "empty_text", chance.choice(["nothing", ""])), table.redraw()),
                lambda: chance.choice([app.query_one(Button), table]).focus(),
                lambda: setattr(app, "theme", chance.choice(["nord", "textual-light"])),
                table.redraw,
            ]
            table.anew.clear()
            for step in chance.sample(steps, chance.randrange(1, 4)):
                step()
            if chance.random() < 0.1:
                await pilot.resize_terminal(chance.choice([12, 30, 40]), chance.choice([6, 8, 12]))
            await pilot.pause()
            less += len(table.anew) < table.size.height
            shown = app.on_screen()
            table.refresh()
            await pilot.pause()
            assert shown == app.on_screen(), at
        assert less > 10, "all of it was painted nearly each time"
