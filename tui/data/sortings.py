"""What each kind of list was sorted by last: one small file in the state folder, read once at the start."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import msgspec

from tui.files import read_private, write_private
from tui.model.sorting import BY_NAME, SortBy

MOST = 200
"""Kinds remembered; those that were sorted last stay."""


class KeptSortings:
    """folder: None = for this run only. spawn: runs what reads and writes, off the event loop."""

    def __init__(self, folder: Path | None, spawn: Callable[[Coroutine[Any, Any, None], str], object]) -> None:
        self._path = folder / "sorting.json" if folder is not None else None
        self._spawn = spawn
        self._chosen: dict[str, SortBy] = {}
        self._writing = asyncio.Lock()

    def of(self, kind: str) -> SortBy:
        return self._chosen.get(kind, BY_NAME)

    def remember(self, kind: str, by: SortBy) -> None:
        if by == self.of(kind):
            return
        self._chosen.pop(kind, None)
        self._chosen[kind] = by
        if self._path is not None:
            self._spawn(self._save(self._path, {kind: by}), "sorting remembered")

    async def load(self) -> None:
        """Learn what earlier runs have written; what was chosen in this one stands."""
        if self._path is not None:
            self._chosen = await asyncio.to_thread(_read, self._path) | self._chosen

    async def _save(self, path: Path, chosen: dict[str, SortBy]) -> None:
        async with self._writing:
            await asyncio.to_thread(_add, path, chosen)


def _read(path: Path) -> dict[str, SortBy]:
    try:
        return msgspec.json.decode(read_private(path) or b"{}", type=dict[str, SortBy])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}


def _add(path: Path, chosen: dict[str, SortBy]) -> None:
    """What other runs have written meanwhile stays."""
    held = _read(path)
    for kind, by in chosen.items():
        held.pop(kind, None)
        if by != BY_NAME:
            held[kind] = by
    kept = dict(list(held.items())[-MOST:])
    write_private(path, msgspec.json.encode(kept))
