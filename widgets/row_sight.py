"""Rows on screen: a line-API view over rows that somebody else keeps.

Only visible rows are asked for and painted, so fifty thousand rows cost what fifty do (facts of Textual's own
DataTable: 25 times slower to a first frame at that size). Cursor, marks and scroll belong to row *keys*, so they
survive rows coming and going above them.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import ClassVar

from rich.style import Style
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from widgets.column_widths import ColumnWidths, TableColumn
from widgets.flashes import Flashes
from widgets.row_cursor import RowCursor
from widgets.row_paint import GUTTER, Frame, Line, RowPainter
from widgets.table_row import TableRow

STYLES = ("good", "warn", "bad", "dim", "accent")


class RowSight(ScrollView):
    """What a table shows of `Sequence[TableRow]` and how it is painted; how one moves in it is `widgets.row_table`'s.
    The sequence may make its rows on demand.

    A sequence that has `position(key) -> int | None` is asked for it instead of being searched (`RowCursor`).
    """

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
    RowSight {
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

    class Highlighted(Message, namespace="row_table"):
        """The cursor came to another row (or to none: key None). Told in the name of the table, as its others are."""

        def __init__(self, table: RowSight, key: Hashable | None) -> None:
            super().__init__()
            self.table = table
            self.key = key

        @property
        def control(self) -> RowSight:
            return self.table

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.rows: Sequence[TableRow] = ()
        self.marks: set[Hashable] = set()
        self.empty_text: str = ""
        self._cursor = RowCursor()
        self._painter = RowPainter(self._style)
        self._frame: Frame | None = None
        self._last_frame: Frame | None = None
        self._painted: dict[int, tuple[Frame, Line | str]] = {}
        """What each line was made of when it was painted last, by its height."""
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
        before = self._visible() if changed_at is not None else ()
        if self._widths.begin(columns):
            self.scroll_to(x=0, animate=False, force=True)
        offset = self._cursor.index - self.scroll_offset.y
        self.rows = rows
        self._tell(moved=self._cursor.follow(rows))
        self._measure()
        if self._cursor.moved and rows:
            self.scroll_to(y=self._cursor.index - offset, animate=False, force=True)
        if changed_at is None or not same:
            self.flashes.clear()
        else:
            self.flashes.fade(changed_at)
            states = {row.key: row.state for row in before if row.state is not None}
            now = [(row.key, row.cells) for row in self._visible() if states.get(row.key, self) is not row.state]
            self.flashes.compare({row.key: row.cells for row in before}, now, names, changed_at)
        self.redraw()

    @property
    def shown(self) -> range:
        """The places of the rows that are on screen."""
        top = max(0, self.scroll_offset.y)
        return range(top, top + max(1, self.size.height))

    def _visible(self) -> Sequence[TableRow]:
        return self.rows[self.shown.start : self.shown.stop]

    def redraw(self) -> None:
        """Repaint the lines that would show something else than what was painted last: over a slow line each cell
        costs, and most of what comes says what was said before."""
        frame = self.frame
        for y in range(self.size.height):
            if self._painted.get(y) != (frame, self._line(y)):
                self.refresh(Region(0, y, self.size.width, 1))

    def _line(self, y: int) -> Line | str:
        """What the line at this height is made of besides the frame: a row, or what stands there instead; the headings
        of nothing."""
        index = self.scroll_offset.y + y - 1
        if y == 0 or not 0 <= index < len(self.rows):
            return self.empty_text if not self.rows and y == 1 else ""
        row = self.rows[index]
        lit = tuple(self.flashes.lit(row.key))
        return Line(tuple(row.cells), at_cursor=index == self._cursor.index, marked=row.key in self.marks, lit=lit)

    def fade(self, at: float) -> bool:
        """Let changes that have stood out for long enough look like the rest; whether any still stand out."""
        faded = self.flashes.fade(at)
        for index, row in enumerate(self._visible() if faded else ()):
            if row.key in faded:
                self.refresh(Region(0, index + 1, self.size.width, 1))
        return len(self.flashes) > 0

    def _tell(self, *, moved: bool) -> None:
        if moved:
            self.post_message(self.Highlighted(self, self._cursor.key))

    @property
    def cursor_key(self) -> Hashable | None:
        """The key of the row under the cursor; None when there are no rows."""
        return self._cursor.key

    # Widths --------------------------------------------------------------------------------------------------------

    def _measure(self) -> None:
        """Grow columns to what is visible now, then fit the pane."""
        top = max(0, self.scroll_offset.y)
        self._widths.grow(row.cells for row in self.rows[top : top + max(self.size.height, 24)])
        self._total = GUTTER + self._widths.fit(self.scrollable_content_region.width - GUTTER)
        self._frame = None
        self.virtual_size = Size(self._total, len(self.rows) + 1)

    # Painting ------------------------------------------------------------------------------------------------------

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles.clear()
        self._painter.forget()
        self._frame = None

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

    def render_lines(self, crop: Region) -> list[Strip]:
        self._frame = None  # what is above in the tree may have given it another background
        return super().render_lines(crop)

    @property
    def frame(self) -> Frame:
        """What all lines hang on, as of this repaint."""
        if self._frame is None:
            frame = Frame(
                tuple(self._widths.columns),
                tuple(self._widths.fitted),
                self._total,
                self.scroll_offset.x,
                self.scrollable_content_region.width,
                self.rich_style,
                "cursor" if self.has_focus else "cursor-blurred",
            )
            last = self._last_frame
            if last is None or frame != last:
                last = self._last_frame = frame
            self._frame = last  # the same one where it can be: to compare lines takes no longer than it must
        return self._frame

    def render_line(self, y: int) -> Strip:
        frame = self.frame
        line = self._line(y)
        self._painted[y] = frame, line
        if y == 0:
            return self._painter.header(frame)
        if not isinstance(line, str):
            return self._painter.row(frame, line)
        return self._painter.instead(frame, line) if line else Strip.blank(frame.width, frame.base)
