"""Who is told when the network goes or comes back: every running job is known here.

A job that gets no answer is often the first to notice what others will only notice at their next poll, and they show
old rows as live until then. So the first silence after an answer makes the pollers check at once, and the jobs on the
same cluster doubt even their open watches; the first answer after silence wakes all those who wait in back-off for
want of one. Being told to check changes nobody's feed: a cluster that answers is not touched by one that does not.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Protocol

from tui.clock import Clock
from tui.data.backoff import unanswered
from tui.errors import Problem, ProblemKind

ALARM_REST = 10.0
"""Seconds between two times that everybody is told to check: one flapping cluster must not make the others poll."""
WAKE_REST = 1.0


class Job(Protocol):
    """Something that keeps a topic true. group: the key of the cluster it asks, "" for the clouds' own services."""

    @property
    def group(self) -> str: ...

    def check(self, *, doubt: bool = False) -> None:
        """Try now instead of later. doubt: do not even trust a connection that is open and quiet."""
        ...


class Checks:
    """The running jobs of one hub."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._running: dict[Job, None] = {}
        self._silent: dict[Job, None] = {}
        self._alarmed: dict[str, float] = {}
        self._woken = float("-inf")

    @contextmanager
    def running(self, job: Job) -> Generator[None]:
        """`job` takes part while the body runs."""
        self._running[job] = None
        try:
            yield
        finally:
            self._running.pop(job, None)
            self._silent.pop(job, None)

    def refresh(self) -> None:
        """Everybody tries now: the user asked."""
        for job in list(self._running):
            job.check()

    def doubt(self) -> None:
        """Everybody tries now and trusts no open connection: the machine has slept."""
        for job in list(self._running):
            job.check(doubt=True)

    def failed(self, job: Job, problem: Problem) -> None:
        """A try of `job` failed."""
        hangs = problem.kind is ProblemKind.TIMEOUT and problem.status is None
        if not hangs and not unanswered(problem):
            self.answered(job)  # a refusal is an answer too
            return
        if job in self._silent:
            return
        self._silent[job] = None
        if job.group and self._may_alarm(job.group):
            self._tell(same=job, doubt=True)
        if not hangs and self._may_alarm(""):
            self._tell(same=None, doubt=False)

    def answered(self, job: Job) -> None:
        """A try of `job` got an answer."""
        if job not in self._silent:
            return
        del self._silent[job]
        if self._clock.monotonic() - self._woken >= WAKE_REST:
            self._woken = self._clock.monotonic()
            for waiting in list(self._silent):
                waiting.check()

    def _may_alarm(self, group: str) -> bool:
        now = self._clock.monotonic()
        if now - self._alarmed.get(group, float("-inf")) < ALARM_REST:
            return False
        self._alarmed[group] = now
        return True

    def _tell(self, *, same: Job | None, doubt: bool) -> None:
        for job in list(self._running):
            if job not in self._silent and (same is None or job.group == same.group):
                job.check(doubt=doubt)
