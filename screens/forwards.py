"""`f`: the port-forwards, in front of the overview."""

from __future__ import annotations

from textual import on

from screens.single_pane import SinglePaneScreen
from tui.clock import Clock
from tui.model.datalayer import DataLayer
from widgets.forward_pane import ForwardPane


class ForwardScreen(SinglePaneScreen):
    """Whoever leaves it ends nothing: the port-forwards go on."""

    def __init__(self, hub: DataLayer, clock: Clock) -> None:
        self.forwards = ForwardPane(hub.streams.forwards, clock)
        super().__init__(hub, clock, self.forwards)

    def row_changed(self) -> None:
        self.forwards.reframe()  # which tells the problem of that row

    def open_row(self) -> None:
        """Enter begins one that rests, and shows all of one that does not."""
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
