"""An object beside the same one in another cluster, in front of the overview: what is different, live."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widget import Widget

from screens.framed_screen import FramedScreen
from tui.clock import Clock
from tui.errors import UsageError
from tui.model.cluster import ClusterRef
from tui.model.datalayer import DataLayer
from tui.model.objects import ObjectRef
from tui.present.commands import Compare, match_clusters
from tui.present.comparing import by_hand, chosen, crumbs
from tui.present.object import Tab
from widgets.compare_view import CompareView
from widgets.pane import FeedPane
from widgets.resource_pane import ResourcePane

FOOTER = (
    ("app.help", "help"),
    ("compare.back", "back"),
    ("text.next", "next difference"),
    ("compare.everything", "all lines"),
    ("compare.nature", "by nature"),
    ("compare.columns", "side by side"),
    ("compare.next", "next cluster"),
    ("compare.secrets", "secret values"),
    ("compare.copy", "copy"),
    ("compare.by_hand", "by hand"),
    ("compare.left", "open left"),
    ("compare.right", "open right"),
    ("app.refresh", "refresh"),
)


def wanted(command: Compare, pane: ResourcePane | None, known: Sequence[ClusterRef]) -> tuple[ObjectRef, ...]:
    """What `:compare` is about. pane: where it was typed, None where that is no list of resources. known: all clusters.

    Raises UsageError.
    """
    if pane is None or pane.view is None:
        raise UsageError("objects are compared in a list of resources")
    others = match_clusters(command.clusters, known) if command.clusters else ()
    return chosen(pane.view, pane.marked, pane.current, others)


class CompareScreen(FramedScreen):
    """refs: the first is compared with one of the others at a time."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "back", "Back", id="compare.back", priority=True),
        Binding("tab", "turn(1)", "The next of several, with the first", id="compare.next", priority=True),
        Binding("shift+tab", "turn(-1)", "The one before", id="compare.previous", priority=True),
        Binding("a", "everything", "All lines, or those around differences", id="compare.everything"),
        Binding("M", "nature", "Also what differs by nature, or not", id="compare.nature"),
        Binding("v", "columns", "Side by side, or one below the other", id="compare.columns"),
        Binding("x", "secrets", "Show secret values, and hide them", id="compare.secrets"),
        Binding("c", "copy", "Copy the differences as a patch", id="compare.copy"),
        Binding("K", "by_hand", "The same with kubectl and diff", id="compare.by_hand"),
        Binding("1", "open(0)", "Open the first", id="compare.left"),
        Binding("2", "open(1)", "Open the second", id="compare.right"),
    ]

    DEFAULT_CSS = """
    CompareScreen { layout: vertical; background: $background; }
    """

    def __init__(self, hub: DataLayer, clock: Clock, refs: Sequence[ObjectRef]) -> None:
        super().__init__(hub, clock)
        self.view = CompareView(hub, clock, (refs[0], refs[1]))
        self._refs = tuple(refs)
        self._at = 1

    def compose(self) -> ComposeResult:
        yield self.header
        yield self.view
        yield self.key_bar

    def on_mount(self) -> None:
        self.set_focus(self.view.body_view)
        self._describe()

    def tick(self) -> None:
        self.view.tick()

    @property
    def keyed(self) -> Widget:
        return self.view.body_view

    def _describe(self) -> None:
        """What header and key bar say."""
        self.header.show_path(crumbs(self.view.refs))
        self.hint([(name, self._said(words)) for name, words in FOOTER if self._wanted(name)])

    def _wanted(self, name: str) -> bool:
        return name != "text.next" or self.view.differs

    def _said(self, words: str) -> str:
        """What a key would do now."""
        if words == "side by side":
            return "one below the other" if self.view.beside else words
        if words == "all lines":
            return "differences only" if self.view.everything else words
        return words

    @on(CompareView.Painted)
    def painted(self, message: CompareView.Painted) -> None:
        message.stop()
        self._describe()

    # Keys ----------------------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that would do nothing are not offered."""
        match action:
            case "turn":
                return len(self._refs) > 2
            case "secrets":
                return self.view.holds_secret
            case _:
                return True

    def action_back(self) -> None:
        self.dismiss(None)

    def action_turn(self, step: int) -> None:
        self._at = 1 + (self._at - 1 + step) % (len(self._refs) - 1)
        self.view.aim((self._refs[0], self._refs[self._at]))

    def action_everything(self) -> None:
        self.view.everything = not self.view.everything
        self.view.compare()

    def action_nature(self) -> None:
        self.view.see(nature=not self.view.look.nature)

    def action_secrets(self) -> None:
        self.view.see(secrets=not self.view.look.secrets)

    def action_columns(self) -> None:
        self.view.columns = not self.view.beside
        self.view.compare()

    def action_copy(self) -> None:
        if self.view.text:
            self.post_message(FeedPane.CopyWanted(self.view.text))

    def action_by_hand(self) -> None:
        self.post_message(FeedPane.DetailsWanted(by_hand(self.view.refs)))

    def action_open(self, side: int) -> None:
        self.post_message(ResourcePane.ObjectWanted(self.view.refs[side], Tab.DESCRIBE.value))
