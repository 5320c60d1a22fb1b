"""`clusterview get KIND`: lists over one or many clusters, asked for in kubectl's grammar."""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast
from urllib.parse import quote, urlencode

from tui.cli.asked import Asked, asked
from tui.cli.choosing import chosen_clusters
from tui.cli.lists import Listed, show
from tui.cli.output import say
from tui.cli.session import PARTIAL, exit_code, opened, over, tell
from tui.config import state_dir
from tui.data.kinds import find_kinds, known_kind
from tui.data.namespaces import candidates
from tui.data.remembered import load_namespaces
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.cluster import ClusterRef
from tui.model.kube import KindRef
from tui.present.parts import count

if TYPE_CHECKING:
    from tui.clients.kube import KubeClient

PAGE = 500
NAMESPACES_AT_ONCE = 8
KINDS_AT_ONCE = 8


def run(arguments: argparse.Namespace) -> int:
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
        fetch = documents if session.form in ("json", "yaml") else _rows

        async def work(ref: ClusterRef) -> tuple[list[Listed], list[Problem]]:
            client = await session.clients.cluster(ref)
            gate = asyncio.Semaphore(KINDS_AT_ONCE)

            async def one(kind: KindRef, name: str) -> Listed | Problem:
                namespace = namespace_of(arguments, client) if kind.namespaced else ""
                async with gate:
                    try:
                        return await narrowed(fetch, client, kind, Wanted(namespace, name, arguments.selector))
                    except SourceError as error:
                        return error.problem

            meant = await resolve(client, targets)
            answers = await asyncio.gather(*(one(kind, name) for kind, name in meant))
            problems = [answer for answer in answers if isinstance(answer, Problem)]
            return [answer for answer in answers if isinstance(answer, Listed)], problems

        answered, code = await over(chosen.clusters, work, session.clock)
        results = [(ref, listed) for ref, (held, _) in answered for listed in held]
        problems = [(ref, problem) for ref, (_, failed) in answered for problem in failed]
        if results:
            single = len(targets) == 1 and bool(targets[0].name) and len(chosen.clusters) == 1
            several = len(chosen.clusters) > 1
            spread = arguments.all_namespaces
            show(session.form, results, several, spread, single=single, shown=arguments.show_secrets)
        tell(problems)
        code = code or exit_code(bool(results), [problem for _, problem in problems]) or _told(results)
        return chosen.exit_code(code)


def _told(results: Sequence[tuple[ClusterRef, Listed]]) -> int:
    """Say which namespaces were not seen; the exit code for it."""
    partial = [(ref, listed) for ref, listed in results if listed.unseen]
    for ref, listed in partial:
        say(f"{ref.name}: {listed.unseen}")
    return PARTIAL if partial else 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """namespace "" = all; name "" = all."""

    namespace: str = ""
    name: str = ""
    labels: str = ""


def namespace_of(arguments: argparse.Namespace, client: KubeClient | None) -> str:
    """-A, else -n, else the kubeconfig context's, else "default" ("" = all)."""
    if arguments.all_namespaces:
        return ""
    return arguments.namespace or (client.endpoint.namespace if client is not None else "") or "default"


async def resolve(client: KubeClient, targets: Sequence[Asked]) -> list[tuple[KindRef, str]]:
    """The kinds meant, with the names; asks discovery only where it must. Raises SourceError: one is not served."""
    served: tuple[KindRef, ...] | None = None
    meant: dict[tuple[KindRef, str], None] = {}
    for word, name in targets:
        known = known_kind(word)
        if known is None and served is None:
            served = await client.discover()
        found = (known,) if known is not None else find_kinds(word, served or ())
        if isinstance(found, Problem):
            raise SourceError(found)
        meant |= {(kind, name): None for kind in found}
    return list(meant)


async def narrowed(
    work: Callable[[KubeClient, KindRef, Wanted], Awaitable[Listed]],
    client: KubeClient,
    kind: KindRef,
    wanted: Wanted,
) -> Listed:
    """`work`, for the whole cluster or, where that is forbidden, for the namespaces that answer.

    Raises SourceError where none does.
    """
    try:
        return await work(client, kind, wanted)
    except SourceError as error:
        if error.problem.kind is not ProblemKind.FORBIDDEN or wanted.namespace or wanted.name or not kind.namespaced:
            raise
        refusal = error
    folder = state_dir(os.environ)
    known = await candidates(client, await asyncio.to_thread(load_namespaces, folder, client.ref.key))
    gate = asyncio.Semaphore(NAMESPACES_AT_ONCE)

    async def one(name: str) -> Listed | Problem:
        async with gate:
            try:
                return await work(client, kind, replace(wanted, namespace=name))
            except SourceError as error:
                return error.problem

    answers = dict(zip(known.names, await asyncio.gather(*map(one, known.names)), strict=True))
    if not any(isinstance(answer, Listed) for answer in answers.values()):
        raise refusal
    listed = Listed(kind)
    unseen = [name for name, answer in answers.items() if isinstance(answer, Problem)]
    for answer in answers.values():
        if isinstance(answer, Listed):
            listed.add(answer)
    others = "" if known.all else f"; other namespaces are not known: {refusal.problem}"
    if unseen or others:
        said = f"{len(unseen)} of {count(len(answers), 'namespace')} not seen"
        which = f": {', '.join(unseen)}" if unseen else ""
        listed.unseen = said + which + others
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


async def documents(client: KubeClient, kind: KindRef, wanted: Wanted) -> Listed:
    """Whole objects, as the server writes them."""
    listed = Listed(kind, wanted.namespace)
    path = kind.path(segment(wanted.namespace), segment(wanted.name))
    if wanted.name:
        listed.documents = [_object(await client.get(path))]
        return listed
    query = {"limit": str(PAGE)} | ({"labelSelector": wanted.labels} if wanted.labels else {})
    while True:
        body = _object(await client.get(f"{path}?{urlencode(query)}"))
        items = cast("list[dict[str, object]]", body.get("items") or [])
        # The items of a list leave out what the list itself says.
        listed.documents += [{"apiVersion": kind.api, "kind": kind.kind, **item} for item in items]
        token = cast("dict[str, str]", body.get("metadata") or {}).get("continue", "")
        if not token:
            return listed
        query["continue"] = token


def segment(name: str) -> str:
    """A name as one segment of a path, whatever somebody typed. RBAC names have colons."""
    return quote(name, safe=":")


def _object(body: bytes) -> dict[str, object]:
    try:
        value: object = json.loads(body)
    except ValueError as error:
        raise SourceError(Problem(ProblemKind.PROTOCOL, "the server's answer is not JSON")) from error
    if not isinstance(value, dict):
        raise SourceError(Problem(ProblemKind.PROTOCOL, "the server's answer is not an object"))
    return cast("dict[str, object]", value)
