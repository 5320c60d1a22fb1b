"""Which lines are printed: those that match, and some around each of them, told apart as grep does. Pure."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tui.errors import UsageError
from tui.model.logstamp import text_of

if TYPE_CHECKING:
    from tui.present.logfilter import LogFilter

Entry = tuple[bytes, int]
"""A raw line, and its source."""


class Choice:
    """include, exclude: what one of them must, and none may, be found in. chosen: the filter that the Logs pane has.
    context: lines before and after each match that are printed too."""

    def __init__(
        self,
        include: tuple[re.Pattern[bytes], ...],
        exclude: tuple[re.Pattern[bytes], ...],
        chosen: LogFilter | None,
        context: int,
    ) -> None:
        self._include = include
        self._exclude = exclude
        self._filter = chosen
        self._context = context
        self._before: deque[Entry] = deque(maxlen=context)
        self._after = 0
        self._apart = self._begun = False

    def of(self, entries: Iterator[Entry]) -> Iterator[Entry | None]:
        """Those of the next lines that are printed; None where lines were left out between two groups. Raises
        UsageError where the filter took too long, and nobody knows what it would have let through."""
        for entry in entries:
            if self._matches(text_of(entry[0])):
                if self._apart and self._begun and self._context:
                    yield None
                yield from self._before
                self._before.clear()
                yield entry
                self._after, self._apart, self._begun = self._context, False, True
            elif self._after:
                self._after -= 1
                yield entry
            else:
                self._apart = self._apart or len(self._before) == self._context
                self._before.append(entry)
        if self._filter is not None and self._filter.slow:
            from tui.present.guarded import TOO_SLOW

            raise UsageError(f"--filter {self._filter.text}: {TOO_SLOW}")

    def _matches(self, text: bytes) -> bool:
        if self._include and not any(pattern.search(text) for pattern in self._include):
            return False
        if any(pattern.search(text) for pattern in self._exclude):
            return False
        return self._filter is None or self._filter.matches(text)
