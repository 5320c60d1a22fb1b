"""`clusterview get KIND`: one list over one or many clusters, in the server's own columns."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast
from urllib.parse import quote, urlencode

from tui.cli.choosing import chosen_clusters
from tui.cli.output import print_result, say
from tui.cli.session import PARTIAL, Session, opened, over
from tui.config import state_dir
from tui.data.kinds import find_kind, known_kind
from tui.data.namespaces import candidates
from tui.data.remembered import load_namespaces
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.cluster import ClusterRef
from tui.model.kube import Column, KindRef, Row
from tui.present.parts import count

if TYPE_CHECKING:
    from tui.clients.kube import KubeClient

PAGE = 500
NAMESPACES_AT_ONCE = 8


@dataclass(slots=True)
class Listed:
    """What one cluster answered. unseen: what of it could not be, in words."""

    kind: KindRef
    columns: tuple[Column, ...] = ()
    rows: list[Row] = field(default_factory=list[Row])
    documents: list[dict[str, object]] = field(default_factory=list[dict[str, object]])
    unseen: str = ""

    def add(self, more: Listed) -> None:
        """Take in what another namespace answered."""
        self.columns = self.columns or more.columns
        self.rows += more.rows
        self.documents += more.documents


def run(arguments: argparse.Namespace) -> int:
    return asyncio.run(_get(arguments))


async def _get(arguments: argparse.Namespace) -> int:
    async with opened(arguments) as session:
        chosen = await chosen_clusters(session)
        whole = session.form in ("json", "yaml")

        async def work(ref: ClusterRef) -> Listed:
            client = await session.clients.cluster(ref)
            kind = await resolve(client, arguments.kind)
            namespace = namespace_of(arguments, client) if kind.namespaced else ""
            wanted = Wanted(namespace, arguments.name, arguments.selector)
            return await narrowed(_documents if whole else _rows, client, kind, wanted)

        results, code = await over(chosen.clusters, work, session.clock)
        if results:
            show(session, results, several=len(chosen.clusters) > 1, spread=arguments.all_namespaces)
        return chosen.exit_code(code or _told(results))


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


async def resolve(client: KubeClient, text: str) -> KindRef:
    """The kind meant; asks discovery only where it must. Raises SourceError where there is none."""
    known = known_kind(text)
    if known is not None:
        return known
    found = find_kind(text, await client.discover())
    if isinstance(found, Problem):
        raise SourceError(found)
    return found


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
        return Listed(kind, page.columns, list(page.rows))
    listed = Listed(kind)
    async for page in client.list_pages(kind, namespace=wanted.namespace, labels=wanted.labels):
        listed.columns = listed.columns or page.columns
        listed.rows.extend(page.rows)
    return listed


async def _documents(client: KubeClient, kind: KindRef, wanted: Wanted) -> Listed:
    """Whole objects, as the server writes them."""
    listed = Listed(kind)
    if wanted.name:
        listed.documents = [_object(await client.get(kind.path(wanted.namespace, quote(wanted.name, safe=":"))))]
        return listed
    query = {"limit": str(PAGE)} | ({"labelSelector": wanted.labels} if wanted.labels else {})
    while True:
        body = _object(await client.get(f"{kind.path(wanted.namespace)}?{urlencode(query)}"))
        items = cast("list[dict[str, object]]", body.get("items") or [])
        # The items of a list leave out what the list itself says.
        listed.documents += [{"apiVersion": kind.api, "kind": kind.kind, **item} for item in items]
        token = cast("dict[str, str]", body.get("metadata") or {}).get("continue", "")
        if not token:
            return listed
        query["continue"] = token


def _object(body: bytes) -> dict[str, object]:
    try:
        value: object = json.loads(body)
    except ValueError as error:
        raise SourceError(Problem(ProblemKind.PROTOCOL, "the server's answer is not JSON")) from error
    if not isinstance(value, dict):
        raise SourceError(Problem(ProblemKind.PROTOCOL, "the server's answer is not an object"))
    return cast("dict[str, object]", value)


def show(session: Session, results: Sequence[tuple[ClusterRef, Listed]], *, several: bool, spread: bool) -> None:
    """Print all clusters' rows as one list. several: with a CLUSTER column; spread: with a NAMESPACE column."""
    first = next((listed for _, listed in results if listed.rows), results[0][1])
    names = [column.name for column in first.columns if column.priority == 0]
    namespaced = spread and first.kind.namespaced
    headings = ["CLUSTER"] * several + ["NAMESPACE"] * namespaced + [name.upper() for name in names]
    rows: list[tuple[object, ...]] = []
    for ref, listed in results:
        lead = (ref.name,) if several else ()
        # By name: clusters of different versions print different columns.
        place = {column.name: index for index, column in enumerate(listed.columns)}
        order = [place.get(name, -1) for name in names]
        for row in listed.rows:
            cells = row.cells
            own = (*lead, row.namespace) if namespaced else lead
            rows.append((*own, *[cells[index] if 0 <= index < len(cells) else None for index in order]))
    print_result(
        session.form,
        headings=headings,
        rows=rows,
        documents=[_placed(ref, document, several) for ref, listed in results for document in listed.documents],
        names=[_named(ref, listed.kind, row, several) for ref, listed in results for row in listed.rows],
        nothing="No resources found.",
    )


def _named(ref: ClusterRef, kind: KindRef, row: Row, several: bool) -> str:
    """As `kubectl get -o name` names it ("pod/web", "deployment.apps/web"); the cluster before it where there are
    several, since nothing else in the line tells them apart."""
    singular = kind.singular or kind.kind.lower() or kind.plural
    name = f"{singular}{f'.{kind.group}' if kind.group else ''}/{row.name}"
    return f"{ref.name}/{name}" if several else name


def _placed(ref: ClusterRef, document: dict[str, object], several: bool) -> dict[str, object]:
    return {"cluster": ref.name, **document} if several else document
