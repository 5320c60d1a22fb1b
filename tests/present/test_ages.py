"""Ages are kubectl's, times are local, and nothing flickers."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tui.model.times import parse_time
from tui.present.ages import age, calm_age, countdown, time_of_day, timestamp


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


M, H, D, Y = 60, 3600, 86400, 365 * 86400


# The table of TestHumanDuration in k8s.io/apimachinery/pkg/util/duration/duration_test.go, and its limits.
@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "<invalid>"), (-2, "<invalid>"), (-1.9, "0s"), (0, "0s"), (1, "1s"), (70, "70s"), (119.9, "119s"),
        (120, "2m"), (190, "3m10s"), (70 * M, "70m"), (9 * M + 59, "9m59s"), (10 * M + 1, "10m"),
        (3 * H - 1, "179m"), (3 * H, "3h"), (3 * H + 5 * M, "3h5m"), (47 * H, "47h"), (49 * H, "2d1h"),
        (2 * D, "2d"), (3 * D + 4 * H, "3d4h"), (8 * D, "8d"), (8 * D + 2 * H, "8d"), (367 * D, "367d"),
        (2 * Y - 1, "729d"), (2 * Y, "2y"), (365 * 2 * D + 25 * D, "2y25d"), (8 * Y + 2 * D, "8y"),
    ],
)  # fmt: skip
def test_ages_are_those_of_kubectl(seconds: float, said: str) -> None:
    assert age(seconds) == said


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0s"), (4.9, "0s"), (7, "5s"), (59, "55s"), (61, "61s"), (-9, "<invalid>")]
)
def test_calm_ages_move_in_steps_below_a_minute(seconds: float, said: str) -> None:
    assert calm_age(seconds) == said


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-11-22T14:02:12Z", 1795356132.0),
        ("2026-11-22T14:02:12.500000Z", 1795356132.5),
        ("2026-11-22T15:02:12+01:00", 1795356132.0),
        ("2026-11-22T14:02:12", 1795356132.0),
        ("", None),
        ("<unknown>", None),
    ],
)
def test_times_of_the_api_are_read(text: str, at: float | None) -> None:
    assert parse_time(text) == at


def test_a_time_of_another_day_says_its_date() -> None:
    at = 1795356132.0
    assert time_of_day(at, at + 60) == "14:02:12"
    assert time_of_day(at, at + 2 * D) == "2026-11-22 14:02"
    assert timestamp(at) == "2026-11-22 14:02:12 +0000"


@pytest.mark.parametrize(("left", "said"), [(12.9, "12s"), (0.9, "now"), (-3, "now")])
def test_a_countdown_ends_with_now(left: float, said: str) -> None:
    assert countdown(left) == said
