"""Everybody who works in one cluster, put together."""

from __future__ import annotations

from tui.sim.kube.actors.autoscalers import Autoscalers
from tui.sim.kube.actors.behaviours import Behaviour, Behaviours
from tui.sim.kube.actors.budgets import DisruptionBudgets, Quotas
from tui.sim.kube.actors.catalogue import NODES
from tui.sim.kube.actors.cronjobs import CronJobs
from tui.sim.kube.actors.daemonsets import DaemonSets
from tui.sim.kube.actors.deployments import Deployments
from tui.sim.kube.actors.engine import Clock, Engine
from tui.sim.kube.actors.housekeeping import Housekeeping
from tui.sim.kube.actors.jobs import Jobs
from tui.sim.kube.actors.kubelet import Concerned, Kubelets
from tui.sim.kube.actors.nodes import Heartbeats, heartbeats_of
from tui.sim.kube.actors.podload import Usage
from tui.sim.kube.actors.replicasets import ReplicaSets
from tui.sim.kube.actors.scheduler import Scheduler
from tui.sim.kube.actors.services import Services
from tui.sim.kube.actors.site import Site
from tui.sim.kube.actors.statefulsets import StatefulSets
from tui.sim.kube.actors.volumes import Volumes
from tui.sim.kube.cluster import KubeCluster


class Crew:
    """The controllers of a cluster and the engine that drives them.

    Make it before the first workload; nodes may be there already. present: when the cluster is first seen; what lies
    before is its past.
    """

    def __init__(
        self, cluster: KubeCluster, clock: Clock, behaviours: Behaviours, usage: Usage, *, present: float, seed: int
    ) -> None:
        minor = int(cluster.version.split(".")[1])
        site = Site(cluster.store, cluster.registry, clock, behaviours, present=present, minor=minor, seed=seed)
        self.behaviours = behaviours
        self.engine = Engine(cluster.store, clock)
        self._kubelets = Kubelets(site)
        for controller in (
            site.record,
            Deployments(site),
            ReplicaSets(site),
            StatefulSets(site),
            DaemonSets(site),
            Jobs(site),
            CronJobs(site),
            Scheduler(site),
            self._kubelets,
            Services(site),
            Volumes(site),
            DisruptionBudgets(site),
            Quotas(site, cluster.registry),
            Autoscalers(site, usage),
            Housekeeping(site, cluster),
        ):
            self.engine.add(controller)
        self.engine.add(Heartbeats(site), heartbeats_of(cluster.store.list(NODES)))

    def end_containers(self, concerned: Concerned, exit_code: int) -> None:
        """End containers that run: theirs is what their pods' restart policies make of it."""
        self.engine.look_at(self._kubelets, self._kubelets.end_containers(concerned, exit_code))

    def ends_at(self, uid: str, container: str) -> float:
        """When a container of a pod will end, as far as that is settled; infinity where it is not."""
        return self._kubelets.ends_at(uid, container)

    def behave(self, namespace: str, workload: str, image: str, behaviour: Behaviour) -> None:
        """Change how the containers of an image of a workload live, from now on and for those that run."""
        self.behaviours.add(namespace, workload, image, behaviour)
        self.engine.look_at(self._kubelets, self._kubelets.reconsider(namespace, workload))
