"""A screen made of panes: which has the focus, which are shown, and what tabs and key bar say about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.widget import Widget

from screens.stream_keys import StreamKeys
from tui.clock import Clock
from tui.model.datalayer import DataLayer
from tui.present.navigation import PaneId
from tui.present.scope import Selection
from widgets.framed import Framed
from widgets.pane import FeedPane
from widgets.pane_tabs import PaneTabs, Tab

SMALL_WIDTH = 100
SMALL_HEIGHT = 30
"""Below either, one pane at a time is shown, with tabs."""

GRID = (PaneId.FLEETS, PaneId.RESOURCES, PaneId.CONNECTIONS, PaneId.LOGS, PaneId.JOURNAL, PaneId.FORWARDS)
"""Row by row: what chooses on the left, what is chosen on the right."""

EVERYWHERE = (("app.help", "help"), ("go.command", "command"), ("pane.filter", "filter"), ("go.back", "back"))
LAST = (("screen.zoom", "zoom"), ("app.quit", "quit"), ("app.refresh", "refresh"))


class PaneScreen(StreamKeys):
    """Panes in a grid, or one at a time."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "move(1)", "Next pane", id="screen.next", priority=True),
        Binding("shift+tab", "move(-1)", "Previous pane", id="screen.previous", priority=True),
        Binding("1", "go('fleets')", "Fleets", id="screen.fleets", priority=True),
        Binding("2", "go('connections')", "Connections", id="screen.connections", priority=True),
        Binding("3", "go('resources')", "Resources", id="screen.resources", priority=True),
        Binding("4", "go('logs')", "Logs", id="screen.logs", priority=True),
        Binding("z", "zoom", "Zoom the pane, and back", id="screen.zoom", priority=True),
    ]

    def __init__(self, hub: DataLayer, clock: Clock, panes: Sequence[FeedPane[Any]]) -> None:
        super().__init__(hub, clock)
        self.panes: dict[PaneId, FeedPane[Any]] = {pane.PANE: pane for pane in panes}
        self.current = panes[0].PANE
        self.zoomed = False
        self.tabs = PaneTabs()

    def compose(self) -> ComposeResult:
        yield self.header
        yield self.tabs
        with Container(id="panes"):
            for name in GRID:
                if name in self.panes:
                    yield self.panes[name]
        yield self.key_bar

    @property
    def pane(self) -> FeedPane[Any]:
        """The one with the focus, or that had it last."""
        return self.panes[self.current]

    def selection(self) -> Selection:
        return self.pane.selection()

    @property
    def subject(self) -> str:
        return self.pane.name_words

    @property
    def keyed(self) -> Widget:
        return self.pane.body()

    def tick(self) -> None:
        for pane in self.panes.values():
            if pane.display:
                pane.tick()

    @property
    def small(self) -> bool:
        return self.size.width < SMALL_WIDTH or self.size.height < SMALL_HEIGHT

    # Layout --------------------------------------------------------------------------------------------------------

    def arrange_panes(self) -> None:
        """One pane or all of them, as size and zoom ask for."""
        self.set_class(self.small or self.zoomed, "-single")
        for pane in self.panes.values():
            pane.set_class(pane.PANE is self.current, "-current")
        self.describe()

    def describe(self) -> None:
        """What tabs and key bar say. A pane that nobody sees follows nothing, so its tab claims nothing."""
        seen = (self.current,) if self.small or self.zoomed else tuple(self.panes)
        self.tabs.show(
            [
                Tab(name, pane.name_words, pane.tab_words if name in seen else "", name is self.current)
                for name, pane in self.panes.items()
            ]
        )
        self.hint([*EVERYWHERE, *self.pane.hints, *LAST])

    def on_resize(self) -> None:
        self.arrange_panes()

    def focus_pane(self, target: PaneId) -> None:
        """Show this pane and give it the focus."""
        self.current = target
        self.arrange_panes()
        self.set_focus(self.panes[target].body())

    def pane_focused(self, pane: FeedPane[Any]) -> None:
        """Another pane has the focus now; for sub-classes."""

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        inside = set(event.widget.ancestors_with_self)
        found = next((pane for pane in self.panes.values() if pane in inside), None)
        if found is None:
            return
        self.current = found.PANE
        self.arrange_panes()
        self.pane_focused(found)

    @on(FeedPane.Painted)
    def pane_painted(self, message: FeedPane.Painted) -> None:
        message.stop()
        self.pane_said(message.pane)
        self.describe()

    def pane_said(self, pane: Framed[Any]) -> None:
        """A pane says something else now; for sub-classes."""

    @on(PaneTabs.Chosen)
    def tab_chosen(self, message: PaneTabs.Chosen) -> None:
        message.stop()
        self.focus_pane(message.pane)

    # Keys ----------------------------------------------------------------------------------------------------------

    def action_move(self, step: int) -> None:
        order = list(self.panes)
        self.focus_pane(order[(order.index(self.current) + step) % len(order)])

    def action_go(self, name: str) -> None:
        self.focus_pane(PaneId(name))

    def action_zoom(self) -> None:
        self.zoomed = not self.zoomed
        self.arrange_panes()
