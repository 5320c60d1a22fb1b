"""`f`: the port-forwards, in front of the overview."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType

from screens.pane_screen import PaneScreen
from tui.clock import Clock
from tui.model.datalayer import DataLayer
from tui.present.parts import Part
from widgets.filter_line import FilterLine
from widgets.forward_pane import ForwardPane
from widgets.table_pane import TablePane


class ForwardScreen(PaneScreen):
    """One pane; esc leads back to where one came from, and the port-forwards go on."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter this pane", id="pane.filter", priority=True),
        Binding("escape", "back", "Back; first takes a filter away", id="go.back"),
    ]

    DEFAULT_CSS = """
    ForwardScreen {
        layout: vertical;
        layers: default over;
        background: $background;
    }
    """

    def __init__(self, hub: DataLayer, clock: Clock) -> None:
        self.forwards = ForwardPane(hub.streams.forwards, clock)
        super().__init__(hub, clock, (self.forwards,))
        self.zoomed = True

    def on_mount(self) -> None:
        self.focus_pane(self.forwards.PANE)
        self.header.show_path((Part("port-forwards", "bold"),))

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
        self.forwards.reframe()
        self.describe()

    @on(TablePane.Opened)
    def row_opened(self, message: TablePane.Opened) -> None:
        """Enter begins one that rests, and shows all of one that does not."""
        message.stop()
        entry = self.forwards.current
        if entry is not None and entry.state.state in ("asleep", "ended"):
            self._hub.streams.wake(entry.id)
        else:
            self.forwards.action_details()

    @on(ForwardPane.Asked)
    def asked(self, message: ForwardPane.Asked) -> None:
        message.stop()
        entry, streams = message.entry, self._hub.streams
        match message.act:
            case "wake":
                streams.wake(entry.id)
            case "stop":
                streams.stop(entry.id)
            case _:
                streams.keep(entry.id, kept=not entry.kept)

    async def action_filter(self) -> None:
        await self.open_prompt(FilterLine(self.forwards))

    def action_back(self) -> None:
        if self.forwards.narrowed:
            self.forwards.widen()
        else:
            self.dismiss(None)
