"""`:journal`: what was changed, by whom, and the way back."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType

from screens.pane_screen import PaneScreen
from tui.clock import Clock
from tui.model.datalayer import DataLayer
from tui.present.parts import Part
from widgets.filter_line import FilterLine
from widgets.journal_pane import JournalPane
from widgets.table_pane import TablePane


class JournalScreen(PaneScreen):
    """One pane; esc leads back to where one came from."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter this pane", id="pane.filter", priority=True),
        Binding("escape", "back", "Back; first takes a filter away", id="go.back"),
    ]

    DEFAULT_CSS = """
    JournalScreen {
        layout: vertical;
        layers: default over;
        background: $background;
    }
    """

    def __init__(self, hub: DataLayer, clock: Clock) -> None:
        self.journal = JournalPane(hub.changes.journal, clock)
        super().__init__(hub, clock, (self.journal,))
        self.zoomed = True

    def on_mount(self) -> None:
        self.focus_pane(self.journal.PANE)
        self.header.show_path((Part("journal", "bold"),))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        match action:
            case "go" | "move" | "zoom" | "menu" | "forwards":
                return False  # there is one pane, and its rows are no objects
            case "filter":
                return not self.prompting
            case _:
                return super().check_action(action, parameters)

    @on(TablePane.CursorMoved)
    def cursor_moved(self, message: TablePane.CursorMoved) -> None:
        message.stop()
        self.describe()

    @on(TablePane.Opened)
    def row_opened(self, message: TablePane.Opened) -> None:
        message.stop()
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

    async def action_filter(self) -> None:
        await self.open_prompt(FilterLine(self.journal))

    def action_back(self) -> None:
        if self.journal.narrowed:
            self.journal.widen()
        else:
            self.dismiss(None)
