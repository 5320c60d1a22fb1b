"""Where a program's output stands between two control sequences."""

from __future__ import annotations

import pytest

from tui.streams.sequences import MOST_HELD, Sequences


@pytest.mark.parametrize(
    ("written", "within"),
    [
        (b"plain", False),
        (b"\x1b", True),
        (b"\x1b[", True),
        (b"\x1b[1;3", True),
        (b"\x1b[1;31m", False),
        (b"\x1b(", True),
        (b"\x1b(B", False),
        (b"\x1b7", False),
        (b"\x1b]0;a title", True),
        (b"\x1b]0;a title\x1b", True),
        (b"\x1b]0;a title\x1b\\", False),
        (b"\x1b]0;a title\x07", False),
        (b"\x1b]0;a title\x07more", False),
        (b"\x1bP+q544e\x1b\\", False),
        (b"\x1bP+q544e", True),
        (b"\x1b]0;left\x18", False),
        (b"\x1b]0;one\x07\x1b[3", True),
        (b"\x1b[" + b"1" * 2 * MOST_HELD, False),
    ],
)
@pytest.mark.parametrize("pieces", ["whole", "bytes"])
def test_whether_it_ends_within_one(written: bytes, pieces: str, *, within: bool) -> None:
    sequences = Sequences()
    for piece in [written] if pieces == "whole" else [written[at : at + 1] for at in range(len(written))]:
        sequences.feed(piece)
    assert sequences.within is within


def test_a_long_string_is_not_kept() -> None:
    sequences = Sequences()
    for _ in range(100):
        sequences.feed(b"\x1b]52;c;" + b"x" * 100_000)
    assert sequences.within
    assert len(sequences._held) < 10  # pyright: ignore[reportPrivateUsage]
