"""`clusterview find NAME` and `clusterview changes 15m`: what goes through all kinds of one or many clusters."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from tui.cli.choosing import chosen_clusters
from tui.cli.output import print_result, say
from tui.cli.session import PARTIAL, Session, opened, over
from tui.clock import Clock
from tui.data.finding import find, kinds_to_find, wanted
from tui.data.happened import Recent
from tui.data.looking import AT_ONCE, kinds_that_change
from tui.data.poller import Polled
from tui.errors import Problem, ProblemKind, SourceError, UsageError
from tui.model.cluster import ClusterRef
from tui.model.feed import Gap
from tui.model.kube import KindRef, Row, Table
from tui.model.times import age_seconds
from tui.present.ages import age, parse_time

if TYPE_CHECKING:
    from tui.clients.kube import KubeClient

Ask = Callable[["KubeClient", KindRef, Clock], Awaitable[Polled[Table]]]
Kinds = Callable[[Sequence[KindRef]], "tuple[KindRef, ...] | Problem"]

NO_DELETIONS = (
    "deletions are told only of pods that a kubelet was told to stop of late: what else is gone has left no trace"
)
NO_DELETIONS_BY_LABELS = "deletions are not told: what is gone has no labels to choose it by"


class Found(Struct, frozen=True):
    """What one cluster answered. unseen: what of it could not be, in words."""

    rows: tuple[tuple[KindRef, Row], ...]
    unseen: tuple[str, ...]


def run_find(arguments: argparse.Namespace) -> int:
    named = wanted(arguments.name)
    if not named.name:
        raise UsageError(f"{arguments.name}: name a part of a name, or KIND/NAME")
    namespace = arguments.namespace or ""

    def ask(client: KubeClient, kind: KindRef, clock: Clock) -> Awaitable[Polled[Table]]:
        return find(client, kind, named, namespace, arguments.selector, clock)

    return asyncio.run(_through(arguments, lambda served: kinds_to_find(served, named.kinds), ask, ()))


def run_changes(arguments: argparse.Namespace) -> int:
    since = age_seconds(arguments.since)
    if since is None or since <= 0:
        raise UsageError(f"{arguments.since}: expected a duration such as 15m, 2h or 1d")

    def ask(client: KubeClient, kind: KindRef, clock: Clock) -> Awaitable[Polled[Table]]:
        return Recent(kind, since, clock).look(client, arguments.namespace or "", arguments.selector)

    code = asyncio.run(_through(arguments, kinds_that_change, ask, ("CHANGE", "BY")))
    say(NO_DELETIONS_BY_LABELS if arguments.selector else NO_DELETIONS)
    return code


async def _through(arguments: argparse.Namespace, kinds: Kinds, ask: Ask, columns: tuple[str, ...]) -> int:
    async with opened(arguments) as session:
        chosen = await chosen_clusters(session)
        search = Search(kinds, ask, session)
        results, code = await search.over(chosen.clusters)
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


class Search:
    """Asks all kinds of many clusters. What has been found is kept where ctrl+c ends it."""

    def __init__(self, kinds: Kinds, ask: Ask, session: Session) -> None:
        self._kinds = kinds
        self._ask = ask
        self._session = session
        self._wanted: dict[str, Sequence[KindRef]] = {}
        self._answers: dict[str, dict[KindRef, Polled[Table] | Problem]] = {}

    async def over(self, clusters: Sequence[ClusterRef]) -> tuple[list[tuple[ClusterRef, Found]], int]:
        """What was found in each, and the exit code; ended early, what was found till then."""
        try:
            return await over(clusters, self._look, self._session.clock)
        except asyncio.CancelledError:  # what ctrl+c becomes in a running loop
            begun = [ref for ref in clusters if ref.key in self._wanted]
            if len(begun) < len(clusters):
                say(f"ended early: {len(clusters) - len(begun)} of {len(clusters)} clusters were not looked through")
            return [(ref, self._found(ref)) for ref in begun], PARTIAL

    async def _look(self, ref: ClusterRef) -> Found:
        client = await self._session.clients.cluster(ref)
        kinds = self._kinds(await client.discover())
        if isinstance(kinds, Problem):
            raise SourceError(kinds)
        self._wanted[ref.key] = kinds
        answers = self._answers[ref.key] = {}
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(kind: KindRef) -> None:
            async with gate:
                try:
                    answers[kind] = await self._ask(client, kind, self._session.clock)
                except SourceError as error:
                    answers[kind] = error.problem

        await asyncio.gather(*map(one, kinds))
        return self._found(ref)

    def _found(self, ref: ClusterRef) -> Found:
        kinds, answers = self._wanted[ref.key], self._answers[ref.key]
        rows: list[tuple[KindRef, Row]] = []
        unseen: list[tuple[str, Problem]] = []
        for kind in kinds:
            answer = answers.get(kind)
            if isinstance(answer, Problem):
                unseen.append((kind.qualified, answer))
            elif answer is not None:
                rows += [(kind, row) for row in answer.value.rows.values()]
                unseen += [(_who(kind, gap), gap.problem) for gap in answer.gaps]
        said = unseen_words(unseen, len(kinds))
        if len(answers) < len(kinds):
            said = [f"ended early: looked through {len(answers)} of {len(kinds)} kinds", *said]
        return Found(tuple(rows), tuple(said))


def unseen_words(unseen: Sequence[tuple[str, Problem]], kinds: int) -> list[str]:
    """A line for each; those that may not be listed are counted in one."""
    refused = [who for who, problem in unseen if problem.kind is ProblemKind.FORBIDDEN]
    told = [f"{who}: {problem}" for who, problem in unseen if problem.kind is not ProblemKind.FORBIDDEN]
    if len(refused) == 1:
        return [f"{who}: {problem}" for who, problem in unseen]
    return [f"{len(refused)} of {kinds} kinds forbidden: {', '.join(refused)}", *told] if refused else told


def _who(kind: KindRef, gap: Gap) -> str:
    return gap.who if gap.who.startswith(kind.qualified) else f"{kind.qualified}: {gap.who}"


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
