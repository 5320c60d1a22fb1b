"""The tree of what stands around an object: the table of the lists, with branches in its first column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from tui.model.objects import ObjectRef
from tui.present.parts import cell_text
from tui.present.related import HEADINGS, TreeRow
from widgets.column_widths import TableColumn
from widgets.row_table import RowTable
from widgets.table_row import TableRow as Row

_COLUMNS = (
    TableColumn(HEADINGS[0], None, 20, 90, middle=True),
    TableColumn(HEADINGS[1], None, 5, 50, flexible=True),
    TableColumn(HEADINGS[2], None, 3, 8, align="right"),
    TableColumn(HEADINGS[3], None, 3, 50, flexible=True),
)


class RelatedTree(RowTable):
    """Enter opens the object under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "Open the object", id="tree.open"),
    ]

    class Chosen(Message):
        """An object of the tree is to be opened."""

        def __init__(self, ref: ObjectRef) -> None:
            super().__init__()
            self.ref = ref

    def __init__(self) -> None:
        super().__init__()
        self._tree: list[TreeRow] = []

    def show_tree(self, rows: Sequence[TreeRow]) -> None:
        """Show these rows; cursor and scroll stay with their rows."""
        if list(rows) == self._tree:
            return
        first = not self._tree
        self._tree = list(rows)
        self.show(_COLUMNS, [Row(row.key, row.cells) for row in rows])
        if first:
            opened = next((row for row in rows if row.ref is not None), None)
            if opened is not None:
                self.move_to(opened.key)

    @property
    def text(self) -> str:
        """All rows, for copying."""
        return "\n".join("  ".join(map(cell_text, row.cells)).rstrip() for row in self._tree)

    def on_row_table_selected(self, message: RowTable.Selected) -> None:
        message.stop()
        ref = next((row.ref for row in self._tree if row.key == message.key), None)
        if ref is not None:
            self.post_message(self.Chosen(ref))
