"""One object in a frame: its tabs, its text, and a border that says how true that is."""

from __future__ import annotations

from typing import TypeVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from tui.clock import Clock
from tui.model.datalayer import DataLayer
from tui.model.objects import Body, ObjectRef
from tui.model.secrets import is_secret
from tui.present.describe.common import events as events_of
from tui.present.describe.kinds import description
from tui.present.describe.page import Block, Line, setting
from tui.present.object import Tab, instead, status_of, title_of
from tui.present.parts import Part, fit
from tui.present.related import nothing_related, tree_rows
from tui.present.states import Shown, feed_status
from tui.present.textrows import PageRows, TextRows, YamlRows
from tui.present.yamltext import YamlLine, yaml_lines
from widgets.framed import UNKNOWN
from widgets.ink import block_of, ink, line_of
from widgets.object_feeds import ObjectFeeds
from widgets.related_tree import RelatedTree
from widgets.text_tabs import TextTabs
from widgets.text_view import TextView

T = TypeVar("T")

NOTE_PADDING = 4
"""Columns left and right of the text that stands there while there is nothing to read."""
TABS = (Tab.DESCRIBE, Tab.YAML, Tab.EVENTS, Tab.RELATED)
TAB_KEYS = {Tab.DESCRIBE: "d", Tab.YAML: "y", Tab.EVENTS: "3", Tab.RELATED: "u"}


class ObjectView(Vertical):
    """Follows an object, its events and what its description needs, for as long as it is there."""

    DEFAULT_CSS = """
    ObjectView {
        border: round $border;
        border-title-color: $text-primary;
        border-title-style: bold;
        border-subtitle-color: $text-muted;
        height: 1fr;
        #note { display: none; padding: 1 2; height: 1fr; }
        &.-noted #note { display: block; }
        &.-noted TextView, &.-noted RelatedTree { display: none; }
        &.-tree TextView { display: none; }
        RelatedTree { display: none; }
        &.-tree RelatedTree { display: block; }
        &.-tree.-noted RelatedTree { display: none; }
        TextView { height: 1fr; padding: 0 0 0 1; }
        &.-stale TextView { text-opacity: 65%; }
    }
    """

    class Painted(Message):
        """It says something else now; for header and key bar."""

    def __init__(self, hub: DataLayer, clock: Clock, ref: ObjectRef, tab: Tab = Tab.DESCRIBE) -> None:
        super().__init__()
        self.ref = ref
        self.tab = tab
        self.shown = False
        """Whether secret values are."""
        self.managed = False
        self.folds = True
        self.body_view = TextView()
        self.relatives = RelatedTree()
        self._clock = clock
        self._tabs = TextTabs([(TAB_KEYS[one], one.value) for one in TABS])
        self._note = Static(id="note", markup=False)
        self._feeds = ObjectFeeds(self, hub, clock, ref, self.paint)
        self._lines: list[Line] = []
        self._yaml: tuple[Body, bool, bool, list[YamlLine]] | None = None

    def compose(self) -> ComposeResult:
        yield self._tabs
        yield self._note
        yield self.body_view
        yield self.relatives

    def on_mount(self) -> None:
        self._feeds.start()
        self.show_tab(self.tab)

    # Painting ------------------------------------------------------------------------------------------------------

    @property
    def body(self) -> Body | None:
        return self._feeds.body

    @property
    def holds_secret(self) -> bool:
        return self.body is not None and is_secret(self.body)

    def show_tab(self, tab: Tab) -> None:
        """Look at it another way, from the top."""
        self.tab = tab
        self._tabs.show(TABS.index(tab))
        self.set_class(tab is Tab.RELATED, "-tree")
        self._feeds.relate(tab is Tab.RELATED)
        self.paint(from_top=True)
        if self.screen.focused in (None, self.body_view, self.relatives):
            self.screen.set_focus(self.keyed)

    @property
    def keyed(self) -> Widget:
        """What the keys of the tab are for."""
        return self.relatives if self.tab is Tab.RELATED else self.body_view

    def tick(self) -> None:
        """A second has passed: ages go on."""
        self.paint()

    def paint(self, *, from_top: bool = False) -> None:
        if not self.is_mounted:
            return
        now = self._clock.now()
        self._reframe(now)
        note = instead(self.ref, self._feeds.object, now)
        if not note and self.tab is Tab.RELATED:
            note = nothing_related(self._feeds.related, now)
        self.set_class(bool(note), "-noted")
        if note:
            self._note.update(block_of(note, self.size.width - NOTE_PADDING if self.size.width else UNKNOWN))
        elif self.body is not None:
            self._show(self.body, now, from_top)
        self.post_message(self.Painted())

    def _show(self, body: Body, now: float, from_top: bool) -> None:
        if self.tab is Tab.RELATED:
            if self._feeds.related.value is not None:
                self.relatives.show_tree(tree_rows(self._feeds.related.value, now))
            return
        width = max(20, self.body_view.scrollable_content_region.width)
        if self.tab is Tab.YAML:
            self._show_yaml(body, width, from_top)
            return
        lines = setting(self._page(body, now), width)
        if lines != self._lines or from_top:
            self._lines = lines
            self.body_view.show_rows(PageRows(lines), from_top=from_top)

    def _page(self, body: Body, now: float) -> list[Block]:
        if self.tab is Tab.EVENTS:
            return events_of(self._feeds.events, now)
        return description(body, self._feeds.events, now, beside=self._feeds.beside.value, shown=self.shown)

    def _show_yaml(self, body: Body, width: int, from_top: bool) -> None:
        """Made anew only when it is another text: it may be a megabyte."""
        held = self._yaml
        if held is None or held[0] is not body or held[1:3] != (self.managed, self.shown):
            self._yaml = (body, self.managed, self.shown, yaml_lines(body, managed=self.managed, shown=self.shown))
        elif not from_top:
            return
        assert self._yaml is not None
        rows: TextRows = YamlRows(self._yaml[3], width if self.folds else None)
        self.body_view.show_rows(rows, from_top=from_top)

    def _reframe(self, now: float) -> None:
        status = status_of(self._feeds.object, now, self.ref.uid)
        if self.tab is Tab.RELATED and status.shown is Shown.LIVE:
            status = feed_status(self._feeds.related, now)
        self.set_class(status.shown in (Shown.STALE, Shown.FAILED), "-stale")
        title = [ink(title_of(self.ref)), ink(f"  {self.ref.cluster.name}", "dim")]
        found, total = self.body_view.found
        lead = [Part(f"{found} of {total} found", "accent", 1)] if total else []
        if self.holds_secret and self.shown:
            lead.append(Part("values shown", "warn", 0))
        self.border_title = title[0] + title[1]  # pyright: ignore[reportAttributeAccessIssue]
        parts = fit((*lead, *status.parts()), max(8, self.size.width - 4))
        self.border_subtitle = line_of(parts)  # pyright: ignore[reportAttributeAccessIssue]

    def on_resize(self) -> None:
        self.paint()

    def on_text_view_resized(self, message: TextView.Resized) -> None:
        message.stop()
        self.reset()

    def on_text_view_found(self, message: TextView.Found) -> None:
        message.stop()
        self._reframe(self._clock.now())

    def reset(self) -> None:
        """Set the text anew, in its place: the width is another, or what is shown of it."""
        self._lines = []
        if self._yaml is not None:
            self._yaml = None
        self.paint()

    @property
    def text(self) -> str:
        """What the tab shows, for copying."""
        return self.relatives.text if self.tab is Tab.RELATED else self.body_view.text
