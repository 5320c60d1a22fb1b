"""Cluster addresses and node ports of Services: allocated once, kept afterwards (pkg/registry/core/service)."""

from __future__ import annotations

import random
from collections.abc import Iterable

from tui.sim.kube.kinds import builtin
from tui.sim.kube.objects import items, mapping, text
from tui.sim.kube.status import Obj
from tui.sim.kube.store import Store

SERVICES = builtin("", "services")
NETWORK = "10.96"
"""The first half of every cluster address: kubeadm's default, 10.96.0.0/12, of which this uses a /16."""

_NODE_PORTS = (30000, 32767)
_WITH_NODE_PORTS = ("NodePort", "LoadBalancer")


def with_addresses(store: Store, rng: random.Random, service: Obj, old: Obj | None) -> Obj:
    """With the addresses it had, or new ones where it needs some."""
    spec = dict(mapping(service.get("spec")))
    kind = text(spec.get("type")) or "ClusterIP"
    if kind == "ExternalName":
        return service
    before = mapping((old or {}).get("spec"))
    if not spec.get("clusterIP"):
        spec["clusterIP"] = before.get("clusterIP") or _free_address(store, rng)
    spec["clusterIPs"] = spec.get("clusterIPs") or [spec["clusterIP"]]
    if kind in _WITH_NODE_PORTS:
        spec["ports"] = _with_node_ports(store, rng, items(spec.get("ports")), items(before.get("ports")))
    return {**service, "spec": spec}


def _free_address(store: Store, rng: random.Random) -> str:
    taken = {mapping(service.get("spec")).get("clusterIP") for service in store.list(SERVICES)}
    while (address := f"{NETWORK}.{rng.randrange(1, 255)}.{rng.randrange(1, 255)}") in taken:
        pass
    return address


def _with_node_ports(store: Store, rng: random.Random, ports: list[Obj], before: list[Obj]) -> list[Obj]:
    taken = set(_node_ports(store.list(SERVICES)))
    known = {(port.get("port"), port.get("protocol")): port.get("nodePort") for port in before}
    result: list[Obj] = []
    for port in ports:
        number = port.get("nodePort") or known.get((port.get("port"), port.get("protocol")))
        while not number:
            candidate = rng.randint(*_NODE_PORTS)
            number = candidate if candidate not in taken else None
        taken.add(number)
        result.append({**port, "nodePort": number})
    return result


def _node_ports(services: Iterable[Obj]) -> Iterable[int]:
    for service in services:
        for port in items(mapping(service.get("spec")).get("ports")):
            if mapping(port).get("nodePort"):
                yield mapping(port)["nodePort"]
