"""The port-forwards: what listens here, what it leads to, and how it fares; live."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from tui.model.streams import ForwardEntry
from tui.present.columns import ColumnSpec
from tui.present.forwards import COLUMNS, address, cells, details_of, local_words, trouble_of
from tui.present.navigation import PaneId
from tui.present.parts import Cell, Part, count
from tui.present.problems import Line
from tui.present.states import feed_status
from widgets.key_names import key_name
from widgets.single_pane import SinglePane

if TYPE_CHECKING:
    from tui.present.details import Details


class ForwardPane(SinglePane[ForwardEntry]):
    """Rows of `tui.present.forwards`."""

    PANE = PaneId.FORWARDS
    NAME = "Port-forwards"
    FOOTER: ClassVar[tuple[tuple[str, str], ...]] = (
        ("pane.details", "details"),
        ("forward.wake", "begin again"),
        ("forward.stop", "end"),
        ("forward.keep", "keep"),
        ("pane.by_hand", "by hand"),
        ("pane.copy", "copy address"),
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "act('wake')", "Begin it again, or dial now", id="forward.wake"),
        Binding("ctrl+d,delete", "act('stop')", "End it; an ended one leaves the list", id="forward.stop"),
        Binding("t", "act('keep')", "Keep it for the next run, or no more", id="forward.keep"),
    ]

    class Asked(Message):
        """A key on a row. act: wake, stop or keep."""

        def __init__(self, entry: ForwardEntry, act: str) -> None:
            super().__init__()
            self.entry = entry
            self.act = act

    def specs(self) -> Sequence[ColumnSpec]:
        return COLUMNS

    def key(self, item: ForwardEntry) -> Hashable:
        return item.id

    def cells(self, item: ForwardEntry) -> Sequence[Cell]:
        return cells(item, self.clock.now())

    def reframe(self) -> None:
        entries = self.items
        live = sum(entry.state.state == "live" for entry in entries)
        asleep = sum(entry.state.state == "asleep" for entry in entries)
        lead = [Part(count(len(entries), "port-forward"), "", 1), Part(f"{live} live", "", 0)]
        lead += [Part(f"{asleep} asleep", "", 0)] if asleep else []
        status = feed_status(self.feed, self.clock.now(), empty=not entries)
        self.frame(self.title(), tuple(lead) if entries else (), status)
        self.say([] if self.table.rows else self._instead())
        self.warn(trouble_of(self.current, self.clock.now(), self._wake_key()) if self.current is not None else "")

    def _wake_key(self) -> str:
        """It may have been rebound."""
        keys = (found.binding for found in self.screen.active_bindings.values())
        return next((key_name(binding.key) for binding in keys if binding.id == "forward.wake"), "enter")

    def _instead(self) -> list[Line]:
        if self.items:
            return self.nothing_matches()
        return [
            Line("No port-forward has been opened.", ""),
            Line("F on a pod, a service or a workload opens one: it listens on this machine only.", "dim"),
        ]

    def details(self) -> Details | None:
        return details_of(self.current, self.clock.now()) if self.current is not None else None

    def by_hand(self) -> Details | None:
        from tui.present.by_hand import forward_lines, page

        entry = self.current
        return page(forward_lines(entry), (entry.target.cluster,)) if entry is not None else None

    def copy_text(self) -> str:
        return (address(self.current) or local_words(self.current)) if self.current is not None else ""

    def action_act(self, act: str) -> None:
        if self.current is not None:
            self.post_message(self.Asked(self.current, act))
