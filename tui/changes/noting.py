"""What of a run is written down: each step before its request is sent, and again when it has ended.

The two lines have one id, of which the later one counts. So whatever ends the program between them, the journal says
that the change was begun, and that nobody knows whether it was made.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from tui.changes.journal import Journal
from tui.changes.records import BEGUN, new_id
from tui.clock import Clock
from tui.errors import Problem, SourceError
from tui.model.changes import Action, Entry, Plan, Wish
from tui.model.objects import ObjectRef
from tui.model.secrets import of_secrets


class Notes:
    """broken: why nothing can be written down any more; nothing further may be changed then, since nobody could account
    for it."""

    def __init__(self, plan: Plan, journal: Journal, clock: Clock) -> None:
        self._plan = plan
        self._journal = journal
        self._clock = clock
        self._begun: dict[int, Entry] = {}
        self.broken: Problem | None = None

    async def ready(self) -> None:
        """Find out whether anything could be written down."""
        try:
            await self._journal.ready()
        except SourceError as error:
            self.broken = error.problem

    def is_begun(self, index: int) -> bool:
        """Whether a request of the step may have been sent."""
        return index in self._begun

    async def begin(self, index: int, who: str) -> None:
        """The step's request is about to be sent. Raises SourceError where that cannot be written down."""
        if index in self._begun:
            return
        entry = self._entry(index, who)
        problem = await self._add(replace(entry, problem=BEGUN))
        if problem is not None:
            raise SourceError(problem)
        self._begun[index] = entry

    async def end(self, index: int, who: str, *, problem: str = "", undo: Wish | None = None) -> Problem | None:
        """What came of it. Returns why that could not be written down."""
        entry = self._begun.pop(index, None) or self._entry(index, who)
        return await self._add(replace(entry, undo=undo, problem=problem))

    async def _add(self, entry: Entry) -> Problem | None:
        try:
            await self._journal.add(entry)
        except SourceError as error:
            self.broken = error.problem
            return error.problem
        return None

    def _entry(self, index: int, who: str) -> Entry:
        step, wish, now = self._plan.steps[index], self._plan.wish, self._clock.now()
        ref = step.ref
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
            _kept(wish, ref),
            step.diff,
            target=ref,
        )


def _kept(wish: Wish, ref: ObjectRef) -> Mapping[str, str]:
    """The arguments that may be written down: what is noted on a Secret may be its values once more. What was done is
    in the step's own words and its diff, where values are masked."""
    if wish.action is Action.ANNOTATE and of_secrets(ref.kind):
        return {name: value for name, value in wish.args.items() if name != "pairs"}
    return wish.args
