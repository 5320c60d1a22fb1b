"""Chance that is the same every time: what a log line or a metric shows follows from a seed and a position alone.

Seeding `random.Random` costs more than making a whole log line, and each line needs its own seed (any line must be
makeable without those before it); so this is splitmix64, which needs none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

_MASK = (1 << 64) - 1
_STEP = 0x9E3779B97F4A7C15

T = TypeVar("T")


class Dice:
    """A stream of chance for one (seed, position)."""

    __slots__ = ("_state",)

    def __init__(self, seed: int, position: int = 0) -> None:
        self._state = (seed ^ (position * 0xD1342543DE82EF95)) & _MASK
        self.bits()

    def bits(self) -> int:
        """64 of them."""
        self._state = z = (self._state + _STEP) & _MASK
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        return z ^ (z >> 31)

    def below(self, limit: int) -> int:
        return self.bits() % limit

    def between(self, low: int, high: int) -> int:
        """Both included."""
        return low + self.bits() % (high - low + 1)

    def part(self) -> float:
        """0 <= part < 1."""
        return (self.bits() >> 11) / (1 << 53)

    def one_in(self, odds: int) -> bool:
        return self.bits() % odds == 0

    def pick(self, choices: Sequence[T]) -> T:
        return choices[self.bits() % len(choices)]

    def hex(self, digits: int) -> str:
        """Up to 16 of them."""
        return f"{self.bits():016x}"[:digits]

    def skewed(self, low: int, high: int) -> int:
        """Mostly near `low`, seldom near `high`: latencies, sizes."""
        part = self.part()
        return low + int((high - low) * part * part * part)
