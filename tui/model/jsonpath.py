"""The small part of JSONPath that columns are chosen by, as kubectl's custom-columns understand it:

.metadata.name   .spec.containers[*].image   .status.conditions[?(@.type=="Ready")].status   .metadata.labels['a.b/c']
"""

from __future__ import annotations

import json
import re
from typing import TypeAlias, cast

from msgspec import Struct

_STEP = re.compile(
    r"""\.(?P<name>[A-Za-z0-9_/-]+(?:\\\.[A-Za-z0-9_/-]+)*)
      | \[(?P<index>-?\d+)\]
      | (?P<every>\[\*\]|\.\*)
      | \[(?P<quote>['"])(?P<key>.+?)(?P=quote)\]
      | \[\?\(@(?P<path>(?:\.[A-Za-z0-9_-]+)+)\s*==\s*(?P<mark>['"])(?P<value>.*?)(?P=mark)\)\]""",
    re.VERBOSE,
)
LONGEST = 1_000
"""Characters of a cell: what is longer cannot be looked at in a list."""


class Key(Struct, frozen=True):
    name: str


class Index(Struct, frozen=True):
    at: int


class Every(Struct, frozen=True):
    """All elements of a list or values of a map."""


class Where(Struct, frozen=True):
    """The elements whose field at `path` is `value`."""

    path: tuple[str, ...]
    value: str


Step: TypeAlias = Key | Index | Every | Where


class Path(Struct, frozen=True):
    """text: as it was written."""

    text: str
    steps: tuple[Step, ...]

    def cell(self, body: object) -> str | int | float | bool | None:
        """What lies there: a value as it is, several joined by commas, None where there is nothing."""
        found: list[object] = [body]
        for step in self.steps:
            found = [value for one in found for value in _step(step, one)]
        values = [value for value in found if value is not None]
        if not values:
            return None
        only = values[0] if len(values) == 1 else None
        if isinstance(only, bool | int | float):
            return only
        return ",".join(map(_text, values))[:LONGEST]


def parse_path(text: str) -> Path:
    """Raises ValueError where it is no path. Braces around it and a leading `$` are taken for granted."""
    inner = text.strip().removeprefix("{").removesuffix("}").removeprefix("$")
    inner = inner if inner.startswith((".", "[")) else f".{inner}"
    steps: list[Step] = []
    at = 0
    while at < len(inner):
        found = _STEP.match(inner, at)
        if found is None:
            raise ValueError(f"{text!r} is no path: cannot be read from {inner[at:]!r} on")
        steps.append(_made(found))
        at = found.end()
    return Path(text, tuple(steps))


def _made(found: re.Match[str]) -> Step:
    if found["name"] is not None:
        return Key(found["name"].replace("\\.", "."))
    if found["index"] is not None:
        return Index(int(found["index"]))
    if found["every"] is not None:
        return Every()
    if found["key"] is not None:
        return Key(found["key"])
    return Where(tuple(found["path"].strip(".").split(".")), found["value"])


def _step(step: Step, value: object) -> list[object]:
    fields, elements = _fields(value), _elements(value)
    match step:
        case Key(name):
            return [fields[name]] if name in fields else []
        case Index(at):
            return [elements[at]] if -len(elements) <= at < len(elements) else []
        case Every():
            return [*elements, *fields.values()]
        case Where(path, wanted):
            return [one for one in elements if _at(one, path) == wanted]


def _fields(value: object) -> dict[str, object]:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def _elements(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []


def _at(value: object, path: tuple[str, ...]) -> str | None:
    for name in path:
        fields = _fields(value)
        if name not in fields:
            return None
        value = fields[name]
    return _text(value)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"), default=str)
