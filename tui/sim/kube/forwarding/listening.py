"""Where a program listens: what it can say of itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Listening:
    """now: seconds since the epoch, of the cluster."""

    pod: str
    namespace: str
    container: str
    port: int
    now: Callable[[], float]
