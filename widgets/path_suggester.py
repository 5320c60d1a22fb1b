"""Completes the path of a file while it is typed; the right arrow takes what is suggested."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from textual.suggester import Suggester

READ_AT_MOST = 5_000
"""Entries of a folder that are looked at."""


class PathSuggester(Suggester):
    """Folders end in a slash, so that they can be gone on from."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        return await asyncio.to_thread(completed, value) if value else None


def completed(typed: str) -> str | None:
    """The first entry, in order, that begins as typed; None where there is none. `~` stays as it was typed."""
    folder, _, begun = typed.rpartition("/")
    place = Path(f"{folder}/" if "/" in typed else ".").expanduser()
    try:
        with os.scandir(place) as entries:
            looked_at = [entry for _, entry in zip(range(READ_AT_MOST), entries, strict=False)]
        found = sorted(entry.name + "/" * entry.is_dir() for entry in looked_at if entry.name.startswith(begun))
    except OSError:
        return None
    shown = [name for name in found if begun or not name.startswith(".")]
    return typed[: len(typed) - len(begun)] + shown[0] if shown else None
