"""Times and durations as Kubernetes and Go write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_AGE = re.compile(r"(?:(\d+)y)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?: ago)?\Z")
_SECONDS = (31536000, 86400, 3600, 60, 1)
_DURATION = r"(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|μs|ms|[smhd]))+"
_PART = r"([0-9.]+)([a-zµμ]+)"
_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
LONGEST = 366 * 86_400.0
"""Seconds of the longest duration that somebody may ask for: a year."""


def parse_time(text: str) -> float | None:
    """Epoch seconds of an RFC 3339 time as Kubernetes sends it; None where it is empty or is none."""
    if not text:
        return None
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


def age_seconds(text: str) -> float | None:
    """Seconds of a duration as `HumanDuration` prints it ("2d4h", "5m", "90s"); None where it is none."""
    found = _AGE.match(text)
    if found is None or not any(found.groups()):
        return None
    return float(sum(int(part) * unit for part, unit in zip(found.groups(), _SECONDS, strict=True) if part))


def duration_seconds(text: str) -> float | None:
    """Seconds of a duration as flags take it: "90s", "1h30m", "1.5h", "500ms", as Go's `time.ParseDuration` reads it
    but for signs, and days; None where it is none, or over a year."""
    if len(text) > 100 or re.fullmatch(_DURATION, text) is None:
        return None
    seconds = sum(float(number) * _UNITS[unit] for number, unit in re.findall(_PART, text))
    return seconds if seconds <= LONGEST else None


def seconds(value: float) -> str:
    """ "90 s", "0.5 s": to the millisecond, and never in powers of ten."""
    return f"{value:.3f}".rstrip("0").rstrip(".") + " s"


def least_unit(text: str) -> int:
    """Seconds of the smallest unit in an age: "3d4h" is told to the hour."""
    found = _AGE.match(text)
    parts = () if found is None else tuple(zip(found.groups(), _SECONDS, strict=True))
    return min((unit for part, unit in parts if part), default=1)
