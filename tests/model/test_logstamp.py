"""The kubelet's timestamps, in every form that has been seen."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest

from tui.model.logstamp import Stamps, parse_stamp, sort_key

BASE = int(datetime(2026, 11, 22, 1, 4, 9, tzinfo=UTC).timestamp()) * 1_000_000_000


@pytest.mark.parametrize(
    ("line", "at", "text"),
    [
        (b"2026-11-22T01:04:09.830842202Z tick", BASE + 830842202, b"tick"),
        (b"2026-11-22T01:04:09.830842202Z ", BASE + 830842202, b""),
        (b"2026-11-22T01:04:09.830842202Z", BASE + 830842202, b""),
        (b"2026-11-22T01:04:09Z whole second", BASE, b"whole second"),
        (b"2026-11-22T01:04:09.5Z half", BASE + 500_000_000, b"half"),
        (b"2026-11-22T01:04:09.83084220277Z picoseconds", BASE + 830842202, b"picoseconds"),
        (b"2026-11-22T03:04:09.000000001+02:00 a node in Madrid", BASE + 1, b"a node in Madrid"),
        (b"2026-11-21T20:34:09.000000001-04:30 one west", BASE + 1, b"one west"),
        (b"2026-11-22T01:04:09.830842202Z  two spaces", BASE + 830842202, b" two spaces"),
        (b"2026-11-22T01:04:09.8308422 2Z tick", 0, b"2026-11-22T01:04:09.8308422 2Z tick"),
        (b"2026-11-22T01:04:09.83084220xZ tick", 0, b"2026-11-22T01:04:09.83084220xZ tick"),
        (b"2026-13-22T01:04:09.830842202Z month", 0, b"2026-13-22T01:04:09.830842202Z month"),
        (b"2026-11-22T25:04:09.830842202Z hour", 0, b"2026-11-22T25:04:09.830842202Z hour"),
        (b"unable to retrieve container logs for x", 0, b"unable to retrieve container logs for x"),
        (b"", 0, b""),
        (b"\xff\xfe not text", 0, b"\xff\xfe not text"),
    ],
)
def test_a_line_is_parted_into_time_and_text(line: bytes, at: int, text: bytes) -> None:
    assert Stamps().part(line) == (at, text)
    warmed = Stamps()
    warmed.part(b"2026-11-22T01:04:09.000000000Z the same second before")
    assert warmed.part(line) == (at, text)


def test_every_form_sorts_by_time() -> None:
    forms = [
        b"2026-11-22T01:04:09Z a",
        b"2026-11-22T01:04:09.000000001Z b",
        b"2026-11-22T03:04:09.5+02:00 c",
        b"2026-11-22T01:04:09.830842202Z d",
        b"2026-11-21T23:04:10-02:00 e",
    ]
    for _ in range(20):
        shuffled = random.Random(_).sample(forms, len(forms))
        assert sorted(shuffled, key=sort_key) == forms
    assert sort_key(b"no stamp") == b""


def test_no_stamp_of_any_shape_breaks_the_parser() -> None:
    rng = random.Random(5)
    alphabet = b"0123456789-:TZ.+ x"
    stamps = Stamps()
    for _ in range(20_000):
        line = bytes(rng.choice(alphabet) for _ in range(rng.randint(0, 40)))
        at, length = parse_stamp(line)
        assert at >= 0
        assert length <= len(line)
        assert stamps.part(line) == (at, line[length:])
        sort_key(line)
