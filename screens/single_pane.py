"""A screen with one pane, in front of the overview."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType

from screens.pane_screen import PaneScreen
from tui.clock import Clock
from tui.model.datalayer import DataLayer
from tui.present.parts import Part
from widgets.filter_line import FilterLine
from widgets.single_pane import SinglePane
from widgets.table_pane import TablePane


class SinglePaneScreen(PaneScreen):
    """Sub-classes say what enter and the keys of the pane do; esc leads back to where one came from."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter this pane", id="pane.filter", priority=True),
        Binding("escape", "back", "Back; first takes a filter away", id="go.back"),
    ]

    DEFAULT_CSS = """
    SinglePaneScreen {
        layout: vertical;
        layers: default over;
        background: $background;
    }
    """

    def __init__(self, hub: DataLayer, clock: Clock, pane: SinglePane[Any]) -> None:
        super().__init__(hub, clock, (pane,))
        self.zoomed = True

    def on_mount(self) -> None:
        self.focus_pane(self.current)
        self.header.show_path((Part(self.pane.NAME.lower(), "bold"),))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        match action:
            case "go" | "move" | "zoom" | "menu" | "forwards":
                return False  # there is one pane, and its rows are no objects
            case "filter":
                return not self.prompting
            case _:
                return super().check_action(action, parameters)

    def row_changed(self) -> None:
        """Another row is under the cursor; for sub-classes."""

    def open_row(self) -> None:
        """Enter was pressed on the row under the cursor."""
        raise NotImplementedError

    @on(TablePane.CursorMoved)
    def cursor_moved(self, message: TablePane.CursorMoved) -> None:
        message.stop()
        self.row_changed()
        self.describe()

    @on(TablePane.Opened)
    def row_opened(self, message: TablePane.Opened) -> None:
        message.stop()
        self.open_row()

    async def action_filter(self) -> None:
        await self.open_prompt(FilterLine(self.pane))

    def action_back(self) -> None:
        if self.pane.narrowed:
            self.pane.widen()
        else:
            self.dismiss(None)
