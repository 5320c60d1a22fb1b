"""The link between a cluster's connect agent and Google: there while an agent pod is ready, and since when not."""

from __future__ import annotations

import math
from collections.abc import Callable

from tui.sim import agents
from tui.sim.kube.actors.catalogue import PODS
from tui.sim.kube.actors.pods import is_active, is_ready
from tui.sim.kube.history import WatchRecord
from tui.sim.kube.objects import labels_of
from tui.sim.kube.status import Obj
from tui.sim.kube.store import Store
from tui.sim.scenario import MembershipSpec

HEARD_EVERY = 60.0
"""Seconds after which `lastConnectionTime` moves on. (Google says "several minutes".)"""


class AgentLink:
    """now: simulated seconds since the epoch. GKE clusters need no agent: they are connected, and never say when."""

    def __init__(self, membership: MembershipSpec, store: Store, now: Callable[[], float]) -> None:
        self._membership = membership
        self._now = now
        self._ready = {pod["metadata"]["uid"] for pod in store.list(PODS, agents.NAMESPACE) if is_serving(pod)}
        ago = membership.last_contact
        self._heard: float | None = None if ago is None else now() - ago
        if self.connected and self._heard is None:
            self._heard = now()
        store.subscribe(self._changed)

    @property
    def connected(self) -> bool:
        membership = self._membership
        if not membership.connected or membership.cluster_missing:
            return False
        return membership.kind == "gke" or bool(self._ready)

    @property
    def last_contact(self) -> float | None:
        """Goes on by the clock while there is a link."""
        if self._membership.kind == "gke":
            return None
        if self._heard is None or not self.connected:
            return self._heard
        return self._heard + math.floor((self._now() - self._heard) / HEARD_EVERY) * HEARD_EVERY

    def _changed(self, record: WatchRecord) -> None:
        if record.storage != PODS.storage or record.obj["metadata"].get("namespace") != agents.NAMESPACE:
            return
        connected, heard = self.connected, self.last_contact
        uid = record.obj["metadata"]["uid"]
        if record.change != "DELETED" and is_serving(record.obj):
            self._ready.add(uid)
        else:
            self._ready.discard(uid)
        if connected != self.connected:
            self._heard = self._now() if self.connected else heard


def is_serving(pod: Obj) -> bool:
    """Whether this is an agent's pod, ready to hold the link."""
    return labels_of(pod).get("app") == "gke-connect-agent" and is_active(pod) and is_ready(pod)
