"""Bytes to lines: any split of the bytes gives the same lines."""

from __future__ import annotations

import json
import random
from pathlib import Path

from tui.streams.lines import CUT, LineSplitter


def test_wherever_the_bytes_are_split_the_lines_are_the_same() -> None:
    whole = b"".join(b"2026-11-22T01:04:09.%09dZ line %s\n" % (n, b"x" * n) for n in range(40)) + b"no stamp\n\n"
    expected = whole.split(b"\n")[:-1]
    assert LineSplitter().feed(whole) == expected
    rng = random.Random(3)
    for _ in range(50):
        splitter = LineSplitter()
        lines, rest = [], whole
        while rest:
            size = rng.randint(1, 200)
            lines += splitter.feed(rest[:size])
            rest = rest[size:]
        assert lines == expected
        assert splitter.fragment() == b""


def test_a_huge_line_is_cut_once_and_the_next_is_whole() -> None:
    for size in (1, 10, 199, 200, 201, 1000, 100_000):
        splitter = LineSplitter(longest=200)
        data = b"first\n" + b"x" * 90_000 + b"\nnext\n" + b"y" * 300 + b"\nlast\n"
        lines = [line for at in range(0, len(data), size) for line in splitter.feed(data[at : at + size])]
        assert lines == [b"first", b"x" * 200 + CUT, b"next", b"y" * 200 + CUT, b"last"]


def test_the_rest_of_a_line_that_was_cut_is_no_fragment() -> None:
    splitter = LineSplitter(longest=10)
    assert splitter.feed(b"x" * 30) == [b"x" * 10 + CUT]
    assert splitter.fragment() == b""
    assert splitter.feed(b"still the same line") == []
    assert splitter.fragment() == b""
    assert splitter.feed(b" and its end\nshort\nfra") == [b"short"]
    assert splitter.fragment() == b"fra"


def test_a_real_kubelets_answer(recordings: Path) -> None:
    body = json.loads((recordings / "log-timestamps.json").read_text())["body"]["_text"].encode()
    lines = LineSplitter().feed(body)
    assert [line[31:39] for line in lines] == [b"tick 325", b"tick 326", b"tick 327", b"tick 328", b"tick 329"]
    broken = json.loads((recordings / "log-previous-crash.json").read_text())["body"]["_text"].encode()
    splitter = LineSplitter()
    assert splitter.feed(broken) == []
    assert splitter.fragment() == broken
