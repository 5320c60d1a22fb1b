"""Thousands of memberships, tens of thousands of pods: the scenario made large, to measure with."""

from __future__ import annotations

from dataclasses import replace

from tui.sim.scenario import MembershipSpec, Scenario

_PODS_ON_A_NODE = 250


def scaled(scenario: Scenario, memberships: int, pods: int) -> Scenario:
    """`memberships` over the scenario's clusters (its own first), and `pods` more plain pods in one of them: the
    cluster of the first membership that needs no agent."""
    own = scenario.memberships
    if not own:
        return scenario
    grown = tuple(_nth(own, number) for number in range(memberships))
    crowded = next((one.cluster for one in own if one.kind == "gke"), own[0].cluster)
    clusters = tuple(
        replace(spec, pods=pods, nodes=max(spec.nodes, -(-pods // _PODS_ON_A_NODE))) if spec.name == crowded else spec
        for spec in scenario.clusters
    )
    return replace(scenario, memberships=grown, clusters=clusters)


def _nth(own: tuple[MembershipSpec, ...], number: int) -> MembershipSpec:
    """The scenario's own ones, then copies of them by turns, under other names."""
    if number < len(own):
        return own[number]
    pattern = own[number % len(own)]
    return replace(pattern, id=f"{pattern.id}-{number:05d}", labels={**pattern.labels, "load": "true"})
