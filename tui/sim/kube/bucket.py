"""The objects of one storage, kept in key order, and consistent snapshots of them for lists."""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass

from tui.sim.kube.status import Obj

_AFTER_SLASH = "0"  # the character after "/": "ns/" … "ns0" spans exactly the keys of one namespace


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All objects of one storage as they were at one version; keys[i] belongs to objects[i]."""

    version: int
    taken_at: float
    keys: tuple[str, ...]
    objects: tuple[Obj, ...]

    def span(self, namespace: str) -> tuple[int, int]:
        """Where the objects of a namespace ("" = all) begin and end."""
        return _span(self.keys, namespace)


class Bucket:
    def __init__(self) -> None:
        self._objects: dict[str, Obj] = {}
        self._keys: list[str] = []
        self._content: tuple[tuple[str, ...], tuple[Obj, ...]] | None = None

    def __len__(self) -> int:
        return len(self._objects)

    def get(self, key: str) -> Obj | None:
        return self._objects.get(key)

    def put(self, key: str, obj: Obj) -> None:
        if key not in self._objects:
            insort(self._keys, key)
        self._objects[key] = obj
        self._content = None

    def pop(self, key: str) -> Obj:
        obj = self._objects.pop(key)
        del self._keys[bisect_left(self._keys, key)]
        self._content = None
        return obj

    def objects(self, namespace: str) -> list[Obj]:
        start, end = _span(self._keys, namespace)
        return [self._objects[key] for key in self._keys[start:end]]

    def snapshot(self, version: int, now: float) -> Snapshot:
        """Shares its content with the snapshot before it where nothing was written in between."""
        if self._content is None:
            self._content = (tuple(self._keys), tuple(self._objects[key] for key in self._keys))
        return Snapshot(version, now, *self._content)


def _span(keys: tuple[str, ...] | list[str], namespace: str) -> tuple[int, int]:
    if not namespace:
        return 0, len(keys)
    return bisect_left(keys, namespace + "/"), bisect_left(keys, namespace + _AFTER_SLASH)
