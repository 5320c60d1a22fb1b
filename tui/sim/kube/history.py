"""What happened to the objects of one storage, in order and bounded, and the cursors that watches read it with.

A watcher is woken, not called: it reads on from its own position when it has time, so a slow one holds up nobody.
One that falls behind the bounded history is told 410 and lists again, as by the real watch cache.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Literal

from tui.sim.kube.refusals import too_old
from tui.sim.kube.status import Obj

_ENCODED = 1_000  # newest changes whose encoded forms are kept

Change = Literal["ADDED", "MODIFIED", "DELETED"]


@dataclass(frozen=True, slots=True)
class WatchRecord:
    """One change of one object.

    version: the resourceVersion it happened at. obj: the object after it (for DELETED: its last state, carrying the
    version of the deletion). old: the object before it, None for ADDED. encoded: bytes made for one watcher that
    the next one of the same form can send as they are.
    """

    version: int
    change: Change
    storage: tuple[str, str]
    obj: Obj
    old: Obj | None = None
    encoded: dict[Hashable, bytes] = field(default_factory=dict[Hashable, bytes], compare=False, repr=False)


class History:
    """The newest changes of one storage. limit: how many are kept at least; twice as many at most.

    floor: the version below which changes have been dropped.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._records: list[WatchRecord] = []
        self._dropped = 0
        self._waiting: set[asyncio.Future[None]] = set()
        self._closed = 0
        self.floor = 0

    def __len__(self) -> int:
        return len(self._records)

    def append(self, record: WatchRecord) -> None:
        self._records.append(record)
        if len(self._records) > _ENCODED:  # by now every watcher who keeps up has sent it
            self._records[-_ENCODED - 1].encoded.clear()
        if len(self._records) > 2 * self._limit:
            self._drop(len(self._records) - self._limit)
        self._wake()

    def compact(self, version: int) -> None:
        """Forget everything up to `version`: watches from before it are answered 410."""
        self._drop(bisect_right(self._records, version, key=_version))
        self.floor = max(self.floor, version)
        self._wake()

    def close(self) -> None:
        """End every watch that is open now, as a server that stops does."""
        self._closed += 1
        self._wake()

    def cursor(self, version: int) -> Cursor:
        """Read what happened after `version`. Raises ApiError 410 where that is no longer known."""
        if version < self.floor:
            raise too_old(version, self.floor)
        position = self._dropped + bisect_right(self._records, version, key=_version)
        return Cursor(self, position, version, self._closed)

    def after(self, position: int, limit: int) -> list[WatchRecord] | None:
        """Up to `limit` records from an absolute position; None where the position is gone."""
        start = position - self._dropped
        return None if start < 0 else self._records[start : start + limit]

    def since(self, version: int) -> list[WatchRecord] | None:
        """Everything after `version`; None where that is no longer known."""
        if version < self.floor:
            return None
        return self._records[bisect_right(self._records, version, key=_version) :]

    def is_closed(self, generation: int) -> bool:
        return self._closed != generation

    async def changed(self) -> None:
        """Return at the next change (or close, or compaction)."""
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(woken)
        try:
            await woken
        finally:
            self._waiting.discard(woken)

    def _drop(self, count: int) -> None:
        if count:
            self.floor = self._records[count - 1].version
            del self._records[:count]
            self._dropped += count

    def _wake(self) -> None:
        for woken in self._waiting:
            if not woken.done():
                woken.set_result(None)
        self._waiting.clear()


class Cursor:
    """One watcher's place in a history. version: the newest one it has seen."""

    def __init__(self, history: History, position: int, version: int, generation: int) -> None:
        self._history = history
        self._position = position
        self._version = version
        self._generation = generation

    @property
    def closed(self) -> bool:
        """The server ended the watch."""
        return self._history.is_closed(self._generation)

    def take(self, limit: int = 500) -> list[WatchRecord]:
        """The next changes, [] where there are none yet. Raises ApiError 410 when the history has moved past."""
        records = self._history.after(self._position, limit)
        if records is None:
            raise too_old(self._version, self._history.floor)
        if records:
            self._position += len(records)
            self._version = records[-1].version
        return records

    async def wait(self, seconds: float) -> None:
        """Return when there may be something to take, or after `seconds`."""
        if self.closed:
            return
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                await self._history.changed()
        except TimeoutError:
            return


def _version(record: WatchRecord) -> int:
    return record.version
