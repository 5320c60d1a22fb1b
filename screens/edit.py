"""`e`, from the object to the result: read, edit, try, look, confirm; and back to the editor as often as it takes.

Nothing that was typed is lost: what was refused comes back with the reason in a comment, what somebody else changed
meanwhile is merged into it, and what is left in the middle stays in its file.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from msgspec import Struct
from textual.app import App

from screens.editor import discard, edited
from screens.plan import PlanEnd, PlanScreen
from screens.waiting import Waiting
from tui.clock import Clock
from tui.errors import Problem, ProblemKind, SourceError, UsageError
from tui.model.changes import Action, ChangeDesk, Plan, Wish
from tui.model.objects import ObjectRef
from tui.present.clean import clean
from tui.present.edited import commented, complaint_of, uncommented
from tui.present.merge3 import Merged, merge3
from tui.present.parts import count
from tui.present.plans import all_well, first_failure, objects_words, settled

T = TypeVar("T")
Settled: TypeAlias = Callable[[Sequence[ObjectRef]], None]
"""Hears of which objects nothing is left to do."""
READING = "reading it as it is now"
MERGED = "Somebody else has changed it since you opened it: their changes stay, and this is what yours do"


class Tried(Struct, frozen=True):
    """What came of a text. plan: one that can be confirmed. complaint: why not, for the comment. conflict: somebody
    else has changed the object since it was read."""

    plan: Plan | None = None
    complaint: str = ""
    conflict: bool = False


class Edit:
    """One edit of one object."""

    def __init__(self, app: App[Any], desk: ChangeDesk, clock: Clock, ref: ObjectRef, tell: Settled) -> None:
        self._app = app
        self._desk = desk
        self._clock = clock
        self._ref = ref
        self._tell = tell
        self._title = objects_words([ref])
        self._base = ""
        self._text = ""
        self._complaint = ""
        self._file: Path | None = None

    async def run(self) -> None:
        """Until it is done, or left."""
        base = await self._wait(READING, lambda: self._desk.manifest(self._ref))
        if base is None:
            return
        self._base = self._text = base
        while await self._typed() and await self._tried():
            pass

    async def _typed(self) -> bool:
        """Once through the editor; whether there is something to try."""
        shown = commented(self._text, f"{self._title} in {clean(self._ref.cluster.name, 60)}", self._complaint)
        try:
            returned, file = await edited(self._app, shown, self._ref.name)
        except UsageError as error:
            self._say(str(error))
            return False
        await self._forget()
        self._file = file
        typed = uncommented(returned)
        if returned == shown or not typed.strip() or typed == self._base:
            # As it was read, or emptied: given up. As it was refused: kept, since it may have been much work.
            await self._leave(keep=bool(self._complaint) and bool(typed.strip()), changed=False)
            return False
        self._text = typed
        return True

    async def _tried(self) -> bool:
        """Plan it, and carry it out where that is confirmed; whether the editor is to be opened again."""
        note = ""
        while True:
            tried = await self._wait("trying it with the server's dry-run", self._try)
            if tried is None:
                await self._leave(keep=True)
                return False
            if tried.plan is not None:
                end = await self._app.push_screen_wait(
                    PlanScreen(
                        self._desk, tried.plan.wish, self._clock, plan=tried.plan, options="edit again", note=note
                    )
                )
                if end.progress is not None:
                    self._tell(settled(end.progress))
                if not end.again:
                    await self._leave(keep=end.progress is None or not all_well(end.progress))
                    return False
                tried = _after(end)
            self._complaint = tried.complaint
            if not tried.conflict or not await self._merged():
                return True
            note = MERGED

    async def _wait(self, words: str, work: Callable[[], Awaitable[T]]) -> T | None:
        return await self._app.push_screen_wait(Waiting(self._title, words, work, self._clock))

    async def _try(self) -> Tried:
        try:
            plan = await self._desk.plan(Wish(Action.EDIT, (self._ref,), {"manifest": self._text}))
        except UsageError as error:
            return Tried(None, str(error))
        except SourceError as error:
            return _refused(error.problem)
        problem = next((step.problem for step in plan.steps if step.problem is not None), None)
        return Tried(plan) if problem is None else _refused(problem)

    async def _merged(self) -> bool:
        """Put what somebody else has changed meanwhile into the text; whether that can be tried as it is: where both
        have changed the same place, a person must choose."""

        async def merge() -> tuple[str, Merged]:
            current = await self._desk.manifest(self._ref)
            return current, await asyncio.to_thread(merge3, self._base, self._text, current)

        found = await self._wait("reading what has changed meanwhile", merge)
        if found is None:
            return False
        self._base, result = found
        self._text = result.text
        if result.conflicts:
            places = count(result.conflicts, "place")
            self._complaint = f"{self._complaint}\nboth versions stand in {places}, between <<<<<<< and >>>>>>>: choose"
        return not result.conflicts

    async def _leave(self, *, keep: bool, changed: bool = True) -> None:
        if keep:
            self._say(f"your text is kept in {self._file}")
            return
        await self._forget()
        if not changed:
            self._say("nothing was changed")

    async def _forget(self) -> None:
        if self._file is not None:
            await asyncio.to_thread(discard, self._file)
            self._file = None

    def _say(self, words: str) -> None:
        self._app.notify(words, markup=False)


def _refused(problem: Problem) -> Tried:
    return Tried(None, complaint_of(problem), problem.kind is ProblemKind.CONFLICT)


def _after(end: PlanEnd) -> Tried:
    """Back from the plan: by wish, or because carrying it out failed."""
    failure = first_failure(end.progress) if end.progress is not None else None
    problem = failure[1].problem if failure is not None else None
    return Tried() if problem is None else _refused(problem)
