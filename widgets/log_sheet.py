"""Log lines as they are painted: a line-API view over somebody else's ring of lines.

Bytes are decoded and cleaned only for the lines that are visible, so a source may write faster than anyone can read
(a text widget that keeps every line stalls at a few thousand a second).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import ClassVar, Self, cast

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter
from textual.geometry import Region, Size
from textual.reactive import Reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.model.logs import LogLine
from tui.present.loglook import LogLook
from tui.present.sourcenames import SOURCE_STYLES
from widgets.log_bar import move_bar
from widgets.log_place import Place
from widgets.log_rows import LogRows
from widgets.log_search import LogSearch
from widgets.row_sight import STYLES

NAMES = ("time", "found", "here", "badge", "pill", "empty", *STYLES, *SOURCE_STYLES)
"""Of all styles that are painted with, besides the view's own."""


class LogSheet(ScrollView):
    """The lines that stand on the screen, and their rows. Which lines there are is `widgets.log_sight`'s to say."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"log-view--{name}" for name in NAMES}

    DEFAULT_CSS = """
    LogSheet {
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-gutter: stable;
        scrollbar-size-vertical: 1;
        & > .log-view--time { color: $text-muted; }
        & > .log-view--empty { color: $text-muted; }
        & > .log-view--found { background: $warning 40%; text-style: bold; }
        & > .log-view--here { background: $warning 40%; text-style: bold reverse; }
        & > .log-view--badge { color: $text-accent; text-style: bold; }
        & > .log-view--pill { color: $text-primary; text-style: bold reverse; }
        & > .log-view--bad { color: $text-error; }
        & > .log-view--warn { color: $text-warning; }
        & > .log-view--dim { color: $text-muted; }
        & > .log-view--accent { color: $text-primary; }
        & > .log-view--source-0 { color: $text-primary; }
        & > .log-view--source-1 { color: $text-secondary; }
        & > .log-view--source-2 { color: $text-success; }
        & > .log-view--source-3 { color: $text-warning; }
        & > .log-view--source-4 { color: $text-accent; }
        & > .log-view--source-5 { color: $foreground 80%; }
    }
    """

    def __init__(self, *, timezone: tzinfo | None = None, id: str | None = None) -> None:
        """timezone: in which times are shown; None is the machine's own."""
        super().__init__(id=id)
        self.empty_text: str = ""
        self.search = LogSearch()
        self.rows = LogRows(self.search, timezone, self._style)
        self._place = Place()
        self._frame: list[tuple[int, int]] | None = None
        self._styles: dict[str, Style] = {}
        self._kept: tuple[tuple[object, ...], list[Strip]] | None = None
        """What was painted last, and for what."""
        self._room: Size | None = None
        self._altered_by: tuple[tuple[object, ...], list[LineFilter]] | None = None

    @property
    def look(self) -> LogLook:
        """How the lines are looked at."""
        return self.rows.look

    @property
    def line_count(self) -> int:
        """Lines that can be scrolled through."""
        return self.rows.count

    def pill(self) -> str:
        """What stands in the last row of a view that does not follow; "" for nothing."""
        raise NotImplementedError

    # What is to be painted anew ------------------------------------------------------------------------------------

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles.clear()
        self._kept = self._altered_by = None
        self.rows.paint_anew()

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        self._kept = None
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Nothing: lines and scrollbar follow when all is known, of how many lines and of the place among them."""

    def _forget(self) -> None:
        """What is on screen is no longer what would be painted."""
        self.rows.forget()
        self._frame = self._room = None

    def _anew(self) -> None:
        """Everything on screen is to be painted again."""
        self._styles.pop("", None)
        self._forget()
        self._measure(Size(1, self.line_count))
        self._layout()
        self.refresh()

    def _measure(self, size: Size) -> None:
        """There are so many lines now. A new virtual size has Textual lay out the whole screen and paint all of it, for
        all lines that come; only a scrollbar that comes or goes needs that."""
        if self.show_vertical_scrollbar and size.height > self.size.height:
            self.set_reactive(cast("Reactive[Size]", LogSheet.virtual_size), size)
        else:
            self.virtual_size = size

    # Painting ------------------------------------------------------------------------------------------------------

    @property
    def _sheet(self) -> Size:
        """Columns and rows for lines; asking Textual takes as long as cutting a row to them."""
        if self._room is None:
            self._room = self.scrollable_content_region.size
        return self._room

    def _style(self, name: str) -> Style:
        style = self._styles.get(name)
        if style is None:
            style = self.rich_style  # which is worked out anew, from all that is around, each time it is asked for
            if name:
                style += self.get_component_rich_style(f"log-view--{name}", partial=True)
            self._styles[name] = style
        return style

    def _line(self, index: int) -> LogLine | None:
        # A screenful at a time, upwards where the screen is laid out from its end.
        upwards = self._place.following and self.look.wrap
        return self.rows.line(index, max(1, self._sheet.height), upwards=upwards)

    def _rows_of(self, index: int) -> list[Strip]:
        return self.rows.of(index, self._line(index), self._sheet.width)

    def _height_of(self, index: int) -> int:
        return len(self._rows_of(index)) if self.look.wrap else 1

    def _layout(self) -> list[tuple[int, int]]:
        if self._frame is None:
            self._frame = self._place.layout(self.line_count, self.size.height, self._height_of)
            self.scroll_to(y=self._place.top, animate=False, force=True)
            if self.virtual_size.height > self.size.height:  # it is there, or comes now
                move_bar(self.vertical_scrollbar, self.virtual_size.height, self.scroll_y)
        return self._frame

    def render_lines(self, crop: Region) -> list[Strip]:
        """Rows without a border or padding, which Textual's own way of painting would take as long for as making them
        does. It is gone where they are dimmed, which a log is that stands still, or are asked for in part."""
        self._room = None
        if self.styles.text_opacity != 1.0 or self.opacity != 1.0 or crop.column_span != (0, self.outer_size.width):
            return super().render_lines(crop)
        background, filters = self.background_colors[1], self.get_line_filters()
        has_bar = self._has_bar
        painted_for = (crop, background, has_bar, *filters)
        if self._kept is None or self._kept[0] != painted_for:
            strips = [self.render_line(y) for y in crop.line_range]
            if self._sheet.width < crop.width and not has_bar:  # where it would stand
                blank = Style(bgcolor=self._style("").bgcolor)
                strips = [strip.adjust_cell_length(crop.width, blank) for strip in strips]
            for line_filter in self._altering(filters, background):
                strips = [strip.apply_filter(line_filter, background) for strip in strips]
            self._kept = painted_for, strips
        return self._kept[1]

    @property
    def _has_bar(self) -> bool:
        """Whether the scrollbar stands on the screen: it does so a layout after it is asked for."""
        return self.show_vertical_scrollbar and self.vertical_scrollbar.region.width > 0

    def _altering(self, filters: Sequence[LineFilter], background: Color) -> list[LineFilter]:
        """The filters that make anything of rows: Textual's own, for colours that are the terminal's to choose, mostly
        makes the same of each once more."""
        asked = (*filters, background, self._style(""))
        if self._altered_by is None or self._altered_by[0] != asked:
            styles = [self._style(name) for name in ("", *NAMES)]
            styles += [style + self._style(mark) for style in styles for mark in ("found", "here")]
            segments, altering = [Segment(" ", style) for style in styles], list[LineFilter]()
            for line_filter in filters:
                before, segments = segments, line_filter.apply(segments, background)
                if segments != before:
                    altering.append(line_filter)
            self._altered_by = asked, altering
        return self._altered_by[1]

    def render_line(self, y: int) -> Strip:
        width, height = self._sheet
        base = self._style("")
        if self.line_count == 0 and y == 0 and self.empty_text:
            return Strip([Segment(self.empty_text, self._style("empty"))]).adjust_cell_length(width, base)
        layout = self._layout()
        strip = Strip.blank(width, base)
        if y < len(layout):
            index, row = layout[y]
            rows = self._rows_of(index)
            strip = rows[min(row, len(rows) - 1)]
        if y == height - 1 and (pill_text := self.pill()):
            pill = Strip([Segment(f" {pill_text} ", self._style("pill"))])
            room = max(0, width - pill.cell_length)
            return Strip.join([strip.crop(0, room), pill]).crop(0, width)
        return strip
