"""A plan carried out from the command line: progress on stderr, the result on stdout, ctrl+c as a cancel."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import cast

from tui.changes.desk import Desk
from tui.cli.confirming import show, title
from tui.cli.output import print_result, say, say_remedy
from tui.cli.session import PARTIAL, Session
from tui.model.changes import Fate, Outcome, Plan, Progress, Run, Step
from tui.model.feed import Feed
from tui.present.clean import clean

HEADINGS = ("CLUSTER", "NAMESPACE", "KIND", "NAME", "CHANGE", "RESULT")


async def carried_out(session: Session, desk: Desk, plan: Plan) -> int:
    """Carry the plan out and print what came of it; 0, 1 where nothing was done, 3 where a part was."""
    run = desk.carry_out(plan)
    try:
        progress = await _followed(run)
    except asyncio.CancelledError:
        # The first ctrl+c cancels what has not begun and waits for the rest; the second one ends the program.
        run.cancel()
        say("cancelled: waiting for what is under way")
        _print(session, plan, (await _followed(run)).outcomes)
        raise
    _print(session, plan, progress.outcomes)
    return _code(progress.outcomes, plan)


async def _followed(run: Run) -> Progress:
    """The end of a run; what changes on the way is said."""
    said: dict[int, Outcome] = {}
    async with aclosing(cast("AsyncGenerator[Feed[Progress]]", run.progress.follow())) as feeds:
        async for feed in feeds:
            progress = feed.value
            if progress is None:
                continue
            for step, outcome in zip(progress.plan.steps, progress.outcomes, strict=True):
                if outcome.fate is not Fate.WAITING and said.get(step.token) != outcome:
                    said[step.token] = outcome
                    _say(step, outcome)
            if progress.finished:
                return progress
    raise AssertionError("a run ends by being finished")


def _say(step: Step, outcome: Outcome) -> None:
    if outcome.fate is Fate.RUNNING and not outcome.words:
        return
    if outcome.fate is Fate.SKIPPED and (step.unchanged or step.problem is not None):
        return  # the plan has said so
    say(f"{title(step)}: {result(outcome)}")
    if outcome.problem is not None:
        say_remedy(outcome.problem.remedy)


def result(outcome: Outcome) -> str:
    """In one line."""
    if outcome.problem is not None:
        return f"{outcome.fate.value}: {outcome.problem}"
    return outcome.words or outcome.fate.value


def _code(outcomes: Sequence[Outcome], plan: Plan) -> int:
    done = any(outcome.fate is Fate.DONE for outcome in outcomes)
    whole = all(outcome.fate is Fate.DONE or step.unchanged for step, outcome in zip(plan.steps, outcomes, strict=True))
    return 0 if whole else PARTIAL if done else 1


def plan_result(session: Session, plan: Plan, *, shown: bool = False) -> int:
    """Print a plan that is not carried out, with `-o json` or yaml as a document; 0, 1 where all of it is refused, 3
    where a part of it is. shown: on stderr already, where there is somebody who reads."""
    refused = sum(step.problem is not None for step in plan.steps)
    if session.form in ("json", "yaml"):
        _print(session, plan, ())
    elif not shown:
        show(plan, sys.stdout)
    return 0 if not refused else 1 if refused == len(plan.steps) else PARTIAL


def _print(session: Session, plan: Plan, outcomes: Sequence[Outcome]) -> None:
    """outcomes: () of a plan that was only tried."""
    pairs = list(zip(plan.steps, outcomes, strict=True)) if outcomes else [(step, None) for step in plan.steps]
    print_result(
        session.form,
        headings=HEADINGS,
        rows=[_row(step, outcome) for step, outcome in pairs],
        documents=[_document(plan, step, outcome) for step, outcome in pairs],
        names=[f"{step.ref.cluster.name}/{step.ref.kind.kind.lower()}/{step.ref.name}" for step, _ in pairs],
        nothing="Nothing to change.",
    )


def _row(step: Step, outcome: Outcome | None) -> tuple[str, ...]:
    ref = step.ref
    said = result(outcome) if outcome is not None else ""
    cells = (ref.cluster.name, ref.namespace or "–", ref.kind.kind, ref.name, step.summary, said)
    return tuple(clean(cell, 2_000) for cell in cells)


def _document(plan: Plan, step: Step, outcome: Outcome | None) -> dict[str, object]:
    ref = step.ref
    problem = outcome.problem if outcome is not None else step.problem
    return {
        "action": plan.wish.action.value,
        "cluster": ref.cluster.name,
        "apiVersion": ref.kind.api,
        "kind": ref.kind.kind,
        "namespace": ref.namespace,
        "name": ref.name,
        "change": step.summary,
        "result": outcome.fate.value if outcome is not None else "refused" if problem else "tried",
        "words": outcome.words if outcome is not None else "",
        "unchanged": step.unchanged,
        "undoable": step.undoable,
        "warnings": list(step.warnings),
        "problem": str(problem) if problem is not None else None,
        "diff": [line.text if line.sign == "@" else f"{line.sign}{line.text}" for line in step.diff],
    }
