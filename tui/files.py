"""Small files of our own: written whole or not at all, readable by nobody else, and never a reason to fail.

What is kept between two runs (namespaces that answered, what a cluster serves) only makes the next start quicker, so a
file that cannot be read or written is as good as none.
"""

from __future__ import annotations

import logging
import os
import tempfile
from pathlib import Path

log = logging.getLogger(__name__)

LARGEST = 8 << 20
"""Bytes that are read: a file that has grown beyond is not ours."""


def read_private(path: Path) -> bytes | None:
    """The content; None where there is no such file or it cannot be read."""
    try:
        if path.stat().st_size > LARGEST:
            return None
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as exc:
        log.warning("%s cannot be read: %s", path, exc)
        return None


def write_private(path: Path, content: bytes) -> bool:
    """Replace the file at once (0600, its folder 0700); whether that was possible."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # made with 0600
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
            os.replace(name, path)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as exc:
        log.warning("%s cannot be written: %s", path, exc)
        return False
    return True
