"""What a request for exec or attach asks for, and what the API server and the kubelet refuse of it.

Source: pkg/registry/core/pod/strategy.go (streamLocation), pkg/kubelet/server/server.go, k8s.io/kubelet's NewOptions.
Recorded: ws-exec-bad-container, ws-exec-pod-not-running.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl

from aiohttp import web
from multidict import MultiDict, MultiMapping

from tui.sim.kube.logs import chosen_container
from tui.sim.kube.objects import items, mapping, name_of, namespace_of, text
from tui.sim.kube.refusals import bad_request
from tui.sim.kube.status import Obj
from tui.wire.channels import RESIZE, STATUS, STDERR, STDIN, STDOUT
from tui.wire.words import is_text

_STATUSES = ("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses")
_CONTAINERS = ("containers", "initContainers", "ephemeralContainers")


class KubeletRefusalError(Exception):
    """The kubelet's answer, in plain text, which the API server passes on as it is."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text

    def response(self) -> web.Response:
        return web.Response(status=self.status, text=self.text, content_type="text/plain", charset="utf-8")


@dataclass(frozen=True, slots=True)
class Asked:
    """container: its name. The rest: which channels, whether there is a terminal, and what to run."""

    container: str
    command: tuple[str, ...]
    stdin: bool
    stdout: bool
    stderr: bool
    tty: bool

    @property
    def first(self) -> int:
        """The lowest channel that the server writes to."""
        return STDOUT if self.stdout else STDERR if self.stderr else STATUS

    @property
    def channels(self) -> set[int]:
        """All that are in use."""
        there = {STDIN: self.stdin, STDOUT: self.stdout, STDERR: self.stderr, RESIZE: self.tty}
        return {STATUS, *(channel for channel, used in there.items() if used)}


def raw_query(request: web.Request) -> MultiMapping[str]:
    """The query with bytes that are no text as they came, each a surrogate."""
    raw = request.rel_url.raw_query_string
    return MultiDict(parse_qsl(raw, keep_blank_values=True, errors="surrogateescape"))


def read_query(query: MultiMapping[str], pod: Obj) -> Asked:
    """Raises ApiError 400, as the API server: no such container, several and none named, a pod without a node."""
    container = chosen_container(pod, query.get("container", ""))
    if not text(mapping(pod.get("spec")).get("nodeName")):
        raise bad_request(f"pod {name_of(pod)} does not have a host assigned")
    flags = {name: _flag(query, name) for name in ("stdin", "stdout", "stderr", "tty")}
    if flags["tty"]:
        flags["stderr"] = False  # a terminal has one way out
    return Asked(container, tuple(query.getall("command", [])), **flags)


def check_channels(asked: Asked) -> None:
    """Raises KubeletRefusalError: nothing to speak through, or words that its request to the container runtime cannot
    hold (strings of protobuf 3 are UTF-8)."""
    if not all(map(is_text, asked.command)):
        message = "grpc: error while marshaling: string field contains invalid UTF-8"
        raise KubeletRefusalError(500, f"rpc error: code = Internal desc = {message}")
    if not (asked.stdin or asked.stdout or asked.stderr):
        raise KubeletRefusalError(400, "you must specify at least 1 of stdin, stdout, stderr")


def running_id(pod: Obj, container: str, *, attach: bool = False) -> str:
    """The containerID of a container that runs. Raises KubeletRefusalError."""
    found = id_if_running(pod, container)
    if not found:
        said = f'container not found ("{container}")'
        if attach:
            said = f"container {container} not found in pod {name_of(pod)}_{namespace_of(pod)}"
        raise KubeletRefusalError(500, said)
    return found


def id_if_running(pod: Obj, container: str) -> str:
    """ "" where it does not run."""
    status = mapping(pod.get("status"))
    found = _named(container, (one for field in _STATUSES for one in items(status.get(field))))
    return text(found.get("containerID")) if mapping(found.get("state")).get("running") is not None else ""


def container_spec(pod: Obj, container: str) -> Obj:
    """{} where the pod has none of that name."""
    return _named(container, (one for field in _CONTAINERS for one in items(mapping(pod.get("spec")).get(field))))


def _named(name: str, every: Iterable[Obj]) -> Obj:
    nothing: Obj = {}
    return next((one for one in every if one.get("name") == name), nothing)


def _flag(query: MultiMapping[str], name: str) -> bool:
    return name in query and query[name].lower() not in ("false", "0")
