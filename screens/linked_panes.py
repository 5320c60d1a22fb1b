"""Four panes of which each shows what was chosen in another: where one is, and what follows from a moving cursor."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace
from textual import on, work

from screens.navigator import Navigator
from screens.pane_screen import PaneScreen
from tui.clock import Clock
from tui.model.datalayer import DataLayer
from tui.present.navigation import PaneId, View
from widgets.connection_pane import ConnectionPane
from widgets.fleet_pane import FleetPane
from widgets.framed import Framed
from widgets.log_pane import LogPane
from widgets.pane import FeedPane
from widgets.resource_pane import ResourcePane
from widgets.save_line import SaveLine
from widgets.table_pane import TablePane

REST = 0.2
"""Seconds for which the cursor must rest on a row before lists and streams follow it."""


class LinkedPanes(PaneScreen):
    """When the panes are to show something else; what that is is in `screens.navigator`. The keys are
    `screens.overview`'s."""

    def __init__(self, hub: DataLayer, clock: Clock, first: View, *, flash: bool) -> None:
        self.fleets = FleetPane(hub.fleet, hub.clusters, clock)
        self.connections = ConnectionPane(hub.connections, clock)
        self.resources = ResourcePane(clock, hub.sortings, flash=flash)
        self.logs = LogPane(clock)
        super().__init__(hub, clock, (self.fleets, self.connections, self.resources, self.logs))
        self._navigator = Navigator(hub, self.fleets, self.connections, self.resources, self.logs, first)

    def on_mount(self) -> None:
        self.focus_pane(PaneId.FLEETS)
        if self._navigator.view.pinned:
            self._aim()

    # Where we are --------------------------------------------------------------------------------------------------

    def visit(self, view: View | None, row: str = "") -> None:
        """Go to another view, and remember this one."""
        if view is not None:
            self._navigator.history.visit(replace(view, zoomed=self.zoomed))
            self._put(row)

    def _put(self, row: str = "") -> None:
        view = self._navigator.view
        self.zoomed = view.zoomed
        self.focus_pane(view.pane)
        self._aim(row)

    def _aim(self, row: str = "") -> None:
        self._navigator.aim(row)
        self.header.show_path(self._navigator.path())

    @work(exclusive=True, group="aim")
    async def _aim_soon(self) -> None:
        await self._clock.sleep(REST)
        self._aim()

    def pane_focused(self, pane: FeedPane[Any]) -> None:
        navigator = self._navigator
        navigator.history.amend(replace(navigator.view, pane=pane.PANE))
        if pane.PANE in {PaneId.FLEETS, PaneId.CONNECTIONS} and navigator.source is not pane.PANE:
            navigator.source = pane.PANE
            self._aim_soon()
        elif pane.PANE in {PaneId.RESOURCES, PaneId.LOGS}:
            self._aim()  # whoever goes there before the cursor has rested means the row it is on now
        self.header.show_path(navigator.path())

    def pane_said(self, pane: Framed[Any]) -> None:
        if pane is self.fleets and self._navigator.undecided():
            self._aim()

    @on(TablePane.CursorMoved)
    def cursor_moved(self, message: TablePane.CursorMoved) -> None:
        message.stop()
        if message.pane is self.resources:
            self.describe()
        elif self._navigator.undecided():
            self._aim()
        else:
            self._aim_soon()

    # Logs ----------------------------------------------------------------------------------------------------------

    @on(LogPane.WindowChanged)
    def window_changed(self, message: LogPane.WindowChanged) -> None:
        message.stop()
        self._aim()

    @on(SaveLine.Entered)
    def save_entered(self, message: SaveLine.Entered) -> None:
        message.stop()
        book = self.logs.book
        if book is not None and book not in self.logs.savings:
            self.logs.keep(book, self._hub.save_logs(book, message.path))

    @on(LogPane.PromptWanted)
    async def prompt_wanted(self, message: LogPane.PromptWanted) -> None:
        message.stop()
        await self.open_prompt(message.prompt)
