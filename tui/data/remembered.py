"""Namespaces that have answered before, by cluster: where a person without cluster-wide rights is looked for next time.

One small file for each cluster in the state folder. Its name is a digest, since a cluster's key is a path or a URL.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import msgspec

from tui.files import read_private, write_private

MOST = 50
"""Namespaces remembered of one cluster; the newest stay."""


class _File(msgspec.Struct):
    cluster: str
    namespaces: list[str] = msgspec.field(default_factory=list[str])


class Remembered:
    """folder: None = for this run only. spawn: runs what writes, off the event loop."""

    def __init__(self, folder: Path | None, spawn: Callable[[Coroutine[Any, Any, None], str], object]) -> None:
        self._folder = folder
        self._spawn = spawn
        self._known: dict[str, list[str]] = {}
        self._loaded: set[str] = set()

    def of(self, cluster: str) -> tuple[str, ...]:
        """What is known now, newest first. cluster: its key."""
        return tuple(self._known.get(cluster, ()))

    async def load(self, cluster: str) -> tuple[str, ...]:
        """The same, with what the file says."""
        if cluster not in self._loaded and self._folder is not None:
            self._loaded.add(cluster)
            held = await asyncio.to_thread(load_namespaces, self._folder, cluster)
            known = self._known.setdefault(cluster, [])
            known += [name for name in held if name not in known]
        return self.of(cluster)

    def note(self, cluster: str, namespace: str) -> None:
        """`namespace` has answered to somebody who asked for it by name."""
        known = self._known.setdefault(cluster, [])
        if known and known[0] == namespace:
            return
        self._known[cluster] = [namespace, *(name for name in known if name != namespace)][:MOST]
        if self._folder is not None:
            self._spawn(self._save(self._folder, cluster), "namespaces remembered")

    async def _save(self, folder: Path, cluster: str) -> None:
        await self.load(cluster)  # what another run has written stays
        held = _File(cluster, list(self.of(cluster))[:MOST])
        await asyncio.to_thread(write_private, _path(folder, cluster), msgspec.json.encode(held))


def load_namespaces(folder: Path, cluster: str) -> list[str]:
    """What the file of a cluster says; nothing where it is not what was written. Blocks."""
    content = read_private(_path(folder, cluster))
    try:
        held = msgspec.json.decode(content or b"", type=_File)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return []
    return held.namespaces[:MOST] if held.cluster == cluster else []


def digest(cluster: str) -> str:
    """A file name for a cluster's key."""
    return hashlib.sha256(cluster.encode()).hexdigest()[:24]


def _path(folder: Path, cluster: str) -> Path:
    return folder / "namespaces" / f"{digest(cluster)}.json"
