"""Times as Kubernetes writes them."""

from __future__ import annotations

from datetime import UTC, datetime


def parse_time(text: str) -> float | None:
    """Epoch seconds of an RFC 3339 time as Kubernetes sends it; None where it is empty or is none."""
    if not text:
        return None
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
