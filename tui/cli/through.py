"""`clusterview find NAME` and `clusterview changes 15m`: what goes through all kinds of one or many clusters."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.cli.choosing import chosen_clusters
from tui.cli.output import print_result, say
from tui.cli.session import PARTIAL, opened, over
from tui.data.happened import Recent
from tui.data.looking import AT_ONCE, find, kinds_that_change, kinds_to_find, named_like
from tui.data.poller import Polled
from tui.errors import Problem, SourceError, UsageError
from tui.model.cluster import ClusterRef
from tui.model.kube import KindRef, Row, Table
from tui.present.ages import age, parse_time
from tui.present.meaning import age_seconds

if TYPE_CHECKING:
    from tui.clients.kube import KubeClient

Ask = Callable[["KubeClient", KindRef], Awaitable[Polled[Table]]]


@dataclass(frozen=True, slots=True)
class Found:
    """What one cluster answered. unseen: what of it could not be, in words."""

    rows: tuple[tuple[KindRef, Row], ...]
    unseen: tuple[str, ...]


def run_find(arguments: argparse.Namespace) -> int:
    meant = named_like(arguments.name)
    namespace = arguments.namespace or ""

    def ask(client: KubeClient, kind: KindRef) -> Awaitable[Polled[Table]]:
        return find(client, kind, meant, namespace if kind.namespaced else "", arguments.selector)

    return asyncio.run(_through(arguments, kinds_to_find, ask, ()))


def run_changes(arguments: argparse.Namespace) -> int:
    since = age_seconds(arguments.since)
    if since is None or since <= 0:
        raise UsageError(f"{arguments.since}: expected a duration such as 15m, 2h or 1d")

    def ask(client: KubeClient, kind: KindRef) -> Awaitable[Polled[Table]]:
        from tui.clock import SystemClock

        namespace = (arguments.namespace or "") if kind.namespaced else ""
        return Recent(kind, since, SystemClock()).look(client, namespace, arguments.selector)

    return asyncio.run(_through(arguments, kinds_that_change, ask, ("CHANGE", "BY")))


async def _through(
    arguments: argparse.Namespace,
    kinds: Callable[[Sequence[KindRef]], list[KindRef]],
    ask: Ask,
    columns: tuple[str, ...],
) -> int:
    async with opened(arguments) as session:
        chosen = await chosen_clusters(session)

        async def work(ref: ClusterRef) -> Found:
            client = await session.clients.cluster(ref)
            wanted = kinds(await client.discover())
            gate = asyncio.Semaphore(AT_ONCE)

            async def one(kind: KindRef) -> Polled[Table] | Problem:
                async with gate:
                    try:
                        return await ask(client, kind)
                    except SourceError as error:
                        return error.problem

            return _found(wanted, await asyncio.gather(*map(one, wanted)))

        results, code = await over(chosen.clusters, work, session.clock)
        lines = [(ref, kind, row) for ref, held in results for kind, row in held.rows]
        if columns:  # newest first, over all clusters
            lines.sort(key=lambda line: line[2].created, reverse=True)
        now = session.clock.now()
        if results:
            print_result(
                session.form,
                headings=["CLUSTER", "NAMESPACE", "KIND", "NAME", *columns, "AGE"],
                rows=[(*_row(line, len(columns)), _age(line[2], now)) for line in lines],
                documents=[_document(line, columns) for line in lines],
                names=[f"{ref.name}/{kind.qualified}/{row.name}" for ref, kind, row in lines],
                nothing="Nothing found.",
            )
        unseen = [(ref, said) for ref, held in results for said in held.unseen]
        for ref, said in unseen:
            say(f"{ref.name}: {said}")
        return chosen.exit_code(code or (PARTIAL if unseen else 0))


def _found(kinds: Sequence[KindRef], answers: Sequence[Polled[Table] | Problem]) -> Found:
    rows: list[tuple[KindRef, Row]] = []
    unseen: list[str] = []
    for kind, answer in zip(kinds, answers, strict=True):
        if isinstance(answer, Problem):
            unseen.append(f"{kind.qualified}: {answer}")
            continue
        rows += [(kind, row) for row in answer.value.rows.values()]
        unseen += [f"{kind.qualified}: {gap.who}: {gap.problem}" for gap in answer.gaps]
    return Found(tuple(rows), tuple(unseen))


def _row(line: tuple[ClusterRef, KindRef, Row], extra: int) -> tuple[object, ...]:
    ref, kind, row = line
    return (ref.name, row.namespace, kind.kind, row.name, *row.cells[1 : 1 + extra])


def _age(row: Row, now: float) -> str:
    created = parse_time(row.created)
    return "" if created is None else age(now - created)


def _document(line: tuple[ClusterRef, KindRef, Row], columns: Sequence[str]) -> dict[str, object]:
    ref, kind, row = line
    told = dict(zip((name.lower() for name in columns), row.cells[1:], strict=False))
    where = {"cluster": ref.name, "namespace": row.namespace, "apiVersion": kind.api, "kind": kind.kind}
    return {**where, "name": row.name, **told, "time": row.created}
