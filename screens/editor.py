"""`e`: an object in the user's editor, as often as it takes, and nothing that was typed is lost.

The editor gets the terminal; our own work goes on meanwhile, but paints nothing. What was refused comes back with the
reason in a comment above the text, as kubectl does it.
"""

from __future__ import annotations

import asyncio
import os
import shlex
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from textual.app import App, SuspendNotSupported

from screens.suspended import suspended
from tui.errors import UsageError


def editor_of(environ: Mapping[str, str]) -> list[str]:
    """The words of $VISUAL, else $EDITOR, else vi. Raises UsageError for one that cannot be split into words."""
    said = environ.get("VISUAL") or environ.get("EDITOR") or "vi"
    try:
        words = shlex.split(said)
    except ValueError as error:
        raise UsageError(f"the editor {said!r} cannot be started: {error}") from error
    return words or ["vi"]


async def edited(app: App[Any], text: str, name: str) -> tuple[str, Path]:
    """The text as it is when the editor ends, and the file that holds it (0600, in a folder of its own; who is done
    with it removes it). name: a hint for the file's name. Raises UsageError where no editor can be run."""
    words = editor_of(os.environ)
    file = await asyncio.to_thread(_write, text, name)
    try:
        with suspended(app):
            process = await asyncio.create_subprocess_exec(*words, str(file))
            code = await process.wait()
    except (OSError, SuspendNotSupported) as error:
        await asyncio.to_thread(discard, file)
        raise UsageError(f"{words[0]} cannot be run here: {error} ($VISUAL or $EDITOR names another)") from error
    if code != 0:
        raise UsageError(f"{words[0]} ended with {code}; nothing was changed, and the text is kept in {file}")
    return await asyncio.to_thread(file.read_text, "utf-8", "replace"), file


def _write(text: str, name: str) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="clusterview-"))  # 0700
    kept = "".join(char if char.isalnum() or char in "-." else "-" for char in name)[:80]
    file = folder / f"{kept or 'object'}.yaml"
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
        stream.write(text)
    return file


def discard(file: Path) -> None:
    """Remove the file, what the editor left beside it, and their folder."""
    for path in file.parent.iterdir():
        path.unlink(missing_ok=True)
    file.parent.rmdir()
