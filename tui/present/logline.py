"""One line of a log as pieces of text with style names: its badge, its fields or its text, and what was found in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from rich.cells import cell_len

from tui.diagnose.known import known
from tui.model.gapline import GapLine, gap_words
from tui.model.logs import LogLine
from tui.model.turnline import TurnLine
from tui.present.clean import clean
from tui.present.guarded import Needle
from tui.present.logfilter import LINE_MAX
from tui.present.logjson import fields_of, json_pieces
from tui.present.loglook import LogLook
from tui.present.logtime import without_time
from tui.present.severity import severity

TIME_WIDTH = 12
LATE = "[late] "
"""Before a line that came after newer ones of another source had been shown."""
TURN = "[turn] "
"""The same, where that is because its log waited for its turn."""


class Piece(NamedTuple):
    """A part of a line. style: a table style's name, "" for none. found: whether it is what is looked for."""

    text: str
    style: str = ""
    found: bool = False


def line_pieces(line: LogLine, look: LogLook, marks: Sequence[Needle]) -> list[Piece]:
    """What stands behind the prefix columns. marks: what is marked."""
    text = clean(line.text, LINE_MAX)
    about = known(text)
    pieces: list[Piece] = []
    if line.late:
        pieces.append(Piece(TURN, "dim") if isinstance(line.text, TurnLine) else Piece(LATE, "warn"))
    if about is not None:
        pieces.append(Piece(f"[{about.code}] ", "badge"))
    fields = fields_of(line.text) if look.fields else None
    if fields is not None:
        pieces += [Piece(said, style) for said, style in json_pieces(fields, line.at, look.chosen)]
    else:
        said = without_time(text, line.at) if look.times else text
        pieces.append(Piece(said, severity(text)))
    return marked(pieces, marks) if marks else pieces


def zoned(line: LogLine, look: LogLook, local: tzinfo | None) -> LogLine:
    """The line, with the times that it tells of as those in their column are, where it tells where others may be
    missing. local: as in `time_words`."""
    if not isinstance(line.text, GapLine) or line.text.gap is None:
        return line
    return line._replace(text=gap_words(line.text.gap, UTC if look.utc else local).encode())


def columns_of(line: LogLine, look: LogLook, needle: Needle) -> tuple[int, int] | None:
    """Between which columns of its text the first is that is looked for; None where it is not in what is painted."""
    text = "".join(piece.text for piece in line_pieces(line, look, ()))
    found = next((found for found in needle.finditer(text) if found.end() > found.start()), None)
    return None if found is None else (cell_len(text[: found.start()]), cell_len(text[: found.end()]))


def marked(pieces: Sequence[Piece], marks: Sequence[Needle]) -> list[Piece]:
    """With what any of the patterns finds told from the rest."""
    whole = "".join(piece.text for piece in pieces)
    spans = [found.span() for mark in marks for found in mark.finditer(whole) if found.end() > found.start()]
    if not spans:
        return list(pieces)
    cuts = sorted({edge for span in spans for edge in span})
    parts: list[Piece] = []
    start = 0
    for piece in pieces:
        end = start + len(piece.text)
        for first, last in pairwise([start, *(cut for cut in cuts if start < cut < end), end]):
            inside = any(begin <= first < stop for begin, stop in spans)
            parts.append(Piece(whole[first:last], piece.style, inside))
        start = end
    return parts


def time_words(at: int, look: LogLook, local: tzinfo | None) -> str:
    """ "14:02:11.307", with a Z behind it for UTC. at: nanoseconds since the epoch, 0 = not known."""
    if at <= 0:
        return " " * time_width(look)
    return f"{_of_day(at // 10**9, local, utc=look.utc)}.{at // 10**6 % 1000:03}{'Z' if look.utc else ''}"


@lru_cache(maxsize=256)
def _of_day(second: int, local: tzinfo | None, *, utc: bool) -> str:
    """ "14:02:11", which many lines share. second: since the epoch."""
    moment = datetime.fromtimestamp(second, UTC)
    return f"{moment if utc else moment.astimezone(local):%H:%M:%S}"


def time_width(look: LogLook) -> int:
    return TIME_WIDTH + look.utc
