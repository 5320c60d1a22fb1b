"""A simulated cluster that lives by a clock the test moves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tui.sim.kube.actors.behaviours import Behaviour, Behaviours
from tui.sim.kube.actors.catalogue import EVENTS, NODES, PODS
from tui.sim.kube.actors.crew import Crew
from tui.sim.kube.actors.engine import Clock
from tui.sim.kube.actors.nodes import node
from tui.sim.kube.actors.podload import Usage
from tui.sim.kube.cluster import KubeCluster
from tui.sim.kube.deletion import DeleteOptions, delete_object
from tui.sim.kube.kinds import Kind
from tui.sim.kube.metrics import Metrics
from tui.sim.kube.podaccounts import with_service_account
from tui.sim.kube.status import Obj

START = 1_790_000_000.0


class Town:
    """version decides the words of some events. usage: what every pod uses, for the autoscaler."""

    def __init__(self, nodes: int = 3, version: str = "v1.36.2", usage: Usage | None = None) -> None:
        self.time = START
        clock = Clock(lambda: self.time)
        self.cluster = KubeCluster("town", version=version, now=clock, seed=1)
        self.store = self.cluster.store
        self.behaviours = Behaviours()
        metrics = Metrics(self.store, clock, 1)
        self.crew = Crew(self.cluster, clock, self.behaviours, usage or metrics.used, present=START, seed=1)
        self.cluster.bootstrap()
        for index in range(nodes):
            self.store.create(NODES, node("town", index, "gke", "europe-west1", version, START))
        self.settle()

    def settle(self) -> None:
        """Do what is due now."""
        self.crew.engine.run_until(self.time)

    def live(self, seconds: float) -> None:
        """Let time pass."""
        self.time += seconds
        self.settle()

    def until(self, holds: Callable[[], bool], seconds: float = 120.0, step: float = 0.25) -> float:
        """Let time pass until something holds; how long it took. Fails when it never does."""
        began = self.time
        while not holds():
            assert self.time - began < seconds, f"not so after {seconds} s"
            self.live(step)
        return self.time - began

    def apply(
        self, kind: str, name: str, spec: Obj, *, api: str = "apps/v1", namespace: str = "default", **meta: Any
    ) -> Obj:
        """A manifest, as a scenario applies it."""
        metadata = {"name": name, "namespace": namespace, **meta}
        return self.cluster.apply_manifest({"apiVersion": api, "kind": kind, "metadata": metadata, "spec": spec})

    def deployment(self, name: str = "web", replicas: int = 3, image: str = "app:1", **spec: Any) -> Obj:
        return self.apply("Deployment", name, {"replicas": replicas, **template(name, image), **spec})

    def pod(self, name: str = "one", image: str = "app:1", **spec: Any) -> Obj:
        """A bare pod, as admission lets it through."""
        container = {"name": "app", "image": image, **spec.pop("container", {})}
        metadata = {"name": name, "namespace": "default"}
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": [container], **spec}}
        made = self.cluster.apply_manifest(with_service_account(self.store, self.cluster.rng, pod))
        self.settle()
        return made

    def behave(self, workload: str, image: str = "app:1", **how: Any) -> None:
        self.behaviours.add("default", workload, image, Behaviour(**how))

    def get(self, kind: Kind, name: str, namespace: str = "default") -> Obj:
        found = self.store.get(kind, namespace if kind.namespaced else "", name)
        assert found is not None, f"no {kind.plural} {name}"
        return found

    def pods(self, prefix: str = "", namespace: str = "default") -> list[Obj]:
        return [pod for pod in self.store.list(PODS, namespace) if pod["metadata"]["name"].startswith(prefix)]

    def change(self, kind: Kind, name: str, change: Callable[[Obj], Obj]) -> Obj:
        """Write the object that `change` makes of the present one's spec."""
        live = self.get(kind, name)
        return self.store.update(kind, {**live, "spec": change(live["spec"])})

    def delete(self, kind: Kind, name: str, **options: Any) -> None:
        delete_object(self.store, kind, self.get(kind, name), DeleteOptions(**options), self.time)
        self.settle()

    def events(self, of: str) -> list[tuple[str, str]]:
        """(reason, message) of the events about an object, in the order of their first times."""
        found = [event for event in self.store.list(EVENTS) if event["involvedObject"]["name"] == of]
        found.sort(key=lambda event: event["metadata"]["name"].rpartition(".")[2])
        return [(event["reason"], event["message"]) for event in found]


def template(app: str, image: str = "app:1", **spec: Any) -> Obj:
    """A selector and the pod template it selects."""
    pod = {"containers": [{"name": "app", "image": image}], **spec}
    return {"selector": {"matchLabels": {"app": app}}, "template": {"metadata": {"labels": {"app": app}}, "spec": pod}}


def state(pod: Obj, container: int = 0) -> str:
    """What kubectl would show as a container's state: "running", or why it is not."""
    ((phase, detail),) = pod["status"]["containerStatuses"][container]["state"].items()
    return "running" if phase == "running" else detail["reason"]


def ready(pod: Obj) -> bool:
    conditions = pod["status"].get("conditions", [])
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)
