"""Which log lines catch the eye."""

from __future__ import annotations

import random

import pytest

from tui.present import severity as module
from tui.present.severity import severity


@pytest.mark.parametrize(
    ("line", "style"),
    [
        ("dialer: dial failed: i/o timeout", "bad"),
        ("failed to create the websocket connection", "bad"),
        ('{"level":"error","msg":"x"}', "bad"),
        ("E1122 14:02:11.000000 1 reflector.go:1] boom", "bad"),
        ("Traceback (most recent call last):", "bad"),
        ("retrying in 5s", "warn"),
        ("WARN pool is slow", "warn"),
        ("serve: serving requests...", ""),
        ("done, 0 errors", ""),
        ("terror is not error-free", "bad"),
        ("mirrored terrorbird", ""),
    ],
)
def test_reads_the_words_people_log(line: str, style: str) -> None:
    assert severity(line) == style


BAD = (
    *("error", "errors", "fatal", "panic", "fail", "failed", "failure", "exception", "denied", "refused"),
    *("unauthorised", "unauthorized", "timeout", "timed out", "time out", "timedout", "traceback"),
    *('"level":"error"', '"level":"fatal"', '"level":"critical"', "E1122 14:02:11", "F1122 14:02:11"),
)
WARN = (
    *("warn", "warning", "retry", "retrying", "backoff", "back-off", "deprecated", "slow", "degraded"),
    "W1122 14:02:11",
)


@pytest.mark.parametrize(("words", "style"), [*((words, "bad") for words in BAD), *((words, "warn") for words in WARN)])
@pytest.mark.parametrize("around", ["{}", "it was {}, then went on", "2026-11-29 ({})"])
def test_each_word_is_enough_by_itself(words: str, style: str, around: str) -> None:
    assert {severity(around.format(said)) for said in (words, words.upper(), words.capitalize())} == {style}


def test_it_is_what_the_patterns_say_of_any_line() -> None:
    rng = random.Random(5)
    patterns = (module._BAD, module._CALM, module._WARN)
    pieces = [*BAD, *WARN, "no errors", "errors: 0", "0 failures", "tımed out", "panİc", "retry\u212a", "ſlow"]
    pieces += ["é", " ", " ", "=", ":", "e", "W11", "F1122 1", "time", "out", "fai", "level", '"', "\u4e16", "x_"]
    for _ in range(20_000):
        line = "".join(rng.choice((str, str.upper, str.title))(rng.choice(pieces)) for _ in range(rng.randint(0, 4)))
        bad, calm, warn = (pattern.search(line) is not None for pattern in patterns)
        assert severity(line) == ("bad" if bad and not calm else "warn" if warn else ""), line
