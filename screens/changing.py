"""The way of a change through its modals: arguments, plan, confirmation, progress; and for an edit the editor first.

Each is one coroutine, so that the way can be read from top to bottom, however often it leads back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from textual.app import App
from textual.screen import Screen

from screens.edit import READING, Edit, Settled
from screens.form import Form
from screens.plan import PlanEnd, PlanScreen
from screens.waiting import Waiting
from tui.clock import Clock
from tui.errors import UsageError
from tui.model.changes import Action, ChangeDesk, Wish
from tui.model.objects import ObjectRef
from tui.present.actions import closed_reason, deed_of
from tui.present.forms import NEEDS_FACTS, Facts, Field, args_of, facts_of, fields_for, notes_for, nothing, unset, wrong
from tui.present.plans import objects_words, settled, wish_words
from tui.present.scope import Selection

LARGEST = 8_000_000
"""Bytes of a manifest that is read from a file: more than etcd takes is a mistake."""


class Changing:
    """One for each screen that offers changes. `begin` and the others start at once and return. tell: of which objects
    nothing is left to do, after each run."""

    def __init__(self, screen: Screen[Any], desk: ChangeDesk, clock: Clock, tell: Settled) -> None:
        self._screen = screen
        self._desk = desk
        self._clock = clock
        self._tell = tell

    @property
    def _app(self) -> App[Any]:
        return self._screen.app  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]

    def begin(self, action: Action, selection: Selection) -> None:
        """A change of these rows, or (an apply) of these clusters."""
        closed = self.closed(selection)
        if closed:
            self._say(closed)
        elif action is Action.EDIT:
            if len(selection.targets) == 1:
                self._start(Edit(self._app, self._desk, self._clock, selection.targets[0], self._tell).run())
            elif selection.targets:
                self._say("one object at a time is edited: take the marks away, or scale, label … them together")
        elif selection.clusters if action is Action.APPLY else selection.targets:
            self._start(self._change(action, selection))

    def carry(self, wish: Wish) -> None:
        """A wish that is whole already: an undo."""
        closed = self.closed(Selection(wish.targets, 0, wish.clusters))
        if closed:
            self._say(closed)
        else:
            self._start(self._plan(wish, ""))

    def closed(self, selection: Selection) -> str:
        """Why nothing may be written to these clusters now, "" where it may."""
        clusters = dict.fromkeys([*(target.cluster for target in selection.targets), *selection.clusters])
        refusals = {cluster: problem for cluster in clusters if (problem := self._desk.refusal(cluster)) is not None}
        return closed_reason(self._desk.lock.feed.value, refusals, self._clock.now())

    def _start(self, way: Coroutine[Any, Any, Any]) -> None:
        self._screen.run_worker(way, group="change", exclusive=True)

    def _say(self, words: str) -> None:
        self._app.notify(words, severity="warning", markup=False)

    # With arguments ------------------------------------------------------------------------------------------------

    async def _change(self, action: Action, selection: Selection) -> None:
        facts = Facts()
        if action in NEEDS_FACTS or (action is Action.UNDO_ROLLOUT and len(selection.targets) == 1):
            found = await self._facts(action, selection.targets[0])
            if found is None:
                return
            facts = found
        fields = fields_for(action, facts)
        if action is Action.APPLY:
            wish: Wish | None = Wish(action, clusters=selection.clusters)
        else:
            wish = Wish(action, selection.targets, hidden=selection.hidden)
        if deed_of(action).form:
            wish, fields = await self._ask(wish, fields, facts)
        while wish is not None:
            end = await self._plan(wish, "arguments" if fields else "")
            if not end.again:
                return
            wish, fields = await self._ask(wish, fields, facts)

    async def _facts(self, action: Action, ref: ObjectRef) -> Facts | None:
        async def read() -> Facts:
            if action is Action.UNDO_ROLLOUT:
                return Facts(revisions=await self._desk.revisions(ref), now=self._clock.now())
            return await asyncio.to_thread(facts_of, await self._desk.manifest(ref))

        return await self._app.push_screen_wait(Waiting(objects_words([ref]), READING, read, self._clock))

    async def _ask(self, wish: Wish, fields: Sequence[Field], facts: Facts) -> tuple[Wish | None, tuple[Field, ...]]:
        """The wish with its arguments, and the fields as they were filled in; None where the form was left."""
        action = wish.action
        if not fields:
            self._say(nothing(action))
            return None, ()

        def check(values: Mapping[str, str]) -> Mapping[str, str]:
            found = wrong(action, values)
            missing = "" if found else unset(action, args_of(action, values, facts))
            return {fields[0].name: missing} if missing else found

        while True:
            form = Form(wish_words(wish), fields, check, notes_for(action, facts))
            values = await self._app.push_screen_wait(form)
            if values is None:
                return None, ()
            fields = tuple(replace(field, value=values[field.name]) for field in fields)
            args = args_of(action, values, facts)
            if action is not Action.APPLY or values["manifest"].strip():
                return replace(wish, args=args), fields
            try:
                manifest = await asyncio.to_thread(_read, values["path"].strip())
            except UsageError as error:
                self._say(str(error))
                continue
            return replace(wish, args={**args, "manifest": manifest}), fields

    async def _plan(self, wish: Wish, options: str) -> PlanEnd:
        end = await self._app.push_screen_wait(PlanScreen(self._desk, wish, self._clock, options=options))
        if end.progress is not None:
            self._tell(settled(end.progress))
        return end


def _read(path: str) -> str:
    """The text of a manifest. Raises UsageError."""
    try:
        with Path(path).expanduser().open(encoding="utf-8") as stream:
            text = stream.read(LARGEST + 1)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error
    if len(text) > LARGEST:
        raise UsageError(f"{path} is larger than {LARGEST // 1_000_000} MB, which no cluster takes")
    return text
