"""A line's own time is left out only where the time column says the same."""

from __future__ import annotations

import pytest

from tui.present.logtime import without_time

AT = 1_700_049_611 * 10**9  # 2023-11-15T12:00:11Z


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("2023/11/15 12:00:11.844460 serve: ok", "serve: ok"),
        ("2023-11-15T12:00:11Z serve: ok", "serve: ok"),
        ("2023-11-15T13:00:10.5+01:00 serve: ok", "serve: ok"),
        ("[2023-11-15 12:00:11,123] serve: ok", "serve: ok"),
        ("2023-11-15 12:07:11 a clock that is off", "2023-11-15 12:07:11 a clock that is off"),
        ("2023-11-15 11:59:59.999 just before the hour", "2023-11-15 11:59:59.999 just before the hour"),
        ("serve: 2023-11-15 12:00:11 later", "serve: 2023-11-15 12:00:11 later"),
        ("2023-11-15", "2023-11-15"),
        ("", ""),
    ],
)
def test_says_a_time_once(line: str, shown: str) -> None:
    assert without_time(line, AT) == shown


def test_keeps_the_own_time_where_the_kubelet_gave_none() -> None:
    line = "2023/11/15 12:00:11 serve: ok"
    assert without_time(line, 0) == line


def test_agrees_across_the_turn_of_an_hour() -> None:
    assert without_time("2023-11-15 11:59:59.9 tick", 1_700_049_600 * 10**9) == "tick"
