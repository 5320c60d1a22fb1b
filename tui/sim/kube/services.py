"""Cluster addresses and node ports of Services: allocated once, kept afterwards (pkg/registry/core/service)."""

from __future__ import annotations

import random
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network

from tui.sim.kube.fielderrors import invalid
from tui.sim.kube.kinds import builtin
from tui.sim.kube.objects import items, mapping, name_of, text, uid_of
from tui.sim.kube.refusals import invalid as refused
from tui.sim.kube.status import Obj
from tui.sim.kube.store import Store

SERVICES = builtin("", "services")
NETWORK = "10.96"
"""The first half of every cluster address: kubeadm's default, 10.96.0.0/12, of which this uses a /16."""

_RANGE = IPv4Network(f"{NETWORK}.0.0/12")
_NODE_PORTS = (30000, 32767)
_WITH_NODE_PORTS = ("NodePort", "LoadBalancer")


def with_addresses(store: Store, rng: random.Random, service: Obj, old: Obj | None) -> Obj:
    """With the addresses it had, or new ones where it needs some. Raises ApiError 422 for one that cannot be had."""
    spec = dict(mapping(service.get("spec")))
    kind = text(spec.get("type")) or "ClusterIP"
    if kind == "ExternalName":
        return service
    before = mapping((old or {}).get("spec"))
    others = [one for one in store.list(SERVICES) if uid_of(one) != uid_of(old or {})]
    taken = {text(mapping(one.get("spec")).get("clusterIP")) for one in others}
    if not spec.get("clusterIP"):
        spec["clusterIP"] = before.get("clusterIP") or _free_address(taken, rng)
    elif spec["clusterIP"] != "None" and not before.get("clusterIP"):
        _check_address(service, text(spec["clusterIP"]), taken)
    spec["clusterIPs"] = spec.get("clusterIPs") or [spec["clusterIP"]]
    if kind in _WITH_NODE_PORTS:
        known = items(before.get("ports"))
        spec["ports"] = _with_node_ports(service, rng, items(spec.get("ports")), known, set(_node_ports(others)))
    return {**service, "spec": spec}


def _check_address(service: Obj, address: str, taken: set[str]) -> None:
    """Raises ApiError 422. What is no address at all is found by validation."""
    try:
        wanted = IPv4Address(address)
    except ValueError:
        return
    why = "provided IP is already allocated" if address in taken else ""
    if wanted not in _RANGE or wanted in (_RANGE.network_address, _RANGE.broadcast_address):
        why = f"the provided IP ({address}) is not in the valid range. The range of valid IPs is {_RANGE}"
    if why:
        said = f"failed to allocate IP {address}: {why}"
        raise refused(SERVICES, name_of(service), [invalid("spec.clusterIPs", [address], said)])


def _free_address(taken: set[str], rng: random.Random) -> str:
    while (address := f"{NETWORK}.{rng.randrange(1, 255)}.{rng.randrange(1, 255)}") in taken:
        pass
    return address


def _with_node_ports(
    service: Obj, rng: random.Random, ports: list[Obj], before: list[Obj], taken: set[int]
) -> list[Obj]:
    """taken: by other services. Raises ApiError 422 for a port that is, or is out of range."""
    mine: set[int] = set()
    known = {(port.get("port"), port.get("protocol")): port.get("nodePort") for port in before}
    result: list[Obj] = []
    for index, port in enumerate(ports):
        number = port.get("nodePort") or known.get((port.get("port"), port.get("protocol")))
        if number:
            _check_node_port(service, index, number, taken)
        while not number:
            candidate = rng.randint(*_NODE_PORTS)
            number = candidate if candidate not in taken | mine else None
        mine.add(number)
        result.append({**port, "nodePort": number})
    return result


def _check_node_port(service: Obj, index: int, number: int, taken: set[int]) -> None:
    lowest, highest = _NODE_PORTS
    why = "provided port is already allocated" if number in taken else ""
    if not lowest <= number <= highest:
        why = f"provided port is not in the valid range. The range of valid ports is {lowest}-{highest}"
    if why:
        error = invalid(f"spec.ports[{index}].nodePort", number, why)
        raise refused(SERVICES, name_of(service), [error])


def _node_ports(services: Iterable[Obj]) -> Iterable[int]:
    for service in services:
        for port in items(mapping(service.get("spec")).get("ports")):
            if mapping(port).get("nodePort"):
                yield mapping(port)["nodePort"]
