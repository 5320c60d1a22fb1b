"""Which pod a port-forward, or a shell in a workload, goes to, and which of its ports is meant. Pure.

Source: k8s.io/kubectl/pkg/polymorphichelpers (attachablepodforobject.go; for the order of pods podutils, ActivePods)
and k8s.io/kubectl/pkg/util (service_port.go, LookupContainerPortNumberByServicePort).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tui.errors import Problem, ProblemKind, SourceError
from tui.model.bodies import at, items, name_of, number, obj, selector, strings, text
from tui.model.objects import Body

_BY_LABELS = ("Service", "ReplicationController")
"""Kinds whose selector is a plain map of labels."""
_NOTHING: Body = {}


def leaving(pod: Body) -> bool:
    """Whether a pod is to be given nothing new: it is being deleted, or has run to its end."""
    return bool(text(pod, "metadata", "deletionTimestamp")) or text(pod, "status", "phase") in ("Succeeded", "Failed")


def running(pod: Body) -> bool:
    """Whether its containers have been started."""
    return text(pod, "status", "phase") == "Running"


def ready(pod: Body) -> bool:
    """Whether it runs and says that it can serve; one without a probe says so as soon as it runs."""
    return running(pod) and text(_readiness(pod), "status") == "True"


def _readiness(pod: Body) -> Body:
    return next((one for one in items(pod, "status", "conditions") if text(one, "type") == "Ready"), _NOTHING)


def best_pod(pods: Iterable[Body]) -> Body | None:
    """The one to talk to: placed before unplaced, running before waiting, ready before not, the longest ready first.
    None where none is running or will be."""
    return min((pod for pod in pods if not leaving(pod)), key=_rank, default=None)


def _rank(pod: Body) -> tuple[bool, bool, bool, str, str]:
    return (
        not text(pod, "spec", "nodeName"),
        not running(pod),
        not ready(pod),
        text(_readiness(pod), "lastTransitionTime"),
        name_of(pod),
    )


def selector_of(owner: Body) -> str:
    """The label selector of a service or workload, as a list takes it; "" where it selects nothing."""
    if text(owner, "kind") in _BY_LABELS:
        return selector({"matchLabels": strings(owner, "spec", "selector")})
    return selector(obj(owner, "spec", "selector"))


def controller_of(body: Body) -> Body:
    """The owner reference of what made it; {} where nothing did."""
    return next((one for one in items(body, "metadata", "ownerReferences") if at(one, "controller") is True), _NOTHING)


def ports_of(asked: Sequence[int | str], pod: Body, service: Body | None) -> dict[int | str, int]:
    """The pod's port for each that was asked for, by number or by name. service: whose ports are meant, None = the
    pod's own.

    Raises SourceError (NOT_FOUND) for a port that is not there, naming those that are.
    """
    return {port: _pod_port(port, pod) if service is None else _service_port(port, service, pod) for port in asked}


def _service_port(asked: int | str, service: Body, pod: Body) -> int:
    ports = items(service, "spec", "ports")
    found = next((one for one in ports if asked in (at(one, "port"), at(one, "name"))), None)
    if found is None:
        raise _no_port(asked, service, [f"{text(one, 'port')} {text(one, 'name')}".strip() for one in ports])
    if text(service, "spec", "clusterIP") == "None":
        return number(found, "port")  # nobody translates it: a headless service is but a name of its pods
    target = at(found, "targetPort")
    return _pod_port(target if isinstance(target, int | str) and target else number(found, "port"), pod)


def _pod_port(asked: int | str, pod: Body) -> int:
    if isinstance(asked, int):
        return asked  # a process may listen on a port that nobody declared
    containers = (*items(pod, "spec", "containers"), *items(pod, "spec", "initContainers"))
    ports = [port for container in containers for port in items(container, "ports")]
    for port in ports:
        if text(port, "name") == asked and number(port, "containerPort"):
            return number(port, "containerPort")
    raise _no_port(asked, pod, [f"{text(one, 'containerPort')} {text(one, 'name')}".strip() for one in ports])


def _no_port(asked: int | str, of: Body, known: Sequence[str]) -> SourceError:
    kind = (text(of, "kind") or "pod").lower()
    has = f"it has {', '.join(known)}" if known else "it declares none"
    return SourceError(Problem(ProblemKind.NOT_FOUND, f"{kind} {name_of(of)} has no port {asked}: {has}"))
