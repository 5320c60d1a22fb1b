"""Whether a server is there at all, while a watch that it has not accepted yet says nothing.

A watch may wait for its headers for more than a minute where a proxy holds them back, which looks the same as a
cluster that hangs. Asking for the version tells the two apart within seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto

from tui.clock import Clock
from tui.data.backoff import silence
from tui.data.listwatch import ListWatch
from tui.errors import Problem, ProblemKind, SourceError
from tui.waits import Deadline

ANSWER_WITHIN = 10.0
"""Seconds for one answer, and from a try that got none to the next."""


class Answer(Enum):
    AT_ONCE = auto()
    AFTER_SILENCE = auto()
    REFUSED = auto()


async def ask(
    port: ListWatch, clock: Clock, wanted: Callable[[], bool], unanswered: Callable[[Problem], None]
) -> Answer:
    """Ask until there is an answer, or until it is not `wanted` any more (which counts as one). unanswered: told of
    each try that got none."""
    answer = Answer.AT_ONCE
    while wanted():
        try:
            with Deadline(clock, ANSWER_WITHIN):
                await port.version()
            return answer
        except TimeoutError:
            problem = Problem(ProblemKind.TIMEOUT, f"no answer within {ANSWER_WITHIN:g} s")
        except SourceError as exc:
            problem = exc.problem
        if not silence(problem):
            return Answer.REFUSED
        if wanted():
            answer = Answer.AFTER_SILENCE
            unanswered(problem)
        await clock.sleep(ANSWER_WITHIN)
    return Answer.AT_ONCE
