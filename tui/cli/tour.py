"""The plain tour: what the four panes show, once, as text. For pipes, CI, and anyone without a terminal."""

from __future__ import annotations

import argparse
import asyncio
import sys

from tui.cli import connections
from tui.cli.live import Live, running_hub, settled
from tui.cli.output import print_table, say
from tui.model.cluster import ClusterRef
from tui.model.feed import Feed
from tui.model.fleet import FleetMember
from tui.model.kube import ResourceQuery, ResourceView
from tui.model.logs import LogQuery, LogStatus
from tui.present import fleet, logs, sourcenames
from tui.present.clean import clean

CLUSTERS = 3
LINES = 20
PODS = 25


def run(arguments: argparse.Namespace) -> int:
    return asyncio.run(_tour(arguments))


async def _tour(arguments: argparse.Namespace) -> int:
    async with running_hub(arguments) as live:
        members = await _fleet(live)
        await _connections(live)
        reachable = tuple(m.cluster for m in members if m.reach.value is not None and m.reach.value.problem is None)
        await _pods(live, reachable[:CLUSTERS])
        await _logs(live, tuple(m.cluster for m in members if m.uses_agent and m.cluster in reachable))
    return 0


def _title(text: str) -> None:
    sys.stdout.write(f"\n{text}\n{'─' * len(text)}\n")


async def _fleet(live: Live) -> tuple[FleetMember, ...]:
    def probed(feed: Feed[tuple[FleetMember, ...]]) -> bool:
        if feed.value is None:
            return feed.problem is not None
        return all(_known(member.reach) and _agent_known(member) for member in feed.value)

    feed = await settled(live.hub.fleet, live.clock, probed)
    members = feed.value or ()
    rows = fleet.entries(members, ())
    _title(f"Fleets · {fleet.counted(rows)}")
    _problem(feed)
    now = live.clock.now()
    if rows:
        cells = [[_text(cell) for cell in fleet.cells(entry, now)] for entry in rows]
        print_table([spec.name for spec in fleet.COLUMNS], cells)
    return members


def _known(feed: Feed[object]) -> bool:
    return feed.value is not None or feed.problem is not None


def _agent_known(member: FleetMember) -> bool:
    reach = member.reach.value
    unreachable = reach is None or reach.problem is not None
    return unreachable or not member.uses_agent or _known(member.agent)


async def _connections(live: Live) -> None:
    feed = await settled(live.hub.connections, live.clock, connections.complete)
    rows = [connections.row(connection, live.clock.now()) for connection in feed.value or ()]
    _title(f"Connections · {len(rows)} of Service Connector")
    _problem(feed)
    if rows:
        print_table(connections.HEADINGS, rows)


async def _pods(live: Live, clusters: tuple[ClusterRef, ...]) -> None:
    def listed(feed: Feed[ResourceView]) -> bool:
        view = feed.value
        if view is None:
            return feed.problem is not None
        parts = [part.feed for part in view.parts]
        return bool(parts) and all(p.problem is not None or (p.value is not None and p.value.complete) for p in parts)

    feed = await settled(live.hub.resources(ResourceQuery("pods", clusters)), live.clock, listed)
    _title("Pods · " + ", ".join(cluster.name for cluster in clusters))
    _problem(feed)
    if feed.value is None:
        return
    shown = [index for index, column in enumerate(feed.value.columns) if column.priority == 0]
    rows: list[list[object]] = []
    for part in feed.value.parts:
        _problem(part.feed, part.cluster.name)
        for row in part.feed.value.rows.values() if part.feed.value is not None else ():
            rows.append([part.cluster.name, row.namespace, *(row.cells[index] for index in shown)])
    print_table(["CLUSTER", "NAMESPACE", *(feed.value.columns[index].name.upper() for index in shown)], rows[:PODS])
    if len(rows) > PODS:
        sys.stdout.write(f"… and {len(rows) - PODS} more\n")


async def _logs(live: Live, clusters: tuple[ClusterRef, ...]) -> None:
    query = LogQuery(clusters, agents=True, tail=5)

    def flowing(feed: Feed[LogStatus]) -> bool:
        status = feed.value
        if status is None:
            return feed.problem is not None
        return status.next_seq - status.first_seq >= LINES

    book = live.hub.logs(query)
    feed = await settled(book.status, live.clock, flowing, patience=10.0)
    status = feed.value or LogStatus()
    _title(f"Logs · connect agents of {len(clusters)} clusters · {logs.lost_part(status).text}")
    _problem(feed)
    lines, _ = book.since(max(status.first_seq, status.next_seq - LINES))
    labels = sourcenames.source_labels(status.sources, query)
    names = {source.index: label for source, label in zip(status.sources, labels, strict=True)}
    for line in lines:
        sys.stdout.write(f"{names.get(line.source, '?')}  {clean(line.text, 200)}\n")


def _problem(feed: Feed[object], who: str = "") -> None:
    if feed.problem is not None:
        say(f"{who}: {feed.problem}" if who else str(feed.problem))
    for gap in feed.gaps:
        say(f"{gap.who}: {gap.problem}")


def _text(cell: str | tuple[str, str]) -> str:
    return cell if isinstance(cell, str) else cell[0]
