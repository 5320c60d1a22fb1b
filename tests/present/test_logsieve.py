"""Looking through many lines at once: nothing that is wanted is passed over, whatever the lines are made of."""

from __future__ import annotations

import random

import pytest

from tui.model.logstamp import text_of
from tui.present.guarded import Needle
from tui.present.logfilter import parse_log_filter, smart, whole_texts
from tui.present.logsieve import plain_words, sifted

STAMP = b"2026-11-29T20:10:08.000000000Z "
PIECES = (b"a", b"B", b"ab", b" ", b"  ", b"\t", b"took 12", b"Took", b"\x1b[31m", b"=", b"u+202e", b".", b"-", b"a-b")
OTHERS = ("\u202e".encode(), "\u212a".encode(), "ä".encode(), b"\xff")
"""Not ASCII: an override that is shown as letters, the sign for kelvin, which is a k in small letters, ..."""
FINDS = ("a", "b  a", "took", "Took", "took 12", "a b", "k", "u+202e", "2026", "ä", "t o", "a.", "")
FILTERS = ("took", "took ab", "Took", "a-b", "!took ab", "took !b", "a=b", "a.b", "-f tk", "B a-b", "\u212a", "k")


def lines_of(chance: random.Random) -> list[bytes]:
    pieces = PIECES * 8 + (OTHERS if chance.random() < 0.3 else ())
    return [STAMP + b"".join(chance.choices(pieces, k=chance.randrange(7))) for _ in range(chance.randrange(40))]


@pytest.mark.parametrize("seed", range(60))
def test_what_a_pattern_finds_is_among_what_is_sifted(seed: int) -> None:
    chance = random.Random(seed)
    lines = lines_of(chance)
    texts = whole_texts([text_of(line) for line in lines])
    for words in FINDS:
        needle = smart(words)
        places = sifted(lines, [plain_words(needle)])
        assert {place for place, text in enumerate(texts) if needle.search(text)} <= set(places), words
        assert list(places) == sorted(set(places))


@pytest.mark.parametrize("seed", range(60))
def test_what_a_filter_lets_through_is_among_what_is_sifted(seed: int) -> None:
    lines = lines_of(random.Random(seed))
    for words in FILTERS:
        wanted = parse_log_filter(words)
        assert wanted is not None
        let_through = wanted.chosen([text_of(line) for line in lines])
        assert set(let_through) <= set(sifted(lines, wanted.demanded)), words


def test_most_lines_are_passed_over() -> None:
    lines = [STAMP + b"request %d" % number for number in range(50)]
    assert sifted(lines, ["request 7"]) == [7]
    assert sifted(lines, ["request", "nowhere"]) == []
    assert list(sifted(lines, [])) == list(range(50))
    assert list(sifted([*lines, "ä".encode()], ["nowhere"])) == list(range(51))
    assert sifted([], ["x"]) in ([], range(0))


@pytest.mark.parametrize(("needle", "words"), [(smart("Took 12"), "took 12"), (smart("a|b"), ""), (smart("x."), "")])
def test_a_pattern_demands_its_words_or_says_nothing(needle: Needle, words: str) -> None:
    assert plain_words(needle) == words
