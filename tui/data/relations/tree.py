"""The tree of what stands around an object: asked for piece by piece, each piece with its own refusal.

Bounded on purpose: so many objects of a list, so many levels, so many names looked up. A kind that is forbidden is
named and costs nothing but its own answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from msgspec.structs import replace

from tui.data.ports import KubePort
from tui.data.relations.links import Link, owners, uses
from tui.data.relations.looks import Look, around, children
from tui.errors import ProblemKind, SourceError
from tui.model.bodies import items, name_of, namespace_of, number, text, uid_of
from tui.model.builtin import builtin
from tui.model.cluster import ClusterRef
from tui.model.feed import Gap
from tui.model.kube import KindRef
from tui.model.objects import Body, ObjectRef, Related, RelatedNode, Relation
from tui.waits import finishing

MOST = 100
"""Objects of one look that are shown."""
READ = 2_000
"""Objects of one look that are read to find them."""
DEPTH = 4
"""Levels of owners, and of what is owned."""
LOOKED_UP = 24
"""Names of used objects of which it is asked whether they are there."""
AT_ONCE = 4

Kinds = Callable[[], Awaitable[Sequence[KindRef]]]
"""What the cluster serves; asked only where an object names a kind that is not built in."""


class Tree:
    """Grows one tree. One for each growing; it holds what was refused on the way."""

    def __init__(self, port: KubePort, cluster: ClusterRef, kinds: Kinds) -> None:
        self._port = port
        self._cluster = cluster
        self._kinds = kinds
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._gaps: dict[str, Gap] = {}

    async def grow(self, body: Body) -> Related:
        """Everything around `body`."""
        links = uses(body)
        groups = await asyncio.gather(
            self._owners(body, DEPTH),
            self._owned(body, DEPTH),
            *(self._look(look) for look in around(body)),
            *(self._used(link, place < LOOKED_UP) for place, link in enumerate(links)),
        )
        nodes = [node for group in groups for node in group]
        order = {relation: place for place, relation in enumerate(Relation)}
        nodes.sort(key=lambda node: order[node.relation])
        return Related(tuple(nodes), tuple(self._gaps.values()))

    async def _owners(self, body: Body, depth: int) -> list[RelatedNode]:
        if not depth:
            return []
        return list(await asyncio.gather(*(self._owner(link, body, depth) for link in owners(body))))

    async def _owner(self, link: Link, body: Body, depth: int) -> RelatedNode:
        kind = await self._kind(link)
        namespace = link.namespace if kind is None or kind.namespaced else ""
        node = RelatedNode(link.relation, link.kind, link.name, namespace, note=link.note)
        if kind is None:
            return node
        ref = ObjectRef(self._cluster, kind, namespace, link.name)
        try:
            async with self._gate:
                found = await self._port.body(kind, namespace, link.name)
        except SourceError as exc:
            if exc.problem.kind is ProblemKind.NOT_FOUND:
                return replace(node, ref=ref, lost="not found")
            self._refused(kind, exc)
            return replace(node, ref=ref)
        wanted = [text(one, "uid") for one in items(body, "metadata", "ownerReferences")]
        if uid_of(found) not in wanted:
            return replace(node, ref=ref, lost="another object has this name now")
        above = await self._owners(found, depth - 1)
        return replace(node, ref=replace(ref, uid=uid_of(found)), body=found, children=tuple(above))

    async def _owned(self, body: Body, depth: int) -> list[RelatedNode]:
        if not depth:
            return []
        groups = await asyncio.gather(*(self._look(look) for look in children(body)))
        found = [node for group in groups for node in group]
        below = await asyncio.gather(*(self._below(node, depth) for node in found))
        return [replace(node, children=tuple(own)) for node, own in zip(found, below, strict=True)]

    async def _below(self, node: RelatedNode, depth: int) -> list[RelatedNode]:
        """Old replica sets have nothing, and are not asked for it."""
        body = node.body
        if body is None or (node.kind == "ReplicaSet" and not number(body, "status", "replicas")):
            return []
        return await self._owned(body, depth - 1)

    async def _look(self, look: Look) -> list[RelatedNode]:
        found: list[RelatedNode] = []
        read = 0
        try:
            async with self._gate:
                pages = self._port.body_pages(
                    look.kind,
                    namespace=look.namespace,
                    labels=look.labels,
                    fields=look.fields,
                    metadata_only=look.bare,
                )
                async with finishing(pages):
                    async for page in pages:
                        read += len(page.items)
                        for body in page.items:
                            note = look.meant(body)
                            if note is not None:
                                found.append(self._node(look.relation, look.kind, body, note))
                        await asyncio.sleep(0)
                        if read >= READ or len(found) >= MOST:
                            break
        except SourceError as exc:
            self._refused(look.kind, exc)
        return found[:MOST]

    def _node(self, relation: Relation, kind: KindRef, body: Body, note: str) -> RelatedNode:
        namespace, name = namespace_of(body), name_of(body)
        ref = ObjectRef(self._cluster, kind, namespace, name, uid_of(body))
        return RelatedNode(relation, kind.kind, name, namespace, ref, body, note)

    async def _used(self, link: Link, looked_up: bool) -> list[RelatedNode]:
        node = RelatedNode(link.relation, link.kind, link.name, link.namespace, note=link.note)
        kind = await self._kind(link)
        if kind is None:
            return [node]
        node = replace(node, ref=ObjectRef(self._cluster, kind, link.namespace if kind.namespaced else "", link.name))
        if not looked_up:
            return [node]
        try:
            async with self._gate:
                there = await self._port.exists(kind, link.namespace, link.name)
        except SourceError as exc:
            self._refused(kind, exc)
            return [node]
        return [node if there else replace(node, lost="not found")]

    async def _kind(self, link: Link) -> KindRef | None:
        """None where the kind is not served: a user, a group, a kind whose definition is gone."""
        known = builtin(link.group, link.kind)
        if known is not None or link.group == "rbac.authorization.k8s.io":
            return known
        try:
            served = await self._kinds()
        except SourceError:
            return None
        return next((kind for kind in served if (kind.group, kind.kind) == (link.group, link.kind)), None)

    def _refused(self, kind: KindRef, exc: SourceError) -> None:
        if exc.problem.kind is not ProblemKind.NOT_FOUND:  # a kind that is not served there
            self._gaps.setdefault(kind.qualified, Gap(kind.qualified, exc.problem))
