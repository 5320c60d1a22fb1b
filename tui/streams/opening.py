"""How a log is asked for: at first as the reader wants it, and again so that nothing is left out in between; and what a
server asks back."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import TypedDict

from tui.clock import Clock
from tui.errors import Problem
from tui.model.logs import LogStart
from tui.model.logstamp import SECOND, parse_stamp
from tui.streams.resume import Resume

_SEVERAL = re.compile(r"choose one of: \[([^\]]*)\]")


class Asked(TypedDict, total=False):
    """Keyword arguments of `LogPort.log`."""

    follow: bool
    tail: int | None
    since_time: str
    since_seconds: int | None
    previous: bool
    timestamps: bool


class Opening:
    """The questions of one follow.

    What has been read decides where it goes on. Where nothing has been read yet, what was written since the first
    question must not fall out of a window that is counted from now ("the last ten lines", "the last five minutes"), so
    the window grows.
    """

    def __init__(self, start: LogStart, clock: Clock) -> None:
        self._start = start
        self._clock = clock
        self._first_asked: float | None = None
        self._was_empty = False

    @property
    def follows(self) -> bool:
        """Whether a stream is to stay open for new lines."""
        start = self._start
        return start.follow and not start.previous and not 0 < start.until <= self._clock.now() * SECOND

    @property
    def peeks(self) -> bool:
        """Whether the last line is to be looked at first, though no history is wanted: what comes after it is new, and
        must not be lost where the stream breaks before anything has come."""
        return self._start.tail == 0 and self._start.follow and not self._start.previous

    def answered(self) -> None:
        """The server has answered: what it does not send now was not there."""
        self._was_empty = True

    def ask(self, resume: Resume) -> Asked:
        """The next question."""
        if self._first_asked is None:
            self._first_asked = self._clock.now()
        base = Asked(follow=self.follows, previous=self._start.previous, timestamps=True)
        if resume.newest:
            return {**base, "since_time": rfc3339(resume.since)}
        start, tail, seconds = self._start, self._start.tail, self._start.since_seconds
        passed = max(0, math.ceil(self._clock.now() - self._first_asked))
        if seconds is not None:
            seconds += passed
        if self._was_empty and (tail or self.peeks):
            tail = None
        if seconds is None and start.since:
            return {**base, "tail": tail, "since_time": rfc3339(start.since // SECOND)}
        return {**base, "tail": tail, "since_seconds": seconds}


class Window:
    """Leaves out what lies before `since` and after `until`, which a server tells in whole seconds or not at all.
    passed: a line newer than `until` has come, and all that follow are."""

    def __init__(self, start: LogStart) -> None:
        self._since = start.since
        self._until = start.until
        self.passed = False

    def within(self, lines: list[bytes]) -> list[bytes]:
        """Those of `lines` that are meant. A line without a time is as old as its neighbours."""
        if self._since:
            for position, line in enumerate(lines):
                at, _ = parse_stamp(line)
                if at >= self._since:
                    self._since = 0
                    lines = lines[position:]
                    break
            else:
                return []
        if self._until:
            kept: list[bytes] = []
            for line in lines:
                at, _ = parse_stamp(line)
                if at > self._until:
                    self.passed = self.passed or at > self._until + SECOND
                else:
                    kept.append(line)
            return kept
        return lines


def rfc3339(seconds: int) -> str:
    """Seconds since the epoch, as the API server reads `sinceTime`."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def several_containers(problem: Problem) -> tuple[str, ...]:
    """The containers of the pod, where the server refused because it has several and wants one named."""
    found = _SEVERAL.search(problem.server_words)
    return tuple(found[1].split()) if found else ()
