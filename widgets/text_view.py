"""A long text on screen: a line-API view over rows that are made when they are looked at.

It shows descriptions and YAML. What is shown may change at any time; the place stays, also while it does.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.present.clean import clean
from tui.present.textrows import PageRows, TextRows
from widgets.scroll_keys import scroll_keys

STYLES = ("good", "warn", "bad", "dim", "accent", "bold", "heading", "found", "here")
LONGEST = 8_000
"""Characters of one row that are painted."""


class TextView(ScrollView, can_focus=True):
    """Shows `TextRows`. `find` marks what matches; `n` and `N` go from one to the next."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *scroll_keys("text"),
        Binding("n", "next(1)", "Next that was found", show=False, id="text.next"),
        Binding("N", "next(-1)", "The one before", show=False, id="text.previous"),
    ]

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"text-view--{name}" for name in STYLES}

    DEFAULT_CSS = """
    TextView {
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-gutter: stable;
        scrollbar-size-vertical: 1;
        & > .text-view--good { color: $text-success; }
        & > .text-view--warn { color: $text-warning; }
        & > .text-view--bad { color: $text-error; text-style: bold; }
        & > .text-view--dim { color: $text-muted; }
        & > .text-view--accent { color: $text-primary; }
        & > .text-view--bold { text-style: bold; }
        & > .text-view--heading { color: $text-primary; text-style: bold; }
        & > .text-view--found { background: $found; text-style: bold; }
        & > .text-view--here { background: $found; text-style: bold reverse; }
    }
    """

    class Resized(Message):
        """The view is another width now; texts that are set to a width must be set anew."""

    class Found(Message):
        """What was looked for was found, or another one of it was gone to."""

        def __init__(self, view: TextView) -> None:
            super().__init__()
            self.view = view

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rows: TextRows = PageRows(())
        self._styles: dict[str, Style] = {}
        self._needle: re.Pattern[str] | None = None
        self._hits: list[int] = []
        self._hit = -1
        self._widest = 0
        self._width = 0

    # What is shown -------------------------------------------------------------------------------------------------

    def show_rows(self, rows: TextRows, *, from_top: bool = False) -> None:
        """Show another text; the place stays unless it is a new one (from_top)."""
        self._rows = rows
        self._widest = 0
        if self._needle is not None:
            self._hits = rows.search(self._needle)
            self._hit = min(self._hit, len(self._hits) - 1)
        self.virtual_size = Size(max(1, self.scrollable_content_region.width), len(rows))
        if from_top:
            self.scroll_to(0, 0, animate=False, force=True)
        elif self.scroll_offset.y > self._last:
            self.scroll_to(y=self._last, animate=False, force=True)
        self.refresh()

    @property
    def text(self) -> str:
        """All of it, for copying."""
        return self._rows.text()

    @property
    def found(self) -> tuple[int, int]:
        """Which of the places that match is the current one (from 1), and how many there are."""
        return self._hit + 1, len(self._hits)

    def find(self, words: str) -> None:
        """Look for these words; "" forgets them. Small letters mean capitals too. Goes to the next from here on."""
        flags = re.IGNORECASE if words == words.lower() else 0
        self._needle = re.compile(re.escape(words), flags) if words else None
        self._hits = self._rows.search(self._needle) if self._needle is not None else []
        self._hit = -1
        top = self.scroll_offset.y
        if self._hits:
            self._hit = next((place for place, row in enumerate(self._hits) if row >= top), 0)
            self.reveal(self._hits[self._hit])
        self.refresh()
        self.post_message(self.Found(self))

    def reveal(self, row: int) -> None:
        """Scroll so that this row is seen, if it is not."""
        top, height = self.scroll_offset.y, max(1, self.size.height)
        if not top <= row < top + height:
            self.scroll_to(y=max(0, min(self._last, row - height // 3)), animate=False, force=True)

    # Painting ------------------------------------------------------------------------------------------------------

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles.clear()

    def _style(self, name: str) -> Style:
        if not name:
            return self.rich_style
        style = self._styles.get(name)
        if style is None:
            partial = self.get_component_rich_style(f"text-view--{name}", partial=True)
            style = self._styles[name] = self.rich_style + partial
        return style

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        base = self.rich_style
        index = self.scroll_offset.y + y
        if not 0 <= index < len(self._rows):
            return Strip.blank(width, base)
        segments = [Segment(clean(text, LONGEST), self._style(style)) for text, style in self._rows.row(index)]
        if self._needle is not None:
            segments = self._marked(segments, index)
        strip = Strip(segments)
        self._widest = max(self._widest, strip.cell_length)
        left = self.scroll_offset.x
        return strip.crop(left, left + width).adjust_cell_length(width, base)

    def _marked(self, segments: list[Segment], index: int) -> list[Segment]:
        """With what was found in it, told from the rest."""
        assert self._needle is not None
        whole = "".join(segment.text for segment in segments)
        spans = [match.span() for match in self._needle.finditer(whole)]
        if not spans:
            return segments
        here = self._hit >= 0 and self._hits[self._hit] == index
        mark = self._style("here" if here else "found")
        cuts = sorted({edge for span in spans for edge in span})
        pieces: list[Segment] = []
        start = 0
        for segment in segments:
            end = start + len(segment.text)
            edges = [start, *[cut for cut in cuts if start < cut < end], end]
            for first, last in pairwise(edges):
                inside = any(begin <= first < stop for begin, stop in spans)
                style = (segment.style or Style()) + mark if inside else segment.style
                pieces.append(Segment(whole[first:last], style))
            start = end
        return pieces

    # Moving --------------------------------------------------------------------------------------------------------

    @property
    def _last(self) -> int:
        return max(0, len(self._rows) - self.size.height)

    def on_resize(self) -> None:
        width = self.scrollable_content_region.width
        if width != self._width:
            self._width = width
            self.post_message(self.Resized())

    def _move(self, y: float) -> None:
        self.scroll_to(y=max(0, min(self._last, y)), animate=False, force=True)

    def action_rows(self, rows: int) -> None:
        self._move(self.scroll_offset.y + rows)

    def action_pages(self, pages: int) -> None:
        self._move(self.scroll_offset.y + pages * max(1, self.size.height - 1))

    def action_ends(self, direction: int) -> None:
        self._move(self._last if direction > 0 else 0)

    def action_sideways(self, columns: int) -> None:
        width = self.scrollable_content_region.width
        self.virtual_size = Size(max(width, self._widest), len(self._rows))
        self.scroll_to(x=max(0, self.scroll_offset.x + columns), animate=False, force=True)

    def action_next(self, step: int) -> None:
        if self._hits:
            self._hit = (self._hit + step) % len(self._hits)
            self.reveal(self._hits[self._hit])
            self.refresh()
            self.post_message(self.Found(self))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        event.prevent_default()
        self._move(self.scroll_offset.y - 3)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        event.prevent_default()
        self._move(self.scroll_offset.y + 3)
