"""The one table of the program: a line-API view over rows that somebody else keeps.

Only visible rows are asked for and painted, so fifty thousand rows cost what fifty do (facts of Textual's own
DataTable: 25 times slower to a first frame at that size). Cursor, marks and scroll belong to row *keys*, so they
survive rows coming and going above them.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import ClassVar

from msgspec import Struct
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.present.parts import Cell
from widgets.column_widths import GAP, ColumnWidths, TableColumn, cut
from widgets.flashes import Flashes

STYLES = ("good", "warn", "bad", "dim", "accent")
GUTTER = 2
"""Columns before the first cell: the cursor bar and the mark."""


class TableRow(Struct, frozen=True):
    """key: what makes it the same row after a refresh. state: what the cells were made of; where that is the same as
    before, other texts (ages that go on) are no news."""

    key: Hashable
    cells: Sequence[Cell]
    state: object = None


class RowTable(ScrollView, can_focus=True):
    """A table over `Sequence[TableRow]`; the sequence may make its rows on demand.

    A sequence that has `position(key) -> int | None` is asked for it instead of being searched.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False, id="table.up"),
        Binding("down,j", "move(1)", "Down", show=False, id="table.down"),
        Binding("pageup,ctrl+b", "page(-1)", "Page up", show=False, id="table.page_up"),
        Binding("pagedown,ctrl+f", "page(1)", "Page down", show=False, id="table.page_down"),
        Binding("home,g", "end(-1)", "First row", show=False, id="table.first"),
        Binding("end,G", "end(1)", "Last row", show=False, id="table.last"),
        Binding("left,h", "sideways(-8)", "Left", show=False, id="table.left"),
        Binding("right", "sideways(8)", "Right", show=False, id="table.right"),
        Binding("enter", "select", "Open", show=False, id="table.open"),
        Binding("space", "toggle_mark", "Mark", show=False, id="table.mark"),
    ]

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "row-table--header",
        "row-table--cursor",
        "row-table--cursor-blurred",
        "row-table--bar",
        "row-table--mark",
        "row-table--empty",
        "row-table--flash",
        *(f"row-table--{name}" for name in STYLES),
    }

    DEFAULT_CSS = """
    RowTable {
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-gutter: stable;
        scrollbar-size-vertical: 1;
        & > .row-table--header { color: $text-muted; text-style: bold; }
        & > .row-table--cursor { background: $primary 25%; }
        & > .row-table--cursor-blurred { background: $surface; }
        & > .row-table--bar { color: $primary; text-style: bold; }
        & > .row-table--mark { color: $primary; text-style: bold; }
        & > .row-table--empty { color: $text-muted; }
        & > .row-table--flash { background: $primary 30%; text-style: bold underline; }
        & > .row-table--good { color: $text-success; }
        & > .row-table--warn { color: $text-warning; }
        & > .row-table--bad { color: $text-error; text-style: bold; }
        & > .row-table--dim { color: $text-muted; }
        & > .row-table--accent { color: $text-primary; }
    }
    """

    class Highlighted(Message):
        """The cursor came to another row (or to none: key None)."""

        def __init__(self, table: RowTable, key: Hashable | None) -> None:
            super().__init__()
            self.table = table
            self.key = key

        @property
        def control(self) -> RowTable:
            return self.table

    class Selected(Message):
        """Enter or a double click on a row."""

        def __init__(self, table: RowTable, key: Hashable) -> None:
            super().__init__()
            self.table = table
            self.key = key

        @property
        def control(self) -> RowTable:
            return self.table

    class MarksChanged(Message):
        """The set of marked rows changed."""

        def __init__(self, table: RowTable, marks: frozenset[Hashable]) -> None:
            super().__init__()
            self.table = table
            self.marks = marks

        @property
        def control(self) -> RowTable:
            return self.table

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.rows: Sequence[TableRow] = ()
        self.marks: set[Hashable] = set()
        self.empty_text: str = ""
        self._cursor = 0
        self._cursor_key: Hashable | None = None
        self._moved = False
        self._widths = ColumnWidths()
        self._total = 0
        self._styles: dict[str, Style] = {}
        self.flashes = Flashes()

    # What is shown -------------------------------------------------------------------------------------------------

    def show(self, columns: Sequence[TableColumn], rows: Sequence[TableRow], changed_at: float | None = None) -> None:
        """Take over columns and rows. The cursor stays on its row, and that row at its height on the screen.
        changed_at: the time in seconds, where these are the same rows as before, so that what they say anew is to
        stand out; None where they are others."""
        names = [column.name if column.flashes else "" for column in columns]
        same = names == [column.name if column.flashes else "" for column in self._widths.columns]
        # Rows of another list may not be made any more: what they were made of is gone.
        before, drawn = (self._visible(), self._drawn()) if changed_at is not None else ((), None)
        if self._widths.begin(columns):
            self.scroll_to(x=0, animate=False, force=True)
        offset = self._cursor - self.scroll_offset.y
        self.rows = rows
        self._place_cursor()
        self._measure()
        if self._moved and rows:
            self.scroll_to(y=self._cursor - offset, animate=False, force=True)
        if changed_at is None or not same:
            self.flashes.clear()
        else:
            self.flashes.fade(changed_at)
            states = {row.key: row.state for row in before if row.state is not None}
            now = [(row.key, row.cells) for row in self._visible() if states.get(row.key, self) is not row.state]
            self.flashes.compare({row.key: row.cells for row in before}, now, names, changed_at)
        self._redraw(drawn)

    def _visible(self) -> Sequence[TableRow]:
        """The rows that are on screen."""
        top = max(0, self.scroll_offset.y)
        return self.rows[top : top + max(1, self.size.height)]

    def _drawn(self) -> tuple[object, Sequence[object]]:
        """What the screen shows: the frame that all lines hang on, and each line."""
        top = self.scroll_offset.y
        lines = [
            (row.key, row.cells, top + index == self._cursor, tuple(self.flashes.lit(row.key)))
            for index, row in enumerate(self._visible())
        ]
        return (tuple(self._widths.columns), tuple(self._widths.fitted), self.scroll_offset, self.size), lines

    def _redraw(self, before: tuple[object, Sequence[object]] | None) -> None:
        """Repaint the lines that show something else than before; all, where nothing is known of that."""
        if before is None:
            self.refresh()
            return
        frame, lines = self._drawn()
        if frame != before[0] or len(lines) != len(before[1]) or not lines:
            self.refresh()
            return
        for index, (was, now) in enumerate(zip(before[1], lines, strict=True)):
            if was != now:
                self.refresh(Region(0, index + 1, self.size.width, 1))

    def fade(self, at: float) -> bool:
        """Let changes that have stood out for long enough look like the rest; whether any still stand out."""
        faded = self.flashes.fade(at)
        for index, row in enumerate(self._visible() if faded else ()):
            if row.key in faded:
                self.refresh(Region(0, index + 1, self.size.width, 1))
        return len(self.flashes) > 0

    def _place_cursor(self) -> None:
        found = self._position(self._cursor_key) if self._moved and self._cursor_key is not None else None
        self._set_cursor(found if found is not None else min(self._cursor, max(0, len(self.rows) - 1)))

    def _position(self, key: Hashable) -> int | None:
        if self._cursor < len(self.rows) and self.rows[self._cursor].key == key:
            return self._cursor
        lookup: Callable[[Hashable], int | None] | None = getattr(self.rows, "position", None)
        if lookup is not None:
            return lookup(key)
        return next((index for index, row in enumerate(self.rows) if row.key == key), None)

    def _set_cursor(self, index: int) -> None:
        self._cursor = index
        key = self.rows[index].key if 0 <= index < len(self.rows) else None
        if key != self._cursor_key:
            self._cursor_key = key
            self.post_message(self.Highlighted(self, key))

    @property
    def cursor_key(self) -> Hashable | None:
        """The key of the row under the cursor; None when there are no rows."""
        return self._cursor_key

    def move_to(self, key: Hashable) -> bool:
        """Put the cursor on the row with this key; False when it is not there."""
        index = self._position(key)
        if index is None:
            return False
        self._moved = True
        self._jump(index)
        return True

    def clear_marks(self) -> None:
        if self.marks:
            self.marks.clear()
            self._marks_changed()

    def _marks_changed(self) -> None:
        self.refresh()
        self.post_message(self.MarksChanged(self, frozenset(self.marks)))

    # Widths --------------------------------------------------------------------------------------------------------

    def _measure(self) -> None:
        """Grow columns to what is visible now, then fit the pane."""
        top = max(0, self.scroll_offset.y)
        self._widths.grow(row.cells for row in self.rows[top : top + max(self.size.height, 24)])
        self._total = GUTTER + self._widths.fit(self.scrollable_content_region.width - GUTTER)
        self.virtual_size = Size(self._total, len(self.rows) + 1)

    # Painting ------------------------------------------------------------------------------------------------------

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles.clear()

    def _style(self, name: str) -> Style:
        style = self._styles.get(name)
        if style is None:
            style = self._styles[name] = self.get_component_rich_style(f"row-table--{name}", partial=True)
        return style

    def on_resize(self) -> None:
        self._measure()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self._measure()

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        if y == 0:
            return self._header(width)
        index = self.scroll_offset.y + y - 1
        if not self.rows and y == 1 and self.empty_text:
            return Strip([Segment(f"  {self.empty_text}", self.rich_style + self._style("empty"))]).adjust_cell_length(
                width, self.rich_style
            )
        if not 0 <= index < len(self.rows):
            return Strip.blank(width, self.rich_style)
        return self._row(index, width)

    def _crop(self, strip: Strip, width: int, style: Style) -> Strip:
        left = self.scroll_offset.x
        return strip.crop(left, left + width).adjust_cell_length(width, style)

    def _header(self, width: int) -> Strip:
        """The headings, with a mark at each edge behind which there is more."""
        style = self.rich_style + self._style("header")
        names = "".join(
            cut(column.heading, size, align=column.align) + " " * GAP
            for column, size in zip(self._widths.columns, self._widths.fitted, strict=False)
        )
        strip = self._crop(Strip([Segment(" " * GUTTER + names, style)]), width, self.rich_style)
        left = self.scroll_offset.x
        if left and width:
            strip = Strip.join([Strip([Segment("‹", style)]), strip.crop(1, width)])
        if self._total > left + width and width:
            strip = Strip.join([strip.crop(0, width - 1), Strip([Segment("›", style)])])
        return strip

    def _row(self, index: int, width: int) -> Strip:
        row = self.rows[index]
        base = self.rich_style
        at_cursor = index == self._cursor
        if at_cursor:
            base += self._style("cursor" if self.has_focus else "cursor-blurred")
        bar = "▌" if at_cursor else " "
        mark = "●" if row.key in self.marks else " "
        lit = self.flashes.lit(row.key)
        parts = [Segment(bar, base + self._style("bar")), Segment(mark, base + self._style("mark"))]
        for column, cell, size in zip(self._widths.columns, row.cells, self._widths.fitted, strict=False):
            text, style = (cell, base) if isinstance(cell, str) else (cell[0], base + self._style(cell[1]))
            if column.name in lit:
                style += self._style("flash")
            parts.append(Segment(cut(text, size, align=column.align, middle=column.middle), style))
            parts.append(Segment(" " * GAP, base))
        return self._crop(Strip(parts), width, base)

    # Moving --------------------------------------------------------------------------------------------------------

    def _jump(self, index: int) -> None:
        before = self._cursor
        self._set_cursor(max(0, min(index, len(self.rows) - 1)))
        top = self.scroll_offset.y
        body = max(1, self.scrollable_content_region.height - 1)
        if self._cursor < top:
            self.scroll_to(y=self._cursor, animate=False, force=True)
        elif self._cursor >= top + body:
            self.scroll_to(y=self._cursor - body + 1, animate=False, force=True)
        elif self._cursor != before:
            for line in (before, self._cursor):
                self.refresh(Region(0, line - top + 1, self.size.width, 1))

    def action_move(self, rows: int) -> None:
        self._moved = True
        self._jump(self._cursor + rows)

    def action_page(self, pages: int) -> None:
        self.action_move(pages * max(1, self.scrollable_content_region.height - 2))

    def action_end(self, direction: int) -> None:
        self._moved = direction > 0
        self._jump(0 if direction < 0 else len(self.rows) - 1)

    def action_sideways(self, columns: int) -> None:
        self.scroll_to(x=self.scroll_offset.x + columns, animate=False, force=True)

    def action_select(self) -> None:
        if self._cursor_key is not None:
            self.post_message(self.Selected(self, self._cursor_key))

    def action_toggle_mark(self) -> None:
        if self._cursor_key is None:
            return
        self.marks.symmetric_difference_update({self._cursor_key})
        self._marks_changed()
        self.action_move(1)

    def on_click(self, event: events.Click) -> None:
        if event.y < 1:
            return
        index = self.scroll_offset.y + event.y - 1
        if index < len(self.rows):
            self._moved = True
            self._jump(index)
            if event.chain == 2:
                self.action_select()
