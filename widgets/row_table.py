"""The one table of the program: moving in rows, marking them and opening one."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.message import Message

from widgets.row_cursor import RowCursor
from widgets.row_sight import RowSight


class RowTable(RowSight, can_focus=True):
    """A `RowSight` with keys."""

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

    def begin(self) -> None:
        """The rows to come are another list's: the cursor is where nobody has put it."""
        self._cursor = RowCursor()

    def move_to(self, key: Hashable) -> bool:
        """Put the cursor on the row with this key; False when it is not there."""
        index = self._cursor.find(self.rows, key)
        if index is None:
            return False
        self._cursor.moved = True
        self._jump(index)
        return True

    # Marks ---------------------------------------------------------------------------------------------------------

    def clear_marks(self, keys: Collection[Hashable] | None = None) -> None:
        """Take the marks off these rows; None: off all."""
        if self.marks if keys is None else not self.marks.isdisjoint(keys):
            self.marks.difference_update(tuple(self.marks) if keys is None else keys)
            self._marks_changed()

    def _marks_changed(self) -> None:
        self.refresh()
        self.post_message(self.MarksChanged(self, frozenset(self.marks)))

    # Moving --------------------------------------------------------------------------------------------------------

    def _jump(self, index: int) -> None:
        before = self._cursor.index
        self._tell(moved=self._cursor.put(self.rows, max(0, min(index, len(self.rows) - 1))))
        now = self._cursor.index
        top = self.scroll_offset.y
        body = max(1, self.scrollable_content_region.height - 1)
        if now < top:
            self.scroll_to(y=now, animate=False, force=True)
        elif now >= top + body:
            self.scroll_to(y=now - body + 1, animate=False, force=True)
        elif now != before:
            for line in (before, now):
                self.refresh(Region(0, line - top + 1, self.size.width, 1))

    def action_move(self, rows: int) -> None:
        self._cursor.moved = True
        self._jump(self._cursor.index + rows)

    def action_page(self, pages: int) -> None:
        self.action_move(pages * max(1, self.scrollable_content_region.height - 2))

    def action_end(self, direction: int) -> None:
        self._cursor.moved = direction > 0
        self._jump(0 if direction < 0 else len(self.rows) - 1)

    def action_sideways(self, columns: int) -> None:
        self.scroll_to(x=self.scroll_offset.x + columns, animate=False, force=True)

    def action_select(self) -> None:
        if self._cursor.key is not None:
            self.post_message(self.Selected(self, self._cursor.key))

    def action_toggle_mark(self) -> None:
        if self._cursor.key is None:
            return
        self.marks.symmetric_difference_update({self._cursor.key})
        self._marks_changed()
        self.action_move(1)

    def on_click(self, event: events.Click) -> None:
        if event.y < 1:
            return
        index = self.scroll_offset.y + event.y - 1
        if index < len(self.rows):
            self._cursor.moved = True
            self._jump(index)
            if event.chain == 2:
                self.action_select()
