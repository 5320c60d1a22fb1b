"""The HorizontalPodAutoscaler controller (pkg/controller/podautoscaler/horizontal.go, reconcileAutoscaler)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from tui.sim.kube.actors.catalogue import AUTOSCALERS, DEPLOYMENTS, PODS, STATEFUL_SETS
from tui.sim.kube.actors.engine import Interest, Key, own
from tui.sim.kube.actors.podload import Proposal, Unmeasurable, Usage, propose
from tui.sim.kube.actors.pods import replicas_of
from tui.sim.kube.actors.scalingrules import Memory, decide
from tui.sim.kube.actors.site import Site
from tui.sim.kube.kinds import Kind
from tui.sim.kube.objects import items, labels_of, mapping, number, text
from tui.sim.kube.selectors import object_selector
from tui.sim.kube.status import Obj
from tui.sim.kube.store import Storage

EVERY = 15.0
"""Seconds between looks (--horizontal-pod-autoscaler-sync-period)."""

_LIVED = 600.0  # seconds before the present from which on an autoscaler is at work: its past matters no further back
_SCALED: Mapping[str, Kind] = {"Deployment": DEPLOYMENTS, "StatefulSet": STATEFUL_SETS}
_COMPONENT = "horizontal-pod-autoscaler"
_ABLE, _ACTIVE, _LIMITED = "AbleToScale", "ScalingActive", "ScalingLimited"

Conditions: TypeAlias = dict[str, Obj]


class Autoscalers:
    def __init__(self, site: Site, usage: Usage) -> None:
        self._site = site
        self._usage = usage
        self._memories: dict[Key, Memory] = {}

    @property
    def watches(self) -> Mapping[Storage, Interest]:
        return {AUTOSCALERS.storage: own}

    def sync(self, key: Key) -> float | None:
        scaler = self._site.get(AUTOSCALERS, key)
        if scaler is None:
            self._memories.pop(key, None)
            return None
        if self._site.now() < self._site.present - _LIVED:
            return self._site.present - _LIVED - self._site.now()
        conditions: Conditions = {one["type"]: one for one in items(mapping(scaler.get("status")).get("conditions"))}
        reference = mapping(scaler["spec"].get("scaleTargetRef"))
        kind = _SCALED.get(text(reference.get("kind")))
        target = self._site.get(kind, (key[0], text(reference.get("name")))) if kind is not None else None
        if kind is None or target is None:
            self._tell_missing(scaler, conditions, kind, reference)
        else:
            said = "the HPA controller was able to get the target's current scale"
            self._set(conditions, _ABLE, True, "SucceededGetScale", said)
            self._reconcile(key, scaler, conditions, kind, target)
        return EVERY

    def _reconcile(self, key: Key, scaler: Obj, conditions: Conditions, kind: Kind, target: Obj) -> None:
        spec, current, now = scaler["spec"], replicas_of(target), self._site.now()
        memory = self._memories.setdefault(key, Memory([(now, current)]))
        least, most = number(spec.get("minReplicas"), 1), number(spec.get("maxReplicas"), 1)
        metrics: list[Obj] | None = None
        if current == 0 and least != 0:
            said = "scaling is disabled since the replica count of the target is zero"
            self._set(conditions, _ACTIVE, False, "ScalingDisabled", said)
            self._write(scaler, conditions, current, 0, None)
            return
        if current > most:
            wish, reason = most, "Current number of replicas above Spec.MaxReplicas"
        elif current < least:
            wish, reason = least, "Current number of replicas below Spec.MinReplicas"
        else:
            proposals = self._proposals(scaler, conditions, target, current)
            if proposals is None:
                status = mapping(scaler.get("status"))
                desired = number(status.get("desiredReplicas"))
                self._write(scaler, conditions, current, desired, items(status.get("currentMetrics")) or None)
                return
            best, metrics = max(proposals, key=lambda one: one.replicas), [one.status for one in proposals]
            reason = f"{best.name} above target" if best.replicas > current else "All metrics below target"
            decision = decide(spec, memory, current, best.replicas, now)
            wish = decision.replicas
            self._set(conditions, _ABLE, True, *decision.able)
            self._set(conditions, _LIMITED, decision.capped, *decision.limited)
        if wish != current:
            self._site.store.update(kind, {**target, "spec": {**target["spec"], "replicas": wish}})
            memory.scaled = [*(one for one in memory.scaled if one[0] > now - 1800), (now, wish - current)]
            said = f"the HPA controller was able to update the target scale to {wish}"
            self._set(conditions, _ABLE, True, "SucceededRescale", said)
            told = f"New size: {wish}; reason: {reason}"
            self._site.record.normal(AUTOSCALERS, scaler, "SuccessfulRescale", told, _COMPONENT)
        self._write(scaler, conditions, current, wish, metrics)

    def _proposals(self, scaler: Obj, conditions: Conditions, target: Obj, current: int) -> list[Proposal] | None:
        """Of each metric that can be had; None where none can, or where what is left would only scale down."""
        selector = object_selector(target["spec"].get("selector"))
        namespace = scaler["metadata"]["namespace"]
        pods = [pod for pod in self._site.store.list(PODS, namespace) if selector.matches(labels_of(pod))]
        found: list[Proposal] = []
        failed: list[Unmeasurable] = []
        for metric in items(scaler["spec"].get("metrics")):
            try:
                found.append(propose(mapping(metric), pods, current, self._usage))
            except Unmeasurable as error:
                self._site.record.warning(AUTOSCALERS, scaler, error.reason, str(error), _COMPONENT)
                failed.append(error)
        best = max((one.replicas for one in found), default=0)
        if failed and best <= current:
            said = f"the HPA was unable to compute the replica count: {failed[0]}"
            self._set(conditions, _ACTIVE, False, failed[0].reason, said)
            total = len(failed) + len(found)
            opening = f"invalid metrics ({len(failed)} invalid out of {total}), first error is: "
            why = f"{opening}failed to get {failed[0].value}: {failed[0]}"
            self._site.record.warning(AUTOSCALERS, scaler, "FailedComputeMetricsReplicas", why, _COMPONENT)
            return None
        if not found:
            return None
        name = max(found, key=lambda one: one.replicas).name
        said = f"the HPA was able to successfully calculate a replica count from {name}"
        self._set(conditions, _ACTIVE, True, "ValidMetricFound", said)
        return found

    def _tell_missing(self, scaler: Obj, conditions: Conditions, kind: Kind | None, reference: Obj) -> None:
        name, said_kind = text(reference.get("name")), text(reference.get("kind"))
        group, _, version = text(reference.get("apiVersion")).rpartition("/")
        why = f'no matches for kind "{said_kind}" in group "{group}"'
        if kind is not None and (group, version) == (kind.group, kind.version):
            why = f'{kind.plural}.{kind.group} "{name}" not found'
        self._site.record.warning(AUTOSCALERS, scaler, "FailedGetScale", why, _COMPONENT)
        said = f"the HPA controller was unable to get the target's current scale: {why}"
        self._set(conditions, _ABLE, False, "FailedGetScale", said)
        status = mapping(scaler.get("status"))
        self._site.set_status(AUTOSCALERS, scaler, {**status, "conditions": list(conditions.values())})

    def _write(
        self, scaler: Obj, conditions: Conditions, current: int, desired: int, metrics: list[Obj] | None
    ) -> None:
        before = mapping(scaler.get("status"))
        scaled = desired != current and conditions[_ABLE]["reason"] == "SucceededRescale"
        status: Obj = {
            "lastScaleTime": self._site.stamp if scaled else before.get("lastScaleTime"),
            "currentReplicas": current,
            "desiredReplicas": desired,
            "currentMetrics": metrics,
            "conditions": list(conditions.values()),
        }
        self._site.set_status(AUTOSCALERS, scaler, status)

    def _set(self, conditions: Conditions, name: str, status: bool, reason: str, message: str) -> None:
        """Its time moves only where the status does."""
        known, said = conditions.get(name, {}), str(status)
        since = known["lastTransitionTime"] if known.get("status") == said else self._site.stamp
        conditions[name] = {
            "type": name,
            "status": said,
            "lastTransitionTime": since,
            "reason": reason,
            "message": message,
        }
