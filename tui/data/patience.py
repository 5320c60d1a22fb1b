"""How long a question that goes through all objects of a cluster may take, and what is said when it took longer.

Such questions are bounded in time and not in count: where an answer is quick, a hundred thousand objects are no reason
to stop; where it is slow, what has been found so far is worth more than nothing.
"""

from __future__ import annotations

from tui.clock import Clock
from tui.errors import Problem, ProblemKind
from tui.model.feed import Gap
from tui.model.kube import KindRef

REST = "the rest"
"""Who is missing from an answer that was ended early (`Gap.who`)."""


class Patience:
    """seconds: from now on."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._seconds = seconds
        self._until = clock.monotonic() + seconds

    @property
    def over(self) -> bool:
        """Whether it is time to end."""
        return self._clock.monotonic() >= self._until

    def gap(self, seen: int, what: str) -> Gap:
        """What is missing, after `seen` things were looked at."""
        said = f"ended after {self._seconds:g} s: only the first {seen:,} {what} were looked at"
        return Gap(REST, Problem(ProblemKind.TIMEOUT, said))


def namespaces_of(kind: KindRef, asked: str) -> tuple[str, ...]:
    """Those to ask for, one list each; ("",) = one list of all. asked: as in `ResourceQuery`."""
    if not kind.namespaced:
        return ("",)
    return tuple(dict.fromkeys(name for name in asked.split(",") if name)) or ("",)
