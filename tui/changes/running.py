"""Carrying out a plan: a few objects of each cluster at a time, each written down as it ends.

A request that is under way is never cut short by a cancel, since then nobody would know what became of it; what has not
begun is skipped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from msgspec.structs import replace

from tui.changes.defining import DEFINITIONS, Serving, insistently
from tui.changes.drafts import Draft
from tui.changes.draining import Drain
from tui.changes.journal import Journal
from tui.changes.patience import StoppedError, patiently, unless
from tui.changes.pinning import steadily
from tui.changes.reading import read_object
from tui.changes.records import new_id
from tui.changes.refusing import explained
from tui.changes.settings import Connect
from tui.changes.trying import done_words, undo_of
from tui.changes.whoami import Whoami
from tui.clock import Clock
from tui.data.tasks import bug
from tui.data.topic import Cell
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.changes import Action, Entry, Fate, Outcome, Plan, Progress, Step
from tui.model.cluster import ClusterRef
from tui.model.writes import UncertainError, Write, WritePort, Written

AT_ONCE = 4
"""Objects of one cluster that are changed at the same time."""
_IN_ORDER = frozenset({Action.APPLY, Action.DRAIN, Action.RECREATE})
"""One after the other: a namespace comes before what is in it, and two nodes are not emptied at once."""


class ChangeRun:
    """One plan on its way; `run` carries it out once. drafts: of `plan.steps`, in that order."""

    def __init__(
        self,
        plan: Plan,
        drafts: Sequence[Draft | None],
        connect: Connect,
        journal: Journal,
        whoami: Whoami,
        clock: Clock,
    ) -> None:
        self._plan = plan
        self._drafts = drafts
        self._connect = connect
        self._journal = journal
        self._whoami = whoami
        self._clock = clock
        self._outcomes = [Outcome() for _ in plan.steps]
        self._cancelled = asyncio.Event()
        self._broken: Problem | None = None
        self.progress: Cell[Progress] = Cell()
        self._tell()

    def cancel(self) -> None:
        """Begin no further step, and stop waiting for the one that runs."""
        self._cancelled.set()

    async def run(self) -> None:
        """Carry the plan out."""
        ready = {step.token for step in self._plan.ready}
        for index, step in enumerate(self._plan.steps):
            if step.token not in ready or self._drafts[index] is None:
                self._outcomes[index] = Outcome(
                    Fate.SKIPPED, "no change" if step.unchanged else "refused", step.problem
                )
        self._tell()
        try:
            await self._journal.ready()
        except SourceError as error:
            self._broken = error.problem
        clusters = dict.fromkeys(step.ref.cluster for step in self._plan.steps)
        await asyncio.gather(*map(self._of_cluster, clusters))
        self._tell(finished=True)

    def ended(self, died_of: BaseException | None) -> None:
        """`run` is over. died_of: a bug that ended it before its time, of which whoever waits must hear."""
        if died_of is not None:
            problem = bug(died_of)
            for index, outcome in enumerate(self._outcomes):
                if outcome.fate in (Fate.WAITING, Fate.RUNNING):
                    self._outcomes[index] = Outcome(Fate.FAILED, problem=problem)
            self._tell(finished=True)

    async def _of_cluster(self, cluster: ClusterRef) -> None:
        waiting = [
            index
            for index, step in enumerate(self._plan.steps)
            if step.ref.cluster == cluster and self._outcomes[index].fate is Fate.WAITING
        ]
        places = asyncio.Semaphore(1 if self._plan.wish.action in _IN_ORDER else AT_ONCE)

        async def one(index: int) -> None:
            async with places:
                await self._one(index)

        await asyncio.gather(*map(one, waiting))

    async def _one(self, index: int) -> None:
        draft, step = self._drafts[index], self._plan.steps[index]
        assert draft is not None
        if self._broken is not None or self._cancelled.is_set():
            problem = self._broken
            self._set(index, Outcome(Fate.SKIPPED, "cancelled" if problem is None else "not begun", problem))
            return
        self._set(index, Outcome(Fate.RUNNING))
        who = ""
        try:
            port = await self._connect(step.ref.cluster)
            who = await self._whoami.of(step.ref.cluster, port)
            draft = await self._ready(index, port, draft)
            written, words, problem = await self._carry_out(index, port, draft)
        except StoppedError:
            self._set(index, Outcome(Fate.SKIPPED, "cancelled"))
        except UncertainError as error:
            await self._failed(index, who, error.problem)
        except SourceError as error:
            await self._failed(index, who, explained(error, guarded=draft.guarded))
        except asyncio.CancelledError:
            summary = "nobody knows whether it was made: the program ended before the server answered"
            await self._failed(index, who, Problem(ProblemKind.UNREACHABLE, summary))
            raise
        else:
            await self._done(index, who, draft, written, words, problem)

    async def _ready(self, index: int, port: WritePort, draft: Draft) -> Draft:
        """The draft, once what it stands on is there."""
        if draft.awaits is None:
            return draft
        self._raise_undefined(index, draft.awaits.name)

        def tell(words: str) -> None:
            self._set(index, Outcome(Fate.RUNNING, words))

        serving = Serving(port, draft.awaits, draft.ref.cluster, tell, self._cancelled, self._clock)
        return await serving.drafted(draft)

    def _raise_undefined(self, index: int, name: str) -> None:
        """Raises SourceError where the definition that an earlier step was to make was not made."""
        cluster = self._plan.steps[index].ref.cluster
        for step, outcome in zip(self._plan.steps[:index], self._outcomes, strict=False):
            own = (step.ref.cluster, step.ref.kind.qualified, step.ref.name) == (cluster, DEFINITIONS.qualified, name)
            if own and outcome.fate is Fate.FAILED:
                raise SourceError(Problem(ProblemKind.INVALID, f"its definition {name} was not made: see there"))

    async def _carry_out(self, index: int, port: WritePort, draft: Draft) -> tuple[Written, str, Problem | None]:
        if draft.eviction is not None:

            def tell(words: str) -> None:
                self._set(index, Outcome(Fate.RUNNING, words))

            return await Drain(port, draft, tell, self._cancelled, self._clock).run()
        written = await self._written(port, draft)
        return written, done_words(self._plan.wish.action, draft, written), None

    async def _written(self, port: WritePort, draft: Draft) -> Written:
        """Send it; what is pinned to a version once more where only the status has moved on since it was planned."""

        async def send(write: Write) -> Written:
            ask = unless(self._cancelled, lambda: port.write(write))
            if draft.awaits is None:
                return await patiently(self._clock, ask)
            return await insistently(lambda: patiently(self._clock, ask), self._clock, self._cancelled)

        return await steadily(draft, send, lambda: read_object(port, draft.ref))

    async def _done(
        self, index: int, who: str, draft: Draft, written: Written, words: str, problem: Problem | None
    ) -> None:
        """problem: what stood in the way of a part of it."""
        entry = self._entry(self._plan.steps[index], who)
        said = str(problem) if problem is not None else ""
        undo = await asyncio.to_thread(undo_of, draft, written.body)
        noted = await self._note(replace(entry, undo=undo, problem=said))
        fate = Fate.DONE if problem is None else Fate.FAILED
        self._set(index, Outcome(fate, words if noted is None else f"{words}, and not written down", problem or noted))

    async def _failed(self, index: int, who: str, problem: Problem) -> None:
        noted = await self._note(replace(self._entry(self._plan.steps[index], who), problem=str(problem)))
        self._set(index, Outcome(Fate.FAILED, "" if noted is None else "not written down", problem))

    async def _note(self, entry: Entry) -> Problem | None:
        """Write it down; a journal that cannot be written ends the run, since nobody could account for the rest."""
        try:
            await self._journal.add(entry)
        except SourceError as error:
            self._broken = error.problem
            return error.problem
        return None

    def _entry(self, step: Step, who: str) -> Entry:
        ref, wish, now = step.ref, self._plan.wish, self._clock.now()
        return Entry(
            new_id(now),
            now,
            who,
            wish.action,
            ref.cluster.name,
            ref.kind.kind,
            ref.namespace,
            ref.name,
            step.summary,
            wish.args,
            step.diff,
            target=ref,
        )

    def _set(self, index: int, outcome: Outcome) -> None:
        self._outcomes[index] = outcome
        self._tell()

    def _tell(self, *, finished: bool = False) -> None:
        self.progress.put(Progress(self._plan, tuple(self._outcomes), finished), self._clock.now())
