"""RFC 3339 timestamps, as the clouds and Kubernetes write them (up to nine fractional digits), to epoch seconds."""

from __future__ import annotations

from datetime import UTC, datetime


def epoch(timestamp: str) -> float | None:
    """Seconds since the epoch; None where `timestamp` is empty or no timestamp. Without a zone it is UTC."""
    if not timestamp:
        return None
    try:
        moment = datetime.fromisoformat(timestamp)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
