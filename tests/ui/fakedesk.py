"""A desk for changes that sends nothing: what a test puts into it is what is planned, and a run moves when told to."""

from __future__ import annotations

import asyncio
import itertools

from msgspec.structs import replace

from tui.clock import ManualClock
from tui.data.topic import Cell
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.changes import (
    Entry,
    Fate,
    Lock,
    Outcome,
    Permission,
    Plan,
    Progress,
    Question,
    Revision,
    Step,
    Tell,
    Wish,
)
from tui.model.cluster import ClusterRef
from tui.model.objects import ObjectRef

UNLOCKED_FOR = 300.0
LOCKED = Problem(ProblemKind.FORBIDDEN, "writing is locked")


class FakeRun:
    """A run that goes on by `tell`."""

    def __init__(self, plan: Plan) -> None:
        self.cell: Cell[Progress] = Cell()
        self.cancelled = False
        self.cell.put(Progress(plan, tuple(Outcome() for _ in plan.steps)), 0.0)

    @property
    def progress(self) -> Cell[Progress]:
        return self.cell

    def cancel(self) -> None:
        self.cancelled = True

    def tell(self, *outcomes: Outcome, finished: bool = False) -> None:
        """How the steps fare now."""
        assert self.cell.feed.value is not None
        self.cell.put(replace(self.cell.feed.value, outcomes=outcomes, finished=finished), 0.0)

    def finish(self) -> None:
        """Every step that can be is done."""
        assert self.cell.feed.value is not None
        plan = self.cell.feed.value.plan
        ready = {step.token for step in plan.ready}
        fates = (Fate.DONE if step.token in ready else Fate.SKIPPED for step in plan.steps)
        self.tell(*map(Outcome, fates), finished=True)


class FakeDesk:
    """A `ChangeDesk`. planned, carried: what was asked for. steps: of the next plans; where there are none, one plain
    step for each target. refused: raised by `plan`. answers: what may be done; a question without one is not answered.
    closed: why it cannot be unlocked. wait: no plan is ever ready. so_far: how
    much is told of each while it is made.
    conflict: raised by the next plan only."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.lock: Cell[Lock] = Cell()
        self.journal: Cell[tuple[Entry, ...]] = Cell()
        self.planned: list[Wish] = []
        self.carried: list[FakeRun] = []
        self.asked: list[Question] = []
        self.steps: tuple[Step, ...] = ()
        self.typed: tuple[str, ...] = ()
        self.commands: tuple[str, ...] = ()
        self.refused: Exception | None = None
        self.wait = False
        self.so_far: tuple[int, int] | None = None
        self.conflict: Problem | None = None
        self.answers: dict[Question, Permission] = {}
        self.manifests: dict[ObjectRef, str] = {}
        self.histories: dict[ObjectRef, tuple[Revision, ...]] = {}
        self.closed = ""
        self._ids = itertools.count(1)
        self._questions: dict[Question, Cell[Permission]] = {}
        self.lock.put(Lock(), clock.now())
        self.journal.put((), clock.now())

    def unlock(self) -> None:
        if self.closed:
            raise SourceError(Problem(ProblemKind.FORBIDDEN, self.closed))
        self.lock.put(Lock(self.clock.now() + UNLOCKED_FOR), self.clock.now())

    def relock(self) -> None:
        self.lock.put(Lock(closed=self.closed), self.clock.now())

    def refusal(self, cluster: ClusterRef) -> Problem | None:
        lock = self.lock.feed.value
        return LOCKED if lock is None or lock.until is None else None

    async def plan(self, wish: Wish, tell: Tell | None = None) -> Plan:
        self.planned.append(wish)
        if tell is not None and self.so_far is not None:
            tell(*self.so_far)
        if self.wait:
            await asyncio.Event().wait()
        if self.refused is not None:
            raise self.refused
        if self.conflict is not None:
            problem, self.conflict = self.conflict, None
            raise SourceError(problem)
        for cluster in (*wish.clusters, *(target.cluster for target in wish.targets)):
            problem = self.refusal(cluster)
            if problem is not None:
                raise SourceError(problem)
        plain = tuple(Step(token, ref, wish.action.value) for token, ref in enumerate(wish.targets))
        return Plan(next(self._ids), wish, self.steps or plain, self.typed, self.commands)

    def carry_out(self, plan: Plan) -> FakeRun:
        run = FakeRun(plan)
        self.carried.append(run)
        return run

    def undo_of(self, entry: Entry) -> Wish | None:
        return entry.undo

    def may(self, question: Question) -> Cell[Permission]:
        cell = self._questions.get(question)
        if cell is None:
            self.asked.append(question)
            cell = self._questions[question] = Cell()
            answer = self.answers.get(question)
            if answer is not None:
                cell.put(answer, self.clock.now())
        return cell

    async def revisions(self, ref: ObjectRef) -> tuple[Revision, ...]:
        return self.histories.get(ref, ())

    async def manifest(self, ref: ObjectRef) -> str:
        if ref not in self.manifests:
            raise SourceError(Problem(ProblemKind.NOT_FOUND, f"{ref.name} is not there"))
        return self.manifests[ref]
