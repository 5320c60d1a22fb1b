"""What a command's words mean on one cluster: which kinds, in which namespace, and where to look instead where the
whole cluster may not be looked at. What the last needs of the data layer is imported there, since most commands end
without."""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from tui.config.places import state_dir
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.kube import KindRef
from tui.present.parts import count

if TYPE_CHECKING:
    from tui.cli.asked import Asked
    from tui.clients.kube import KubeClient
    from tui.data.namespaces import Known


class Wanted(Struct, frozen=True):
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
    from tui.data.kinds import find_kinds, known_kind

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


def is_refused(problem: Problem | None, kind: KindRef, wanted: Wanted) -> bool:
    """Whether the namespaces, one by one, may answer where the cluster as a whole does not."""
    refused = problem is not None and problem.kind is ProblemKind.FORBIDDEN
    return refused and kind.namespaced and not wanted.namespace and not wanted.name


async def known_namespaces(client: KubeClient) -> Known:
    """Those that may answer who may not look everywhere."""
    from tui.data.namespaces import candidates
    from tui.data.remembered import load_namespaces

    folder = state_dir(os.environ)
    return await candidates(client, await asyncio.to_thread(load_namespaces, folder, client.ref.key))


def unseen_words(known: Known, unseen: Sequence[str], refusal: Problem) -> str:
    """What of a cluster was not to be seen, "" where all of it was. unseen: namespaces that did not answer."""
    others = "" if known.all else f"; other namespaces are not known: {refusal}"
    if not unseen and not others:
        return ""
    which = f": {', '.join(unseen)}" if unseen else ""
    return f"{len(unseen)} of {count(len(known.names), 'namespace')} not seen{which}{others}"
