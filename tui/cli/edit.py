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
from tui.changes.editing import Editing, Saved, is_conflict, reasons
from tui.cli.carrying import carried_out, plan_result
from tui.cli.changes import at_desk
from tui.cli.choosing import chosen_clusters
from tui.cli.confirming import confirm, show
from tui.cli.output import say
from tui.cli.session import Session
from tui.cli.targets import split, targets
from tui.config import state_dir
from tui.errors import Problem, ProblemKind, SourceError, UsageError
from tui.model.changes import Action, Plan, Wish
from tui.model.objects import ObjectRef


def run(arguments: argparse.Namespace) -> int:
    return asyncio.run(_edit(arguments))


async def _edit(arguments: argparse.Namespace) -> int:
    found, _ = split(arguments)
    async with at_desk(arguments) as (session, desk):
        chosen = await chosen_clusters(session)
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

    async def run(self) -> int:
        title = f"{self._ref.kind.kind} {self._ref.title} of {self._ref.cluster.name}"
        editing = Editing(title, await self._desk.manifest(self._ref))
        path = _new_file(self._ref)
        try:
            code = await self._until_done(editing, path)
        except BaseException:
            say(f"what you edited is kept in {path}")
            raise
        if self._arguments.dry_run and code == 0 and editing.changed:
            say(f"what you edited is kept in {path}")
        else:
            path.unlink(missing_ok=True)
        return code

    async def _until_done(self, editing: Editing, path: Path) -> int:
        while True:
            match editing.saved(await asyncio.to_thread(_edited, path, editing.text)):
                case Saved.CANCELLED | Saved.UNCHANGED:
                    say("no change: nothing was sent")
                    return 0
                case Saved.AGAIN:
                    raise SourceError(Problem(ProblemKind.INVALID, "refused, and saved again as it was: given up"))
                case Saved.CHANGED:
                    pass
            plan = await self._planned(editing)
            if plan is None:
                continue
            if self._arguments.dry_run:
                return plan_result(self._session, plan)
            show(plan, sys.stderr)
            if not plan.ready:
                say("no change: nothing was sent")
                return 0
            confirm(plan, yes=self._arguments.yes, typed=self._arguments.yes_production)
            code = await carried_out(self._session, self._desk, plan)
            if code == 0:
                return 0
            raise SourceError(Problem(ProblemKind.CONFLICT, "the edit was not made"))

    async def _planned(self, editing: Editing) -> Plan | None:
        """The plan of what was saved; None where it is refused, and the editor shows it again."""
        try:
            plan = await self._desk.plan(Wish(Action.EDIT, (self._ref,), {"manifest": editing.manifest}))
        except UsageError as error:
            editing.refuse([str(error)])
            return None
        problem = plan.steps[0].problem
        if problem is None:
            return plan
        if problem.kind in (ProblemKind.INVALID, ProblemKind.CONFLICT):
            if is_conflict(problem):
                editing.rebase(await self._desk.manifest(self._ref), reasons(problem))
            else:
                editing.refuse(reasons(problem))
            return None
        raise SourceError(problem)  # no other text would help


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
