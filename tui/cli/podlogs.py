"""Which pods and containers `clusterview logs` is about, and what their status says of their end."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

import msgspec

from tui.cli.get import namespace_of, segment
from tui.data.agents import agent_scope
from tui.data.listwatch import Scope
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.cluster import ClusterRef
from tui.model.kube import PODS, Row
from tui.model.logs import LogQuery, LogStatus
from tui.present.logs import empty_words

if TYPE_CHECKING:
    from tui.clients.kube import KubeClient


class ContainerSpec(msgspec.Struct, rename="camel"):
    """restart_policy: of a sidecar ("Always" on an init container), "" elsewhere."""

    name: str = ""
    restart_policy: str = ""


class PodSpec(msgspec.Struct, rename="camel"):
    containers: list[ContainerSpec] = []
    init_containers: list[ContainerSpec] = []
    restart_policy: str = "Always"


class Terminated(msgspec.Struct, rename="camel"):
    exit_code: int = 0


class ContainerState(msgspec.Struct, rename="camel"):
    terminated: Terminated | None = None


class ContainerStatus(msgspec.Struct, rename="camel"):
    name: str = ""
    state: ContainerState = msgspec.field(default_factory=ContainerState)


class PodStatus(msgspec.Struct, rename="camel"):
    phase: str = ""
    container_statuses: list[ContainerStatus] = []
    init_container_statuses: list[ContainerStatus] = []


class Pod(msgspec.Struct):
    """Of a v1 Pod, what its logs depend on."""

    spec: PodSpec
    status: PodStatus = msgspec.field(default_factory=PodStatus)

    @property
    def containers(self) -> list[str]:
        """Init containers first, as they run."""
        return [container.name for container in (*self.spec.init_containers, *self.spec.containers)]


async def scope_of(client: KubeClient, arguments: argparse.Namespace) -> Scope:
    """Where the pods are that the command line means. Raises SourceError."""
    if arguments.agents:
        return await agent_scope(client, client.ref)
    fields = f"metadata.name={arguments.pod}" if arguments.pod else ""
    return Scope(namespace_of(arguments, client), arguments.selector, fields)


async def pods_in(client: KubeClient, scope: Scope) -> list[Row]:
    """The pods there are now. Raises SourceError."""
    rows: list[Row] = []
    async for page in client.list_pages(PODS, namespace=scope.namespace, labels=scope.labels, fields=scope.fields):
        rows += page.rows
    return rows


async def read_pod(client: KubeClient, namespace: str, name: str) -> Pod:
    """Raises SourceError; NOT_FOUND where it is gone."""
    body = await client.get(PODS.path(segment(namespace), segment(name)))
    try:
        return msgspec.json.decode(body, type=Pod)
    except msgspec.DecodeError as error:
        raise SourceError(Problem(ProblemKind.PROTOCOL, f"pod {name} cannot be read", str(error))) from error


def finished(pod: Pod, container: str) -> bool:
    """Whether a container has run for the last time. container: "" = the only one."""
    if pod.status.phase in ("Succeeded", "Failed"):
        return True
    name = container or (pod.spec.containers[0].name if pod.spec.containers else "")
    statuses = (*pod.status.init_container_statuses, *pod.status.container_statuses)
    ended = next((status.state.terminated for status in statuses if status.name == name), None)
    if ended is None:
        return False
    begins = next((one for one in pod.spec.init_containers if one.name == name), None)
    policy = pod.spec.restart_policy
    if begins is not None:
        # An init container that did its work is not run again; a sidecar always is.
        policy = begins.restart_policy or ("Never" if policy == "Never" else "OnFailure")
    return policy == "Never" or (policy == "OnFailure" and ended.exit_code == 0)


def nothing(ref: ClusterRef, arguments: argparse.Namespace, namespace: str) -> str:
    """What is said of a cluster that has no such pod."""
    if arguments.agents:
        return empty_words(LogQuery((ref,), agents=True), LogStatus())
    where = f"namespace {namespace}" if namespace else "any namespace"
    what = f"pod {arguments.pod}" if arguments.pod else "pod"
    labelled = f" labelled {arguments.selector}" if arguments.selector else ""
    return f"{ref.name}: no {what}{labelled} in {where}"
