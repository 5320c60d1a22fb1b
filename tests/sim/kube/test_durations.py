"""Ages as k8s.io/apimachinery's HumanDuration writes them; the table is that of its own tests and of its rules."""

import pytest

from tui.sim.kube.durations import between, human, since

MINUTE, HOUR, DAY, YEAR = 60, 3600, 86400, 365 * 86400


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (-2, "<invalid>"),
        (-2 * YEAR, "<invalid>"),
        (-1.9, "0s"),
        (-1, "0s"),
        (0, "0s"),
        (0.999, "0s"),
        (1, "1s"),
        (70, "70s"),
        (119.9, "119s"),
        (2 * MINUTE, "2m"),
        (190, "3m10s"),
        (10 * MINUTE - 1, "9m59s"),
        (10 * MINUTE, "10m"),
        (70 * MINUTE, "70m"),
        (3 * HOUR - 1, "179m"),
        (3 * HOUR, "3h"),
        (3 * HOUR + 59, "3h"),
        (4 * HOUR + 10 * MINUTE, "4h10m"),
        (8 * HOUR - 1, "7h59m"),
        (8 * HOUR, "8h"),
        (2 * DAY - 1, "47h"),
        (2 * DAY, "2d"),
        (3 * DAY + 4 * HOUR, "3d4h"),
        (8 * DAY - 1, "7d23h"),
        (8 * DAY, "8d"),
        (9 * DAY + 23 * HOUR, "9d"),
        (2 * YEAR - 1, "729d"),
        (2 * YEAR, "2y"),
        (2 * YEAR + 9 * DAY, "2y9d"),
        (8 * YEAR - 1, "7y364d"),
        (8 * YEAR, "8y"),
        (20 * YEAR + 200 * DAY, "20y"),
    ],
)
def test_two_largest_units_that_matter(seconds: float, expected: str) -> None:
    assert human(seconds) == expected


@pytest.mark.parametrize(
    ("timestamp", "expected"),
    [
        (None, "<unknown>"),
        ("", "<unknown>"),
        ("yesterday", "<unknown>"),
        ("1970-01-01T00:00:00Z", "100s"),
        ("1970-01-01T00:00:00.500000Z", "99s"),
        ("1970-01-01T01:00:00+01:00", "100s"),
    ],
)
def test_the_age_of_a_time(timestamp: str | None, expected: str) -> None:
    assert since(timestamp, 100.0) == expected


def test_the_time_between_two_times() -> None:
    assert between("2026-11-22T01:02:00Z", "2026-11-22T01:02:03Z") == "3s"
    assert between("2026-11-22T01:02:00Z", "soon") == "<unknown>"
