"""The objects that a changing command is about, found in each chosen cluster."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui.cli.asked import Asked, asked
from tui.cli.meant import namespace_of, resolve
from tui.errors import UsageError
from tui.model.cluster import ClusterRef
from tui.model.kube import KindRef
from tui.model.objects import ObjectRef

if TYPE_CHECKING:
    from tui.clients.kube import KubeClient

_OF_NODES = frozenset({"cordon", "uncordon", "drain"})
_WITH_PAIRS = frozenset({"label", "annotate", "set-image"})


def split(arguments: argparse.Namespace) -> tuple[tuple[Asked, ...], list[str]]:
    """The objects asked for, and the KEY=VALUE words behind them. Raises UsageError."""
    words: list[str] = list(arguments.what)
    pairs: list[str] = []
    if arguments.action in _WITH_PAIRS:
        pairs = [word for word in words if _is_pair(arguments.action, word)]
        words = [word for word in words if word not in pairs]
        if not pairs:
            raise UsageError(f"{arguments.action}: what is to be set? Give KEY=VALUE behind the objects")
    if arguments.action in _OF_NODES:
        words = ["nodes", *(word.removeprefix("node/").removeprefix("nodes/") for word in words)]
    if not words:
        raise UsageError(f"{arguments.action}: of which objects?")
    found = asked(words, arguments.selector)
    if not arguments.selector and any(not one.name for one in found):
        raise UsageError(f"{arguments.action}: name the objects, or choose them with -l SELECTOR")
    if arguments.all_namespaces and not arguments.selector:
        raise UsageError("-A goes with -l: a name says nothing without its namespace")
    return found, pairs


def _is_pair(action: str, word: str) -> bool:
    """`a=b` sets, and `c-` removes (of labels and annotations; no object's name ends so)."""
    return "=" in word or (action != "set-image" and word.endswith("-") and len(word) > 1)


async def targets(
    arguments: argparse.Namespace, client: KubeClient, ref: ClusterRef, found: Sequence[Asked]
) -> list[ObjectRef]:
    """The objects in one cluster. Raises SourceError; by name they are not looked for, which planning does."""
    refs: list[ObjectRef] = []
    for kind, name in await resolve(client, found):
        namespace = namespace_of(arguments, client) if kind.namespaced else ""
        if name:
            refs.append(ObjectRef(ref, kind, namespace, name))
        else:
            refs += await _selected(client, ref, kind, namespace, arguments.selector)
    return refs


async def _selected(
    client: KubeClient, ref: ClusterRef, kind: KindRef, namespace: str, selector: str
) -> list[ObjectRef]:
    pages = client.list_pages(kind, namespace=namespace, labels=selector)
    return [ObjectRef(ref, kind, row.namespace, row.name, row.uid) async for page in pages for row in page.rows]
