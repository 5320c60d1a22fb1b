"""Which log lines catch the eye."""

from __future__ import annotations

import pytest

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
