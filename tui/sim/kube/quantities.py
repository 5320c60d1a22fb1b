"""Resource quantities ("500m", "1Gi"): canonical form and sums, as the API server prints them.

The server decodes a quantity and writes it back in canonical form: an integer, the largest suffix that needs no
fraction, in the family (decimal, binary, exponent) in which it was given (k8s.io/apimachinery pkg/api/resource,
quantity.go). Precision ends at a nano; what is finer is rounded up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import ROUND_UP, Decimal
from enum import Enum, auto
from functools import lru_cache

_NANO = 10**9
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_DECIMAL_SUFFIX = {power: suffix for suffix, power in _DECIMAL.items()}
_BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}
_BINARY_SUFFIX = {0: "", **{power: suffix for suffix, power in _BINARY.items()}}
_FORM = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|([KMGTPE]i|[numkMGTPE]))?")


class _Family(Enum):
    DECIMAL = auto()
    BINARY = auto()
    EXPONENT = auto()


@lru_cache(maxsize=4096)
def canonical(text: str) -> str:
    """The canonical form; `text` unchanged when it is not a quantity (the printer must not fail on stored nonsense)."""
    parsed = _parse(text)
    return text if parsed is None else _format(*parsed)


def total(texts: Iterable[str]) -> str:
    """The sum, in the family of the first that is not zero; "0" of nothing."""
    nano, family = 0, None
    for text in texts:
        parsed = _parse(text)
        if parsed is None:
            continue
        nano += parsed[0]
        if family is None and parsed[0]:
            family = parsed[1]
    return _format(nano, family or _Family.DECIMAL)


def compare(one: str, other: str) -> int:
    """Below 0, 0 or above, as `one` is less, the same or more; what is no quantity counts as nothing."""
    first, second = _parse(one), _parse(other)
    return (first[0] if first else 0) - (second[0] if second else 0)


def ratio(one: str, other: str) -> float:
    """`one` divided by `other`; 0 where either is nothing, or no quantity."""
    first, second = _parse(one), _parse(other)
    return first[0] / second[0] if first and second and second[0] else 0.0


@lru_cache(maxsize=4096)
def _parse(text: str) -> tuple[int, _Family] | None:
    match = _FORM.fullmatch(text)
    if match is None:
        return None
    number, exponent, suffix = Decimal(match[1]), match[2], match[3] or ""
    if exponent:
        value, family = number * Decimal(10) ** int(exponent[1:]), _Family.EXPONENT
    elif suffix in _BINARY:
        value, family = number * 1024 ** _BINARY[suffix], _Family.BINARY
    else:
        value, family = number * Decimal(10) ** _DECIMAL[suffix], _Family.DECIMAL
    return int((value * _NANO).to_integral_value(rounding=ROUND_UP)), family


def _format(nano: int, family: _Family) -> str:
    if nano == 0:
        return "0"
    whole, fraction = divmod(nano, _NANO)
    if family is _Family.BINARY and not fraction and abs(whole) >= 1024:
        power = 0
        while power < 6 and whole % 1024 == 0:
            whole, power = whole // 1024, power + 1
        return f"{whole}{_BINARY_SUFFIX[power]}"
    # A binary quantity that is small or not whole would lose precision: shown as decimal.
    power = -9
    while power < 18 and nano % 1000 == 0:
        nano, power = nano // 1000, power + 3
    if family is _Family.EXPONENT and power:
        return f"{nano}e{power}"
    return f"{nano}{_DECIMAL_SUFFIX[power]}"
