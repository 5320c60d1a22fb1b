"""`clusterview connections list`: Service Connector connections of every AKS cluster, judged as in the pane."""

from __future__ import annotations

import argparse
import asyncio

from msgspec import to_builtins

from tui.cli.live import PATIENCE, Live, running_hub, settled
from tui.cli.output import print_result, say
from tui.cli.session import PARTIAL
from tui.errors import Problem, ProblemKind, SourceError, UsageError
from tui.model.cluster import Via
from tui.model.connection import Connection
from tui.model.feed import Feed
from tui.present import connection as present

HEADINGS = ("NAME", "CLUSTER", "TARGET", "AUTH", "NAMESPACE", "STATE", "EXTENSION", "OBJECTS")


def run_list(arguments: argparse.Namespace) -> int:
    return asyncio.run(_list(arguments))


async def _list(arguments: argparse.Namespace) -> int:
    async with running_hub(arguments) as live:
        feed = await settled(live.hub.connections, live.clock, complete)
        if feed.value is None:
            raise SourceError(feed.problem or Problem(ProblemKind.TIMEOUT, f"no answer within {PATIENCE:.0f} s"))
        if not feed.value:
            await _refuse_no_cluster(live)
        now = live.clock.now()
        for gap in feed.gaps:
            say(f"{gap.who}: {gap.problem}")
        unknown = [connection.linker.name for connection in feed.value if not judged(connection)]
        if unknown:
            say(f"not known: the extension or the objects of {', '.join(unknown)}")
        rows = [row(connection, now) for connection in feed.value]
        print_result(
            live.form,
            headings=HEADINGS,
            rows=rows,
            documents=[document(connection) for connection in feed.value],
            names=[connection.linker.id for connection in feed.value],
            nothing="No connections.",
        )
        return PARTIAL if feed.gaps or feed.problem is not None or unknown else 0


async def _refuse_no_cluster(live: Live) -> None:
    """Raises UsageError where `--cluster` chooses no AKS cluster, so that there can be no connection."""
    if not live.patterns:
        return
    clusters = await settled(live.hub.clusters, live.clock, lambda feed: feed.value is not None)
    if not any(ref.via is Via.AKS for ref in clusters.value or ()):
        raise UsageError(f"no AKS cluster matches {' '.join(live.patterns)}")


def complete(feed: Feed[tuple[Connection, ...]]) -> bool:
    """Whether every part of every row has been answered, one way or the other."""
    if feed.value is None:
        return feed.problem is not None
    parts = [part for row in feed.value for part in (row.extension, row.objects)]
    return all(part.value is not None or part.problem is not None for part in parts)


def judged(connection: Connection) -> bool:
    """Whether all that a row says is known."""
    return connection.extension.value is not None and connection.objects.value is not None


def row(connection: Connection, now: float) -> tuple[str, ...]:
    """The pane's cells, as plain text."""
    return tuple(cell if isinstance(cell, str) else cell[0] for cell in present.cells(connection, now))


def document(connection: Connection) -> dict[str, object]:
    """A connection for a pipeline: plain values only, no secret among them (none is ever read)."""
    extension, objects = connection.extension, connection.objects
    return {
        **to_builtins(connection.linker),
        "cluster": connection.aks.name,
        "extension": to_builtins(extension.value) if extension.value is not None else None,
        "extension_problem": str(extension.problem) if extension.problem is not None else None,
        "objects": [to_builtins(expected) for expected in objects.value] if objects.value is not None else None,
        "objects_problem": str(objects.problem) if objects.problem is not None else None,
    }
