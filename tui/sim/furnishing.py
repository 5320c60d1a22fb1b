"""Makes a cluster that has lived: what the scenario says of it is applied at the times in the past at which it would
have been, and its controllers work through what came of that, up to the present."""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from tui.sim import agents, connector, manifests
from tui.sim.crowd import crowd
from tui.sim.kube.actors.behaviours import Behaviour, Behaviours
from tui.sim.kube.actors.catalogue import NODES
from tui.sim.kube.actors.crew import Crew
from tui.sim.kube.actors.engine import Clock
from tui.sim.kube.actors.nodes import node
from tui.sim.kube.cluster import KubeCluster
from tui.sim.kube.forwarding.portforward import PodForwards
from tui.sim.kube.logs import PodLogs
from tui.sim.kube.metrics import Metrics, register
from tui.sim.kube.status import Obj
from tui.sim.scenario import AksSpec, ClusterSpec, LinkerSpec, MembershipSpec, PersonSpec, ProjectSpec, WorkloadSpec

_HOUR, _DAY = 3600.0, 86400.0
_DEGRADED_FOR = 3 * _HOUR
_DOWN_FOR = 480.0
_BROKEN = ("crash", "image-missing", "pending")
_STORAGE = {
    "gke": ("standard-rwo", "pd.csi.storage.gke.io"),
    "aks": ("default", "disk.csi.azure.com"),
    "azure": ("default", "disk.csi.azure.com"),
    "aws": ("gp3", "ebs.csi.aws.com"),
}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a cluster is part of. membership, project: by which a fleet knows it, if one does; aks, linkers: if it is
    Azure's."""

    people: Sequence[PersonSpec]
    membership: MembershipSpec | None = None
    project: ProjectSpec | None = None
    aks: AksSpec | None = None
    linkers: Sequence[LinkerSpec] = ()

    @property
    def platform(self) -> str:
        return self.membership.kind if self.membership is not None else "aks"

    @property
    def region(self) -> str:
        place = self.membership.location if self.membership is not None else self.aks.location if self.aks else ""
        return place if place not in ("", "global") else "europe-west1"


@dataclass(frozen=True, slots=True)
class Inhabited:
    """A cluster with those who work in it."""

    cluster: KubeCluster
    crew: Crew
    logs: PodLogs


class Furnishing:
    """The past of one cluster, as a list of things to do and when; then the doing of them."""

    def __init__(
        self, spec: ClusterSpec, around: Surroundings, *, now: Callable[[], float], seed: int, ca: str = ""
    ) -> None:
        self._spec = spec
        self._around = around
        self._present = now()
        self._born = self._present - spec.age
        self._chance = random.Random(f"{seed}/{spec.name}")
        self._plan: list[tuple[float, int, Callable[[], object]]] = []
        number = zlib.crc32(f"{seed}/{spec.name}".encode())
        self._clock = Clock(now)
        self._clock.stop_at(self._born)
        self._cluster = KubeCluster(spec.name, version=spec.version, now=self._clock, seed=seed, ca=ca)
        metrics = Metrics(self._cluster.store, self._clock, number)
        register(self._cluster, metrics)
        self._behaviours = Behaviours()
        self._logs = PodLogs(self._cluster, self._behaviours)
        self._cluster.keep_logs(self._logs)
        self._cluster.pod_streams["portforward"] = PodForwards(self._cluster, self._behaviours).serve
        self._foundations()
        crowd(self._cluster, spec.pods, self._present)  # before there is a crew, which would look at every one of them
        self._crew = Crew(
            self._cluster, self._clock, self._behaviours, metrics.used, present=self._present, seed=number
        )
        self._logs.ends_at = self._crew.ends_at

    def build(self) -> Inhabited:
        """Everything up to the present."""
        for workload in self._spec.workloads:
            self._plan_workload(workload, manifests.behaviour_of(workload))
        self._plan_all(self._past(0.5), self._spec.objects)
        self._plan_fleet()
        self._plan_connections()
        for when, _, act in sorted(self._plan, key=lambda step: step[:2]):
            self._crew.engine.run_until(when)
            self._clock.stop_at(when)
            act()
        self._crew.engine.run_until(self._present)
        self._cluster.store.compact()  # nobody was there to watch the past
        self._clock.stop_at(None)
        return Inhabited(self._cluster, self._crew, self._logs)

    def _foundations(self) -> None:
        self._cluster.bootstrap()
        room = 256 if self._spec.pods else 110
        for index in range(self._spec.nodes):
            made = node(
                self._spec.name,
                index,
                self._around.platform,
                self._around.region,
                self._spec.version,
                self._born,
                room,
                self._around.project.id if self._around.project else "",
            )
            self._cluster.store.create(NODES, made)
        name, provisioner = _STORAGE.get(self._around.platform, ("standard", "rancher.io/local-path"))
        annotations = {"storageclass.kubernetes.io/is-default-class": "true"}
        storage_class: Obj = {
            "apiVersion": "storage.k8s.io/v1",
            "kind": "StorageClass",
            "metadata": {"name": name, "annotations": annotations},
            "provisioner": provisioner,
            "reclaimPolicy": "Delete",
            "volumeBindingMode": "Immediate",
            "allowVolumeExpansion": True,
        }
        self._cluster.apply_manifest(storage_class)

    # the plan

    def _at(self, when: float, act: Callable[[], object]) -> None:
        self._plan.append((max(self._born + 60.0, min(when, self._present - 1)), len(self._plan), act))

    def _plan_all(self, when: float, objs: Iterable[Obj]) -> None:
        for obj in objs:
            self._at(when, lambda obj=obj: self._cluster.apply_manifest(obj))

    def _past(self, part: float) -> float:
        """A moment in the life of the cluster: 0 = its birth, 1 = now."""
        return self._born + self._spec.age * part

    def _plan_workload(self, spec: WorkloadSpec, behaviour: Behaviour) -> None:
        age = spec.age or self._usual_age(spec)
        begun = self._present - age
        images = (*spec.history, spec.image)
        broken = behaviour.kind in _BROKEN or spec.behaviour == "pending"
        for number, image in enumerate(images):
            last = number == len(images) - 1
            # What is broken was so from its last revision on; what came before it lived.
            lived = behaviour if last or not broken else replace(behaviour, kind="steady", runs_for=None, exit_code=0)
            self._behaviours.add(spec.namespace, spec.name, image, lived)
            when = begun + age * number / len(images)
            if broken and last and number:
                when = max(begun, self._present - 1.5 * _HOUR * (0.5 + self._chance.random()))
            written = spec if last or not broken else replace(spec, behaviour="steady")
            self._at(when, lambda spec=written, image=image: self._apply(spec, image))
        self._plan_all(begun + 1, manifests.companions(spec))

    def _apply(self, spec: WorkloadSpec, image: str) -> None:
        made = manifests.workload(spec, image)
        kind = self._cluster.registry.for_object(made["apiVersion"], made["kind"])
        live = self._cluster.store.get(kind, spec.namespace, spec.name) if kind is not None else None
        if live is not None:  # the replicas are the autoscaler's, and the revision the controller's
            made = {**live, "spec": {**live["spec"], "template": made["spec"]["template"]}}
        self._cluster.apply_manifest(made)

    def _usual_age(self, spec: WorkloadSpec) -> float:
        if spec.history:
            return self._spec.age * self._chance.uniform(0.3, 0.9)
        if spec.behaviour in _BROKEN:
            return self._chance.uniform(25 * 60, 75 * 60)
        if spec.kind == "Job":
            return self._chance.uniform(2 * _HOUR, 20 * _HOUR)
        return self._spec.age * self._chance.uniform(0.05, 0.9)

    def _plan_fleet(self) -> None:
        around, membership = self._around, self._around.membership
        self._plan_all(self._past(0.02), agents.access(around.people, membership))
        if membership is None or around.project is None or self._spec.agent == "none":
            return
        healthy = agents.agent_behaviour("healthy", membership, around.project)
        place = (agents.NAMESPACE, agents.DEPLOYMENT, agents.IMAGE)
        self._behaviours.add(*place, healthy)
        self._plan_all(self._past(0.4), agents.agent(membership, around.project))
        if self._spec.agent == "healthy":
            return
        last = _DOWN_FOR if membership.last_contact is None else membership.last_contact
        since = last if self._spec.agent == "down" else _DEGRADED_FOR
        worse = agents.agent_behaviour(self._spec.agent, membership, around.project)
        self._at(self._present - since, lambda: self._crew.behave(*place, worse))

    def _plan_connections(self) -> None:
        aks = self._around.aks
        if aks is None:
            return
        installed = self._past(0.04)
        self._plan_all(installed, connector.extension_objects(aks, installed))
        for spec, behaviour in connector.extension_agents(aks):
            for container in spec.containers[1:]:
                self._behaviours.add(
                    spec.namespace,
                    spec.name,
                    f"{spec.image.rpartition('/')[0]}/{container}:2.4.1",
                    Behaviour(log="silent"),
                )
            self._plan_workload(spec, behaviour)
        for linker in self._around.linkers:
            self._plan_all(self._past(0.05), connector.connection_objects(linker))
        left = connector.left_job(aks, {linker.name: linker for linker in self._around.linkers})
        if left is not None:
            spec, behaviour = left
            self._plan_workload(replace(spec, age=40 * 60.0), behaviour)
