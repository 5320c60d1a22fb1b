"""A cluster in unrest: its plain pods restart, go and come by the thousand each second, to measure with.

Each is a write like any other, so what watches are told is what a list then says.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

from tui.sim.kube.actors.catalogue import PODS
from tui.sim.kube.cluster import KubeCluster
from tui.sim.kube.objects import labels_of, name_of, namespace_of, timestamp, with_metadata
from tui.sim.kube.status import ApiError, Obj

STEP = 0.02
"""Seconds between two bursts."""
RATE = 100.0
"""Events a second, where none is given."""

_MOVES = 0.05  # the share of the changes in which a pod goes and another comes
_PLAIN = ("tier", "load")


class Churn:
    """rate: events a second. elapsed: seconds since it began, by whichever clock; what one burst had no time for, the
    next ones do. events: how many there have been."""

    def __init__(self, cluster: KubeCluster, rate: float, seed: int = 0) -> None:
        self.events = 0
        self._cluster = cluster
        self._rate = rate
        self._rng = random.Random(f"{cluster.name}/churn/{seed}")
        label, value = _PLAIN
        self._pods = [
            (namespace_of(pod), name_of(pod)) for pod in cluster.store.list(PODS) if labels_of(pod).get(label) == value
        ]

    async def run(self, seconds: float, stopped: Callable[[], bool]) -> None:
        """Until `stopped`, or for as many seconds where they are above 0."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        while not stopped() and not 0 < seconds <= loop.time() - begun:
            self.catch_up(loop.time() - begun)
            await asyncio.sleep(STEP)

    def catch_up(self, elapsed: float) -> None:
        """Make the events that are due after `elapsed` seconds; not more at once than those of a quarter second."""
        due = min(int(elapsed * self._rate), self.events + int(self._rate / 4) + 1)
        while self._pods and self.events < due:
            self._change()

    def _change(self) -> None:
        at = self._rng.randrange(len(self._pods))
        namespace, name = self._pods[at]
        store = self._cluster.store
        pod = store.get(PODS, namespace, name)
        if pod is None:
            self._pods[at] = self._pods[-1]
            self._pods.pop()
            return
        try:
            if self._rng.random() < _MOVES:
                self._pods[at] = (namespace, self._replace(pod, namespace, name))
                self.events += 2
            else:
                store.update(PODS, _restarted(pod, timestamp(self._cluster.now())), status_only=True)
                self.events += 1
        except ApiError:  # somebody else was quicker
            self.events += 1

    def _replace(self, pod: Obj, namespace: str, name: str) -> str:
        """The pod goes, and another comes in its stead."""
        store, now = self._cluster.store, timestamp(self._cluster.now())
        successor = f"{name.split('.')[0]}.{self._rng.getrandbits(24):06x}"
        fresh = {"name": successor, "uid": None, "resourceVersion": None, "creationTimestamp": now}
        store.remove(PODS, namespace, name)
        store.create(PODS, with_metadata(pod, fresh))
        return successor


def _restarted(pod: Obj, now: str) -> Obj:
    """The pod after its container has ended and has been started again."""
    status = pod["status"]
    first, *others = status["containerStatuses"]
    ended = {"exitCode": 1, "reason": "Error", "startedAt": first["state"]["running"]["startedAt"], "finishedAt": now}
    again = {
        **first,
        "restartCount": first["restartCount"] + 1,
        "state": {"running": {"startedAt": now}},
        "lastState": {"terminated": {**ended, "containerID": first["containerID"]}},
    }
    return {**pod, "status": {**status, "containerStatuses": [again, *others]}}
