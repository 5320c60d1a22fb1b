"""The agenda of one cluster: which key of which controller is to be looked at when, in the order of simulated time.

Idle, it costs nothing. Behind its time (a manual clock moved by an hour; a cluster that has to have lived for weeks
before it is first seen), it works through what was due at the moment it was due, so that what came of it carries the
times it would have carried.
"""

from __future__ import annotations

import heapq
import itertools
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from tui.sim.kube.history import WatchRecord
from tui.sim.kube.store import Storage, Store

Key = tuple[str, ...]
"""What a controller looks at: (namespace, name) of one of its objects, mostly."""

Interest = Callable[[WatchRecord], Iterable[Key]]
"""The keys that a change gives reason to look at."""

EVERYTHING: Storage = ("*", "*")
"""In `watches`: every storage, custom resources' too."""

_LIVELOCK = 2_000
"""Looks at one key within one instant after which something is going round in circles."""


class Controller(Protocol):
    """watches: for each storage it follows, which keys a change there concerns."""

    @property
    def watches(self) -> Mapping[Storage, Interest]: ...

    def sync(self, key: Key) -> float | None:
        """Bring what `key` names a step nearer to what is asked for.

        Returns seconds after which to look again though nothing has changed; None = no need.
        """
        ...


class Clock:
    """The cluster's time: the world's, except while something overdue is being done, when it is that thing's time."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._stopped: float | None = None

    def __call__(self) -> float:
        return self._now() if self._stopped is None else self._stopped

    def stop_at(self, when: float | None) -> None:
        """None = let it run again."""
        self._stopped = when


class Engine:
    """Runs the controllers of one cluster."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._controllers: list[Controller] = []
        self._interests: dict[Storage, list[tuple[int, Interest]]] = {}
        self._agenda: list[tuple[float, int, int, Key]] = []
        self._order = itertools.count()
        self._due: dict[tuple[int, Key], float] = {}
        self._repeats: dict[tuple[int, Key], int] = {}
        self._instant = 0.0
        store.subscribe(self._changed)

    def add(self, controller: Controller, keys: Iterable[Key] = ()) -> None:
        """Let a controller take part; look at `keys` first."""
        number = len(self._controllers)
        self._controllers.append(controller)
        for storage, interest in controller.watches.items():
            self._interests.setdefault(storage, []).append((number, interest))
        for key in keys:
            self._ask(number, key, self._clock())

    def look_at(self, controller: Controller, keys: Iterable[Key]) -> None:
        """Have a controller look at keys now, for a reason that is no change in the store."""
        for key in keys:
            self._ask(self._controllers.index(controller), key, self._clock())

    @property
    def next_due(self) -> float | None:
        """When there is something to do."""
        return self._agenda[0][0] if self._agenda else None

    def run_until(self, when: float, seconds: float | None = None) -> bool:
        """Do what is due up to `when`. seconds: of real time it may take. Returns whether it was all done."""
        deadline = None if seconds is None else time.perf_counter() + seconds
        try:
            while self._agenda and self._agenda[0][0] <= when:
                self._step()
                if deadline is not None and time.perf_counter() >= deadline:
                    return False
        finally:
            self._clock.stop_at(None)
        return True

    def _step(self) -> None:
        due, _, number, key = heapq.heappop(self._agenda)
        if self._due.get((number, key)) != due:
            return  # asked for again, for an earlier time, since
        del self._due[number, key]
        self._beware(number, key, due)
        self._clock.stop_at(self._instant)
        again = self._controllers[number].sync(key)
        if again is not None:
            self._ask(number, key, self._instant + max(again, 0.0))

    def _beware(self, number: int, key: Key, due: float) -> None:
        if due > self._instant:
            self._instant = due
            self._repeats.clear()
        looks = self._repeats[number, key] = self._repeats.get((number, key), 0) + 1
        if looks > _LIVELOCK:
            raise RuntimeError(f"{type(self._controllers[number]).__name__} goes round in circles over {key}")

    def _changed(self, record: WatchRecord) -> None:
        for storage in (record.storage, EVERYTHING):
            for number, interest in self._interests.get(storage, ()):
                for key in interest(record):
                    self._ask(number, key, self._clock())

    def _ask(self, number: int, key: Key, when: float) -> None:
        known = self._due.get((number, key))
        if known is None or when < known:
            self._due[number, key] = when
            heapq.heappush(self._agenda, (when, next(self._order), number, key))


def own(record: WatchRecord) -> Iterable[Key]:
    """The interest of a controller in its own objects; a write of their status (its own, mostly) is no news."""
    old, obj = record.old, record.obj
    if old is not None and old.get("spec") is obj.get("spec") and old.get("status") is not obj.get("status"):
        return ()
    return ((obj["metadata"].get("namespace", ""), obj["metadata"]["name"]),)
