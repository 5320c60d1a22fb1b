"""Where a stream of the command line goes: one cluster, one pod, one container."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from tui.cli.choosing import chosen_clusters, written_clusters
from tui.cli.meant import namespace_of, resolve
from tui.cli.output import say
from tui.cli.session import Session
from tui.errors import Problem, ProblemKind, SourceError, UsageError
from tui.model.bodies import name_of, text
from tui.model.cluster import ClusterRef
from tui.model.kube import PODS, KindRef
from tui.model.objects import Body
from tui.streams.containers import containers_of, default_container
from tui.streams.finding import pod_of
from tui.streams.paths import Place
from tui.streams.targets import leaving

if TYPE_CHECKING:
    from tui.clients.kube import KubeClient


async def one_cluster(session: Session, *, writes: bool) -> ClusterRef:
    """The cluster that is meant. writes: only one that was chosen by a flag or the kubeconfig will do. Raises
    UsageError where there are several."""
    chosen = await (written_clusters if writes else chosen_clusters)(session)
    if len(chosen.clusters) != 1:
        names = ", ".join(ref.name for ref in chosen.clusters[:8])
        raise UsageError(f"a stream goes to one cluster, and {len(chosen.clusters)} match ({names}…): --cluster NAME")
    return chosen.clusters[0]


async def kind_and_name(client: KubeClient, target: str) -> tuple[KindRef, str]:
    """What POD or KIND/NAME means. Raises UsageError, SourceError."""
    kind, slash, name = target.partition("/")
    if not slash:
        return PODS, target
    if not kind or not name or "/" in name:
        raise UsageError(f"{target}: expected a pod's name or KIND/NAME")
    from tui.cli.asked import asked  # the grammar of kinds

    found = await resolve(client, asked([kind, name], ""))
    if len(found) != 1:
        raise UsageError(f"{target}: {kind} means several kinds; name one of them")
    return found[0][0], name


async def pod_meant(client: KubeClient, arguments: argparse.Namespace) -> Body:
    """The pod to go to: the one that was named, or the best of those of what was. Raises SourceError, UsageError."""
    kind, name = await kind_and_name(client, arguments.target)
    if not kind.namespaced:
        raise UsageError(f"{arguments.target}: a {kind.kind} has no pods of its own")
    return await pod_of(client, kind, namespace_of(arguments, client), name)


def place_in(pod: Body, container: str | None) -> Place:
    """The container that is meant, as kubectl chooses it: the one that was named, the annotated one, the first. Raises
    UsageError for one that is not there, SourceError for a pod that has ended."""
    names = containers_of(pod)
    name = name_of(pod)
    if text(pod, "status", "phase") in ("Succeeded", "Failed"):
        raise SourceError(Problem(ProblemKind.INVALID, f"pod {name} has ended ({text(pod, 'status', 'phase')})"))
    if container and container not in names:
        raise UsageError(f"pod {name} has no container {container}; it has {', '.join(names)}")
    if not container:
        container = default_container(pod)
        if len(names) > 1:
            say(f"container {container} of {', '.join(names)} (-c chooses)")
    if leaving(pod):
        say(f"pod {name} is being deleted")
    return Place(text(pod, "metadata", "namespace"), name, container)
