"""What a log view holds, written into a file of one's own: raw lines behind their time and source."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from io import BufferedWriter
from pathlib import Path

from tui.model.logs import LogBook, LogLine, LogSource, LogStatus

CHUNK = 5_000
"""Lines written at a time, so that keys are answered meanwhile."""


async def save_lines(book: LogBook, status: LogStatus, path: Path) -> tuple[int, int]:
    """Write the lines that `status` tells of to a new file (0600, its folder 0700): how many were written, and how many
    left the ring before they could be. Raises OSError, also where the file exists already."""
    file = await asyncio.to_thread(_create, path)
    written = missing = 0
    try:
        names = [_name(source) for source in status.sources]
        seq = status.first_seq
        while seq < status.next_seq:
            lines, missed = book.since(seq, min(CHUNK, status.next_seq - seq))
            lines = [line for line in lines if line.seq < status.next_seq]
            missing += min(missed, status.next_seq - seq)
            if not lines:
                break
            written += len(lines)
            seq = lines[-1].seq + 1
            await asyncio.to_thread(file.writelines, [_row(line, names) for line in lines])
    finally:
        await asyncio.to_thread(file.close)
    return written, missing


def _create(path: Path) -> BufferedWriter:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _name(source: LogSource) -> bytes:
    return f"{source.cluster.name}/{source.namespace}/{source.pod}/{source.container}".encode()


def _row(line: LogLine, names: list[bytes]) -> bytes:
    name = names[line.source] if line.source < len(names) else b"?"
    return b"%s %s %s\n" % (stamp(line.at), name, line.text)


def stamp(at: int) -> bytes:
    """Nanoseconds since the epoch as RFC 3339; "-" where they are not known."""
    if at <= 0:
        return b"-"
    moment = datetime.fromtimestamp(at // 10**9, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{at % 10**9:09}Z".encode()
