"""The core group, without pods, storage and events."""

from __future__ import annotations

from typing import Any

from tui.sim.kube.objects import labels_of, mapping, text
from tui.sim.kube.printers.base import (
    AGE,
    CONTAINERS,
    DEFAULT,
    IMAGES,
    NAME,
    NAME_AND_AGE,
    Column,
    Printing,
    Printings,
    age_of,
    name_of,
    or_none,
    parts,
    wide,
)
from tui.sim.kube.printers.formats import condition_status, containers, labels, replicas
from tui.sim.kube.quantities import canonical
from tui.sim.kube.status import Obj

_ROLE_PREFIX = "node-role.kubernetes.io/"
_UNKNOWN = "<unknown>"


def _namespace(obj: Obj, now: float) -> list[Any]:
    return [name_of(obj), text(mapping(obj.get("status")).get("phase")), age_of(obj, now)]


def _config_map(obj: Obj, now: float) -> list[Any]:
    return [name_of(obj), len(mapping(obj.get("data"))) + len(mapping(obj.get("binaryData"))), age_of(obj, now)]


def _secret(obj: Obj, now: float) -> list[Any]:
    return [name_of(obj), text(obj.get("type")) or "Opaque", len(mapping(obj.get("data"))), age_of(obj, now)]


def _node(obj: Obj, now: float) -> list[Any]:
    info = mapping(mapping(obj.get("status")).get("nodeInfo"))
    return [
        name_of(obj),
        _node_status(obj),
        or_none(",".join(sorted(_node_roles(obj)))),
        age_of(obj, now),
        text(info.get("kubeletVersion")),
        _node_address(obj, "InternalIP"),
        _node_address(obj, "ExternalIP"),
        text(info.get("osImage")) or _UNKNOWN,
        _kernel(info),
        text(info.get("containerRuntimeVersion")) or _UNKNOWN,
    ]


def _node_status(obj: Obj) -> str:
    match condition_status(obj, "Ready"):
        case "":
            status = "Unknown"
        case "True":
            status = "Ready"
        case _:
            status = "NotReady"
    return f"{status},SchedulingDisabled" if mapping(obj.get("spec")).get("unschedulable") else status


def _node_roles(obj: Obj) -> set[str]:
    labelled = labels_of(obj)
    roles = {key.removeprefix(_ROLE_PREFIX) for key in labelled if key.startswith(_ROLE_PREFIX)}
    return (roles | {labelled.get("kubernetes.io/role", "")}) - {""}


def _node_address(obj: Obj, address_type: str) -> str:
    for address in parts(mapping(obj.get("status")).get("addresses")):
        if address.get("type") == address_type:
            return text(address.get("address"))
    return "<none>"


def _kernel(info: Obj) -> str:
    """With the architecture behind it, as servers from 1.35 on print it."""
    kernel, architecture = text(info.get("kernelVersion")) or _UNKNOWN, text(info.get("architecture"))
    return f"{kernel} ({architecture})" if architecture else kernel


def _replication_controller(obj: Obj, now: float) -> list[Any]:
    return [*replicas(obj, now), labels(mapping(obj.get("spec")).get("selector"))]


def _pod_template(obj: Obj, now: float) -> list[Any]:
    template = mapping(obj.get("template"))
    return [name_of(obj), *containers(template), labels(mapping(template.get("metadata")).get("labels"))]


def _resource_quota(obj: Obj, now: float) -> list[Any]:
    status = mapping(obj.get("status"))
    used, hard = mapping(status.get("used")), mapping(status.get("hard"))
    requests: list[str] = []
    limits: list[str] = []
    for name in sorted(hard):
        share = f"{name}: {canonical(str(used.get(name, '0')))}/{canonical(str(hard[name]))}"
        (limits if name.startswith("limits.") else requests).append(share)
    return [name_of(obj), ", ".join(requests), ", ".join(limits), age_of(obj, now)]


def _component_status(obj: Obj, now: float) -> list[Any]:
    for condition in parts(obj.get("conditions")):
        if condition.get("type") == "Healthy":
            healthy = "Healthy" if condition.get("status") == "True" else "Unhealthy"
            return [name_of(obj), healthy, text(condition.get("message")), text(condition.get("error"))]
    return [name_of(obj), "Unknown", "", ""]


PRINTINGS: Printings = {
    ("", "limitranges"): DEFAULT,
    ("", "serviceaccounts"): NAME_AND_AGE,
    ("", "namespaces"): Printing((NAME, Column("Status", "The status of the namespace"), AGE), _namespace),
    ("", "configmaps"): Printing((NAME, Column("Data", "Data contains the configuration data."), AGE), _config_map),
    ("", "secrets"): Printing(
        (
            NAME,
            Column("Type", "Used to facilitate programmatic handling of secret data."),
            Column("Data", "Data contains the secret data."),
            AGE,
        ),
        _secret,
    ),
    ("", "nodes"): Printing(
        (
            NAME,
            Column("Status", "The status of the node"),
            Column("Roles", "The roles of the node"),
            AGE,
            Column("Version", "Kubelet Version reported by the node."),
            wide(Column("Internal-IP", "List of addresses reachable to the node.")),
            wide(Column("External-IP", "List of addresses reachable to the node.")),
            wide(Column("OS-Image", "OS Image reported by the node from /etc/os-release")),
            wide(Column("Kernel-Version", "Kernel Version reported by the node from 'uname -r'")),
            wide(Column("Container-Runtime", "ContainerRuntime Version reported by the node")),
        ),
        _node,
    ),
    ("", "replicationcontrollers"): Printing(
        (
            NAME,
            Column("Desired", "Replicas is the number of desired replicas.", type="integer"),
            Column("Current", "Replicas is the most recently observed number of replicas.", type="integer"),
            Column("Ready", "The number of ready replicas for this replication controller.", type="integer"),
            AGE,
            wide(CONTAINERS),
            wide(IMAGES),
            wide(Column("Selector", "Selector is a label query over pods that should match the Replicas count.")),
        ),
        _replication_controller,
    ),
    ("", "podtemplates"): Printing(
        (NAME, CONTAINERS, IMAGES, Column("Pod Labels", "The labels for the pod template.")), _pod_template
    ),
    ("", "resourcequotas"): Printing(
        (
            NAME,
            Column("Request", "Request represents a minimum amount of cpu/memory that a container may consume."),
            Column("Limit", "Limits control the maximum amount of cpu/memory that a container may use"),
            AGE,
        ),
        _resource_quota,
    ),
    ("", "componentstatuses"): Printing(
        (
            NAME,
            Column("Status", "Status of the component conditions"),
            Column("Message", "Message of the component conditions"),
            Column("Error", "Error of the component conditions"),
        ),
        _component_status,
    ),
}
