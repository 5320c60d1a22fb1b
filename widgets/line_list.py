"""A text of many lines, to scroll through: plans, diffs, results. Only visible lines are painted, so the diffs of a
thousand objects cost what one screen of them does."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import ClassVar, Generic, TypeVar

from rich.cells import cell_len, chop_cells
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.present.problems import Line
from widgets.ink import INK
from widgets.modal import Modal

T = TypeVar("T")

HANGING = "  "
"""What stands before the continued part of a folded line, besides its own indent."""


class ScrollingScreen(Modal[T], Generic[T]):
    """A modal with a list of lines that its keys scroll, whatever has the focus."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_lines(-1)", "Up", show=False, id="lines.up"),
        Binding("down,j", "scroll_lines(1)", "Down", show=False, id="lines.down"),
        Binding("pageup,ctrl+b", "scroll_pages(-1)", "Page up", show=False, id="lines.page_up"),
        Binding("pagedown,ctrl+f,space", "scroll_pages(1)", "Page down", show=False, id="lines.page_down"),
        Binding("home,g", "scroll_far(-1)", "Start", show=False, id="lines.first"),
        Binding("end,G", "scroll_far(1)", "End", show=False, id="lines.last"),
    ]

    def __init__(self, *, classes: str = "") -> None:
        super().__init__(classes=classes)
        self.lines = LineList(id="lines")

    def action_scroll_lines(self, lines: int) -> None:
        self.lines.scroll_relative(y=lines, animate=False)

    def action_scroll_pages(self, pages: int) -> None:
        self.lines.scroll_relative(y=pages * max(1, self.lines.size.height - 1), animate=False)

    def action_scroll_far(self, direction: int) -> None:
        """To the start (-1) or the end (1)."""
        self.lines.scroll_to(y=0 if direction < 0 else self.lines.total, animate=False)


class LineList(ScrollView, can_focus=False):
    """Lines longer than the widget is wide are folded: what is to be confirmed must not hide at the right. It takes no
    focus: `ScrollingScreen` scrolls it."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"line-list--{name}" for name in INK if name}

    DEFAULT_CSS = """
    LineList {
        height: 1fr;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        background: $background;
        & > .line-list--good { color: $text-success; }
        & > .line-list--warn { color: $text-warning; }
        & > .line-list--bad { color: $text-error; text-style: bold; }
        & > .line-list--dim { color: $text-muted; }
        & > .line-list--accent { color: $text-primary; }
        & > .line-list--bold { text-style: bold; }
        & > .line-list--heading { color: $text-primary; text-style: bold; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: Sequence[Line] = ()
        self._folded: list[tuple[str, str]] = []
        self._styles: dict[str, Style] = {}

    def show(self, lines: Sequence[Line]) -> None:
        """Show these lines; the place in the text stays."""
        if lines != self._lines:
            self._lines = lines
            self._fold()

    @property
    def total(self) -> int:
        """How many lines there are, as folded."""
        return len(self._folded)

    def _fold(self) -> None:
        width = self.scrollable_content_region.width or self.size.width
        self._folded = [(text, line.style) for line in self._lines for text in folded_line(line.text, width)]
        self.virtual_size = Size(width, len(self._folded))
        self.refresh()

    def on_resize(self) -> None:
        self._fold()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles.clear()

    def _style(self, name: str) -> Style:
        style = self._styles.get(name)
        if style is None:
            part = self.get_component_rich_style(f"line-list--{name}", partial=True) if name else Style.null()
            style = self._styles[name] = self.rich_style + part
        return style

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        index = int(self.scroll_offset.y) + y
        if not 0 <= index < len(self._folded):
            return Strip.blank(width, self.rich_style)
        text, style = self._folded[index]
        return Strip([Segment(text, self._style(style))]).adjust_cell_length(width, self.rich_style)


def folded_line(text: str, width: int) -> list[str]:
    """In pieces of at most `width` columns, the later ones indented below the first."""
    if width <= 0 or cell_len(text) <= width:
        return [text]
    indent = " " * min(len(text) - len(text.lstrip()), width // 2) + HANGING
    pieces = wrap(text, width, subsequent_indent=indent, replace_whitespace=False, break_on_hyphens=False)
    return [part for piece in pieces for part in chop_cells(piece, width)] or [""]
