"""Printing of logs that take turns: a line that comes late because its log waited for its turn says so, and is not
taken for one that comes late for no known reason."""

from __future__ import annotations

from tui.cli.logprint import LATE, LogPrinter
from tui.model.turnline import TurnLine

TURN = b"[turn] "
"""In place of `LATE`, as on the screen."""


class TurnPrinter(LogPrinter):
    """A `LogPrinter` that says of such lines "[turn]", in JSON "turn": true beside "late", in a template "turn" for
    {late}."""

    _turned = False

    def _text(self, line: bytes, source: int) -> bytes:
        said = super()._text(line, source)
        if not isinstance(line, TurnLine):
            return said
        prefix = self._prefixes.get(~source, b"")
        return prefix + said[len(prefix) :].replace(LATE, TURN, 1) if self._naming.prefix else said

    def _json(self, line: bytes, source: int) -> bytes:
        said = super()._json(line, source)
        return said[: -len(b"}\n")] + b',"turn":true}\n' if isinstance(line, TurnLine) else said

    def _filled(self, line: bytes, source: int) -> bytes:
        self._turned = isinstance(line, TurnLine)
        return super()._filled(line, source)

    def _values(self, at: int, text: bytes, source: int, limit: int) -> dict[str, str]:
        values = super()._values(at, text, source, limit)
        return values | {"late": "turn"} if self._turned else values
