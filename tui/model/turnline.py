"""Lines that come late because their log waited for its turn, and how many there are: more logs are followed than may
be open at once, so that is as it must be, and no sign that something is wrong.

What tells such a line from others that come late is its type, as with `gapline`: it goes with the line through the
ring, a filter and a file, and nothing that is read can have it.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import asdict

from tui.model.logs import LogSource


class TurnLine(bytes):
    """A line, raw or its text, that was written while nobody read its log."""

    __slots__ = ()


class TurnSource(LogSource, frozen=True):
    """A source that has had to wait. in_turn: of its lines those that came late (`LogSource.late`) for that reason."""

    in_turn: int = 0


def with_turns(source: LogSource, in_turn: int) -> LogSource:
    """The same source, with how many of its lines came late because it waited for its turn."""
    return TurnSource(**asdict(source), in_turn=in_turn) if in_turn else source


def in_turn(source: LogSource) -> int:
    """How many of its lines came late because it waited for its turn."""
    return source.in_turn if isinstance(source, TurnSource) else 0


def all_in_turn(sources: Sequence[LogSource]) -> int:
    """The same, of all of them."""
    return sum(map(in_turn, sources))
