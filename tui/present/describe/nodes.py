"""A node: whether it is well, what it has, and what its pods ask of it."""

from __future__ import annotations

from collections.abc import Sequence

from tui.model.bodies import at, items, name_of, namespace_of, obj, strings, text
from tui.model.objects import Body
from tui.present.describe.common import ago, conditions, failing, metadata, not_seen, section, trouble, when, words
from tui.present.describe.known import Known
from tui.present.describe.page import Block, Grid, Head, Note, listed, pairs
from tui.present.meaning import quantity
from tui.present.parts import Cell

_ROLE = "node-role.kubernetes.io/"
_OVER = frozenset({"Succeeded", "Failed"})
SHOWN_PODS = 250


def describe(known: Known) -> list[Block]:
    body, now = known.body, known.now
    spec, status = obj(body, "spec"), obj(body, "status")
    labels = strings(body, "metadata", "labels")
    roles = [key.removeprefix(_ROLE) for key in sorted(labels) if key.startswith(_ROLE)]
    ready = next(
        (text(one, "status") for one in items(status, "conditions") if text(one, "type") == "Ready"), "Unknown"
    )
    word = "Ready" if ready == "True" else "NotReady"
    closed = bool(at(spec, "unschedulable"))
    beats = [text(one, "lastHeartbeatTime") for one in items(status, "conditions")]
    return [
        *pairs(
            (
                "status",
                (f"{word}{', cordoned' if closed else ''}", "good" if word == "Ready" and not closed else "warn"),
            )
        ),
        *failing(body, now),
        *([trouble("cordoned: no new pods are scheduled here", "warn")] if closed else []),
        *metadata(
            body,
            now,
            ("roles", words(roles)),
            *((text(one, "type"), text(one, "address")) for one in items(status, "addresses")),
            ("pod CIDR", text(spec, "podCIDR")),
            ("provider id", text(spec, "providerID")),
            ("unschedulable", "true" if closed else "false"),
            ("last heartbeat", when(max(beats, default=""), now)),
        ),
        *listed("taints", [(_taint(one), "warn") for one in items(spec, "taints")]),
        *_lease(known),
        *conditions(body, now),
        *_room(status),
        *_system(obj(status, "nodeInfo")),
        *_pods(known, status),
    ]


def _taint(one: Body) -> str:
    value = text(one, "value")
    return f"{text(one, 'key')}{f'={value}' if value else ''}:{text(one, 'effect')}"


def _lease(known: Known) -> list[Block]:
    for one in known.found("leases") or ():
        return [
            Head("Lease"),
            *pairs(
                ("holder", text(one, "spec", "holderIdentity")),
                ("acquired", when(text(one, "spec", "acquireTime"), known.now)),
                ("renewed", when(text(one, "spec", "renewTime"), known.now)),
            ),
        ]
    return []


def _room(status: Body) -> list[Block]:
    has, gives = strings(status, "capacity"), strings(status, "allocatable")
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (key, has.get(key, ""), gives.get(key, "")) for key in sorted({**has, **gives})
    )
    return section("Resources", [Grid(("RESOURCE", "CAPACITY", "ALLOCATABLE"), rows)] if rows else [])


_INFO = (
    ("kubelet", "kubeletVersion"),
    ("container runtime", "containerRuntimeVersion"),
    ("kernel", "kernelVersion"),
    ("OS image", "osImage"),
    ("OS", "operatingSystem"),
    ("architecture", "architecture"),
    ("kube-proxy", "kubeProxyVersion"),
    ("machine id", "machineID"),
    ("system UUID", "systemUUID"),
    ("boot id", "bootID"),
)


def _system(info: Body) -> list[Block]:
    return section("System", pairs(*((label, text(info, key)) for label, key in _INFO)))


def _pods(known: Known, status: Body) -> list[Block]:
    refused = known.refused("pods")
    if refused is not None:
        return [Head("Pods"), not_seen("pods", refused)]
    found = known.found("pods")
    if found is None:
        return [Head("Pods", "loading")]
    running = [one for one in found if text(one, "status", "phase") not in _OVER]
    gives = strings(status, "allocatable")
    rows: list[tuple[Cell, ...]] = []
    for one in sorted(running, key=lambda pod: (namespace_of(pod), name_of(pod)))[:SHOWN_PODS]:
        asked = {key: demand([one], *key) for key in _SHOWN}
        cells = [amount(asked[key], key[0], gives) for key in _SHOWN]
        age = ago(text(one, "metadata", "creationTimestamp"), known.now)
        rows.append((namespace_of(one), name_of(one), *cells, age))
    columns = ("NAMESPACE", "NAME", "CPU REQ", "CPU LIM", "MEM REQ", "MEM LIM", "AGE")
    more = len(running) - len(rows)
    return [
        *_allocated(running, gives),
        Head("Pods", f"{len(running)} in total, those that are over left out"),
        *([Grid(columns, tuple(rows))] if rows else []),
        *([Note(f"and {more:,} more", "dim")] if more > 0 else []),
    ]


_SHOWN = (("cpu", "requests"), ("cpu", "limits"), ("memory", "requests"), ("memory", "limits"))


def _allocated(running: Sequence[Body], gives: dict[str, str]) -> list[Block]:
    """What all pods together ask for. Limits may be over 100 per cent."""
    rows: list[tuple[Cell, ...]] = []
    for key in ("cpu", "memory", *sorted(set(gives) - {"cpu", "memory", "pods"})):
        if key not in gives:
            continue
        requests, limits = demand(running, key, "requests"), demand(running, key, "limits")
        rows.append((key, _judged(requests, key, gives), amount(limits, key, gives)))
    held = [Grid(("RESOURCE", "REQUESTS", "LIMITS"), tuple(rows))] if rows else []
    return section("Allocated", held, "by pods, of what there is; limits may be over 100%")


def _judged(value: float, key: str, gives: dict[str, str]) -> Cell:
    room = quantity(gives.get(key, "")) or 0.0
    return amount(value, key, gives), "warn" if room and value > 0.9 * room else ""


def demand(pods: Sequence[Body], resource: str, kind: str) -> float:
    """What pods ask for of a resource: the sum over containers and sidecars, or the largest that runs before them
    (k8s.io/component-helpers/resource `PodRequests`), and a pod's overhead."""
    return sum(_of_pod(obj(one, "spec"), resource, kind) for one in pods)


def _of_pod(spec: Body, resource: str, kind: str) -> float:
    total = sum(_of(one, resource, kind) for one in items(spec, "containers"))
    sidecars = largest = 0.0
    for one in items(spec, "initContainers"):
        if text(one, "restartPolicy") == "Always":
            sidecars += _of(one, resource, kind)
            largest = max(largest, sidecars)
        else:
            largest = max(largest, sidecars + _of(one, resource, kind))
    value = max(total + sidecars, largest)
    whole = text(spec, "resources", kind, resource)
    value = (quantity(whole) or 0.0) if whole else value
    overhead = quantity(text(spec, "overhead", resource)) or 0.0
    return value + overhead if value or kind == "requests" else value


def _of(container: Body, resource: str, kind: str) -> float:
    return quantity(text(container, "resources", kind, resource)) or 0.0


def amount(value: float, key: str, gives: dict[str, str]) -> str:
    """ "250m (12%)", "1Gi (25%)"."""
    room = quantity(gives.get(key, "")) or 0.0
    share = f" ({int(value / room * 100)}%)" if room else " (0%)"
    return f"{_said(value, key)}{share}"


def _said(value: float, key: str) -> str:
    if not value:
        return "0"
    if key == "cpu":
        return f"{value:g}" if value == int(value) else f"{round(value * 1000)}m"
    for unit, size in (("Gi", 1 << 30), ("Mi", 1 << 20), ("Ki", 1 << 10)):
        if value >= size and value % size == 0:
            return f"{int(value // size)}{unit}"
    return f"{value:g}" if value < 1e6 else str(int(value))
