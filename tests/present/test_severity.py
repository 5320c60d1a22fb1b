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
