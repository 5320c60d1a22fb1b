"""Where to look for objects that have to do with one and are not named by it: its children, what it selects, who
selects or uses it. Pure: each look says what to list, and tells of each object found whether it is meant."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from tui.data.relations.links import uses
from tui.model.bodies import at, group_of, items, name_of, namespace_of, obj, selector, strings, text, texts, uid_of
from tui.model.builtin import (
    AUTOSCALERS,
    BUDGETS,
    CLUSTER_ROLE_BINDINGS,
    CONFIG_MAPS,
    CRON_JOBS,
    DAEMON_SETS,
    DEPLOYMENTS,
    ENDPOINT_SLICES,
    INGRESSES,
    JOBS,
    NETWORK_POLICIES,
    REPLICA_SETS,
    ROLE_BINDINGS,
    SECRETS,
    SERVICE_ACCOUNTS,
    SERVICES,
    STATEFUL_SETS,
    VOLUMES,
)
from tui.model.kube import PODS, KindRef
from tui.model.objects import Body, Relation

Meant = Callable[[Body], str | None]
"""Whether an object is meant: None, or a note on how, which may be empty."""


class Look(Struct, frozen=True):
    """bare: metadata is enough to tell, and nothing else is asked for."""

    relation: Relation
    kind: KindRef
    meant: Meant
    namespace: str = ""
    labels: str = ""
    fields: str = ""
    bare: bool = False


def selects(held: Body, labels: dict[str, str]) -> bool:
    """Whether a LabelSelector matches labels; an empty one matches all (meta/v1 `LabelSelectorAsSelector`)."""
    if any(labels.get(key) != value for key, value in strings(held, "matchLabels").items()):
        return False
    return all(_expression(one, labels) for one in items(held, "matchExpressions"))


def _expression(one: Body, labels: dict[str, str]) -> bool:
    key, values = text(one, "key"), texts(one, "values")
    match text(one, "operator"):
        case "In":
            return labels.get(key) in values
        case "NotIn":
            return labels.get(key) not in values
        case "Exists":
            return key in labels
        case "DoesNotExist":
            return key not in labels
        case _:
            return False


def children(body: Body) -> list[Look]:
    """Where objects may be that it owns."""
    here, uid = namespace_of(body), uid_of(body)
    owns, mine = Relation.OWNS, owned_by(uid)
    chosen = _chosen(body)
    match group_of(text(body, "apiVersion")), text(body, "kind"):
        case "", ("Pod" | "ConfigMap" | "Secret" | "Node" | "Namespace" | "Event"):
            return []
        case "apps", "Deployment":
            return [Look(owns, REPLICA_SETS, mine, here, chosen)]
        case ("apps", ("ReplicaSet" | "StatefulSet" | "DaemonSet")) | ("batch", "Job") | ("", "ReplicationController"):
            return [Look(owns, PODS, mine, here, chosen)]
        case "batch", "CronJob":
            return [Look(owns, JOBS, mine, here)]
        case "", "Service":
            return [Look(owns, ENDPOINT_SLICES, mine, here, f"kubernetes.io/service-name={name_of(body)}")]
        case group, _ if "." in group and not group.endswith((".k8s.io", "policy")) and here:
            # A custom kind may own anything; these are what operators make, and metadata is enough to see whose it is.
            kinds = (DEPLOYMENTS, STATEFUL_SETS, DAEMON_SETS, JOBS, CRON_JOBS, PODS, SERVICES, CONFIG_MAPS, SECRETS)
            return [Look(owns, kind, mine, here, bare=True) for kind in kinds]
        case _:
            return []


def around(body: Body) -> list[Look]:
    """Where objects may be that it selects, and that select or use it."""
    here = namespace_of(body)
    kind, spec = text(body, "kind"), obj(body, "spec")
    match group_of(text(body, "apiVersion")), kind:
        case "", "Pod":
            return _selected(here, strings(body, "metadata", "labels"))
        case "apps", ("Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet"):
            held = strings(spec, "template", "metadata", "labels")
            scaled = Look(Relation.SELECTED_BY, AUTOSCALERS, _scales(kind, name_of(body)), here)
            return [*_selected(here, held), scaled]
        case "", "Service":
            chosen = ",".join(f"{key}={value}" for key, value in sorted(strings(spec, "selector").items()))
            pods = [Look(Relation.SELECTS, PODS, _any, here, chosen)] if chosen else []
            return [*pods, Look(Relation.SELECTED_BY, INGRESSES, _names(body), here)]
        case "policy", "PodDisruptionBudget":
            return [Look(Relation.SELECTS, PODS, _any, here, selector(obj(spec, "selector")))]
        case "networking.k8s.io", "NetworkPolicy":
            return [Look(Relation.SELECTS, PODS, _any, here, selector(obj(spec, "podSelector")))]
        case "", ("ConfigMap" | "PersistentVolumeClaim" | "Secret" | "ServiceAccount"):
            return _used(body, here, kind)
        case "", "Node":
            return [Look(Relation.USED_BY, PODS, _any, fields=f"spec.nodeName={name_of(body)}")]
        case "storage.k8s.io", "StorageClass":
            return [Look(Relation.USED_BY, VOLUMES, _names(body))]
        case "networking.k8s.io", "IngressClass":
            return [Look(Relation.USED_BY, INGRESSES, _names(body))]
        case "rbac.authorization.k8s.io", "Role":
            return [Look(Relation.USED_BY, ROLE_BINDINGS, _names(body), here)]
        case "rbac.authorization.k8s.io", "ClusterRole":
            return [Look(Relation.USED_BY, each, _names(body)) for each in (CLUSTER_ROLE_BINDINGS, ROLE_BINDINGS)]
        case _:
            return []


def _selected(here: str, labels: dict[str, str]) -> list[Look]:
    """Who selects pods of these labels."""
    by = Relation.SELECTED_BY
    return [
        Look(by, SERVICES, _service(labels), here),
        Look(by, BUDGETS, _matching(labels, "selector"), here),
        Look(by, NETWORK_POLICIES, _matching(labels, "podSelector"), here),
    ]


def _used(body: Body, here: str, kind: str) -> list[Look]:
    by, named = Relation.USED_BY, _names(body)
    looks = [Look(by, PODS, named, here)]
    if kind == "Secret":
        looks += [Look(by, INGRESSES, named, here), Look(by, SERVICE_ACCOUNTS, named, here)]
    if kind == "ServiceAccount":
        looks += [Look(by, ROLE_BINDINGS, named, here), Look(by, CLUSTER_ROLE_BINDINGS, named)]
    return looks


def owned_by(uid: str) -> Meant:
    def meant(other: Body) -> str | None:
        refs = items(other, "metadata", "ownerReferences")
        return "" if uid and any(text(one, "uid") == uid for one in refs) else None

    return meant


def _any(other: Body) -> str | None:
    return ""


def _names(body: Body) -> Meant:
    """The other names this one among what it uses; the note is how."""
    me = (group_of(text(body, "apiVersion")), text(body, "kind"), namespace_of(body), name_of(body))

    def meant(other: Body) -> str | None:
        found = (one for one in uses(other) if (one.group, one.kind, one.namespace, one.name) == me)
        return next((one.note for one in found), None)

    return meant


def _service(labels: dict[str, str]) -> Meant:
    def meant(other: Body) -> str | None:
        held = strings(other, "spec", "selector")
        return "" if held and all(labels.get(key) == value for key, value in held.items()) else None

    return meant


def _matching(labels: dict[str, str], field: str) -> Meant:
    def meant(other: Body) -> str | None:
        held = at(other, "spec", field)
        return "" if isinstance(held, dict) and selects(obj(other, "spec", field), labels) else None

    return meant


def _scales(kind: str, name: str) -> Meant:
    def meant(other: Body) -> str | None:
        target = obj(other, "spec", "scaleTargetRef")
        return "scales it" if (text(target, "kind"), text(target, "name")) == (kind, name) else None

    return meant


def _chosen(body: Body) -> str:
    held = obj(body, "spec", "selector")
    if text(body, "kind") == "ReplicationController":
        return ",".join(f"{key}={value}" for key, value in sorted(strings(held).items()))
    return selector(held)
