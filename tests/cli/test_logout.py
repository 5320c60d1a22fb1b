"""stdout for a stream without an end: everything comes out once and in order, whatever kind of reader is behind it."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Sequence

import pytest

from tui.cli.crash import StdoutLost
from tui.cli.logcopy import Sightings
from tui.cli.logout import Output
from tui.streams.outlet import AT_ONCE

PIECES = [f"{number:09d}".encode() * 3_000 for number in range(3 * AT_ONCE)]


class Piped:
    """Our stdout is a pipe, with a reader behind it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.end, write = os.pipe()
        self._stdout = os.fdopen(write, "w")
        self._seen: list[bytes] = []
        self._reading = threading.Thread(target=self._read)
        monkeypatch.setattr("sys.stdout", self._stdout)

    def _read(self) -> None:
        while piece := os.read(self.end, 100_003):
            self._seen.append(piece)
        os.close(self.end)

    def start(self) -> None:
        self._reading.start()

    def all(self) -> bytes:
        """What came out, after which nothing more may."""
        self._stdout.close()
        self._reading.join()
        return b"".join(self._seen)


async def written(pieces: Sequence[bytes]) -> None:
    output = Output()
    for number, piece in enumerate(pieces):
        await output.write(memoryview(piece) if number % 2 else piece)
    await output.flush()


@pytest.mark.parametrize("blocking", [True, False])
def test_all_of_it_comes_out_in_order(blocking: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    piped = Piped(monkeypatch)
    os.set_blocking(sys.stdout.fileno(), blocking)
    piped.start()
    asyncio.run(written(PIECES))
    assert piped.all() == b"".join(PIECES)


def test_whoever_reads_no_more_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    piped = Piped(monkeypatch)
    os.close(piped.end)
    with pytest.raises(BrokenPipeError):
        asyncio.run(written(PIECES))
    sys.stdout.close()


def test_a_full_disk_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with open("/dev/full", "w") as full:
        monkeypatch.setattr("sys.stdout", full)
        with pytest.raises(StdoutLost, match="No space left on device"):
            asyncio.run(written([b"a line\n"]))


@pytest.mark.parametrize("size", range(1, 12))
@pytest.mark.parametrize(
    ("text", "count"),
    [(b"..the end", 1), (b"the end..", 1), (b"the ent", 0), (b"the end, the end", 2), (b"the enthe end", 1), (b"", 0)],
)
def test_a_text_is_seen_in_pieces_of_any_size(text: bytes, count: int, size: int) -> None:
    known = Sightings(b"the end")
    for at in range(0, len(text), size):
        known.look(text[at : at + size])
    assert known.once == (count == 1)
