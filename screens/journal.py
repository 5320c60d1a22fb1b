"""`:journal`: what was changed, by whom, and the way back."""

from __future__ import annotations

from textual import on

from screens.single_pane import SinglePaneScreen
from tui.clock import Clock
from tui.model.datalayer import DataLayer
from widgets.journal_pane import JournalPane


class JournalScreen(SinglePaneScreen):
    """The entries, and what undoes one."""

    def __init__(self, hub: DataLayer, clock: Clock) -> None:
        self.journal = JournalPane(hub.changes.journal, clock)
        super().__init__(hub, clock, self.journal)

    def open_row(self) -> None:
        details = self.journal.details()
        if details is not None:
            self.post_message(JournalPane.DetailsWanted(details))

    @on(JournalPane.UndoWanted)
    def undo_wanted(self, message: JournalPane.UndoWanted) -> None:
        message.stop()
        entry = message.entry
        wish = self._desk.undo_of(entry)
        if entry.undone_by:
            self.notify("it has been undone already", severity="warning", markup=False)
        elif wish is None:
            self.notify("nothing takes this back", severity="warning", markup=False)
        else:
            self.changing.carry(wish)
