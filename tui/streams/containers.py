"""Which container of a pod a stream goes to, as kubectl chooses it. Pure.

Source: k8s.io/kubectl/pkg/cmd/util/podcmd (FindOrDefaultContainerByName): the one that was named, the one that the
annotation names, the first.
"""

from __future__ import annotations

from tui.model.bodies import items, strings, text
from tui.model.objects import Body

DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container"
_FIELDS = ("containers", "initContainers", "ephemeralContainers")
SHELL = ("sh", "-c", "command -v bash >/dev/null 2>&1 && exec bash || exec sh")
"""What finds a shell in a container of which nothing is known."""


def containers_of(pod: Body) -> list[str]:
    """The names of its containers, the main ones first."""
    return [text(one, "name") for field in _FIELDS for one in items(pod, "spec", field)]


def default_container(pod: Body) -> str:
    """The one to take where none was named; "" for a pod that tells of none."""
    names = containers_of(pod)
    annotated = strings(pod, "metadata", "annotations").get(DEFAULT_CONTAINER, "")
    return annotated if annotated in names else names[0] if names else ""


def container_spec(pod: Body, name: str) -> Body:
    """What the pod says of a container; {} where it has none of that name."""
    every = [one for field in _FIELDS for one in items(pod, "spec", field)]
    nothing: Body = {}
    return next((one for one in every if text(one, "name") == name), nothing)


def declared_ports(pod: Body) -> list[tuple[int, str]]:
    """The ports that its containers declare, with their names ("" = none)."""
    ports = [port for one in items(pod, "spec", "containers") for port in items(one, "ports")]
    return [(port["containerPort"], text(port, "name")) for port in ports if isinstance(port.get("containerPort"), int)]
