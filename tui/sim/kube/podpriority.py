"""A pod's priority, from the class it names or the cluster's default one (plugin/pkg/admission/priority)."""

from __future__ import annotations

from tui.sim.kube.kinds import builtin
from tui.sim.kube.objects import mapping, name_of, text
from tui.sim.kube.refusals import forbidden
from tui.sim.kube.status import Obj
from tui.sim.kube.store import Store

_CLASSES = builtin("scheduling.k8s.io", "priorityclasses")
_PODS = builtin("", "pods")


def with_priority(store: Store, pod: Obj) -> Obj:
    """Raises ApiError 403 where the class does not exist."""
    spec = mapping(pod.get("spec"))
    wanted = text(spec.get("priorityClassName"))
    found = store.get(_CLASSES, "", wanted) if wanted else _default(store)
    if found is None:
        if wanted:
            raise forbidden(_PODS, name_of(pod), f"no PriorityClass with name {wanted} was found")
        return pod
    policy = found.get("preemptionPolicy") or "PreemptLowerPriority"
    given = {"priorityClassName": name_of(found), "priority": found.get("value"), "preemptionPolicy": policy}
    return {**pod, "spec": {**spec, **given}}


def _default(store: Store) -> Obj | None:
    """The globally default class of the lowest value."""
    defaults = [found for found in store.list(_CLASSES) if found.get("globalDefault")]
    return min(defaults, key=lambda found: found.get("value") or 0, default=None)
