"""The clusters of a scenario and the time they live in."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from tui.sim import agents
from tui.sim.furnishing import Furnishing, Inhabited, Surroundings
from tui.sim.kube.actors.catalogue import PODS
from tui.sim.kube.cluster import KubeCluster
from tui.sim.kube.logstyles import go_stamp
from tui.sim.links import AgentLink, is_serving
from tui.sim.scenario import ClusterSpec, Scenario

TICK = 0.25
"""Seconds of real time between two looks at what is due."""

SLICE = 0.008
"""Seconds of real time that one cluster may take before requests get their turn."""


class World:
    """now: real wall-clock seconds; simulated time starts with it and runs `speed` times as fast. seed: the same seed
    gives the same names, ages and logs. ca: PEM of the authority behind the clusters' addresses.

    clusters: by name; each has lived up to the present.
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        now: Callable[[], float] = time.time,
        speed: float = 1.0,
        seed: int = 0,
        ca: str = "",
    ) -> None:
        self.scenario = scenario
        self.speed = speed
        self._real = now
        self._origin = now()
        self._inhabited: dict[str, Inhabited] = {}
        for spec in scenario.clusters:
            furnishing = Furnishing(spec, self._surroundings(spec), now=self.now, seed=seed, ca=ca)
            self._inhabited[spec.name] = furnishing.build()
        self.clusters: dict[str, KubeCluster] = {name: one.cluster for name, one in self._inhabited.items()}
        self._links = {
            membership.id: AgentLink(membership, self.clusters[membership.cluster].store, self.now)
            for membership in scenario.memberships
        }

    def now(self) -> float:
        """Simulated time, seconds since the epoch."""
        return self._origin + (self._real() - self._origin) * self.speed

    def tick(self) -> None:
        """Do everything that is due by now."""
        for one in self._inhabited.values():
            one.crew.engine.run_until(self.now())

    async def run(self) -> None:
        """Live until cancelled. Never holds the loop for longer than a slice."""
        while True:
            for one in self._inhabited.values():
                await self._catch_up(one)
            await asyncio.sleep(TICK)

    def close(self) -> None:
        """Leave nothing behind on this machine."""
        for cluster in self.clusters.values():
            cluster.close()

    async def _catch_up(self, one: Inhabited) -> None:
        """Do what is due in one cluster, in slices."""
        until, due = self.now(), one.crew.engine.next_due
        if due is None or due > until:
            return
        done = False
        while not done:
            done = one.crew.engine.run_until(until, SLICE)
            await asyncio.sleep(0)

    def connected(self, membership_id: str) -> bool:
        """Whether the gateway reaches the membership's cluster: directly (GKE), or through an agent that is ready."""
        return self._links[membership_id].connected

    def last_connection(self, membership_id: str) -> float | None:
        """When its agent was last heard of, seconds since the epoch; None for GKE, and where it never was."""
        return self._links[membership_id].last_contact

    def version(self, cluster: str) -> str:
        """Of its API server: "v1.33.4"."""
        return self.clusters[cluster].version

    def agent_says(self, membership_id: str, words: str) -> None:
        """Put a line into the log of the membership's connect agent (of the pod that serves), now."""
        membership = next(one for one in self.scenario.memberships if one.id == membership_id)
        one = self._inhabited[membership.cluster]
        serving = next((pod for pod in one.cluster.store.list(PODS, agents.NAMESPACE) if is_serving(pod)), None)
        if serving is not None:
            container = serving["spec"]["containers"][0]["name"]
            one.logs.note(serving, container, f"{go_stamp(self.now())} {words}")

    def inhabited(self, cluster: str) -> Inhabited:
        """A cluster with those who work in it: to make it misbehave."""
        return self._inhabited[cluster]

    def _surroundings(self, spec: ClusterSpec) -> Surroundings:
        scenario = self.scenario
        membership = next((one for one in scenario.memberships if one.cluster == spec.name), None)
        project = next((one for one in scenario.projects if membership and one.id == membership.project), None)
        aks = next((one for one in scenario.aks if one.cluster == spec.name), None)
        linkers = [one for one in scenario.linkers if aks is not None and one.aks == aks.name]
        return Surroundings(scenario.people, membership, project, aks, linkers)
