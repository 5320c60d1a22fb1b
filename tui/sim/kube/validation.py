"""Which rules hold for which kind, on creation and on update."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from tui.sim.kube import validation_access as access
from tui.sim.kube import validation_config as config
from tui.sim.kube import validation_network as network
from tui.sim.kube import validation_pods as pods
from tui.sim.kube import validation_storage as storage
from tui.sim.kube import validation_workloads as workloads
from tui.sim.kube.fielderrors import FieldError
from tui.sim.kube.kinds import Kind
from tui.sim.kube.objects import mapping
from tui.sim.kube.status import Obj
from tui.sim.kube.validation_meta import common_errors, metadata_errors, update_errors

_APPS, _BATCH, _RBAC = "apps", "batch", "rbac.authorization.k8s.io"
_STORAGE = "storage.k8s.io"


def _pod_errors(pod: Obj) -> Iterator[FieldError]:
    return pods.spec_errors(mapping(pod.get("spec")), "spec")


_ALWAYS: dict[tuple[str, str], Callable[[Obj], Iterable[FieldError]]] = {
    ("", "pods"): _pod_errors,
    ("", "services"): network.service_errors,
    ("", "configmaps"): config.config_map_errors,
    ("", "secrets"): config.secret_errors,
    ("", "persistentvolumeclaims"): storage.claim_errors,
    (_APPS, "deployments"): workloads.deployment_errors,
    (_APPS, "replicasets"): workloads.replica_set_errors,
    (_APPS, "daemonsets"): workloads.daemon_set_errors,
    (_APPS, "statefulsets"): workloads.stateful_set_errors,
    (_BATCH, "jobs"): workloads.job_errors,
    (_BATCH, "cronjobs"): workloads.cron_job_errors,
    ("autoscaling", "horizontalpodautoscalers"): workloads.autoscaler_errors,
    ("policy", "poddisruptionbudgets"): workloads.disruption_budget_errors,
    ("networking.k8s.io", "ingresses"): network.ingress_errors,
    (_RBAC, "roles"): partial(access.role_errors, namespaced=True),
    (_RBAC, "clusterroles"): partial(access.role_errors, namespaced=False),
    (_RBAC, "rolebindings"): partial(access.binding_errors, namespaced=True),
    (_RBAC, "clusterrolebindings"): partial(access.binding_errors, namespaced=False),
    (_STORAGE, "storageclasses"): storage.storage_class_errors,
    ("apiextensions.k8s.io", "customresourcedefinitions"): storage.definition_errors,
}

_ON_UPDATE: dict[tuple[str, str], Callable[[Obj, Obj], Iterable[FieldError]]] = {
    ("", "services"): network.service_update_errors,
    ("", "configmaps"): config.sealed_update_errors,
    ("", "secrets"): config.sealed_update_errors,
    ("", "persistentvolumeclaims"): storage.claim_update_errors,
    (_APPS, "deployments"): workloads.selector_update_errors,
    (_APPS, "replicasets"): workloads.selector_update_errors,
    (_APPS, "daemonsets"): workloads.selector_update_errors,
    (_APPS, "statefulsets"): workloads.stateful_set_update_errors,
    (_BATCH, "jobs"): workloads.job_update_errors,
    (_RBAC, "rolebindings"): access.binding_update_errors,
    (_RBAC, "clusterrolebindings"): access.binding_update_errors,
    (_STORAGE, "storageclasses"): storage.storage_class_update_errors,
}


def errors(obj: Obj, kind: Kind, old: Obj | None, subresource: str | None = None) -> list[FieldError]:
    """What is wrong with a defaulted object; `old` is what it replaces, defaulted too, None on create."""
    key = (kind.group, kind.plural)
    found: list[FieldError] = []
    if old is None:
        found += metadata_errors(obj, kind)
        if key == (_BATCH, "jobs") and subresource is not None:  # a world that is being furnished keeps what it had
            found += workloads.job_create_errors(obj)
    else:
        found += update_errors(obj, old)
        found += common_errors(obj)
        if key == ("", "pods"):
            found += pods.update_errors(obj, old, subresource)
        elif key in _ON_UPDATE:
            found += _ON_UPDATE[key](obj, old)
    if key in _ALWAYS:
        found += _ALWAYS[key](obj)
    return list(dict.fromkeys(found))
