"""The log file: everything worth knowing afterwards goes there, never to the screen."""

from __future__ import annotations

import logging
import os
from pathlib import Path

MAX_BYTES = 2_000_000
"""A larger file is put aside at the next start; one older file is kept."""


def start_logging(directory: Path, verbose: int = 0) -> Path | None:
    """Send the program's log to `directory`/clusterview.log (0600); None where it cannot be written.

    verbose 1 adds debug lines. Libraries speak from WARNING on, so that no request line with its headers is kept.
    """
    path = directory / "clusterview.log"
    root = logging.getLogger()
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        if path.exists() and path.stat().st_size > MAX_BYTES:
            path.replace(path.with_suffix(".log.1"))
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
        handler = logging.FileHandler(path, encoding="utf-8")
    except OSError:
        root.addHandler(logging.NullHandler())
        return None
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("tui").setLevel(logging.DEBUG if verbose else logging.INFO)
    return path
