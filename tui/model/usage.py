"""What pods and nodes use and may use, in cores and bytes, and how it is said."""

from __future__ import annotations

import re

from msgspec import Struct

_UNITS = {"n": 1e-9, "u": 1e-6, "m": 1e-3, "": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18} | {
    unit: float(1 << 10 * power) for power, unit in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"), 1)
}
_QUANTITY = re.compile(r"([0-9.]+)(?:([A-Za-z]{0,2})|[eE]([+-]?[0-9]{1,2}))")


class Usage(Struct, frozen=True, gc=False):
    """What one pod (all its containers together) or node uses now. cpu: cores; memory: bytes; None = not told."""

    namespace: str
    name: str
    cpu: float | None
    memory: float | None

    @property
    def key(self) -> tuple[str, str]:
        return (self.namespace, self.name)


class Bounds(Struct, frozen=True, gc=False):
    """What a pod asks for and may use at most, or what a node has for its pods (as its request). None = no bound.
    uid: of the object that was read."""

    uid: str
    cpu_request: float | None = None
    cpu_limit: float | None = None
    memory_request: float | None = None
    memory_limit: float | None = None


def amount(quantity: object) -> float | None:
    """A Kubernetes quantity in cores or bytes; None for what is none."""
    found = _QUANTITY.fullmatch(str(quantity))
    if found is None or (found[2] or "") not in _UNITS:
        return None
    try:
        return float(found[1]) * (10.0 ** int(found[3]) if found[3] else _UNITS[found[2] or ""])
    except ValueError:
        return None


def total(quantities: str | None) -> float | None:
    """The sum of several quantities with commas between them; None where there is none."""
    amounts = [amount(one) for one in (quantities or "").split(",") if one]
    known = [one for one in amounts if one is not None]
    return sum(known) if known else None


def millicores(cores: float | None) -> str:
    """As kubectl top says it: 0.0933 is "94m"."""
    if cores is None:
        return ""
    nano = round(cores * 1e9)  # sums of what is measured in nanocores, without what floats add to them
    return f"{-(-nano // 1_000_000)}m"


def mebibytes(size: float | None) -> str:
    """ "501Mi"."""
    return "" if size is None else f"{int(size) >> 20}Mi"


def percent(used: float | None, bound: float | None) -> str:
    """ "43%"; "n/a" where there is no bound, as k9s says it."""
    if used is None:
        return ""
    return f"{int(100 * used / bound)}%" if bound else "n/a"
