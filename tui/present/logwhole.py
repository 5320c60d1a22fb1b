"""One line of a log, whole: what a screen cuts off is still to be read and copied."""

from __future__ import annotations

import msgspec

from tui.model.logs import LogLine, LogSource
from tui.present.clean import clean
from tui.present.details import Details
from tui.present.logfilter import WHOLE
from tui.present.logjson import fields_of
from tui.present.problems import Line

PIECE = 2_000
"""Characters of one row of a line that is none of JSON; it is folded to the screen's width anyway."""


def whole_line(line: LogLine, source: LogSource | None, time: str) -> Details:
    """All of it; an object of JSON indented. source: None where it is not known. time: as the screen tells it."""
    where = f"{source.cluster.name}/{source.pod}/{source.container}" if source is not None else ""
    title = clean(f"{time.strip()}  {where}".strip(), 100)
    fields = fields_of(line.text)
    if fields is not None:
        indented = msgspec.json.format(msgspec.json.encode(fields), indent=2).decode()
        return Details(title, tuple(Line(clean(row, WHOLE)) for row in indented.split("\n")))
    text = clean(line.text, WHOLE)
    pieces = [text[start : start + PIECE] for start in range(0, max(1, len(text)), PIECE)]
    return Details(title, tuple(Line(piece) for piece in pieces))
