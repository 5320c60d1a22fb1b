"""The HorizontalPodAutoscaler controller: replicas after the CPU that pods use of what they request."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from tui.sim.kube.actors.catalogue import AUTOSCALERS, DEPLOYMENTS, PODS, STATEFUL_SETS
from tui.sim.kube.actors.engine import Interest, Key, own
from tui.sim.kube.actors.pods import condition, is_active, is_ready, replicas_of
from tui.sim.kube.actors.requests import requests_of
from tui.sim.kube.actors.site import Site
from tui.sim.kube.kinds import Kind
from tui.sim.kube.objects import items, labels_of, mapping, number, text
from tui.sim.kube.selectors import object_selector
from tui.sim.kube.status import Obj
from tui.sim.kube.store import Storage

EVERY = 60.0
"""Seconds between looks. (A real one looks every fifteen; this spares watch traffic.)"""

_TOLERANCE = 0.1
_SETTLING = 300.0  # seconds for which a lower wish must hold before anything is taken away
_SCALED: Mapping[str, Kind] = {"Deployment": DEPLOYMENTS, "StatefulSet": STATEFUL_SETS}
_COMPONENT = "horizontal-pod-autoscaler"

Usage = Callable[[Obj], int]
"""Millicores that a pod uses now."""


class Autoscalers:
    def __init__(self, site: Site, usage: Usage) -> None:
        self._site = site
        self._usage = usage
        self._lower_since: dict[Key, float] = {}

    @property
    def watches(self) -> Mapping[Storage, Interest]:
        return {AUTOSCALERS.storage: own}

    def sync(self, key: Key) -> float | None:
        scaler = self._site.get(AUTOSCALERS, key)
        if scaler is None:
            return None
        if self._site.now() < self._site.present - 2 * _SETTLING:
            return self._site.present - 2 * _SETTLING - self._site.now()
        reference = mapping(scaler["spec"].get("scaleTargetRef"))
        kind = _SCALED.get(text(reference.get("kind")))
        target = self._site.get(kind, (key[0], text(reference.get("name")))) if kind is not None else None
        if kind is None or target is None:
            self._tell_missing(scaler, kind, text(reference.get("name")))
            return EVERY
        self._scale(key, scaler, kind, target)
        return EVERY

    def _scale(self, key: Key, scaler: Obj, kind: Kind, target: Obj) -> None:
        current = replicas_of(target)
        wanted_share = _target_share(scaler)
        selector = object_selector(target["spec"].get("selector"))
        pods = [pod for pod in self._site.store.list(PODS, key[0]) if selector.matches(labels_of(pod))]
        pods = [pod for pod in pods if is_active(pod) and is_ready(pod)]
        share = self._share(pods)
        if share is None:
            self._tell_unknown(scaler, current, pods)
            return
        wish = self._wish(key, scaler, current, share, wanted_share)
        if wish != current:
            self._site.store.update(kind, {**target, "spec": {**target["spec"], "replicas": wish}})
            above = "above" if wish > current else "below"
            reason = f"cpu resource utilization (percentage of request) {above} target"
            if wish < current:
                reason = "All metrics below target"
            said = f"New size: {wish}; reason: {reason}"
            self._site.record.normal(AUTOSCALERS, scaler, "SuccessfulRescale", said, _COMPONENT)
        self._tell(scaler, current, wish, share)

    def _share(self, pods: Sequence[Obj]) -> int | None:
        """Percent of the requested CPU that is used."""
        asked = sum(requests_of(pod).amounts.get("cpu", 0) for pod in pods)
        return round(100 * sum(map(self._usage, pods)) / asked) if asked else None

    def _wish(self, key: Key, scaler: Obj, current: int, share: int, target: int) -> int:
        ratio = share / target
        wish = current if abs(ratio - 1) <= _TOLERANCE else math.ceil(current * ratio)
        wish = min(
            max(wish, number(scaler["spec"].get("minReplicas"), 1)), number(scaler["spec"].get("maxReplicas"), 1)
        )
        if wish >= current:
            self._lower_since.pop(key, None)
            return wish
        since = self._lower_since.setdefault(key, self._site.now())
        return wish if self._site.now() - since >= _SETTLING else current

    def _tell(self, scaler: Obj, current: int, wish: int, share: int) -> None:
        used = {"averageUtilization": share, "averageValue": f"{share * 2}m"}
        conditions = [
            self._condition(scaler, "AbleToScale", "True", "ReadyForNewScale", "recommended size matches current size"),
            self._condition(
                scaler,
                "ScalingActive",
                "True",
                "ValidMetricFound",
                "the HPA was able to successfully calculate a replica count from cpu resource utilization "
                "(percentage of request)",
            ),
            self._condition(
                scaler,
                "ScalingLimited",
                "False",
                "DesiredWithinRange",
                "the desired count is within the acceptable range",
            ),
        ]
        before = mapping(scaler.get("status"))
        status: Obj = {
            "lastScaleTime": self._site.stamp if wish != current else before.get("lastScaleTime"),
            "currentReplicas": current,
            "desiredReplicas": wish,
            "currentMetrics": [{"type": "Resource", "resource": {"name": "cpu", "current": used}}],
            "conditions": conditions,
        }
        self._site.set_status(AUTOSCALERS, scaler, status)

    def _tell_unknown(self, scaler: Obj, current: int, pods: Sequence[Obj]) -> None:
        why = "no metrics returned from resource metrics API"
        if pods:
            container, name = pods[0]["spec"]["containers"][0]["name"], pods[0]["metadata"]["name"]
            why = f"missing request for cpu in container {container} of Pod {name}"
        self._site.record.warning(
            AUTOSCALERS, scaler, "FailedGetResourceMetric", f"failed to get cpu utilization: {why}", _COMPONENT
        )
        said = f"the HPA was unable to compute the replica count: failed to get cpu utilization: {why}"
        conditions = [
            self._condition(
                scaler,
                "AbleToScale",
                "True",
                "SucceededGetScale",
                "the HPA controller was able to get the target's current scale",
            ),
            self._condition(scaler, "ScalingActive", "False", "FailedGetResourceMetric", said),
        ]
        status = {"currentReplicas": current, "desiredReplicas": 0, "currentMetrics": None, "conditions": conditions}
        self._site.set_status(AUTOSCALERS, scaler, status)

    def _tell_missing(self, scaler: Obj, kind: Kind | None, name: str) -> None:
        why = f'{kind.plural if kind else "resource"}.{kind.group if kind else ""} "{name}" not found'
        self._site.record.warning(AUTOSCALERS, scaler, "FailedGetScale", why, _COMPONENT)
        said = f"the HPA controller was unable to get the target's current scale: {why}"
        conditions = [self._condition(scaler, "AbleToScale", "False", "FailedGetScale", said)]
        self._site.set_status(AUTOSCALERS, scaler, {**mapping(scaler.get("status")), "conditions": conditions})

    def _condition(self, scaler: Obj, name: str, status: str, reason: str, message: str) -> Obj:
        known = condition(scaler, name)
        since = text(known.get("lastTransitionTime")) if known.get("status") == status else self._site.stamp
        return {"type": name, "status": status, "lastTransitionTime": since, "reason": reason, "message": message}


def _target_share(scaler: Obj) -> int:
    for metric in items(scaler["spec"].get("metrics")):
        resource = mapping(metric.get("resource"))
        if resource.get("name") == "cpu":
            return number(mapping(resource.get("target")).get("averageUtilization"), 80)
    return 80
