"""Which pods and containers `clusterview logs` is about. One pod that is named is asked for as it is; the parts of the
data layer that find others are imported only for them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from tui.cli.meant import namespace_of
from tui.data.podparts import containers_of
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.cluster import ClusterRef, Via
from tui.model.kube import PODS
from tui.model.logask import Asked
from tui.model.logs import LogQuery, LogSource, LogStatus

if TYPE_CHECKING:
    from tui.clients.kube import KubeClient
    from tui.data.listwatch import Scope


class Pod(Struct, frozen=True):
    """One that is there. containers: () = not known."""

    namespace: str
    name: str
    containers: tuple[str, ...] = ()


class Container(Struct, frozen=True):
    """One log to copy."""

    namespace: str
    pod: str
    name: str


async def scopes_of(client: KubeClient, arguments: argparse.Namespace, asked: Asked) -> list[Scope]:
    """Where the pods are that the command line means. Raises SourceError."""
    from tui.data.agents import agent_scope
    from tui.data.listwatch import Scope
    from tui.data.workloads import scope_of

    if asked.agents:
        return [await agent_scope(client, client.ref), *await _extension_agents(client)]
    namespace = namespace_of(arguments, client)
    if asked.workloads:
        return [await scope_of(client, namespace, workload) for workload in asked.workloads]
    fields = f"metadata.name={asked.pods[0]}" if len(asked.pods) == 1 else ""
    return [Scope(name, asked.labels, fields) for name in namespace.split(",")]


async def _extension_agents(client: KubeClient) -> list[Scope]:
    from tui.data.agents import EXTENSION_AGENTS, EXTENSION_NAMESPACE
    from tui.data.workloads import scope_of

    found: list[Scope] = []
    for name in EXTENSION_AGENTS if client.ref.via is Via.AKS else ():
        try:
            found.append(await scope_of(client, EXTENSION_NAMESPACE, name))
        except SourceError as error:
            if error.problem.kind not in (ProblemKind.NOT_FOUND, ProblemKind.FORBIDDEN):
                raise  # the view itself says what may not be seen
    return found


async def pods_in(client: KubeClient, arguments: argparse.Namespace, asked: Asked) -> list[Pod] | None:
    """The pods that are meant and are there now; None where a workload that was named is not. Raises SourceError."""
    if (place := _only_place(client, arguments, asked)) is not None:
        return await _one_pod(client, *place)
    (pick,) = asked.query((client.ref,), "").of(client.ref)
    found: list[Pod] = []
    try:
        for scope in await scopes_of(client, arguments, asked):
            pages = client.list_pages(PODS, namespace=scope.namespace, labels=scope.labels, fields=scope.fields)
            async for page in pages:
                found += [Pod(row.namespace, row.name) for row in page.rows if pick.means(row.name)]
    except SourceError as error:
        if not (asked.workloads and error.problem.kind is ProblemKind.NOT_FOUND):
            raise
        return None
    return found


def _only_place(client: KubeClient, arguments: argparse.Namespace, asked: Asked) -> tuple[str, str] | None:
    """The namespace and name of a pod that can be asked for as it is, as kubectl asks for it: who may get it may not
    be allowed to list any. None where more may be meant."""
    namespace = namespace_of(arguments, client)
    if len(asked.pods) != 1 or asked.labels or not namespace or "," in namespace:
        return None
    return namespace, asked.pods[0]


async def _one_pod(client: KubeClient, namespace: str, name: str) -> list[Pod]:
    try:
        return [Pod(namespace, name, containers_of(await client.body(PODS, namespace, name)))]
    except SourceError as error:
        if error.problem.kind is not ProblemKind.NOT_FOUND:
            raise
        return []


async def containers_in(client: KubeClient, pod: Pod, asked: Asked) -> list[Container]:
    """The containers of a pod that are meant. Raises SourceError."""
    names = asked.containers or pod.containers or containers_of(await client.body(PODS, pod.namespace, pod.name))
    return [Container(pod.namespace, pod.name, name) for name in names]


def containerless(query: LogQuery, pods: Sequence[tuple[ClusterRef, list[Pod]]]) -> Problem | None:
    """That no pod has a container that is asked for, where the containers of all of them are known."""
    held = [(ref, pod) for ref, there in pods for pod in there]
    if not query.containers or any(not pod.containers or {*query.containers} & {*pod.containers} for _, pod in held):
        return None
    from tui.present.logcontainers import no_such_container

    sources = (
        LogSource(index, ref, pod.namespace, pod.name, "", "ended", over=True, lacks=True, there=pod.containers)
        for index, (ref, pod) in enumerate(held)
    )
    problem = no_such_container(query, LogStatus(tuple(sources), complete=True))
    return Problem(problem.kind, f"{problem.summary}: {problem.remedy}") if problem is not None else None


def nothing(ref: ClusterRef, arguments: argparse.Namespace, asked: Asked) -> str:
    """What is said of a cluster that has no such pod."""
    if asked.agents:
        from tui.present.logs import empty_words

        return empty_words(LogQuery((ref,), agents=True), LogStatus())
    namespace = namespace_of(arguments, None)
    where = f"namespace {namespace}" if namespace else "any namespace"
    named = f" {', '.join(asked.pods)}" if asked.pods else f" of {asked.workloads[0]}" if asked.workloads else ""
    what = f"pod{named}" + (f" that matches {asked.pattern}" if asked.pattern else "")
    labelled = f" labelled {asked.labels}" if asked.labels else ""
    return f"{ref.name}: no {what}{labelled} in {where}"
