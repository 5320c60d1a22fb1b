"""Bytes to stamped lines: any split of the bytes gives the same lines."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tui.streams.lines import CUT, LineSplitter, parse_stamp

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
    assert LineSplitter().feed(line + b"\n") == [(at, text)]
    warmed = LineSplitter()
    warmed.feed(b"2026-11-22T01:04:09.000000000Z the same second before\n")
    assert warmed.feed(line + b"\n") == [(at, text)]


def test_seconds_change_in_the_middle_of_a_chunk() -> None:
    chunk = b"".join(b"2026-11-22T01:04:%02d.%09dZ %d\n" % (9 + n // 3, n, n) for n in range(30))
    assert LineSplitter().feed(chunk) == [(BASE + n // 3 * 1_000_000_000 + n, b"%d" % n) for n in range(30)]


def test_wherever_the_bytes_are_split_the_lines_are_the_same() -> None:
    whole = b"".join(b"2026-11-22T01:04:09.%09dZ line %s\n" % (n, b"x" * n) for n in range(40)) + b"no stamp\n\n"
    expected = LineSplitter().feed(whole)
    rng = random.Random(3)
    for _ in range(50):
        splitter = LineSplitter()
        lines, rest = [], whole
        while rest:
            size = rng.randint(1, 200)
            lines += splitter.feed(rest[:size])
            rest = rest[size:]
        assert lines == expected


def test_a_huge_line_is_cut_once_and_the_next_is_whole() -> None:
    for size in (10, 1000, 100_000):
        splitter = LineSplitter(longest=200)
        data = b"2026-11-22T01:04:09.000000000Z " + b"x" * 90_000 + b"\n2026-11-22T01:04:09.000000001Z next\n"
        lines = [line for at in range(0, len(data), size) for line in splitter.feed(data[at : at + size])]
        assert [at for at, _ in lines] == [BASE, BASE + 1]
        assert lines[0][1].startswith(b"xxx")
        assert lines[0][1].endswith(CUT)
        assert len(lines[0][1]) <= 200 + len(CUT) + size
        assert lines[1] == (BASE + 1, b"next")


def test_what_came_after_the_last_newline_is_a_fragment() -> None:
    splitter = LineSplitter()
    assert splitter.feed(b"2026-11-22T01:04:09.000000000Z one\n2026-11-22T01:04:09.000000001Z tw") == [(BASE, b"one")]
    assert splitter.fragment() == (BASE + 1, b"tw")
    assert splitter.feed(b"o\n") == [(BASE + 1, b"two")]
    assert splitter.fragment() is None


def test_a_real_kubelets_answer(recordings: Path) -> None:
    body = json.loads((recordings / "log-timestamps.json").read_text())["body"]["_text"].encode()
    lines = LineSplitter().feed(body)
    assert [text[:8] for _, text in lines] == [b"tick 325", b"tick 326", b"tick 327", b"tick 328", b"tick 329"]
    assert lines[0][0] == BASE + 830842202
    broken = json.loads((recordings / "log-previous-crash.json").read_text())["body"]["_text"].encode()
    splitter = LineSplitter()
    assert splitter.feed(broken) == []
    assert splitter.fragment() == (0, broken)


def test_no_stamp_of_any_shape_breaks_the_parser() -> None:
    rng = random.Random(5)
    alphabet = b"0123456789-:TZ.+ x"
    for _ in range(20_000):
        line = bytes(rng.choice(alphabet) for _ in range(rng.randint(0, 40)))
        at, length = parse_stamp(line)
        assert at >= 0
        assert length <= len(line)
