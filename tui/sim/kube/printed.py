"""Rows of Tables as they go onto the wire, kept for as long as they say the same.

Printing a page of pods takes a hundred times as long as sending it. A real API server prints in Go, in the time that
sending takes; so what was printed is kept until its object changes or one of its ages does, and a list of fifty
thousand costs a client what it would cost him there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from tui.sim.kube import tables
from tui.sim.kube.durations import Moment
from tui.sim.kube.kinds import Kind
from tui.sim.kube.objects import uid_of
from tui.sim.kube.status import Obj
from tui.sim.kube.views import present

LIMIT = 64 << 20
"""Bytes of rows that one cluster keeps; all of them are forgotten when there are more."""


class _Row(NamedTuple):
    """of: the object; a change makes another one. From `at` until `until`, seconds since the epoch, it stays so."""

    of: Obj
    at: float
    until: float
    encoded: bytes


class PrintedRows:
    """Of stored objects, which are never changed in place."""

    def __init__(self, limit: int = LIMIT) -> None:
        self.size = 0
        self._limit = limit
        self._kept: dict[tuple[Kind, str], dict[str, _Row]] = {}

    def rows(self, kind: Kind, objects: Iterable[Obj], now: float, include_object: str) -> list[bytes]:
        """The rows of these objects, which are given as they are stored."""
        kept = self._kept.setdefault((kind, include_object), {})
        made: list[bytes] = []
        for stored in objects:
            row = kept.get(uid_of(stored))
            if row is None or row.of is not stored or not row.at <= now < row.until:
                row = self._print(kept, kind, stored, now, include_object)
            made.append(row.encoded)
        return made

    def _print(self, kept: dict[str, _Row], kind: Kind, stored: Obj, now: float, include_object: str) -> _Row:
        moment, uid = Moment(now), uid_of(stored)
        printed = tables.row(kind, present(kind, stored), now=moment, include_object=include_object)
        row = _Row(stored, now, moment.until, msgspec.json.encode(printed))
        if uid:  # bookmarks are printed, too, and are no objects
            before = kept.get(uid)
            self.size += len(row.encoded) - (len(before.encoded) if before is not None else 0)
            kept[uid] = row
            if self.size > self._limit:
                self._forget()
        return row

    def _forget(self) -> None:
        self.size = 0
        for rows in self._kept.values():
            rows.clear()
