"""Addresses of pods: each node has a network of its own (spec.podCIDR), its pods are found inside it."""

from __future__ import annotations

import ipaddress
from functools import cache

_USUAL_ROOM = 128
"""Pods a node may have for a network of 256 addresses: twice as many as pods, so that none is reused too soon."""

_ELSEWHERE = "10.8.0.0/24"


@cache
def _network(written: str) -> ipaddress.IPv4Network:
    return ipaddress.IPv4Network(written)


def pod_network(index: int, room: int) -> str:
    """The podCIDR of the node `index` of a cluster. room: how many pods it takes (up to 256)."""
    if room <= _USUAL_ROOM:
        return f"10.8.{index}.0/24" if index < 256 else f"10.{9 + (index >> 8)}.{index & 255}.0/24"
    return f"10.{64 + (index >> 7)}.{(index & 127) * 2}.0/23"


def nth_address(network: str, number: int) -> str:
    """From the third address of a network on (the first two are the network's and the node's), round and round;
    counted from its end where `number` is negative."""
    net = _network(network)
    return str(net[2 + number % (net.num_addresses - 3)])


class PodAddresses:
    """Who has which address: none is given twice while it is in use."""

    def __init__(self) -> None:
        self._next: dict[str, int] = {}
        self._held: dict[str, str] = {}
        self._taken: set[str] = set()

    def take(self, uid: str, network: str) -> str:
        """A free address of a node's network ("" for a node without one) for the pod of that uid."""
        network = network or _ELSEWHERE
        start = self._next.get(network, 1)
        tries = _network(network).num_addresses
        number = next((n for n in range(start, start + tries) if nth_address(network, n) not in self._taken), start)
        self._next[network] = number + 1
        address = nth_address(network, number)
        self._held[uid] = address
        self._taken.add(address)
        return address

    def release(self, uid: str) -> None:
        self._taken.discard(self._held.pop(uid, ""))
