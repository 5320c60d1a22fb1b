"""`clusterview journal`: what was changed by clusterview on this machine, and taking it back."""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import Sequence
from datetime import UTC, datetime

from msgspec import to_builtins

from tui.changes.desk import Desk
from tui.cli.changes import at_desk, change
from tui.cli.flags import settings_of
from tui.cli.output import print_result
from tui.clock import SystemClock
from tui.errors import UsageError
from tui.model.changes import Entry
from tui.model.cluster import ClusterRef
from tui.model.patterns import cluster_filter
from tui.model.writes import GuardedPort

HEADINGS = ("ID", "TIME", "WHO", "ACTION", "CLUSTER", "KIND", "NAME", "CHANGE", "STATE")


def run_list(arguments: argparse.Namespace) -> int:
    return asyncio.run(_list(arguments))


def run_undo(arguments: argparse.Namespace) -> int:
    return asyncio.run(_undo(arguments))


async def _list(arguments: argparse.Namespace) -> int:
    from tui.wiring import change_settings

    settings = settings_of(arguments)
    desk = Desk(_nobody, SystemClock(), change_settings(settings, os.environ))
    try:
        entries = await desk.entries()
    finally:
        await desk.stop()
    wanted = cluster_filter(settings.clusters)
    chosen = [entry for entry in entries if wanted(entry.cluster)][: arguments.limit or None]
    print_result(
        vars(arguments).get("output", "table"),
        headings=HEADINGS,
        rows=[_row(entry) for entry in chosen],
        documents=[{**to_builtins(entry), "time": _time(entry)} for entry in chosen],
        names=[entry.id for entry in chosen],
        nothing="The journal is empty.",
    )
    return 0


async def _nobody(ref: ClusterRef) -> GuardedPort:
    raise AssertionError("reading the journal asks no cluster")


async def _undo(arguments: argparse.Namespace) -> int:
    async with at_desk(arguments) as (session, desk):
        entries = await desk.entries()
        chosen = [_found(entries, word) for word in arguments.id]
        code = 0
        for entry in chosen:
            wish = desk.undo_of(entry)
            if wish is None:
                raise UsageError(f"{entry.id}: {_why_not(entry)}")
            code = await change(session, desk, wish, arguments) or code
        return code


def _found(entries: Sequence[Entry], word: str) -> Entry:
    """The entry whose id is, or begins or ends with, `word`. Raises UsageError."""
    exact = [entry for entry in entries if entry.id == word]
    found = exact or [entry for entry in entries if entry.id.startswith(word) or entry.id.endswith(word)]
    if len(found) != 1:
        how = "no entry has" if not found else f"{len(found)} entries have"
        raise UsageError(f"{how} the id {word!r}: clusterview journal list")
    return found[0]


def _why_not(entry: Entry) -> str:
    if entry.undone_by:
        return f"it has been undone already, by {entry.undone_by}"
    return "nothing takes it back" if not entry.problem else "it failed: there is nothing to take back"


def _row(entry: Entry) -> tuple[str, ...]:
    name = f"{entry.namespace}/{entry.name}" if entry.namespace else entry.name
    who = entry.who or "–"
    return (entry.id, _time(entry), who, entry.action, entry.cluster, entry.kind, name, entry.summary, _state(entry))


def _state(entry: Entry) -> str:
    if entry.undone_by:
        return f"undone by {entry.undone_by}"
    if entry.problem:
        return f"failed: {entry.problem}"[:200]
    return "can be undone" if entry.undo is not None else "done"


def _time(entry: Entry) -> str:
    return datetime.fromtimestamp(entry.at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
