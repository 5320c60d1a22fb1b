"""PodDisruptionBudgets and ResourceQuotas: what is left of them, in their status."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from tui.sim.kube.actors.catalogue import DISRUPTION_BUDGETS, PODS, RESOURCE_QUOTAS
from tui.sim.kube.actors.engine import Interest, Key, own
from tui.sim.kube.actors.pods import condition, is_active, is_ready
from tui.sim.kube.actors.site import Site
from tui.sim.kube.history import WatchRecord
from tui.sim.kube.kinds import Registry
from tui.sim.kube.objects import labels_of, mapping, number
from tui.sim.kube.quotas import usage
from tui.sim.kube.selectors import object_selector
from tui.sim.kube.status import Obj
from tui.sim.kube.store import Storage


class DisruptionBudgets:
    def __init__(self, site: Site) -> None:
        self._site = site

    @property
    def watches(self) -> Mapping[Storage, Interest]:
        return {DISRUPTION_BUDGETS.storage: own, PODS.storage: self._pod_changed}

    def _pod_changed(self, record: WatchRecord) -> Iterable[Key]:
        old = record.old
        if old is not None and record.change == "MODIFIED" and _counts_as(old) == _counts_as(record.obj):
            return ()
        namespace, labels = record.obj["metadata"]["namespace"], labels_of(record.obj)
        return tuple(
            (namespace, budget["metadata"]["name"])
            for budget in self._site.store.list(DISRUPTION_BUDGETS, namespace)
            if object_selector(budget["spec"].get("selector")).matches(labels)
        )

    def sync(self, key: Key) -> float | None:
        budget = self._site.get(DISRUPTION_BUDGETS, key)
        if budget is None:
            return None
        selector = object_selector(budget["spec"].get("selector"))
        pods = [pod for pod in self._site.store.list(PODS, key[0]) if selector.matches(labels_of(pod))]
        pods = [pod for pod in pods if is_active(pod)]
        healthy, expected = sum(map(is_ready, pods)), len(pods)
        desired = _desired(budget["spec"], expected)
        allowed = max(0, healthy - desired) if expected else 0
        status: Obj = {
            "observedGeneration": number(budget["metadata"].get("generation"), 1),
            "disruptionsAllowed": allowed,
            "currentHealthy": healthy,
            "desiredHealthy": desired,
            "expectedPods": expected,
            "conditions": [self._condition(budget, allowed > 0)],
        }
        self._site.set_status(DISRUPTION_BUDGETS, budget, status)
        return None

    def _condition(self, budget: Obj, allowed: bool) -> Obj:
        known = condition(budget, "DisruptionAllowed")
        status = "True" if allowed else "False"
        since = known["lastTransitionTime"] if known.get("status") == status else self._site.stamp
        reason = "SufficientPods" if allowed else "InsufficientPods"
        return {
            "type": "DisruptionAllowed",
            "status": status,
            "observedGeneration": number(budget["metadata"].get("generation"), 1),
            "lastTransitionTime": since,
            "reason": reason,
            "message": "",
        }


def _counts_as(pod: Obj) -> tuple[bool, bool]:
    return is_ready(pod), is_active(pod)


def _desired(spec: Obj, expected: int) -> int:
    if spec.get("maxUnavailable") is not None:
        return max(0, expected - _share(spec["maxUnavailable"], expected))
    return _share(spec.get("minAvailable", 0), expected)


def _share(value: object, of: int) -> int:
    if isinstance(value, str) and value.endswith("%"):
        return math.ceil(int(value[:-1]) * of / 100)
    return number(value)


class Quotas:
    """Counts of objects, and requests of pods, by namespace. registry: to name what `count/…` counts."""

    def __init__(self, site: Site, registry: Registry) -> None:
        self._site = site
        self._registry = registry

    @property
    def watches(self) -> Mapping[Storage, Interest]:
        kinds = [kind for kind in self._registry if kind.namespaced and not kind.group and kind.plural != "events"]
        return {**{kind.storage: self._changed for kind in kinds}, RESOURCE_QUOTAS.storage: own}

    def _changed(self, record: WatchRecord) -> Iterable[Key]:
        ended = record.old is not None and is_active(record.old) != is_active(record.obj)
        if record.change == "MODIFIED" and not ended:
            return ()
        namespace = record.obj["metadata"].get("namespace", "")
        return tuple((namespace, one["metadata"]["name"]) for one in self._site.store.list(RESOURCE_QUOTAS, namespace))

    def sync(self, key: Key) -> float | None:
        quota = self._site.get(RESOURCE_QUOTAS, key)
        if quota is not None:
            used = usage(self._site.store, self._registry, quota)
            self._site.set_status(RESOURCE_QUOTAS, quota, {"hard": mapping(quota["spec"].get("hard")), "used": used})
        return None
