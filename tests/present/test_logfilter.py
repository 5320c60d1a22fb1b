"""What filters of logs let through: words, patterns, exclusions, fields."""

from __future__ import annotations

import random

import pytest

from tui.errors import UsageError
from tui.present.clean import clean
from tui.present.logfilter import WHOLE, parse_log_filter, smart, whole_texts

PLAIN = b"GET /healthz ok shard=2"
JSON = b'{"level":"ERROR","msg":"no luck","http":{"status":502}}'


@pytest.mark.parametrize(
    ("text", "line", "through"),
    [
        ("healthz", PLAIN, True),
        ("HEALTHZ", PLAIN, False),
        ("get ok", PLAIN, True),
        ("get nope", PLAIN, False),
        ("shard=(1|2)", PLAIN, True),
        ("!healthz", PLAIN, False),
        ("!nope", PLAIN, True),
        ("get !healthz", PLAIN, False),
        ("get !nope", PLAIN, True),
        ("!nope !healthz", PLAIN, False),
        ("!get nope", PLAIN, True),
        ("!get ok", PLAIN, False),
        ("shard=2", PLAIN, True),
        ("shard=2", b"shard=23", False),
        ("shard!=2", PLAIN, False),
        ("shard!=2", b"shard=3", True),
        ("!shard=2", PLAIN, False),
        ("level=error", JSON, True),
        ("level=Error", JSON, False),
        ("level!=error", JSON, False),
        ("http.status=502", JSON, True),
        ("http.status=50", JSON, False),
        ("level=info", JSON, False),
        ("-f gthz", PLAIN, True),
        ("-f zzz", PLAIN, False),
    ],
)
def test_lines_pass(text: str, line: bytes, through: bool) -> None:
    parsed = parse_log_filter(text)
    assert parsed is not None
    assert parsed.matches(line) is through
    others = [b"x", line, b"\x1b[31mred", line, b""]
    assert parsed.chosen(others) == [place for place, one in enumerate(others) if parsed.matches(one)]


def test_an_empty_filter_is_none() -> None:
    assert parse_log_filter("  ") is None


@pytest.mark.parametrize("text", ["!", "di(al", "-f", "ok !b("])
def test_what_cannot_be_meant_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_log_filter(text)


def test_only_what_is_wanted_is_marked() -> None:
    parsed = parse_log_filter("get !nope")
    assert parsed is not None
    assert [mark.search("GET") is not None for mark in parsed.marks] == [True]


def test_small_letters_mean_capitals_too() -> None:
    assert smart("error").search("ERROR") is not None
    assert smart("Error").search("ERROR") is None


PIECES = [
    b"a",
    b" ",
    b"plain",
    b"\t",
    b"\x1b[2J",
    b"\x7f",
    b"\x00",
    b"\xff",
    "é".encode(),
    "\u202e".encode(),
    b"\r",
    b"x" * 3_000,
]


@pytest.mark.parametrize("seed", range(20))
def test_many_lines_are_cleaned_as_each_would_be(seed: int) -> None:
    chance = random.Random(seed)
    weights = [30, 30, 30, *[1] * (len(PIECES) - 3)]
    lines = [b"".join(chance.choices(PIECES, weights, k=chance.randrange(12))) for _ in range(700)]
    assert whole_texts(lines) == [clean(line, WHOLE) for line in lines]


def test_the_whole_line_is_looked_through() -> None:
    """Also what is not painted of it."""
    line = b"x" * 2_500 + b" NullPointerException"
    wanted, unwanted = parse_log_filter("nullpointer"), parse_log_filter("!nullpointer")
    assert wanted is not None
    assert unwanted is not None
    assert wanted.matches(line)
    assert not unwanted.matches(line)
    assert wanted.chosen([line, b"short"]) == [0]
