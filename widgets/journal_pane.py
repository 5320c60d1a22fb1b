"""Every change that was made or tried, newest first, live; of earlier runs too."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from tui.model.changes import Entry
from tui.present.columns import ColumnSpec
from tui.present.journal import COLUMNS, cells, details_of, object_words
from tui.present.navigation import PaneId
from tui.present.parts import Cell, Part, count
from tui.present.problems import Line, explanation, one_line
from tui.present.states import feed_status
from widgets.single_pane import SinglePane

if TYPE_CHECKING:
    from tui.present.details import Details


class JournalPane(SinglePane[Entry]):
    """Rows of `tui.present.journal`."""

    PANE = PaneId.JOURNAL
    NAME = "Journal"
    FOOTER: ClassVar[tuple[tuple[str, str], ...]] = (
        ("table.open", "difference"),
        ("journal.undo", "undo"),
        ("pane.by_hand", "by hand"),
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("u", "undo", "Undo: shown and confirmed like any change", id="journal.undo"),
    ]

    class UndoWanted(Message):
        """`u` on an entry."""

        def __init__(self, entry: Entry) -> None:
            super().__init__()
            self.entry = entry

    def specs(self) -> Sequence[ColumnSpec]:
        return COLUMNS

    def key(self, item: Entry) -> Hashable:
        return item.id

    def cells(self, item: Entry) -> Sequence[Cell]:
        return cells(item, self.clock.now())

    def reframe(self) -> None:
        now = self.clock.now()
        total, shown = len(self.items), len(self.table.rows)
        counts = count(total, "change") if shown == total else f"{shown:,} of {count(total, 'change')}"
        lead = (Part(counts if self.feed.value is not None else "", "", 1),)
        self.frame(self.title(), lead, feed_status(self.feed, now, empty=not self.feed.value))
        self.say([] if shown else self._instead(now))
        self.warn(one_line(self.feed.problem) if self.feed.problem is not None and shown else "")

    def _instead(self, now: float) -> list[Line]:
        if self.feed.problem is not None:
            return explanation(self.feed.problem, now, self.feed.retry_at)
        if self.feed.value is None:
            return [Line("Reading the journal…", "dim")]
        if self.items:
            return self.nothing_matches()
        return [
            Line("No change has been made yet.", ""),
            Line("Whatever clusterview changes is written down here, with its undo where there is one.", "dim"),
        ]

    def details(self) -> Details | None:
        entry = self.current
        return details_of(entry, self.items, self.clock.now()) if entry is not None else None

    def by_hand(self) -> Details | None:
        from tui.present.by_hand import entry_lines, page

        entry = self.current
        if entry is None:
            return None
        return page(entry_lines(entry), (entry.target.cluster,) if entry.target is not None else ())

    def copy_text(self) -> str:
        return object_words(self.current) if self.current is not None else ""

    def action_undo(self) -> None:
        if self.current is not None:
            self.post_message(self.UndoWanted(self.current))
