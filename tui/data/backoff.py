"""How long to wait after a failure: client-go's numbers, bent for the two kinds that need it.

client-go's reflector waits 0.8 s, doubled at each failure up to 30 s, each time up to as much again at random
(`wait.Jitter(d, 1.0)`), and starts over after two minutes without a failure (style page, section 1.8). Here as well:

- no answer at all costs nobody's quota and ends suddenly, when a cable is plugged in: never more than 5 s;
- signed out or not configured needs a person: 60 s, and a refresh cuts it short;
- a server that asked to be left alone for some seconds is, for at least as long.
"""

from __future__ import annotations

import random

from msgspec import Struct

from tui.clock import Clock
from tui.errors import Problem, ProblemKind

BASE = 0.8
FACTOR = 2.0
CAP = 30.0
JITTER = 1.0
HEALTHY_AFTER = 120.0
UNANSWERED_CAP = 5.0
PERSON_WAIT = 60.0

_NEEDS_A_PERSON = frozenset({ProblemKind.SIGNED_OUT, ProblemKind.MISSING})


def unanswered(problem: Problem) -> bool:
    """Whether nothing answered at all. The Connect gateway's "cannot find active connections" says that a cluster is
    unreachable, but is an answer, and counts on the quota."""
    return problem.kind is ProblemKind.UNREACHABLE and problem.status is None


def silence(problem: Problem) -> bool:
    """Whether there was no answer, be it that nothing took the request or that it hangs."""
    return unanswered(problem) or (problem.kind is ProblemKind.TIMEOUT and problem.status is None)


class _Ladder(Struct):
    """How often something has failed of late."""

    failures: int = 0
    last: float = float("-inf")

    def climb(self, now: float) -> float:
        """The wait after one more failure, before jitter."""
        if now - self.last > HEALTHY_AFTER:
            self.failures = 0
        self.last = now
        wait = min(CAP, BASE * FACTOR ** min(self.failures, 16))
        self.failures += 1
        return wait


class Backoff:
    """The waits of one job. rng: the source of jitter; seeded in tests."""

    def __init__(self, clock: Clock, rng: random.Random) -> None:
        self._clock = clock
        self._rng = rng
        # Two ladders: when a network comes back, a server that still starts is asked again soon.
        self._unanswered = _Ladder()
        self._refused = _Ladder()

    def healed(self) -> None:
        """It has worked for a while: the next failure is the first."""
        self._unanswered.failures = self._refused.failures = 0

    def failed(self, problem: Problem) -> float:
        """Seconds to wait after one more failure, `problem`."""
        if problem.kind in _NEEDS_A_PERSON:
            return PERSON_WAIT
        silent = unanswered(problem)
        ladder = self._unanswered if silent else self._refused
        wait = ladder.climb(self._clock.monotonic()) * (1 + self._rng.random() * JITTER)
        if silent:
            return min(wait, UNANSWERED_CAP)
        return max(wait, problem.retry_after or 0.0)
