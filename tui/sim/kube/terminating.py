"""Namespaces on their way out: pkg/controller/namespace/deletion/namespaced_resources_deleter.go, one step a call."""

from __future__ import annotations

from tui.sim.kube.deletion import DeleteOptions, delete_object
from tui.sim.kube.kinds import Kind, Registry
from tui.sim.kube.namespaces import NAMESPACES
from tui.sim.kube.objects import finalizers_of, is_terminating, items, mapping, name_of, nested, timestamp
from tui.sim.kube.status import Obj
from tui.sim.kube.store import Store

_QUIET = (
    ("NamespaceDeletionDiscoveryFailure", "ResourcesDiscovered", "All resources successfully discovered"),
    ("NamespaceDeletionGroupVersionParsingFailure", "ParsedGroupVersions", "All legacy kube types successfully parsed"),
    (
        "NamespaceDeletionContentFailure",
        "ContentDeleted",
        "All content successfully deleted, may be waiting on finalization",
    ),
)


def drain_namespace(store: Store, registry: Registry, namespace: Obj, now: float) -> bool:
    """Delete what is still in a terminating namespace; the namespace itself once it is empty. True when it is gone."""
    name = name_of(namespace)
    for kind in _namespaced(registry):
        for obj in store.list(kind, name):
            if not is_terminating(obj):
                delete_object(store, kind, obj, DeleteOptions(propagation="Background"), now)
    remaining = {kind: left for kind in _namespaced(registry) if (left := store.list(kind, name))}
    live = store.get(NAMESPACES, "", name)
    if live is None:
        return True
    if remaining:
        _report(store, live, remaining, timestamp(now))
        return False
    return finalize(store, live)


def finalize(store: Store, namespace: Obj) -> bool:
    """Take "kubernetes" off the namespace's own finalizers; with the last of them it is gone."""
    spec = mapping(namespace.get("spec"))
    left = [finalizer for finalizer in items(spec.get("finalizers")) if finalizer != "kubernetes"]
    others = {field: value for field, value in spec.items() if field != "finalizers"}
    store.update(NAMESPACES, {**namespace, "spec": {**others, "finalizers": left} if left else others})
    return store.get(NAMESPACES, "", name_of(namespace)) is None


def _namespaced(registry: Registry) -> list[Kind]:
    """One kind per storage."""
    found = {kind.storage: kind for kind in registry if kind.namespaced and "delete" in kind.verbs}
    return list(found.values())


def _report(store: Store, namespace: Obj, remaining: dict[Kind, list[Obj]], now: str) -> None:
    """The conditions by which a namespace says what it waits for."""
    counts = [f"{_resource(kind)} has {len(left)} resource instances" for kind, left in remaining.items()]
    content = "Some resources are remaining: " + ", ".join(sorted(counts))
    waiting: dict[str, int] = {}
    for left in remaining.values():
        for finalizer in (finalizer for obj in left for finalizer in finalizers_of(obj)):
            waiting[finalizer] = waiting.get(finalizer, 0) + 1
    tokens = ", ".join(f"{finalizer} in {count} resource instances" for finalizer, count in sorted(waiting.items()))
    conditions = [
        *(_condition(kind, "False", reason, message, now) for kind, reason, message in _QUIET),
        _condition("NamespaceContentRemaining", "True", "SomeResourcesRemain", content, now),
    ]
    if tokens:
        message = f"Some content in the namespace has finalizers remaining: {tokens}"
        conditions.append(_condition("NamespaceFinalizersRemaining", "True", "SomeFinalizersRemain", message, now))
    else:
        message = "All content-preserving finalizers finished"
        conditions.append(_condition("NamespaceFinalizersRemaining", "False", "ContentHasNoFinalizers", message, now))
    before = {
        mapping(found).get("type"): mapping(found) for found in items(nested(namespace, ("status", "conditions")))
    }
    kept = [_unmoved(before.get(condition["type"]), condition) for condition in conditions]
    store.update(NAMESPACES, {**namespace, "status": {"phase": "Terminating", "conditions": kept}}, status_only=True)


def _resource(kind: Kind) -> str:
    return f"{kind.plural}.{kind.group}"


def _condition(kind: str, status: str, reason: str, message: str, now: str) -> Obj:
    return {"type": kind, "status": status, "lastTransitionTime": now, "reason": reason, "message": message}


def _unmoved(before: Obj | None, condition: Obj) -> Obj:
    """With the time at which its status last changed."""
    if before is None or before.get("status") != condition["status"]:
        return condition
    return {**condition, "lastTransitionTime": before.get("lastTransitionTime")}
