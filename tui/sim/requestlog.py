"""What was asked of the simulated clouds: the proof tests read, and a picture of what a client costs."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

CAPACITY = 20_000
"""Requests remembered; the oldest go first."""


@dataclass(slots=True)
class Entry:
    """One request. path: with its query. user: the email, or "" for nobody. status: 0 until the answer starts.
    started, ended: seconds since the epoch; ended is None while the answer still flows. cluster: which simulated
    cluster it was for, or ""."""

    method: str
    path: str
    user: str
    cluster: str
    agent: str
    started: float
    status: int = 0
    ended: float | None = None

    def as_json(self) -> dict[str, object]:
        return {
            "method": self.method,
            "path": self.path,
            "status": self.status,
            "user": self.user,
            "cluster": self.cluster,
            "userAgent": self.agent,
            "time": self.started,
            "ended": self.ended,
        }


class RequestLog:
    """The last requests, oldest first."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._entries: deque[Entry] = deque(maxlen=capacity)
        self.total = 0

    def __iter__(self) -> Iterator[Entry]:
        return iter(tuple(self._entries))

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, entry: Entry) -> None:
        self.total += 1
        self._entries.append(entry)

    def clear(self) -> None:
        self._entries.clear()

    def to(self, part: str, method: str = "") -> list[Entry]:
        """The requests whose path holds `part`, of one method if named."""
        return [entry for entry in self if part in entry.path and method in ("", entry.method)]
