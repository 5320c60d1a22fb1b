"""Which of the lines that come late do so because their log waited for its turn, and these held together.

While a log waits, nobody reads it; what is written meanwhile comes when its turn does, after newer lines of others. So
late for that reason is what was written before its stream was opened, and while that was still being read. Whatever
else comes late has no such reason, and somebody may want to know.
"""

from __future__ import annotations

from collections import Counter

from tui.data.heldlines import Held
from tui.model.turnline import TurnLine


class TurnLines:
    """Of the sources of one merge, by index. count: lines that came late for this reason."""

    def __init__(self) -> None:
        self._until: dict[int, bytes] = {}
        self.count: Counter[int] = Counter()

    def began(self, source: int, now: bytes) -> None:
        """It is read again, after a wait. now: the key of a line that is written in this moment."""
        self._until[source] = now

    def together(self, lines: list[Held], sources: list[int], now: bytes) -> tuple[list[Held], list[int]]:
        """The same lines, by their keys, with those in front that are late (`~index` in `sources`) for this reason,
        each log's together: so that one log is read after the other, and not all at once. now: as in `began`."""
        if self._until.keys().isdisjoint(~source for source in sources):
            return lines, sources
        groups: dict[int, list[tuple[Held, int]]] = {}
        rest: list[tuple[Held, int]] = []
        for held, marked in zip(lines, sources, strict=True):
            key, source, line = held
            if key > self._until.get(source, b"") or source not in self._until:
                rest.append((held, marked))
                continue
            if marked < 0:
                self._until[source] = max(self._until[source], now)
                self.count[source] += 1
                held = (key, source, TurnLine(line))
            groups.setdefault(source, []).append((held, marked))
        entries = [*(entry for group in groups.values() for entry in group), *rest]
        return [held for held, _ in entries], [marked for _, marked in entries]
