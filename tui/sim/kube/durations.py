"""Ages as the API server writes them into the cells of a Table: "3d4h", "2m37s", "<unknown>".

The rounding is that of `HumanDuration` and the two words are those of `translateTimestampSince`
(k8s.io/apimachinery pkg/util/duration, k8s.io/kubernetes pkg/printers), so that an age never differs from a real one.

Who keeps what was printed hands the printers a `Moment` for their `now`, and learns from it for how long their ages
stay what they are.
"""

from __future__ import annotations

from functools import lru_cache

from tui.sim.kube.objects import parse_timestamp

UNKNOWN = "<unknown>"
INVALID = "<invalid>"

_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY_HOURS = 24
_YEAR_DAYS = 365


class Moment(float):
    """Seconds since the epoch, at which something is printed. until: the first second at which any of the ages that
    have been told of it is another."""

    until = float("inf")


def human(seconds: float) -> str:
    """The two largest units of `seconds` that matter. Less than two in the future is "0s", since clocks differ."""
    whole = int(seconds)  # toward zero, as Go's int(): -1.9 is still tolerated
    if whole < -1:
        return INVALID
    if whole < 2 * _MINUTE:
        return f"{max(0, whole)}s"
    minutes, hours = whole // _MINUTE, whole // _HOUR
    if minutes < 10:
        return _pair(minutes, "m", whole % _MINUTE, "s")
    if hours < 3:
        return f"{minutes}m"
    if hours < 8:
        return _pair(hours, "h", minutes % 60, "m")
    if hours < 2 * _DAY_HOURS:
        return f"{hours}h"
    return _days(hours)


def _days(hours: int) -> str:
    days = hours // _DAY_HOURS
    if days < 8:
        return _pair(days, "d", hours % _DAY_HOURS, "h")
    if days < 2 * _YEAR_DAYS:
        return f"{days}d"
    if days < 8 * _YEAR_DAYS:
        return _pair(days // _YEAR_DAYS, "y", days % _YEAR_DAYS, "d")
    return f"{days // _YEAR_DAYS}y"


def _pair(large: int, unit: str, small: int, small_unit: str) -> str:
    return f"{large}{unit}{small}{small_unit}" if small else f"{large}{unit}"


# Cached: a page of pods asks for the same few times at every rendering.
epoch = lru_cache(maxsize=65_536)(parse_timestamp)


def elapsed(moment: float, now: float) -> str:
    """The age at `now` of what was at `moment`; a `Moment` learns when it will be another."""
    if isinstance(now, Moment):
        now.until = min(now.until, moment + _next_change(now - moment))
    return human(now - moment)


def _next_change(seconds: float) -> float:
    """The age at which `human` says something else than at `seconds`, or an earlier one."""
    if seconds < 10 * _MINUTE:
        unit = 1
    elif seconds < 8 * _HOUR:
        unit = _MINUTE
    elif seconds < 8 * _DAY_HOURS * _HOUR:
        unit = _HOUR
    else:
        unit = _DAY_HOURS * _HOUR
    return (seconds // unit + 1) * unit


def since(timestamp: str | None, now: float) -> str:
    """The age at `now` (epoch seconds) of an RFC 3339 time; "<unknown>" without one."""
    if not timestamp:
        return UNKNOWN
    moment = epoch(timestamp)
    return UNKNOWN if moment is None else elapsed(moment, now)


def between(start: str, end: str) -> str:
    """How long it took from one RFC 3339 time to another."""
    first, last = epoch(start), epoch(end)
    return UNKNOWN if first is None or last is None else human(last - first)
