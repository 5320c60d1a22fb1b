"""Patterns that explode are given up, and others mean what they mean to Python."""

from __future__ import annotations

import random
import re
import time
import warnings

import pytest

from tui.present import guarded
from tui.present.filters import parse_filter
from tui.present.guarded import ENOUGH, Guarded, too_slow
from tui.present.logfilter import parse_log_filter, smart

EXPLODES = r"(a|aa)+$"
TEXT = "a" * 60 + "!"


@pytest.mark.parametrize("look", [lambda needle: needle.search(TEXT), lambda needle: list(needle.finditer(TEXT))])
def test_one_that_explodes_is_given_up_and_finds_nothing_from_then_on(look) -> None:
    needle = Guarded(EXPLODES)
    begun = time.monotonic()
    look(needle)
    for _ in range(1_000):
        look(needle)
    assert time.monotonic() - begun < 30  # a second try of each would take as long again
    assert too_slow(needle)
    assert needle.search("") is None


def test_one_that_is_slow_for_each_text_is_given_up_too(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter(range(1_000_000))
    needle = Guarded("a+b")
    monkeypatch.setattr(guarded, "process_time", lambda: next(now) * 0.02)
    tried = 0
    while not needle.slow:
        assert needle.search("xaab") is not None
        tried += 1
    assert 0.02 * tried > ENOUGH > 0.02 * (tried - 1)


def test_what_only_python_takes_for_hard_is_found_out_at_once() -> None:
    needle = Guarded(r"(\w+\s?)+#")
    assert needle.search("word " * 60) is None
    assert not needle.slow


@pytest.mark.parametrize("pattern", [r"a.c", r"(?i)Dial\b", r"\d+(?=ms)", r"a{2,3}?", r"^x|y$", r"\w+\s"])
@pytest.mark.parametrize("flags", [0, re.IGNORECASE, re.MULTILINE])
@pytest.mark.parametrize("text", ["abc dial 12ms", "aaaa", "x\ny\nz", "[:alpha:]x lx", "äöü ß\n"])
def test_the_others_find_what_python_finds(pattern: str, flags: int, text: str) -> None:
    wanted = re.compile(pattern, flags)
    found = [match.span() for match in Guarded(pattern, flags).finditer(text)]
    assert found == [match.span() for match in wanted.finditer(text)]


def test_what_is_wrong_with_one_is_said_in_pythons_words() -> None:
    with pytest.raises(re.error, match="missing \\), unterminated subpattern"):
        Guarded("(a")


def test_filters_and_finds_say_so() -> None:
    of_logs, of_lists = parse_log_filter(EXPLODES), parse_filter(EXPLODES)
    assert of_logs is not None
    assert of_lists is not None
    assert (of_logs.slow, of_lists.slow) == (False, False)
    of_logs.matches(TEXT.encode())
    of_lists.matches((TEXT,))
    assert (of_logs.slow, of_lists.slow) == (True, True)
    assert isinstance(smart("a|b"), Guarded)
    assert smart("a|b") == smart("a|b") != smart("a|c")


TEXTS = ("", "a", "ab{e}", "b{1,e}", "[a]", "a]b:", "{,1}", "aab b1{e}", "\\d", "^$", "\u017fS \u212a")


def spans_alike(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of sets in sets, which `re` does not have yet
        plain = re.compile(text, re.IGNORECASE)
    one = Guarded(text, re.IGNORECASE)
    for looked in TEXTS:
        assert [found.span() for found in one.finditer(looked)] == [found.span() for found in plain.finditer(looked)], (
            text,
            looked,
        )


@pytest.mark.parametrize(
    "text",
    [
        "a{e}",
        "(?:ab){i}",
        "[[:alpha:]]+",
        r"\\{1}",
        "(a|b)+?",
        "[]a]+",
        "[^]a]+",
        "[[]+",
        "b{1,e}",
        "a{,1}",
        r"(?i)A\b",
    ],
)
def test_syntax_with_another_meaning_elsewhere(text: str) -> None:
    spans_alike(text)


@pytest.mark.parametrize("seed", range(10))
def test_whatever_is_typed(seed: int) -> None:
    chance = random.Random(seed)
    tried = 0
    while tried < 200:
        text = "".join(chance.choices("ab{}e1,[]^-:\\\\dws|()?*+.$<=", k=chance.randint(1, 8)))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", FutureWarning)
                re.compile(text)
        except re.error:
            continue
        tried += 1
        spans_alike(text)
