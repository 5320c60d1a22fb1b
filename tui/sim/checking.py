"""What a scenario must be beyond its types: the names it refers to exist, and its words are known words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tui.sim.kube.actors.behaviours import FLOOD, NUMBERED, STYLES
from tui.sim.scenario import Scenario

WORKLOAD_KINDS = ("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob")
BEHAVIOURS = ("steady", "crash", "image-missing", "pending", "slow-start", "complete", "degraded")
AGENTS = ("none", "healthy", "degraded", "down")
MEMBERSHIP_KINDS = ("gke", "vmware", "baremetal", "aws", "azure", "attached", "edge")
SC_JOBS = ("", "image-missing", "failed")


class Fault(Exception):
    """Something wrong with the value at `key`."""

    def __init__(self, key: tuple[str | int, ...], why: str) -> None:
        super().__init__(why)
        self.key = key
        self.why = why


def check(scenario: Scenario) -> None:
    """Raise Fault for the first thing that contradicts the rest."""
    _unique(scenario)
    _references(scenario)
    for index, cluster in enumerate(scenario.clusters):
        here = ("clusters", index)
        _known(AGENTS, cluster.agent, (*here, "agent"))
        for number, workload in enumerate(cluster.workloads):
            there = (*here, "workloads", number)
            _known(WORKLOAD_KINDS, workload.kind, (*there, "kind"))
            _known(BEHAVIOURS, workload.behaviour, (*there, "behaviour"))
            _known((*STYLES, FLOOD, NUMBERED), workload.log, (*there, "log"))
            if workload.kind == "CronJob" and not workload.schedule:
                raise Fault((*there, "schedule"), "a CronJob needs a schedule")
    for index, membership in enumerate(scenario.memberships):
        _known(MEMBERSHIP_KINDS, membership.kind, ("memberships", index, "kind"))
    for index, aks in enumerate(scenario.aks):
        _known(SC_JOBS, aks.sc_job, ("aks", index, "sc_job"))


def _unique(scenario: Scenario) -> None:
    names: dict[str, Sequence[object]] = {
        "people": [(one.id,) for one in scenario.people],
        "projects": [(one.id,) for one in scenario.projects],
        "clusters": [(one.name,) for one in scenario.clusters],
        "memberships": [(one.project, one.location, one.id) for one in scenario.memberships],
        "subscriptions": [(one.id,) for one in scenario.subscriptions],
        "aks": [(one.subscription, one.resource_group, one.name) for one in scenario.aks],
        "linkers": [(one.aks, one.name) for one in scenario.linkers],
    }
    for section, keys in names.items():
        seen: set[object] = set()
        for index, key in enumerate(keys):
            if key in seen:
                raise Fault((section, index), f"a second one named {key}")
            seen.add(key)


def _references(scenario: Scenario) -> None:
    projects = {one.id for one in scenario.projects}
    clusters = {one.name for one in scenario.clusters}
    subscriptions = {one.id for one in scenario.subscriptions}
    aks = {one.name for one in scenario.aks}
    for index, membership in enumerate(scenario.memberships):
        _known(projects, membership.project, ("memberships", index, "project"), "project")
        _known(clusters, membership.cluster, ("memberships", index, "cluster"), "cluster")
    for index, cluster in enumerate(scenario.aks):
        _known(subscriptions, cluster.subscription, ("aks", index, "subscription"), "subscription")
        _known(clusters, cluster.cluster, ("aks", index, "cluster"), "cluster")
    for index, linker in enumerate(scenario.linkers):
        _known(aks, linker.aks, ("linkers", index, "aks"), "AKS cluster")


def _known(words: Iterable[str], word: str, key: tuple[str | int, ...], what: str = "") -> None:
    listed = sorted(words)
    if word not in listed:
        prefix = f"no {what} named {word!r}" if what else f"unknown word {word!r}"
        raise Fault(key, f"{prefix}; there are: {', '.join(repr(one) for one in listed)}")
