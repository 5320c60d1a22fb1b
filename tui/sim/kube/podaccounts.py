"""A pod's service account: the one it names, or "default", and the token volume mounted into each container.

plugin/pkg/admission/serviceaccount/admission.go.
"""

from __future__ import annotations

import random

from tui.sim.kube.kinds import builtin
from tui.sim.kube.namespaces import ROOT_CA, SERVICE_ACCOUNTS
from tui.sim.kube.objects import items, mapping, name_of, namespace_of, random_letters, text
from tui.sim.kube.refusals import forbidden
from tui.sim.kube.status import Obj
from tui.sim.kube.store import Store

_PODS = builtin("", "pods")
_MOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
_TOKEN_SECONDS = 3607
"""expirationSeconds of the projected token: an hour and seven seconds, by which the kubelet knows it."""


def with_service_account(store: Store, rng: random.Random, pod: Obj) -> Obj:
    """Raises ApiError 403 where the account does not exist."""
    spec = mapping(pod.get("spec"))
    name = text(spec.get("serviceAccountName")) or "default"
    account = store.get(SERVICE_ACCOUNTS, namespace_of(pod), name)
    if account is None:
        why = f'error looking up service account {namespace_of(pod)}/{name}: serviceaccount "{name}" not found'
        raise forbidden(_PODS, name_of(pod), why)
    changed = {**spec, "serviceAccountName": name, "serviceAccount": name}
    if not _mounts_token(spec, account):
        return {**pod, "spec": changed}
    volume = f"kube-api-access-{random_letters(rng, 5)}"
    changed["volumes"] = [*items(spec.get("volumes")), _volume(volume)]
    for field in ("initContainers", "containers"):
        if items(spec.get(field)):
            changed[field] = [_mounted(mapping(container), volume) for container in items(spec.get(field))]
    return {**pod, "spec": changed}


def _mounts_token(spec: Obj, account: Obj) -> bool:
    for holder in (spec, account):
        wanted = holder.get("automountServiceAccountToken")
        if isinstance(wanted, bool):
            return wanted
    return not any(text(mapping(v).get("name")).startswith("kube-api-access-") for v in items(spec.get("volumes")))


def _mounted(container: Obj, volume: str) -> Obj:
    mounts = items(container.get("volumeMounts"))
    if any(mapping(mount).get("mountPath") == _MOUNT for mount in mounts):
        return container
    return {**container, "volumeMounts": [*mounts, {"name": volume, "readOnly": True, "mountPath": _MOUNT}]}


def _volume(name: str) -> Obj:
    namespace = {"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}
    sources = [
        {"serviceAccountToken": {"expirationSeconds": _TOKEN_SECONDS, "path": "token"}},
        {"configMap": {"name": ROOT_CA, "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {"downwardAPI": {"items": [namespace]}},
    ]
    return {"name": name, "projected": {"sources": sources, "defaultMode": 420}}
