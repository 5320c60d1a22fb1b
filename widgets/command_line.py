"""`:`: kinds, namespaces, clusters and the few commands that are none, completed from what the clusters serve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from tui.errors import UsageError
from tui.model.cluster import ClusterRef
from tui.model.feed import Topic
from tui.model.kube import KindRef
from tui.present.commands import Command, Completion, ShowKind, complete, match_clusters, meant, parse_command
from widgets.ink import ink
from widgets.prompt import Prompt
from widgets.reading import reading

LABEL_WIDTH = 28


class CommandLine(Prompt):
    """tab takes the marked completion, up and down choose another, enter runs the line that is meant."""

    SIGN = ":"
    HINT = "kind [namespace] [label=value] [@cluster] [/filter]"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "take", "Complete", id="command.complete", show=False, priority=True),
        Binding("up", "choose(-1)", "Previous completion", id="command.previous", show=False),
        Binding("down", "choose(1)", "Next completion", id="command.next", show=False),
    ]

    DEFAULT_CSS = """
    CommandLine #choices { height: auto; padding: 0 1; background: $surface; }
    """

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
    ) -> None:
        super().__init__()
        self._kinds = kinds
        self._namespaces = namespaces
        self._clusters = clusters
        self._aliases = aliases
        self._found: list[Completion] = []
        self._chosen = 0
        self._picked = False
        self._choices = Static(id="choices", markup=False)

    def compose(self) -> ComposeResult:
        yield self._choices
        yield from super().compose()

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
        self._found = complete(self.input.value, known or (), self._namespaces, self._clusters, self._aliases)
        self._chosen, self._picked = 0, False
        self._show()

    def _show(self) -> None:
        lines = [self._line(index, found) for index, found in enumerate(self._found)]
        self._choices.update(Content("\n").join(lines))
        self._choices.display = bool(lines)

    def _line(self, index: int, found: Completion) -> Content:
        chosen = index == self._chosen
        bar = ink("▌ " if chosen else "  ", "accent")
        label = ink(found.label.ljust(LABEL_WIDTH), "bold" if chosen else "")
        return Content.assemble(bar, label, ink(found.detail, "dim"))

    def action_choose(self, step: int) -> None:
        if self._found:
            self._chosen, self._picked = (self._chosen + step) % len(self._found), True
            self._show()

    def action_take(self) -> None:
        """Put the marked completion into the line, ready for the next word."""
        if self._found:
            self.input.value = self._found[self._chosen].line + " "
            self.input.cursor_position = len(self.input.value)

    @on(Input.Changed)
    def look(self, event: Input.Changed) -> None:
        event.stop()
        self.complain("")
        self._search()

    @on(Input.Submitted)
    def enter(self, event: Input.Submitted) -> None:
        event.stop()
        try:
            line = meant(event.value, self._found, self._chosen, picked=self._picked)
            command = parse_command(line, self._aliases)
            if isinstance(command, ShowKind) and command.clusters:
                match_clusters(command.clusters, self._clusters)
        except UsageError as error:
            self.complain(str(error))
            return
        self.close()
        if command is not None:
            self.post_message(self.Entered(command))
