"""Ages and times of day, said as the rest of the field says them."""

from __future__ import annotations

from datetime import UTC, datetime

from tui.model.times import parse_time

__all__ = ["age", "calm_age", "countdown", "parse_time", "time_of_day", "timestamp"]

_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR
_YEAR = 365 * _DAY


def age(seconds: float) -> str:
    """A duration as kubectl prints it: "59s", "2m5s", "3h", "2d4h", "1y20d".

    The rules are those of `HumanDuration` in k8s.io/apimachinery (pkg/util/duration). Clocks differ a little between
    machines, so up to two seconds in the future count as now; more than that is "<invalid>", as there.
    """
    if seconds <= -2:
        return "<invalid>"
    whole = max(0, int(seconds))
    if whole < 2 * _MINUTE:
        return f"{whole}s"
    if whole < 10 * _MINUTE:
        return _two(whole, _MINUTE, "m", 1, "s")
    if whole < 3 * _HOUR:
        return f"{whole // _MINUTE}m"
    if whole < 8 * _HOUR:
        return _two(whole, _HOUR, "h", _MINUTE, "m")
    if whole < 2 * _DAY:
        return f"{whole // _HOUR}h"
    if whole < 8 * _DAY:
        return _two(whole, _DAY, "d", _HOUR, "h")
    if whole < 2 * _YEAR:
        return f"{whole // _DAY}d"
    if whole < 8 * _YEAR:
        return _two(whole, _YEAR, "y", _DAY, "d")
    return f"{whole // _YEAR}y"


def _two(whole: int, big: int, big_unit: str, small: int, small_unit: str) -> str:
    rest = whole % big // small
    return f"{whole // big}{big_unit}{rest}{small_unit}" if rest else f"{whole // big}{big_unit}"


def calm_age(seconds: float) -> str:
    """The same in steps of five seconds below a minute, for places that would otherwise flicker every second."""
    return age(seconds // 5 * 5 if 0 <= seconds < _MINUTE else seconds)


def time_of_day(at: float, now: float) -> str:
    """Local time "14:01:02"; with the date in front when it is not within the last day."""
    when = datetime.fromtimestamp(at, UTC).astimezone()
    return when.strftime("%H:%M:%S" if abs(now - at) < _DAY else "%Y-%m-%d %H:%M")


def timestamp(at: float) -> str:
    """A full local date and time with its offset from UTC, for details."""
    return datetime.fromtimestamp(at, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S %z")


def countdown(seconds: float) -> str:
    """What is left until a next try: "12s", or "now" once it is due."""
    return age(seconds) if seconds >= 1 else "now"
