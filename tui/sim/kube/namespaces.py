"""Namespaces: what must hold for an object to be put in one, and what each is given when it is made."""

from __future__ import annotations

from tui.sim.kube.kinds import Kind, builtin
from tui.sim.kube.objects import is_terminating, labels_of, mapping, name_of, namespace_of, nested, with_metadata
from tui.sim.kube.refusals import forbidden, not_found
from tui.sim.kube.status import ApiError, Obj
from tui.sim.kube.store import Store

NAMESPACES = builtin("", "namespaces")
SERVICE_ACCOUNTS = builtin("", "serviceaccounts")
CONFIG_MAPS = builtin("", "configmaps")

IMMORTAL = ("default", "kube-system", "kube-public")
"""Namespaces that cannot be deleted (NamespaceLifecycle)."""

NAME_LABEL = "kubernetes.io/metadata.name"
ROOT_CA = "kube-root-ca.crt"
_ROOT_CA_IS = (
    "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the "
    "internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes "
    "clusters."
)


def check_namespace(store: Store, kind: Kind, obj: Obj) -> None:
    """Raises ApiError 404 for a namespace that is not there and 403 for one that is going (NamespaceLifecycle)."""
    if not kind.namespaced or (kind.group, kind.plural) == ("authorization.k8s.io", "localsubjectaccessreviews"):
        return
    name = namespace_of(obj)
    namespace = store.get(NAMESPACES, "", name)
    if namespace is None:
        raise not_found(NAMESPACES, name)
    if is_terminating(namespace):
        raise _terminating(kind, obj, name)


def _terminating(kind: Kind, obj: Obj, namespace: str) -> ApiError:
    why = f"unable to create new content in namespace {namespace} because it is being terminated"
    error = forbidden(kind, name_of(obj), why)
    message = f"namespace {namespace} is being terminated"
    causes = [{"reason": "NamespaceTerminating", "message": message, "field": "metadata.namespace"}]
    error.details = {**(error.details or {}), "causes": causes}
    return error


def check_mortal(kind: Kind, name: str) -> None:
    """Raises ApiError 403 for a namespace the server cannot be without."""
    if kind is NAMESPACES and name in IMMORTAL:
        raise forbidden(kind, name, "this namespace may not be deleted")


def complete_namespace(obj: Obj) -> Obj:
    """With the label, the finalizer and the phase of a new namespace."""
    labelled = with_metadata(obj, {"labels": {**labels_of(obj), NAME_LABEL: name_of(obj)}})
    finalizers = nested(obj, ("spec", "finalizers")) or ["kubernetes"]
    spec = {**mapping(obj.get("spec")), "finalizers": finalizers}
    return {**labelled, "spec": spec, "status": {**mapping(obj.get("status")), "phase": "Active"}}


def is_furniture(storage: tuple[str, str], name: str) -> bool:
    """An object that comes back when it is deleted."""
    return (storage, name) in ((SERVICE_ACCOUNTS.storage, "default"), (CONFIG_MAPS.storage, ROOT_CA))


def furnish(store: Store, name: str, ca: str) -> None:
    """Give a namespace its default service account and the cluster's CA, as the controller manager does."""
    namespace = store.get(NAMESPACES, "", name)
    if namespace is None or is_terminating(namespace):
        return
    if store.get(SERVICE_ACCOUNTS, name, "default") is None:
        store.create(SERVICE_ACCOUNTS, {"metadata": {"name": "default", "namespace": name}})
    if store.get(CONFIG_MAPS, name, ROOT_CA) is None:
        annotations = {"kubernetes.io/description": _ROOT_CA_IS}
        metadata = {"name": ROOT_CA, "namespace": name, "annotations": annotations}
        store.create(CONFIG_MAPS, {"metadata": metadata, "data": {"ca.crt": ca}})
