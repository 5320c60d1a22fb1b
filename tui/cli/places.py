"""Where a stream of the command line goes: one cluster, one pod, one container."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from tui.cli.asked import asked
from tui.cli.choosing import chosen_clusters, written_clusters
from tui.cli.get import namespace_of, resolve
from tui.cli.output import say
from tui.cli.session import Session
from tui.errors import Problem, ProblemKind, SourceError, UsageError
from tui.model.bodies import items, name_of, strings, text
from tui.model.cluster import ClusterRef
from tui.model.kube import PODS, KindRef
from tui.model.objects import Body
from tui.streams.paths import Place
from tui.streams.targets import best_pod, leaving, selector_of

if TYPE_CHECKING:
    from tui.clients.kube import KubeClient

DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container"


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
    found = await resolve(client, asked([kind, name], ""))
    if len(found) != 1:
        raise UsageError(f"{target}: {kind} means several kinds; name one of them")
    return found[0][0], name


async def pod_of(client: KubeClient, arguments: argparse.Namespace) -> Body:
    """The pod to go to: the one that was named, or the best of those of what was. Raises SourceError, UsageError."""
    kind, name = await kind_and_name(client, arguments.target)
    namespace = namespace_of(arguments, client)
    if not kind.namespaced:
        raise UsageError(f"{arguments.target}: a {kind.kind} has no pods of its own")
    body = await client.body(kind, namespace, name)
    if kind == PODS:
        return body
    selector = selector_of(body)
    if not selector:
        raise UsageError(f"{arguments.target}: a {kind.kind} selects no pods")
    found = [pod async for page in client.body_pages(PODS, namespace=namespace, labels=selector) for pod in page.items]
    pod = best_pod(found)
    if pod is None:
        raise SourceError(Problem(ProblemKind.NOT_FOUND, f"no pod of {arguments.target} is running"))
    return pod


def place_in(pod: Body, container: str) -> Place:
    """The container that is meant, as kubectl chooses it: the one that was named, the annotated one, the first. Raises
    UsageError for one that is not there, SourceError for a pod that has ended."""
    names = containers_of(pod)
    name = name_of(pod)
    if text(pod, "status", "phase") in ("Succeeded", "Failed"):
        raise SourceError(Problem(ProblemKind.INVALID, f"pod {name} has ended ({text(pod, 'status', 'phase')})"))
    if container and container not in names:
        raise UsageError(f"pod {name} has no container {container}; it has {', '.join(names)}")
    if not container:
        annotated = strings(pod, "metadata", "annotations").get(DEFAULT_CONTAINER, "")
        container = annotated if annotated in names else names[0] if names else ""
        if len(names) > 1:
            say(f"container {container} of {', '.join(names)} (-c chooses)")
    if leaving(pod):
        say(f"pod {name} is being deleted")
    return Place(text(pod, "metadata", "namespace"), name, container)


def containers_of(pod: Body) -> list[str]:
    """The names of its containers, the main ones first."""
    fields = ("containers", "initContainers", "ephemeralContainers")
    return [text(one, "name") for field in fields for one in items(pod, "spec", field)]
