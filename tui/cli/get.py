"""`clusterview get KIND`: lists over one or many clusters, asked for in kubectl's grammar. Whole objects are printed by
`tui.cli.getwhole`."""

from __future__ import annotations

import argparse
import asyncio
import gc
from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from tui.cli.asked import asked
from tui.cli.choosing import chosen_clusters
from tui.cli.lists import Listed, show
from tui.cli.meant import Wanted, is_refused, known_namespaces, namespace_of, resolve, unseen_words
from tui.cli.output import say
from tui.cli.session import PARTIAL, exit_code, opened, or_problem, over, tell
from tui.errors import Problem, SourceError
from tui.model.cluster import ClusterRef
from tui.model.kube import KindRef

if TYPE_CHECKING:
    from tui.clients.kube import KubeClient

NAMESPACES_AT_ONCE = 8
KINDS_AT_ONCE = 8


def run(arguments: argparse.Namespace) -> int:
    if vars(arguments).get("output") in ("json", "yaml"):
        from tui.cli.getwhole import print_whole

        return asyncio.run(print_whole(arguments))
    collecting = gc.isenabled()
    gc.disable()  # a tenth of the time of a long list: it is all rows, and none of them is garbage before the end
    try:
        return asyncio.run(_get(arguments))
    finally:
        if collecting:
            gc.enable()


async def _get(arguments: argparse.Namespace) -> int:
    targets = asked(arguments.what, arguments.selector)
    async with opened(arguments) as session:
        chosen = await chosen_clusters(session)

        async def work(ref: ClusterRef) -> tuple[list[Listed], list[Problem]]:
            client = await session.clients.cluster(ref)
            gate = asyncio.Semaphore(KINDS_AT_ONCE)

            async def one(kind: KindRef, name: str) -> Listed | Problem:
                namespace = namespace_of(arguments, client) if kind.namespaced else ""
                async with gate:
                    return await or_problem(_narrowed(client, kind, Wanted(namespace, name, arguments.selector)))

            meant = await resolve(client, targets)
            answers = await asyncio.gather(*(one(kind, name) for kind, name in meant))
            problems = [answer for answer in answers if isinstance(answer, Problem)]
            return [answer for answer in answers if isinstance(answer, Listed)], problems

        answered, code = await over(chosen.clusters, work, session.clock)
        results = [(ref, listed) for ref, (held, _) in answered for listed in held]
        problems = [(ref, problem) for ref, (_, failed) in answered for problem in failed]
        if results:
            show(session.form, results, len(chosen.clusters) > 1, arguments.all_namespaces)
        tell(problems)
        code = code or exit_code(bool(results), [problem for _, problem in problems]) or _told(results)
        return chosen.exit_code(code)


def _told(results: Sequence[tuple[ClusterRef, Listed]]) -> int:
    """Say which namespaces were not seen; the exit code for it."""
    partial = [(ref, listed) for ref, listed in results if listed.unseen]
    for ref, listed in partial:
        say(f"{ref.name}: {listed.unseen}")
    return PARTIAL if partial else 0


async def _narrowed(client: KubeClient, kind: KindRef, wanted: Wanted) -> Listed:
    """The rows of the whole cluster or, where that is forbidden, of the namespaces that answer.

    Raises SourceError where none does.
    """
    try:
        return await _rows(client, kind, wanted)
    except SourceError as error:
        if not is_refused(error.problem, kind, wanted):
            raise
        refusal = error
    known = await known_namespaces(client)
    gate = asyncio.Semaphore(NAMESPACES_AT_ONCE)

    async def one(name: str) -> Listed | Problem:
        async with gate:
            return await or_problem(_rows(client, kind, replace(wanted, namespace=name)))

    answers = dict(zip(known.names, await asyncio.gather(*map(one, known.names)), strict=True))
    if not any(isinstance(answer, Listed) for answer in answers.values()):
        raise refusal
    listed = Listed(kind)
    for answer in answers.values():
        if isinstance(answer, Listed):
            listed.add(answer)
    gone = [name for name, answer in answers.items() if isinstance(answer, Problem)]
    listed.unseen = unseen_words(known, gone, refusal.problem)
    return listed


async def _rows(client: KubeClient, kind: KindRef, wanted: Wanted) -> Listed:
    if wanted.name:
        page = await client.row(kind, wanted.namespace, wanted.name)
        return Listed(kind, wanted.namespace, page.columns, list(page.rows))
    listed = Listed(kind, wanted.namespace)
    async for page in client.list_pages(kind, namespace=wanted.namespace, labels=wanted.labels):
        listed.columns = listed.columns or page.columns
        listed.rows.extend(page.rows)
    return listed
