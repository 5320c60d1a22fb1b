"""Times as Kubernetes writes them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_AGE = re.compile(r"(?:(\d+)y)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?: ago)?\Z")
_SECONDS = (31536000, 86400, 3600, 60, 1)


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


def least_unit(text: str) -> int:
    """Seconds of the smallest unit in an age: "3d4h" is told to the hour."""
    found = _AGE.match(text)
    parts = () if found is None else tuple(zip(found.groups(), _SECONDS, strict=True))
    return min((unit for part, unit in parts if part), default=1)
