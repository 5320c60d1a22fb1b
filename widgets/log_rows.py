"""The lines of a book as they are painted: each is made into rows once, and kept for as long as it is on the screen and
looks the same, also where others have come meanwhile and it stands higher up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from typing import TypeAlias

from msgspec.structs import replace
from rich.style import Style
from textual.strip import Strip

from tui.model.logs import LogBook, LogLine, LogStatus
from tui.present.logline import columns_of
from tui.present.loglook import LogLook
from widgets.log_paint import NARROWEST, Labels, LogPaint
from widgets.log_search import LogSearch

_Own: TypeAlias = tuple[LogLine, int, bool | None, bool, bool]


class LogRows:
    """Lines by their places among those that `search` lets through.

    book: whose, None = of none. status: how far it is. look: how they are looked at. left: columns of the text that
    have been moved out of sight. timezone: in which times are shown, None = the machine's own. style: the style of a
    name.
    """

    def __init__(self, search: LogSearch, timezone: tzinfo | None, style: Callable[[str], Style]) -> None:
        self.book: LogBook | None = None
        self.status = LogStatus()
        self.labels = Labels(None)
        self.look = LogLook()
        self.left = 0
        self.timezone = timezone
        self._search = search
        self._style = style
        self._lines: dict[int, LogLine] = {}
        self._made: dict[int, list[Strip]] = {}
        # Each by the number of its line, with what of it alone it was made from; and what all were made from.
        self._here: dict[int, tuple[_Own, list[Strip]]] = {}
        self._before: dict[int, tuple[_Own, list[Strip]]] = {}
        self._made_from: tuple[object, ...] = ()

    def forget(self) -> None:
        """All places may be those of other lines now."""
        self._lines.clear()
        self._made.clear()
        if self._here:
            self._before, self._here = self._here, {}
        made_from = (self.look, self.left, self.labels.known, self._search.marks, self._style(""))
        if made_from != self._made_from:
            self._made_from = made_from
            self._before.clear()

    def paint_anew(self) -> None:
        """The same lines look otherwise now."""
        self._made.clear()
        self._here.clear()
        self._before.clear()

    @property
    def count(self) -> int:
        """Lines that can be scrolled through."""
        return self._search.count(self.status)

    def line(self, index: int, screenful: int, *, upwards: bool) -> LogLine | None:
        """The line at this place; None where there is none. screenful: lines that are wanted with it, from it on, or
        `upwards` from it."""
        if self.book is None or not 0 <= index < self.count:
            return None
        seq = self._search.seq(index, self.status)
        if seq not in self._lines:
            start = seq - screenful + 1 if upwards else seq
            alone = self._search.shown is not None
            lines, _ = self.book.since(*((seq, 1) if alone else (max(0, start), screenful)))
            self._lines.update((line.seq, line) for line in lines)
        return self._lines.get(seq)

    def of(self, index: int, line: LogLine | None, width: int) -> list[Strip]:
        """The rows of the line at this place. width: columns of the screen."""
        found = self._made.get(index)
        if found is not None:
            return found
        if line is None:
            return [Strip.blank(width, self._style(""))]
        hit = self._search.is_hit(line.seq) if self.look.context else None
        paint = self.paint(self.look if hit is not None else replace(self.look, context=0))
        here = line.seq == self._search.finding.here
        begins = index > 0 and self._search.begins(line.seq)
        own = (line, width, hit, here, begins)
        kept = self._before.get(line.seq)
        if kept is not None and kept[0] == own:
            found = kept[1]
        else:
            marks = self._search.marks
            found = paint.rows(line, width, self.left, self._style, marks, hit=hit, here=here, begins=begins)
        self._here[line.seq] = own, found
        self._made[index] = found
        return found

    def paint(self, look: LogLook) -> LogPaint:
        """What makes rows and texts of lines that are looked at so."""
        return LogPaint(look, self.labels, self.timezone)

    def bring(self, line: LogLine, width: int) -> None:
        """Move sideways as far as it takes to see what was found in this line."""
        sought = self._search.finding.pattern
        paint = self.paint(self.look)
        found = columns_of(paint.zoned(line), self.look, sought) if sought is not None else None
        if found is None or self.look.wrap:
            return
        room = max(NARROWEST, width - paint.prefix_width(line, self._style))
        if found[0] < self.left or found[1] > self.left + room:
            self.left = 0 if found[1] <= room else max(0, found[0] - room // 3)
