"""The JSONPath of Kubernetes, as far as the printer columns of custom resources use it.

The dialect is that of k8s.io/client-go util/jsonpath: `.a.b`, `['a.b']`, `.a\\.b`, `[0]`, `[-1:]`, `[*]`, `.*`, `..a`
and one comparison in a filter, `[?(@.type=="Ready")]`. A missing key yields nothing and is no error, since the server
prints with "allow missing keys". `range` and templates around a path are kubectl's and have no place in a CRD.
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

Step = Callable[[Any], Iterator[Any]]
"""From one value to the values it leads to."""

_Operand = Callable[[Any], list[Any]]
_Compare = Callable[[Any, Any], bool]

# Longer signs first: each is looked for in this order.
_OPERATORS: dict[str, _Compare] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}
_NAME = re.compile(r"(?:\\.|[^.\[\\])+")
_QUOTED = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"")
_SLICE = re.compile(r"(-?\d*):(-?\d*)(?::(-?\d*))?")
_INDEX = re.compile(r"-?\d+")


@dataclass(frozen=True, slots=True)
class Path:
    """A parsed path."""

    steps: tuple[Step, ...]

    def find(self, value: Any) -> list[Any]:
        """Every value the path leads to from `value`, in order."""
        found = [value]
        for step in self.steps:
            found = [after for before in found for after in step(before)]
        return found


@lru_cache(maxsize=1024)
def parse(text: str) -> Path:
    """The path of ".status.phase". Raises ValueError, with the rest it could not read, for what is not one."""
    path = text.strip()
    if path.startswith("{") and path.endswith("}"):
        path = path[1:-1].strip()
    path = path.removeprefix("$").removeprefix("@")
    return Path(tuple(_steps(path)) if path != "." else ())


def _steps(path: str) -> Iterator[Step]:
    rest = path
    while rest:
        if rest.startswith(".."):
            yield _descend
            rest = rest[2:] if rest.startswith("..[") else rest[1:]
        elif rest.startswith("["):
            inside, rest = _bracket(rest)
            yield _subscript(inside)
        else:
            match = _NAME.match(rest, 1 if rest.startswith(".") else 0)
            if match is None:
                raise ValueError(f"unrecognized character in JSONPath at {rest!r}")
            name, rest = match[0], rest[match.end() :]
            yield _wildcard if name == "*" else _key(re.sub(r"\\(.)", r"\1", name))


def _bracket(path: str) -> tuple[str, str]:
    """What is inside the brackets that `path` begins with, and what follows them; quotes and nesting respected."""
    depth, position = 0, 0
    while position < len(path):
        character = path[position]
        if character in "'\"" and (quoted := _QUOTED.match(path, position)):
            position = quoted.end()
            continue
        depth += (character == "[") - (character == "]")
        position += 1
        if depth == 0:
            return path[1 : position - 1].strip(), path[position:]
    raise ValueError(f"unterminated array in JSONPath at {path!r}")


def _subscript(inside: str) -> Step:
    if inside == "*":
        return _wildcard
    if inside.startswith("?(") and inside.endswith(")"):
        return _filter(inside[2:-1].strip())
    if _QUOTED.fullmatch(inside):
        return _key(_unquote(inside))
    if _INDEX.fullmatch(inside):
        return _index(int(inside))
    if match := _SLICE.fullmatch(inside):
        start, stop, stride = (int(part) if part else None for part in match.groups())
        return _slice(slice(start, stop, stride))
    if "," in inside:
        return _union([_subscript(part.strip()) for part in inside.split(",")])
    raise ValueError(f"invalid array index in JSONPath: [{inside}]")


def _unquote(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1])


def _mapping(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []


def _key(name: str) -> Step:
    def step(value: Any) -> Iterator[Any]:
        found = _mapping(value)
        if name in found:
            yield found[name]

    return step


def _index(position: int) -> Step:
    def step(value: Any) -> Iterator[Any]:
        found = _list(value)
        if -len(found) <= position < len(found):
            yield found[position]

    return step


def _slice(part: slice) -> Step:
    return lambda value: iter(_list(value)[part])


def _union(steps: list[Step]) -> Step:
    return lambda value: (found for step in steps for found in step(value))


def _wildcard(value: Any) -> Iterator[Any]:
    yield from _mapping(value).values()
    yield from _list(value)


def _descend(value: Any) -> Iterator[Any]:
    yield value
    for child in _wildcard(value):
        yield from _descend(child)


def _filter(condition: str) -> Step:
    left, compare, right = _comparison(condition)

    def holds(item: Any) -> bool:
        found = left(item)
        if compare is None:
            return bool(found)
        wanted = right(item)
        if len(found) != 1 or len(wanted) != 1:
            return False
        try:
            return compare(found[0], wanted[0])
        except TypeError:  # values of two types have no order
            return False

    return lambda value: (item for item in _wildcard(value) if holds(item))


def _comparison(condition: str) -> tuple[_Operand, _Compare | None, _Operand]:
    """What is compared, how (None: whether the left side exists at all), and with what."""
    position = 0
    while position < len(condition):
        if quoted := _QUOTED.match(condition, position):
            position = quoted.end()
            continue
        for sign, compare in _OPERATORS.items():
            if condition.startswith(sign, position):
                left, right = condition[:position], condition[position + len(sign) :]
                return _operand(left), compare, _operand(right)
        position += 1
    return _operand(condition), None, _operand("null")


def _operand(text: str) -> _Operand:
    text = text.strip()
    if text.startswith(("@", "$")):
        return parse(text).find
    literal: Any
    if _QUOTED.fullmatch(text):
        literal = _unquote(text)
    else:
        try:
            literal = json.loads(text)
        except ValueError:
            raise ValueError(f"unrecognized operand in JSONPath filter: {text!r}") from None
    return lambda _: [literal]
