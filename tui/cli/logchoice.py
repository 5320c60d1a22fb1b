"""Which lines are printed: those that match, and some around each of them, told apart as grep does. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tui.errors import UsageError
from tui.model.logstamp import text_of
from tui.present.guarded import TOO_SLOW, Guarded, Needle

if TYPE_CHECKING:
    from tui.present.logfilter import LogFilter

Entry = tuple[bytes, int]
"""A raw line, and its source."""


class Choice:
    """include, exclude: what one of them must, and none may, be found in. chosen: the filter that the Logs pane has.
    context: lines of the same source before and after each match that are printed too: in a merged log the neighbours
    of a line may have nothing to do with it."""

    def __init__(
        self,
        include: tuple[Needle, ...],
        exclude: tuple[Needle, ...],
        chosen: LogFilter | None,
        context: int,
    ) -> None:
        self._include = include
        self._exclude = exclude
        self._filter = chosen
        self._context = context
        self._of: dict[int, _Around] = {}
        self._begun = False

    def of(self, entries: Iterator[Entry]) -> Iterator[Entry | None]:
        """Those of the next lines that are printed; None where lines were left out between two groups. Raises
        UsageError where the filter took too long, and nobody knows what it would have let through."""
        for entry in entries:
            matches = self._matches(text_of(entry[0]))
            if not self._context:
                if matches:
                    yield entry
                continue
            source = entry[1] if entry[1] >= 0 else ~entry[1]
            around = self._of.get(source) or self._of.setdefault(source, _Around(self._context))
            if matches:
                if self._begun and (around.apart or not around.begun):
                    yield None
                yield from around.before
                around.before.clear()
                yield entry
                around.after, around.apart, around.begun, self._begun = self._context, False, True, True
            elif around.after:
                around.after -= 1
                yield entry
            else:
                around.apart = around.apart or len(around.before) == self._context
                around.before.append(entry)
        if self._filter is not None and self._filter.slow:
            raise UsageError(f"--filter {self._filter.text}: {TOO_SLOW}")
        for flag, patterns in (("--include", self._include), ("--exclude", self._exclude)):
            for pattern in patterns:
                if isinstance(pattern, Guarded) and pattern.slow:
                    raise UsageError(f"{flag} {pattern.text}: {TOO_SLOW}")

    def _matches(self, text: bytes) -> bool:
        if self._include or self._exclude:
            said = decoded(text)
            if self._include and not any(pattern.search(said) for pattern in self._include):
                return False
            if any(pattern.search(said) for pattern in self._exclude):
                return False
        return self._filter is None or self._filter.matches(text)


def decoded(text: bytes) -> str:
    """A line's text, out of which the same bytes can be made again."""
    return text.decode("utf-8", "surrogateescape")


class _Around:
    """Of one source. before: its last lines that were not printed. after: how many of the next are. apart: lines were
    left out since the last that was printed. begun: one was."""

    def __init__(self, context: int) -> None:
        self.before: deque[Entry] = deque(maxlen=context)
        self.after = 0
        self.apart = self.begun = False
