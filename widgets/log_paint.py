"""Rows of a log line as strips: prefix columns that stay, and text that is folded or moves sideways behind them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.model.logs import LogLine, LogSource
from tui.present.clean import clean
from tui.present.guarded import Needle
from tui.present.logfilter import WHOLE
from tui.present.logline import line_pieces, time_words, zoned
from tui.present.loglook import LogLook
from widgets.row_strip import RowStrip

Label = Callable[[Sequence[LogSource]], Sequence[tuple[str, str]]]
"""What sources are called on screen, and the names of their styles."""

LABEL_MAX = 24
NARROWEST = 12
"""Columns that text has at least, also where the prefix would leave less."""
HIT, AROUND, BEGINS = "›", " ", "┌"
"""In front of a match, of a line around one, and of the first of a group: lines before it are left out."""


class Labels:
    """What the sources are called; asked anew when others have come, or are called otherwise: the first container of a
    pod has no name until the pod is known."""

    def __init__(self, label: Label | None) -> None:
        self.width = 0
        self._label = label
        self._known: dict[int, tuple[str, str]] = {}
        self._named: list[tuple[str, str, str]] = []

    def learn(self, sources: Sequence[LogSource]) -> bool:
        """Take in new sources; whether labels are wider now."""
        named = [(source.namespace, source.pod, source.container) for source in sources]
        if named == self._named or self._label is None:
            return False
        before, self._named = self.width, named
        labels = self._label(sources)
        self._known = {
            source.index: (shortened(text), style) for source, (text, style) in zip(sources, labels, strict=True)
        }
        self.width = max((cell_len(text) for text, _ in self._known.values()), default=0)
        return self.width != before

    @property
    def known(self) -> Mapping[int, tuple[str, str]]:
        """What each source is called now."""
        return self._known

    def of(self, source: int) -> tuple[str, str]:
        return self._known.get(source, ("", "dim"))


def shortened(label: str) -> str:
    """At most `LABEL_MAX` columns: both ends tell more than the middle."""
    if cell_len(label) <= LABEL_MAX:
        return label
    tail = label[-(LABEL_MAX * 5 // 8) :]
    return f"{set_cell_size(label, max(1, LABEL_MAX - 1 - cell_len(tail)))}…{tail}"


def columns(segments: Sequence[Segment]) -> int:
    """How wide they are."""
    return sum(cell_len(segment.text) for segment in segments)


def _row(segments: list[Segment], width: int, base: Style) -> Strip:
    """One row of the screen: a single strip, for each makes seven caches of its own."""
    short = width - columns(segments)
    if short > 0:
        segments.append(Segment(" " * short, base))
    row = RowStrip(segments, width - min(short, 0))
    return row if short >= 0 else row.crop(0, width)


class LogPaint:
    """local: in whose time zone times are shown, None = the machine's."""

    def __init__(self, look: LogLook, labels: Labels, local: tzinfo | None) -> None:
        self.look = look
        self._labels = labels
        self._local = local

    def rows(
        self,
        line: LogLine,
        width: int,
        left: int,
        style: Callable[[str], Style],
        marks: Sequence[Needle],
        *,
        hit: bool | None,
        here: bool,
        begins: bool = False,
    ) -> list[Strip]:
        """The rows of a line. width: columns of the screen. style: the style of a name. left: columns of the text that
        have been moved out of sight. hit: whether it is a match; None where the question has no meaning. here: it is
        the one that was gone to. begins: lines before it are left out."""
        prefix = self._prefix(line, style, hit, begins)
        before = columns(prefix)
        room = max(NARROWEST, width - before)
        segments: list[Segment] = []
        for piece in line_pieces(self.zoned(line), self.look, marks):
            shown = style("dim") if hit is False and piece.style != "badge" else style(piece.style)
            mark = (style("here") if here else style("found")) if piece.found else None
            segments.append(Segment(piece.text, shown + mark if mark is not None else shown))
        base = style("")
        if not self.look.wrap:
            parts = list(Segment.divide(segments, [left, left + room]))
            return [_row([*prefix, *(parts[1] if len(parts) > 1 else ())], width, base)]
        parts = list(Segment.divide(segments, range(room, max(columns(segments), 1) + room, room)))
        blank = [Segment(" " * before, base)]
        return [_row([*(blank if number else prefix), *part], width, base) for number, part in enumerate(parts)]

    def prefix_width(self, line: LogLine, style: Callable[[str], Style]) -> int:
        """Columns before the text."""
        return columns(self._prefix(line, style, hit=None))

    def plain(self, line: LogLine) -> str:
        """The whole line, behind the columns that are shown."""
        time = time_words(line.at, self.look, self._local) if self.look.times else ""
        label = self._labels.of(line.source)[0] if self.look.sources and self._labels.width else ""
        return " ".join(part for part in (time, label, clean(self.zoned(line).text, WHOLE)) if part)

    def zoned(self, line: LogLine) -> LogLine:
        """The line, in the zone whose times are shown."""
        return zoned(line, self.look, self._local)

    def _prefix(
        self, line: LogLine, style: Callable[[str], Style], hit: bool | None, begins: bool = False
    ) -> list[Segment]:
        parts: list[Segment] = []
        if self.look.times:
            parts.append(Segment(time_words(line.at, self.look, self._local) + " ", style("time")))
        label, label_style = self._labels.of(line.source)
        if self.look.sources and self._labels.width:
            parts.append(Segment(set_cell_size(label, self._labels.width) + " ", style(label_style)))
        if self.look.context:
            parts.append(Segment(f"{HIT if hit else BEGINS if begins else AROUND} ", style("accent")))
        return parts
