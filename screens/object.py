"""One object in front of the overview: described, as YAML, its events and what stands around it, all live."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widget import Widget

from screens.drill import logs_of_object
from screens.stream_keys import StreamKeys
from tui.clock import Clock
from tui.model.datalayer import DataLayer
from tui.model.logs import LogQuery
from tui.model.objects import ObjectRef
from tui.present.object import Tab, by_hand, crumbs
from tui.present.scope import Selection
from widgets.find_line import FindLine
from widgets.log_pane import LogPane
from widgets.object_view import TABS, ObjectView
from widgets.pane import FeedPane
from widgets.prompt import Prompt
from widgets.related_tree import RelatedTree
from widgets.resource_pane import ResourcePane
from widgets.text_tabs import TextTabs

FOOTER = (
    ("app.help", "help"),
    ("object.back", "back"),
    ("object.describe", "describe"),
    ("object.yaml", "yaml"),
    ("object.related", "related"),
    ("tree.open", "open"),
    ("go.logs", "logs"),
    ("change.menu", "menu"),
    ("stream.shell", "shell"),
    ("stream.forward", "port-forward"),
    ("object.find", "find"),
    ("object.secrets", "secret values"),
    ("object.managed", "managed fields"),
    ("object.fold", "fold"),
    ("object.copy", "copy"),
    ("object.by_hand", "by hand"),
    ("app.refresh", "refresh"),
)


class ObjectScreen(StreamKeys):
    """What the keys mean; what is shown is in `widgets.object_view`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "back", "Back", id="object.back", priority=True),
        Binding("d,1", "look('Describe')", "Describe", id="object.describe"),
        Binding("y,2", "look('YAML')", "YAML", id="object.yaml"),
        Binding("3", "look('Events')", "Events", id="object.events"),
        Binding("u,4", "look('Related')", "What stands around it", id="object.related"),
        Binding("tab", "turn(1)", "Next tab", id="object.next", priority=True),
        Binding("shift+tab", "turn(-1)", "Previous tab", id="object.previous", priority=True),
        Binding("slash", "find", "Find; n and N go on", id="object.find", priority=True),
        Binding("x", "secrets", "Show secret values, and hide them", id="object.secrets"),
        Binding("M", "managed", "Unfold managed fields, and fold them", id="object.managed"),
        Binding("w", "fold", "Fold long lines, or not", id="object.fold"),
        Binding("l", "logs", "Logs of the pod, or of the pods it makes", id="go.logs"),
        Binding("p", "logs(True)", "Logs of the previous run", id="go.previous_logs"),
        Binding("c", "copy", "Copy the text", id="object.copy"),
        Binding("K", "by_hand", "The same with kubectl", id="object.by_hand"),
    ]

    DEFAULT_CSS = """
    ObjectScreen {
        layout: vertical;
        layers: default over;
        background: $background;
        Prompt { layer: over; }
    }
    """

    def __init__(self, hub: DataLayer, clock: Clock, ref: ObjectRef, tab: Tab = Tab.DESCRIBE) -> None:
        super().__init__(hub, clock)
        self.view = ObjectView(hub, clock, ref, tab)
        self._words = ""

    def compose(self) -> ComposeResult:
        yield self.header
        yield self.view
        yield self.key_bar

    def on_mount(self) -> None:
        self.set_focus(self.view.keyed)
        self._describe()

    def tick(self) -> None:
        self.view.tick()

    @property
    def keyed(self) -> Widget:
        return self.view.keyed

    def _describe(self) -> None:
        """What header and key bar say."""
        self.header.show_path(crumbs(self.view.ref, self.view.tab))
        self.hint(FOOTER)

    @on(ObjectView.Painted)
    def painted(self, message: ObjectView.Painted) -> None:
        message.stop()
        self._describe()

    @on(TextTabs.Chosen)
    def tab_chosen(self, message: TextTabs.Chosen) -> None:
        message.stop()
        self.view.show_tab(TABS[message.place])

    # Keys ----------------------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that would do nothing are not offered; where a line is typed, keys are text."""
        match action:
            case "turn" | "find" | "back" if self.prompting:
                return False
            case "secrets":
                return self.view.holds_secret
            case "managed" | "fold":
                return self.view.tab is Tab.YAML
            case "find":
                return self.view.tab is not Tab.RELATED
            case "logs":
                return self._logs() is not None
            case "look" if parameters and parameters[0] == self.view.tab.value:
                return False
            case _:
                return super().check_action(action, parameters)

    def selection(self) -> Selection:
        return Selection((self.view.ref,), 0, (self.view.ref.cluster,))

    @on(RelatedTree.Chosen)
    def relative_chosen(self, message: RelatedTree.Chosen) -> None:
        message.stop()
        self.post_message(ResourcePane.ObjectWanted(message.ref, Tab.DESCRIBE.value))

    def action_back(self) -> None:
        if self.view.body_view.found[1]:
            self.view.body_view.find("")
            self._words = ""
        else:
            self.dismiss(None)

    def action_look(self, name: str) -> None:
        self.view.show_tab(Tab(name))

    def action_turn(self, step: int) -> None:
        self.view.show_tab(TABS[(TABS.index(self.view.tab) + step) % len(TABS)])

    def _logs(self, *, previous: bool = False) -> LogQuery | None:
        body = self.view.body
        return logs_of_object(self.view.ref, body, previous=previous) if body is not None else None

    def action_logs(self, previous: bool = False) -> None:
        query = self._logs(previous=previous)
        if query is not None:
            self.post_message(LogPane.Wanted(query))

    def action_secrets(self) -> None:
        self.view.shown = not self.view.shown
        self.view.reset()

    def action_managed(self) -> None:
        self.view.managed = not self.view.managed
        self.view.reset()

    def action_fold(self) -> None:
        self.view.folds = not self.view.folds
        self.view.reset()

    def action_copy(self) -> None:
        if self.view.text:
            self.post_message(FeedPane.CopyWanted(self.view.text))

    def action_by_hand(self) -> None:
        self.post_message(FeedPane.DetailsWanted(by_hand(self.view.ref, self.view.tab)))

    async def action_find(self) -> None:
        await self.open_prompt(FindLine(self.view.body_view, self._words))

    def prompt_done(self, prompt: Prompt) -> None:
        self._words = prompt.input.value if self.view.body_view.found[1] else ""
