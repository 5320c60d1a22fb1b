"""The overview: fleets, connections, resources and logs on one screen, all live."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from msgspec.structs import replace
from textual import on
from textual.binding import Binding, BindingType

from screens.drill import inside, logs_of, objects_of, pods_of
from screens.linked_panes import LinkedPanes
from tui.clock import Clock
from tui.errors import UsageError
from tui.model.datalayer import DataLayer
from tui.model.logs import LogQuery
from tui.model.objects import ObjectRef
from tui.model.views import SavedView
from tui.present.navigation import PaneId, View
from tui.present.resources import about_pods
from widgets.table_pane import TablePane

if TYPE_CHECKING:
    from widgets.command_line import CommandLine

STYLES = Path(__file__).with_suffix(".tcss")
"""Loaded by the app: Textual reads the style sheets of pushed screens only, not of the one it begins with."""


class Overview(LinkedPanes):
    """What the keys mean; where they lead is in `screens.drill`, what is then shown in `screens.navigator`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("colon", "command", "Command line", id="go.command", priority=True),
        Binding("slash", "filter", "Filter this pane", id="pane.filter", priority=True),
        Binding("l", "logs", "Logs of the row", id="go.logs"),
        Binding("L,shift+l", "agents", "Logs of the agents of these clusters", id="go.agents"),
        Binding("p", "logs(True)", "Logs of the previous run", id="go.previous_logs"),
        Binding("0", "all_namespaces", "All namespaces", id="go.all_namespaces"),
        Binding("escape", "back", "Back; first takes a filter away", id="go.back"),
        Binding("minus", "last", "The view before this one", id="go.last"),
        Binding("left_square_bracket", "step(-1)", "Older view", id="go.older"),
        Binding("right_square_bracket", "step(1)", "Newer view", id="go.newer"),
    ]

    def __init__(
        self,
        hub: DataLayer,
        clock: Clock,
        *,
        aliases: Mapping[str, str],
        views: Mapping[str, SavedView],
        first: View | None = None,
        flash: bool = True,
    ) -> None:
        super().__init__(hub, clock, first or View(), flash=flash)
        self._aliases = aliases
        self._views = views

    @on(TablePane.Opened)
    def row_opened(self, message: TablePane.Opened) -> None:
        message.stop()
        view = self._navigator.view
        if message.pane is self.fleets and self.fleets.current is not None:
            self.visit(pods_of(view, self.fleets.current.cluster))
        elif message.pane is self.connections and self.connections.current is not None:
            self.visit(*objects_of(view, self.connections.current))
        elif self.resources.view is not None and (entry := self.resources.current) is not None:
            opened = inside(view, self.resources.view, entry)
            self.visit(opened) if opened is not None else self.resources.action_details()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that would do nothing are not offered; priority ones are text where a line is typed."""
        match action:
            case "command" | "filter" | "go" | "move" | "zoom" if self.prompting:
                return False
            case "logs" if parameters:
                return self.current is PaneId.RESOURCES and about_pods(self.resources.current, self.resources.view)
            case "logs":
                return self.current is not PaneId.LOGS
            case "zoom":
                return not self.small  # one pane fills it already
            case "all_namespaces":
                return self.current is PaneId.RESOURCES and bool(self._navigator.view.namespace)
            case "back":
                return bool(self.pane.narrowed) or self.zoomed or self._navigator.history.deep
            case _:
                return super().check_action(action, parameters)

    def action_logs(self, previous: bool = False) -> None:
        view = self._navigator.view
        if self.current is PaneId.CONNECTIONS:
            self.action_agents()
            return
        if self.current is not PaneId.RESOURCES:
            self.visit(replace(view, pane=PaneId.LOGS, logs=None))
            return
        entry, table = self.resources.current, self.resources.view
        if entry is None or table is None:
            return
        followed = logs_of(view, table, self.resources.marked or [entry], previous=previous)
        if followed is None:
            self.notify(f"{table.query.kind} have no logs of their own", severity="warning", markup=False)
        self.visit(followed)

    def action_agents(self) -> None:
        query = self._navigator.agents()
        if query is None:
            self.notify("no agent runs in these clusters", severity="warning", markup=False)
        else:
            self.show_logs(query)

    def show_logs(self, query: LogQuery) -> None:
        """Follow these, wherever they were asked for."""
        self.visit(replace(self._navigator.view, pane=PaneId.LOGS, logs=query))

    def action_all_namespaces(self) -> None:
        self.visit(replace(self._navigator.view, namespace=""))

    def action_back(self) -> None:
        if self.pane.narrowed:
            self.pane.widen()
        elif self._navigator.history.step(-1):
            self._put()
        elif self.zoomed:
            self.action_zoom()

    def action_last(self) -> None:
        if self._navigator.history.swap():
            self._put()

    def action_step(self, direction: int) -> None:
        if self._navigator.history.step(direction):
            self._put()

    async def action_filter(self) -> None:
        from widgets.filter_line import FilterLine

        self.pane.prepare_filter()
        await self.open_prompt(FilterLine(self.pane))

    async def action_command(self) -> None:
        from widgets.command_line import CommandLine

        clusters = self._navigator.clusters()
        kinds = self._hub.kinds(clusters[0]) if clusters else None
        known = self._hub.clusters.feed.value or ()
        await self.open_prompt(
            CommandLine(kinds, self.resources.listed.namespaces(), known, self._aliases, self._views)
        )

    def settled(self, refs: Sequence[ObjectRef]) -> None:
        self.resources.unmark(refs)

    async def on_command_line_entered(self, message: CommandLine.Entered) -> None:
        from screens.comparing import CompareScreen, wanted
        from screens.typed import begin_sorted, destination, global_action
        from tui.present.commands import Compare

        message.stop()
        command = message.command
        action = global_action(command)
        if action:
            await self.run_action(action)
            return
        known = self._hub.clusters.feed.value or ()
        try:
            if isinstance(command, Compare):
                refs = wanted(command, self.resources if self.current is PaneId.RESOURCES else None, known)
                self.app.push_screen(CompareScreen(self._hub, self._clock, refs))  # pyright: ignore[reportUnknownMemberType]
                return
            shown = self._navigator.clusters()
            view, narrowed = destination(command, self._navigator.view, known, self._views, shown)
            begin_sorted(view, self._views, self._hub.sortings)
            if narrowed and view.pane is PaneId.LOGS:
                self.logs.set_filter(narrowed)
            elif narrowed:
                self.resources.expect_filter(narrowed)
        except UsageError as error:
            self.notify(str(error), severity="warning", markup=False)
            return
        self.visit(view)
