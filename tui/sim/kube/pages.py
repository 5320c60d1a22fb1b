"""The lists whose further pages may still be asked for."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from tui.sim.kube.bucket import Snapshot

PAGED_LISTS = 32
"""Paged lists that can be under way at once in one cluster; the least recently used one is forgotten first."""

PAGED_FOR = 300.0
"""Seconds after which the rest of a paged list is gone: etcd is compacted every five minutes."""


class Pages:
    """now: wall-clock seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._kept: OrderedDict[tuple[tuple[str, str], int], Snapshot] = OrderedDict()

    def keep(self, storage: tuple[str, str], snapshot: Snapshot) -> None:
        self._kept[(storage, snapshot.version)] = snapshot
        self._kept.move_to_end((storage, snapshot.version))
        while len(self._kept) > PAGED_LISTS:
            self._kept.popitem(last=False)

    def get(self, storage: tuple[str, str], version: int) -> Snapshot | None:
        """The list of a storage at a version; None where it has been forgotten."""
        snapshot = self._kept.get((storage, version))
        if snapshot is None or self._now() - snapshot.taken_at > PAGED_FOR:
            return None
        self._kept.move_to_end((storage, version))
        return snapshot

    def clear(self) -> None:
        self._kept.clear()
