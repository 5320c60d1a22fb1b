"""Carrying out a plan: a few objects of each cluster at a time, each written down before it is sent and as it ends.

A request that is under way is never cut short by a cancel, since then nobody would know what became of it; what has not
begun is skipped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from tui.changes.defining import DEFINITIONS, Serving
from tui.changes.drafts import Draft
from tui.changes.draining import Drain
from tui.changes.journal import Journal
from tui.changes.lagging import insistently, is_of_schema, is_unknown
from tui.changes.noting import Notes
from tui.changes.patience import StoppedError, patiently, stopped_by, unless
from tui.changes.pinning import steadily
from tui.changes.reading import read_object
from tui.changes.refusing import explained
from tui.changes.tally import Tally
from tui.changes.trying import done_words, undo_of
from tui.changes.whoami import Whoami
from tui.clock import Clock
from tui.data.tasks import bug
from tui.data.topic import Cell
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.changes import Action, Fate, Outcome, Plan, Progress
from tui.model.cluster import ClusterRef
from tui.model.writes import UncertainError, Write, WritePort, Written

AT_ONCE = 4
"""Objects of one cluster that are changed at the same time."""
_IN_ORDER = frozenset({Action.APPLY, Action.DRAIN, Action.RECREATE})
"""One after the other: a namespace comes before what is in it, and two nodes are not emptied at once."""

Refusal = Callable[[ClusterRef], Problem | None]
"""Why nothing more may be begun in a cluster."""


class ChangeRun:
    """One plan on its way; `run` carries it out once. drafts: of `plan.steps`, in that order. connect: a
    cluster that may be written to. refusal: asked before each step is begun."""

    def __init__(
        self,
        plan: Plan,
        drafts: Sequence[Draft | None],
        connect: Callable[[ClusterRef], Awaitable[WritePort]],
        journal: Journal,
        whoami: Whoami,
        clock: Clock,
        refusal: Refusal,
    ) -> None:
        self._plan = plan
        self._refusal = refusal
        self._drafts = drafts
        self._connect = connect
        self._whoami = whoami
        self._clock = clock
        self._notes = Notes(plan, journal, clock)
        self._tally = Tally(plan, clock)
        self._cancelled = asyncio.Event()

    @property
    def progress(self) -> Cell[Progress]:
        return self._tally.progress

    def cancel(self) -> None:
        """Begin no further step, and stop waiting for the one that runs."""
        self._cancelled.set()

    async def run(self) -> None:
        """Carry the plan out."""
        ready = {step.token for step in self._plan.ready}
        by_cluster: dict[ClusterRef, list[int]] = {}
        for index, step in enumerate(self._plan.steps):
            if step.token in ready and self._drafts[index] is not None:
                by_cluster.setdefault(step.ref.cluster, []).append(index)
            else:
                words = "no change" if step.unchanged else "refused"
                self._tally.set(index, Outcome(Fate.SKIPPED, words, step.problem))
        await self._notes.ready()
        try:
            await asyncio.gather(*map(self._of_cluster, by_cluster.values()))
        finally:
            self._tally.drop()
        self._tally.finish()

    def ended(self, died_of: BaseException | None) -> None:
        """`run` is over. died_of: a bug that ended it before its time, of which whoever waits must hear."""
        if died_of is not None:
            self._tally.fail(bug(died_of))

    async def _of_cluster(self, waiting: Sequence[int]) -> None:
        places = asyncio.Semaphore(1 if self._plan.wish.action in _IN_ORDER else AT_ONCE)

        async def one(index: int) -> None:
            async with places:
                await self._one(index)

        await asyncio.gather(*map(one, waiting))

    async def _one(self, index: int) -> None:
        draft, step = self._drafts[index], self._plan.steps[index]
        assert draft is not None
        problem = self._notes.broken
        if problem is None and not self._cancelled.is_set():
            problem = self._refusal(step.ref.cluster)
        if problem is not None or self._cancelled.is_set():
            self._tally.set(index, Outcome(Fate.SKIPPED, "cancelled" if problem is None else "not begun", problem))
            return
        self._tally.set(index, Outcome(Fate.RUNNING))
        who = ""
        try:
            port = await self._connect(step.ref.cluster)
            who = await self._whoami.of(step.ref.cluster, port)
            draft = await self._ready(index, port, draft)
            written, words, problem = await self._carry_out(index, who, port, draft)
        except StoppedError as error:
            noted = await self._notes.end(index, who, problem=str(error)) if self._notes.is_begun(index) else None
            self._tally.set(index, Outcome(Fate.SKIPPED, "cancelled", noted))
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
            self._tally.set(index, Outcome(Fate.RUNNING, words))

        serving = Serving(port, draft.awaits, draft.ref.cluster, tell, self._cancelled, self._clock)
        return await serving.drafted(draft)

    def _raise_undefined(self, index: int, name: str) -> None:
        """Raises SourceError where the definition that an earlier step was to make was not made."""
        cluster = self._plan.steps[index].ref.cluster
        for place, step in enumerate(self._plan.steps[:index]):
            own = (step.ref.cluster, step.ref.kind.qualified, step.ref.name) == (cluster, DEFINITIONS.qualified, name)
            if own and self._tally[place].fate is Fate.FAILED:
                raise SourceError(Problem(ProblemKind.INVALID, f"its definition {name} was not made: see there"))

    async def _carry_out(
        self, index: int, who: str, port: WritePort, draft: Draft
    ) -> tuple[Written, str, Problem | None]:
        if draft.eviction is not None:
            await self._notes.begin(index, who)

            def tell(words: str) -> None:
                self._tally.set(index, Outcome(Fate.RUNNING, words))

            return await Drain(port, draft, tell, self._cancelled, self._clock).run()
        written = await self._written(index, who, port, draft)
        return written, done_words(self._plan.wish.action, draft, written), None

    async def _written(self, index: int, who: str, port: WritePort, draft: Draft) -> Written:
        """Send it, once that is written down; what is pinned to a version once more where only the status has moved on
        since it was planned."""

        async def send(write: Write) -> Written:
            async def noted() -> Written:
                await self._notes.begin(index, who)
                return await unless(self._cancelled, lambda: port.write(write, stopped_by(self._cancelled)))()

            async def asked() -> Written:
                return await patiently(self._clock, noted, self._cancelled)

            if draft.awaits is None and not draft.redefined:
                return await asked()
            lags = is_unknown if draft.awaits is not None else is_of_schema
            return await insistently(asked, self._clock, self._cancelled, lags)

        return await steadily(draft, send, lambda: read_object(port, draft.ref))

    async def _done(
        self, index: int, who: str, draft: Draft, written: Written, words: str, problem: Problem | None
    ) -> None:
        """problem: what stood in the way of a part of it."""
        said = str(problem) if problem is not None else ""
        undo = await asyncio.to_thread(undo_of, draft, written.body)
        noted = await self._notes.end(index, who, problem=said, undo=undo)
        fate = Fate.DONE if problem is None else Fate.FAILED
        told = words if noted is None else f"{words}, and not written down"
        self._tally.set(index, Outcome(fate, told, problem or noted))

    async def _failed(self, index: int, who: str, problem: Problem) -> None:
        noted = await self._notes.end(index, who, problem=str(problem))
        self._tally.set(index, Outcome(Fate.FAILED, "" if noted is None else "not written down", problem))
