"""Who asked for a stream before whom: what a queue of streams is, and one that knows of this process alone."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Busy(OSError):
    """Others were in the way all the time (one of them may have been stopped): to be tried again."""


class Standing(NamedTuple):
    """before: streams that were asked for earlier and have not ended. all: those of the queue, this one too."""

    before: int
    all: int


class Ticket(Protocol):
    """The place of one stream."""

    def look(self) -> Standing:
        """Raises OSError where the queue cannot be read any more."""
        ...

    def leave(self) -> None:
        """Give the place back; never fails."""
        ...


class Queue(Protocol):
    """May be asked by any thread."""

    def join(self) -> Ticket:
        """A place behind everybody. Raises OSError where there can be no queue, Busy where it is to be tried again."""
        ...

    def length(self) -> int:
        """How many streams are open or wait. Raises OSError."""
        ...


class OwnQueue:
    """Of this process alone: where nothing can be locked, and for tests."""

    def __init__(self) -> None:
        self._places: dict[_OwnTicket, None] = {}

    def join(self) -> Ticket:
        ticket = _OwnTicket(self._places)
        self._places[ticket] = None
        return ticket

    def length(self) -> int:
        return len(self._places)


class _OwnTicket:
    def __init__(self, places: dict[_OwnTicket, None]) -> None:
        self._places = places

    def look(self) -> Standing:
        places = list(self._places)
        return Standing(places.index(self), len(places))

    def leave(self) -> None:
        self._places.pop(self, None)
