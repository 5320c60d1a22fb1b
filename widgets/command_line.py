"""`:`: kinds, namespaces, clusters and the few commands that are none, completed from what the clusters serve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual import on, work
from textual.message import Message
from textual.widgets import Input

from tui.errors import UsageError
from tui.model.cluster import ClusterRef
from tui.model.feed import Topic
from tui.model.kube import KindRef
from tui.model.views import SavedView
from tui.present.commands import Command, ShowKind, match_clusters, parse_command
from tui.present.completions import complete, meant
from tui.present.logcommand import OpenLogs
from widgets.completing import CompletingPrompt
from widgets.reading import reading


class CommandLine(CompletingPrompt):
    """tab takes the marked completion, up and down choose another, enter runs the line that is meant."""

    SIGN = ":"
    HINT = "kind [namespace] [label=value] [@cluster] [/filter]"

    class Entered(Message):
        """A command that makes sense was entered."""

        def __init__(self, command: Command) -> None:
            super().__init__()
            self.command = command

    def __init__(
        self,
        kinds: Topic[tuple[KindRef, ...]] | None,
        namespaces: Sequence[str],
        clusters: Sequence[ClusterRef],
        aliases: Mapping[str, str],
        views: Mapping[str, SavedView],
    ) -> None:
        super().__init__()
        self._kinds = kinds
        self._namespaces = namespaces
        self._clusters = clusters
        self._aliases = aliases
        self._views = {name: view.words for name, view in views.items()}

    def on_mount(self) -> None:
        self._search()
        if self._kinds is not None:
            self._follow_kinds(self._kinds)

    @work(exclusive=True, group="kinds")
    async def _follow_kinds(self, kinds: Topic[tuple[KindRef, ...]]) -> None:
        async with reading(kinds) as feeds:
            async for _ in feeds:
                self._search()

    def _search(self) -> None:
        known = self._kinds.feed.value if self._kinds is not None else None
        self.offer(
            complete(self.input.value, known or (), self._namespaces, self._clusters, self._aliases, self._views)
        )

    @on(Input.Changed)
    def look(self, event: Input.Changed) -> None:
        event.stop()
        self.complain("")
        self._search()

    @on(Input.Submitted)
    def enter(self, event: Input.Submitted) -> None:
        event.stop()
        try:
            line = meant(event.value, self.found, self.chosen, picked=self.picked)
            command = parse_command(line, self._aliases)
            if isinstance(command, ShowKind | OpenLogs) and command.clusters:
                match_clusters(command.clusters, self._clusters)
        except UsageError as error:
            self.complain(str(error))
            return
        self.close()
        if command is not None:
            self.post_message(self.Entered(command))
