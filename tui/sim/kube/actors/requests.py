"""Resource requests in whole numbers: what pods ask for, what a node has left."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from tui.sim.kube.objects import items, mapping
from tui.sim.kube.status import Obj

_SUFFIXES = {
    **{suffix: Decimal(1024) ** power for power, suffix in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi"), 1)},
    **{suffix: Decimal(1000) ** power for power, suffix in enumerate(("k", "M", "G", "T", "P"), 1)},
    "m": Decimal("0.001"),
    "u": Decimal("0.000001"),
    "n": Decimal("0.000000001"),
}


@lru_cache(maxsize=4096)
def thousandths(quantity: str) -> int:
    """A quantity ("250m", "1Gi") in thousandths of its unit; 0 for what is none."""
    number, factor = quantity, Decimal(1)
    for suffix in (quantity[-2:], quantity[-1:]):
        if suffix in _SUFFIXES:
            number, factor = quantity[: -len(suffix)], _SUFFIXES[suffix]
            break
    try:
        return int(Decimal(number) * factor * 1000)
    except InvalidOperation:
        return 0


class Requests:
    """A sum of requests, in thousandths, by resource name."""

    def __init__(self, amounts: Mapping[str, int] | None = None) -> None:
        self.amounts: dict[str, int] = dict(amounts or {})

    def add(self, other: Requests, sign: int = 1) -> None:
        for name, amount in other.amounts.items():
            self.amounts[name] = self.amounts.get(name, 0) + sign * amount


def requests_of(pod: Obj) -> Requests:
    """What the containers of a pod ask for together. A limit without a request asks for itself."""
    total = Requests()
    for container in items(mapping(pod.get("spec")).get("containers")):
        resources = mapping(container.get("resources"))
        asked = {**mapping(resources.get("limits")), **mapping(resources.get("requests"))}
        total.add(Requests({name: thousandths(str(quantity)) for name, quantity in asked.items()}))
    return total


def fits(asked: Requests, taken: Requests, pods: int, allocatable: Mapping[str, object]) -> list[str]:
    """The resources of which there is not enough, in the scheduler's words."""
    short = ["Too many pods"] if (pods + 1) * 1000 > thousandths(str(allocatable.get("pods", "110"))) else []
    for name, amount in asked.amounts.items():
        room = thousandths(str(allocatable.get(name, "0"))) - taken.amounts.get(name, 0)
        if amount and amount > room:
            short.append(f"Insufficient {name}")
    return short
