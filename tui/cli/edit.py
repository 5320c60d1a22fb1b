"""`clusterview edit KIND/NAME`: one object in $VISUAL or $EDITOR, shown again with the reason where it is refused.

What was typed is never lost: the file is removed only when its text has gone through, and named otherwise.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from tui.changes.desk import Desk
from tui.cli.carrying import carried_out, plan_result
from tui.cli.changes import at_desk
from tui.cli.choosing import named_one_by_one, written_clusters
from tui.cli.confirming import confirm, show
from tui.cli.output import say
from tui.cli.session import Session
from tui.cli.targets import split, targets
from tui.config.places import state_dir
from tui.errors import Problem, ProblemKind, SourceError, UsageError
from tui.model.changes import Action, Plan, Wish
from tui.model.objects import ObjectRef
from tui.present.edited import commented, complaint_of, uncommented
from tui.present.merge3 import merge3
from tui.present.parts import count


def run(arguments: argparse.Namespace) -> int:
    return asyncio.run(_edit(arguments))


async def _edit(arguments: argparse.Namespace) -> int:
    found, _ = split(arguments)
    async with at_desk(arguments) as (session, desk):
        chosen = await written_clusters(session)
        if len(chosen.clusters) != 1:
            names = ", ".join(ref.name for ref in chosen.clusters[:6])
            raise UsageError(f"edit: one object of one cluster, and these match: {names}")
        (cluster,) = chosen.clusters
        refs = await targets(arguments, await session.clients.cluster(cluster), cluster, found)
        if len(refs) != 1:
            raise UsageError(f"edit: one object at a time; {len(refs)} match")
        return await _Loop(session, desk, refs[0], arguments).run()


class _Loop:
    """The editor, as often as it takes."""

    def __init__(self, session: Session, desk: Desk, ref: ObjectRef, arguments: argparse.Namespace) -> None:
        self._session = session
        self._desk = desk
        self._ref = ref
        self._arguments = arguments
        self._title = f"{ref.kind.kind} {ref.title} of {ref.cluster.name}"
        self._base = ""
        self._text = ""
        self._complaint = ""

    async def run(self) -> int:
        self._base = self._text = await self._desk.manifest(self._ref)
        path = _new_file(self._ref)
        try:
            code = await self._until_done(path)
        except BaseException:
            say(f"what you edited is kept in {path}")
            raise
        if self._arguments.dry_run and self._text != self._base:
            say(f"what you edited is kept in {path}")
        else:
            path.unlink(missing_ok=True)
        return code

    async def _until_done(self, path: Path) -> int:
        while await self._typed(path):
            plan = await self._planned()
            if plan is None:
                continue
            if self._arguments.dry_run:
                return plan_result(self._session, plan)
            show(plan, sys.stderr)
            if not plan.ready:
                break
            named = named_one_by_one(self._session)
            confirm(plan, yes=self._arguments.yes, typed=self._arguments.yes_production, named=named)
            if await carried_out(self._session, self._desk, plan) == 0:
                return 0
            raise SourceError(Problem(ProblemKind.CONFLICT, "the edit was not made"))
        say("no change: nothing was sent")
        return 0

    async def _typed(self, path: Path) -> bool:
        """Once through the editor; whether there is something to try. Raises SourceError for a text that was refused
        and comes back as it was."""
        shown = commented(self._text, self._title, self._complaint)
        typed = uncommented(await asyncio.to_thread(_edited, path, shown))
        if not typed.strip() or typed == self._base:
            return False
        if self._complaint and typed == self._text:
            raise SourceError(Problem(ProblemKind.INVALID, "refused, and saved again as it was: given up"))
        self._text = typed
        return True

    async def _planned(self) -> Plan | None:
        """The plan of what was typed; None where it is refused, and the editor shows it again."""
        while True:
            try:
                plan = await self._desk.plan(Wish(Action.EDIT, (self._ref,), {"manifest": self._text}))
            except UsageError as error:
                self._complaint = str(error)
                return None
            problem = plan.steps[0].problem
            if problem is None:
                return plan
            if problem.kind not in (ProblemKind.INVALID, ProblemKind.CONFLICT):
                raise SourceError(problem)  # no other text would help
            self._complaint = complaint_of(problem)
            if problem.kind is not ProblemKind.CONFLICT or not await self._merged():
                return None
            say(f"{self._ref.title} has been changed since you opened it: their changes stay, and yours are put on top")

    async def _merged(self) -> bool:
        """Put what somebody else has changed meanwhile into the text; whether that can be tried as it is: where both
        have changed the same place, a person must choose."""
        current = await self._desk.manifest(self._ref)
        found = await asyncio.to_thread(merge3, self._base, self._text, current)
        self._base, self._text = current, found.text
        if found.conflicts:
            self._complaint += f"\nboth versions stand in {count(found.conflicts, 'place')}, between the marks: choose"
        return not found.conflicts


def _new_file(ref: ObjectRef) -> Path:
    """A file for the editor, readable by nobody else; where it survives a crash and a reboot."""
    folder = state_dir(os.environ) / "edits"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        safe = "".join(char if char.isalnum() or char in "-." else "-" for char in ref.name)[:60]
        handle, name = tempfile.mkstemp(prefix=f"{ref.kind.kind.lower()}-{safe}-", suffix=".yaml", dir=folder)
    except OSError as error:
        raise UsageError(f"{folder}: cannot be written: {error.strerror}") from error
    os.close(handle)
    return Path(name)


def _edited(path: Path, text: str) -> str:
    """What the editor makes of `text`. Raises UsageError where it cannot be run, or says that it failed."""
    path.write_text(text, encoding="utf-8")
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    try:
        command = [*shlex.split(editor), str(path)]
        done = subprocess.run(command, check=False)
    except (OSError, ValueError) as error:
        raise UsageError(f"the editor {editor!r} cannot be run: {error}; set VISUAL or EDITOR") from error
    if done.returncode != 0:
        raise UsageError(f"the editor {editor!r} ended with {done.returncode}: nothing was sent")
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read: {error}") from error
