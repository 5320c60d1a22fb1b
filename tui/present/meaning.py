"""What the text of a cell means: an age, a quantity, a version, a ratio, a number. Filter and sort compare by it.

Servers print everything as text ("3d4h", "500m", "1/2", "3 (5m ago)"); which of these a column holds is told by its
type, its name and the texts that are in it, never by one cell alone: "5m" is five minutes in one column and five
thousandths of a core in another.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from itertools import islice

from tui.model.times import age_seconds

MISSING = frozenset({"", "<none>", "<unknown>", "<unset>", "<invalid>", "<pending>", "-", "n/a"})
"""What printers say where there is nothing; it is less and more than nothing else, and sorted last either way."""

_SAMPLE = 64
"""Texts looked at to learn what a column means."""


class Meaning(StrEnum):
    """How the texts of a column are compared."""

    TEXT = "text"
    NUMBER = "number"
    RATIO = "ratio"
    AGE = "age"
    VERSION = "version"
    QUANTITY = "quantity"
    BORN = "born"
    """An age that is counted from a creation time, in RFC 3339 with seconds and "Z": such texts compare as times."""


_NUMBER = re.compile(r"([+-]?\d+(?:\.\d+)?)%?(?: \(.*\))?\Z")
_RATIO = re.compile(r"(\d+)/(\d+)\Z")
_VERSION = re.compile(r"v?(\d+(?:\.\d+)+)(?:[-+.].*)?\Z")
_QUANTITY = re.compile(r"([+-]?\d+(?:\.\d+)?)([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?\Z")
_UNITS: Mapping[str | None, float] = {
    None: 1.0,
    **{unit: 10.0**power for unit, power in zip("numkMGTPE", (-9, -6, -3, 3, 6, 9, 12, 15, 18), strict=True)},
    **{f"{unit}i": 1024.0**power for power, unit in enumerate("KMGTPE", 1)},
}
_QUANTITIES = re.compile(r"CPU|MEM|CAPACITY|SIZE|REQUEST|LIMIT|STORAGE|DISK|QUOTA|USAGE|USED")
"""Names of columns in which "5m" is a quantity and no age."""


def number(text: str) -> float | None:
    """ "3", "-1.5", "80%", and the restarts of a pod: "3 (5m ago)"."""
    found = _NUMBER.match(text)
    return None if found is None else float(found[1])


def ratio(text: str) -> float | None:
    """ "1/2" is 0.5. Nothing of nothing is complete."""
    found = _RATIO.match(text)
    if found is None:
        return None
    part, whole = int(found[1]), int(found[2])
    return part / whole if whole else 1.0


def quantity(text: str) -> float | None:
    """A Kubernetes quantity ("500m", "1.5Gi", "12e6") in its unit (cores, bytes); k8s.io/apimachinery api/resource."""
    found = _QUANTITY.match(text)
    if found is None:
        return None
    unit = found[2]
    if unit is not None and unit[0] in "eE" and len(unit) > 1 and unit[1] != "i":
        return float(found[1]) * 10.0 ** int(unit[1:])
    return float(found[1]) * _UNITS[unit]


def version(text: str) -> tuple[int, ...] | None:
    """The numbers of "v1.33.4-gke.1036000": (1, 33, 4). Addresses compare well by the same rule."""
    found = _VERSION.match(text)
    return None if found is None else tuple(int(part) for part in found[1].split("."))


_DIGITS = re.compile(r"\d+")


def _weighed(found: re.Match[str]) -> str:
    digits = found[0].lstrip("0")
    return f"{chr(0x30 + min(len(digits), 70))}{digits}"


def natural(text: str) -> str:
    """A key that puts "web-2" before "web-10" and heeds no capitals: each number stands behind its length."""
    return _DIGITS.sub(_weighed, text.lower())


AMOUNTS: Mapping[Meaning, Callable[[str], float | None]] = {
    Meaning.NUMBER: number,
    Meaning.RATIO: ratio,
    Meaning.AGE: age_seconds,
    Meaning.QUANTITY: quantity,
}
"""What reads a number out of a text, for the meanings that are numbers."""


def amount(meaning: Meaning, text: str) -> float | None:
    """The number that `text` stands for in a column of this meaning; None where it is none, or is no number at all."""
    parse = AMOUNTS.get(meaning)
    return None if parse is None else parse(text)


def meaning_of(name: str, kind: str, texts: Iterable[str]) -> Meaning:
    """What a column means. name: its heading in capitals. kind: the type that the server declares ("integer",
    "string", …). texts: some of its cells, the more different the better."""
    if kind in {"integer", "number"}:
        return Meaning.NUMBER
    known = [text for text in islice(texts, _SAMPLE) if text not in MISSING]
    if not known:
        return Meaning.AGE if name == "AGE" else Meaning.TEXT
    order = [Meaning.NUMBER, Meaning.RATIO, Meaning.AGE, Meaning.QUANTITY]
    if _QUANTITIES.search(name):
        order = [Meaning.QUANTITY, Meaning.NUMBER]
    for meaning in order:
        if all(amount(meaning, text) is not None for text in known):
            return meaning
    return Meaning.VERSION if all(version(text) is not None for text in known) else Meaning.TEXT
