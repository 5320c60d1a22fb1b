"""What a rollout can go back to, said where a revision was asked for that is not remembered."""

from __future__ import annotations

from tui.changes.desk import Desk
from tui.cli.output import say
from tui.errors import SourceError
from tui.model.changes import Action, Plan
from tui.present.clean import clean
from tui.present.revisions import revision_cells

HEADINGS = ("REVISION", "AGE", "IMAGES", "CHANGE-CAUSE")
_OBJECTS = 4
"""Whose histories are told."""


async def tell_history(desk: Desk, plan: Plan, now: float) -> None:
    """On stderr, for each object whose revision was named and refused. now: seconds since the epoch."""
    if plan.wish.action is not Action.UNDO_ROLLOUT or not plan.wish.args.get("revision"):
        return
    refused = [step.ref for step in plan.steps if step.problem is not None]
    for ref in refused[:_OBJECTS]:
        try:
            revisions = await desk.revisions(ref)
        except SourceError:
            continue  # it has no rollout, or cannot be asked: the plan has said so
        if not revisions:
            continue
        say(clean(f"{ref.cluster.name} {ref.kind.kind.lower()} {ref.title} remembers:", 600))
        rows = [HEADINGS, *(_cells(revision_cells(one, now), present=one.present) for one in revisions)]
        widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
        for row in rows:
            say("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _cells(cells: tuple[str, str, str, str], *, present: bool) -> tuple[str, str, str, str]:
    number, old, images, cause = cells
    return f"{number} (now)" if present else number, old, images, cause or "<none>"
