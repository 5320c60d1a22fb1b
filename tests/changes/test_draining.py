"""Evictions that get no clear answer: asked for again where that may help, and not for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec
import pytest

from tests.changes.conftest import EU
from tui.changes.commands import commands
from tui.changes.drafts import Draft, Eviction
from tui.changes.draining import ASK_AGAIN, LOOK_EVERY, TRIES, Drain
from tui.changes.nodes import patience_of
from tui.clock import ManualClock
from tui.errors import Problem, ProblemKind, SourceError, UsageError
from tui.model.changes import Action, Wish
from tui.model.kube import KindRef
from tui.model.objects import Body, ObjectRef
from tui.model.permits import Stopped
from tui.model.writes import RefusedError, UncertainError, Write, Written

NODE = ObjectRef(EU, KindRef("", "v1", "nodes", "Node", namespaced=False), "", "n1")
POD = ("web", "api-1", "u-1")
LOST = UncertainError(Problem(ProblemKind.UNREACHABLE, "the connection was lost"))
GATEWAY = UncertainError(Problem(ProblemKind.SERVER, "HTTP 504", status=504))
INTERNAL = RefusedError(Problem(ProblemKind.SERVER, "HTTP 500", status=500))
FORBIDDEN = RefusedError(Problem(ProblemKind.FORBIDDEN, "HTTP 403", status=403))


class Port:
    """A cluster with one pod. answers: what its evictions fail with, one after the other; then they succeed.
    made: a failed one has evicted the pod all the same. ending: evicted pods stay for that many looks."""

    account = ""
    names: frozenset[str] = frozenset()
    namespace = ""

    def __init__(self, answers: Sequence[SourceError], *, made: bool = False, ending: int = 0) -> None:
        self.answers = list(answers)
        self.made = made
        self.ending = ending
        self.evicted = False
        self.asked: list[Write] = []

    async def get(self, path: str, accept: str = "application/json") -> bytes:
        metadata: Body = {"name": POD[1], "namespace": POD[0], "uid": POD[2]}
        if self.evicted:
            self.ending -= 1
            metadata["deletionTimestamp"] = "2026-01-01T00:00:00Z"
        there = not self.evicted or self.ending >= 0
        return msgspec.json.encode({"items": [{"metadata": metadata}] if there else []})

    async def discover(self) -> tuple[KindRef, ...]:
        return ()

    async def review(self, path: str, body: bytes) -> bytes:
        raise AssertionError("nobody asks who we are")

    async def write(self, write: Write, stopped: Stopped | None = None) -> Written:
        if not write.path.endswith("/eviction"):
            return Written(200, {})
        self.asked.append(write)
        failure = self.answers.pop(0) if self.answers else None
        self.evicted = self.evicted or self.made or failure is None
        if failure is not None:
            raise failure
        return Written(201, {})


async def drained(port: Port) -> tuple[list[str], Problem | None]:
    """Everything that was told, and what stood in the way."""
    clock, told = ManualClock(), list[str]()
    draft = Draft(NODE, "drain", Write("PATCH", "/api/v1/nodes/n1"), eviction=Eviction((POD,)))
    task = asyncio.create_task(Drain(port, draft, told.append, asyncio.Event(), clock).run())
    for _ in range(int(ASK_AGAIN * (TRIES + 2) / LOOK_EVERY) + 2):
        await clock.advance(LOOK_EVERY)
    assert task.done(), told
    _, words, problem = await task
    return [*told, words], problem


@pytest.mark.parametrize("failure", [LOST, GATEWAY, INTERNAL])
async def test_a_failure_that_passes_is_asked_again(failure: SourceError) -> None:
    port = Port([failure, failure])
    told, problem = await drained(port)
    assert problem is None
    assert f"web/api-1 is asked for again ({failure.problem.summary})" in told[0]
    assert told[-1] == "evicted 1 of 1 pod"
    uids = [write.body["deleteOptions"]["preconditions"]["uid"] for write in port.asked if isinstance(write.body, dict)]
    assert uids == [POD[2]] * 3  # never another pod of that name


@pytest.mark.parametrize("ending", [0, 3])
async def test_what_was_evicted_without_an_answer_is_watched_and_not_asked_again(ending: int) -> None:
    port = Port([LOST], made=True, ending=ending)
    told, problem = await drained(port)
    assert problem is None
    assert len(port.asked) == 1
    assert any("1 still ending (web/api-1)" in words for words in told) is (ending > 0)
    assert told[-1] == "evicted 1 of 1 pod"


async def test_what_never_passes_is_given_up_in_words() -> None:
    port = Port([GATEWAY] * 100)
    told, problem = await drained(port)
    assert len(port.asked) == TRIES
    assert problem is not None
    assert problem.summary == f"web/api-1 was not evicted: asked {TRIES} times: HTTP 504"
    assert told[-1] == "evicted 0 of 1 pod; 1 refused"


async def test_a_drain_ends_with_its_time_and_says_what_it_waited_for() -> None:
    clock, port = ManualClock(), Port([], ending=10_000)
    draft = Draft(NODE, "drain", Write("PATCH", "/api/v1/nodes/n1"), eviction=Eviction((POD,), patience=60.0))
    task = asyncio.create_task(Drain(port, draft, [].append, asyncio.Event(), clock).run())
    for _ in range(round(58 / LOOK_EVERY)):
        await clock.advance(LOOK_EVERY)
    assert not task.done()
    for _ in range(2):
        await clock.advance(LOOK_EVERY)
    _, _, problem = await asyncio.wait_for(task, 30)
    assert problem is not None
    assert problem.kind is ProblemKind.TIMEOUT
    assert problem.summary == (
        "not done after 60 s, and the node stays cordoned: evicted 0 of 1 pod; 1 still ending (web/api-1)"
    )


MANY = tuple(("web", f"api-{number}", f"u-{number}") for number in range(40))


class Cancelling(Port):
    """Somebody cancels while one of its requests is on its way."""

    def __init__(self, cancelled: asyncio.Event, at: str) -> None:
        super().__init__([])
        self._cancelled = cancelled
        self._at = at

    async def write(self, write: Write, stopped: Stopped | None = None) -> Written:
        if write.path.endswith(self._at):
            self._cancelled.set()
        return await super().write(write, stopped)


@pytest.mark.parametrize(("at", "evictions"), [("/nodes/n1", 0), ("/eviction", 1)])
async def test_nothing_is_evicted_once_somebody_has_cancelled(at: str, evictions: int) -> None:
    cancelled = asyncio.Event()
    port = Cancelling(cancelled, at)
    draft = Draft(NODE, "drain", Write("PATCH", "/api/v1/nodes/n1"), eviction=Eviction(MANY, patience=60.0))
    _, _, problem = await Drain(port, draft, [].append, cancelled, ManualClock()).run()
    assert len(port.asked) == evictions
    assert problem is not None
    assert problem.summary.startswith(f"cancelled, and the node stays cordoned: evicted {evictions} of 40 pods")


class Crowded(Port):
    """Its requests wait for their turn, one by one, and are asked for once more as the last thing before they go."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__([])
        self._clock = clock
        self._gate = asyncio.Lock()

    async def write(self, write: Write, stopped: Stopped | None = None) -> Written:
        async with self._gate:
            await self._clock.sleep(1.0)
            if stopped is not None and (error := stopped()) is not None:
                raise error
        return await super().write(write, stopped)


@pytest.mark.parametrize("patience", [5.5, 600.0])
async def test_evictions_that_wait_for_their_turn_are_not_sent_any_more(patience: float) -> None:
    cancelled, clock = asyncio.Event(), ManualClock()
    port = Crowded(clock)
    draft = Draft(NODE, "drain", Write("PATCH", "/api/v1/nodes/n1"), eviction=Eviction(MANY, patience=patience))
    task = asyncio.create_task(Drain(port, draft, [].append, cancelled, clock).run())
    for _ in range(26):
        await clock.advance(0.25)  # the cordon takes a second, and so does each eviction
    before = len(port.asked)
    assert before == 5
    if patience > 60.0:
        cancelled.set()
    for _ in range(100):
        await clock.advance(1.0)
    assert task.done()
    assert len(port.asked) == before


class Slow(Port):
    """An eviction is answered after twenty seconds: the pod is gone already."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__([SourceError(Problem(ProblemKind.NOT_FOUND, "gone", status=404))])
        self._clock = clock

    async def write(self, write: Write, stopped: Stopped | None = None) -> Written:
        if write.path.endswith("/eviction"):
            await self._clock.sleep(20.0)
        return await super().write(write, stopped)


async def test_an_answer_that_comes_after_the_time_of_a_drain_still_counts() -> None:
    clock = ManualClock()
    draft = Draft(NODE, "drain", Write("PATCH", "/api/v1/nodes/n1"), eviction=Eviction((POD,), patience=10.0))
    task = asyncio.create_task(Drain(Slow(clock), draft, [].append, asyncio.Event(), clock).run())
    await clock.advance(30.0)
    assert task.done()
    _, words, problem = task.result()
    assert (words, problem) == ("evicted 1 of 1 pod", None)


@pytest.mark.parametrize("retry", [7.0, 25.0])
async def test_no_wait_that_a_server_asks_for_outlasts_the_time_of_a_drain(retry: float) -> None:
    busy = SourceError(Problem(ProblemKind.THROTTLED, "busy", retry_after=retry, status=429))
    clock, port = ManualClock(), Port([busy] * 100)
    draft = Draft(NODE, "drain", Write("PATCH", "/api/v1/nodes/n1"), eviction=Eviction((POD,), patience=10.0))
    task = asyncio.create_task(Drain(port, draft, [].append, asyncio.Event(), clock).run())
    await clock.advance(9.0)
    assert not task.done()
    asked = len(port.asked)
    await clock.advance(1.1)
    assert task.done()
    assert len(port.asked) == asked == 1 + int(9.0 / retry)
    _, _, problem = task.result()
    assert problem is not None
    assert problem.summary == "not done after 10 s, and the node stays cordoned: evicted 0 of 1 pod"


@pytest.mark.parametrize(
    ("given", "seconds", "by_hand"),
    [
        ("", 900.0, "900s"),
        ("90", 90.0, "90s"),
        ("0", 0.0, "0s"),
        ("1.5h", 5400.0, "5400s"),
        ("500ms", 0.5, "0.5s"),
        ("1ns", 1e-9, "0.001s"),
        ("30d", 2_592_000.0, "2592000s"),
    ],
)
def test_how_long_a_drain_waits(given: str, seconds: float, by_hand: str) -> None:
    args = {"timeout": given}
    assert patience_of(args) == seconds
    (command,) = commands(Wish(Action.DRAIN, (NODE,), args), {})
    assert command.endswith(f" --timeout={by_hand}")  # 0 would be for ever


@pytest.mark.parametrize("given", ["3s ago", "-5m", "soon", "9" * 400, "400d", "1h 5m", "1.2.3s", "٣s"])
def test_what_is_no_time_for_a_drain_is_refused(given: str) -> None:
    with pytest.raises(UsageError, match="timeout: expected a duration such as"):
        patience_of({"timeout": given})


async def test_what_is_refused_is_asked_once() -> None:
    port = Port([FORBIDDEN])
    _, problem = await drained(port)
    assert len(port.asked) == 1
    assert problem is not None
    assert problem.summary == "web/api-1 was not evicted: HTTP 403"
