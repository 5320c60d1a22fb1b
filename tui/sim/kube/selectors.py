"""Label selectors: the string form that lists take and the object form that workloads hold.

Grammar and error texts: k8s.io/apimachinery pkg/labels/selector.go.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tui.sim.kube.namerules import label_value, qualified_name
from tui.sim.kube.objects import items, mapping
from tui.sim.kube.refusals import bad_request
from tui.sim.kube.status import ApiError, Obj

_TOKEN = re.compile(r"\s*(?:(==|!=|[=!(),<>])|([^\s=!(),<>]+))")


@dataclass(frozen=True, slots=True)
class Requirement:
    """operator: in, notin, exists, !, gt, lt ("=" and "!=" are in and notin of one value)."""

    key: str
    operator: str
    values: tuple[str, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        value = labels.get(self.key)
        match self.operator:
            case "in":
                return value is not None and value in self.values
            case "notin":
                return value is None or value not in self.values
            case "exists":
                return value is not None
            case "!":
                return value is None
            case _:
                return _compares(value, self.operator, self.values[0])

    def __str__(self) -> str:
        """As the real server writes a selector back (status.selector of a scale)."""
        if self.operator == "in" and len(self.values) == 1:
            return f"{self.key}={self.values[0]}"
        if self.operator in ("in", "notin"):
            return f"{self.key} {self.operator} ({','.join(sorted(self.values))})"
        return f"!{self.key}" if self.operator == "!" else self.key


@dataclass(frozen=True, slots=True)
class Selector:
    """All of its requirements; none = everything."""

    requirements: tuple[Requirement, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        return all(requirement.matches(labels) for requirement in self.requirements)

    def __bool__(self) -> bool:
        return bool(self.requirements)

    def __str__(self) -> str:
        return ",".join(str(requirement) for requirement in sorted(self.requirements, key=lambda found: found.key))


def parse_selector(written: str) -> Selector:
    """From a labelSelector parameter. Raises ApiError 400 in the server's words."""
    reader = _Reader(written)
    requirements: list[Requirement] = []
    while not reader.at_end:
        requirements.append(_requirement(reader))
        if not reader.at_end:
            reader.expect(",", "',' or 'end of string'" if requirements else "','")
            if reader.at_end:
                raise _unparsable("", "identifier after ','")
    return Selector(tuple(requirements))


def object_selector(selector: object) -> Selector:
    """From a metav1.LabelSelector ({matchLabels, matchExpressions}) or a plain map of labels (services)."""
    found = mapping(selector)
    if "matchLabels" not in found and "matchExpressions" not in found:
        return Selector(tuple(_equals(found)))
    expressions = (_expression(mapping(expression)) for expression in items(found.get("matchExpressions")))
    return Selector((*_equals(mapping(found.get("matchLabels"))), *expressions))


def _equals(labels: Mapping[str, object]) -> Iterable[Requirement]:
    return (Requirement(key, "in", (str(value),)) for key, value in labels.items())


def _expression(expression: Obj) -> Requirement:
    operators = {"In": "in", "NotIn": "notin", "Exists": "exists", "DoesNotExist": "!"}
    operator = operators.get(str(expression.get("operator")), "exists")
    return Requirement(str(expression.get("key")), operator, tuple(map(str, items(expression.get("values")))))


class _Reader:
    """The tokens of a selector; "" is the end."""

    def __init__(self, written: str) -> None:
        self._tokens: Sequence[str] = [a or b for a, b in _TOKEN.findall(written)]
        self._next = 0

    @property
    def at_end(self) -> bool:
        return self._next >= len(self._tokens)

    def peek(self) -> str:
        return "" if self.at_end else self._tokens[self._next]

    def take(self) -> str:
        token = self.peek()
        self._next += 1
        return token

    def expect(self, wanted: str, described: str) -> None:
        found = self.take()
        if found != wanted:
            raise _unparsable(found, described)

    def identifier(self) -> str:
        found = self.take()
        if not found or not (found[0].isalnum() or found[0] in "-_./"):
            raise _unparsable(found, "identifier")
        return found


def _requirement(reader: _Reader) -> Requirement:
    absent = reader.peek() == "!"
    if absent:
        reader.take()
    key = _valid_key(reader.identifier())
    if absent:
        return Requirement(key, "!")
    operator = reader.peek()
    if operator in ("", ","):
        return Requirement(key, "exists")
    reader.take()
    if operator in ("in", "notin"):
        return Requirement(key, operator, _set(reader, key))
    if operator in ("=", "==", "!="):
        value = reader.take() if reader.peek() not in ("", ",") else ""
        return Requirement(key, "notin" if operator == "!=" else "in", (_valid_value(key, value, 0),))
    if operator in (">", "<"):
        value = reader.identifier()
        if not value.lstrip("-").isdigit():
            why = "for 'Gt', 'Lt' operators, the value must be an integer"
            raise bad_request(f'unable to parse requirement: values[0][{key}]: Invalid value: "{value}": {why}')
        return Requirement(key, "gt" if operator == ">" else "lt", (value,))
    raise _unparsable(operator, "in, notin, =, ==, !=, gt, lt")


def _set(reader: _Reader, key: str) -> tuple[str, ...]:
    reader.expect("(", "'('")
    values: list[str] = []
    while reader.peek() != ")":
        values.append(_valid_value(key, "" if reader.peek() == "," else reader.identifier(), len(values)))
        if reader.peek() != ")":
            reader.expect(",", "',' or ')'")
    reader.take()
    return tuple(values)


def _valid_key(key: str) -> str:
    wrong = qualified_name(key)
    if wrong:
        raise bad_request(f'unable to parse requirement: <nil>: Invalid value: "{key}": {wrong}')
    return key


def _valid_value(key: str, value: str, index: int) -> str:
    wrong = label_value(value)
    if wrong:
        raise bad_request(f'unable to parse requirement: values[{index}][{key}]: Invalid value: "{value}": {wrong}')
    return value


def _compares(value: str | None, operator: str, bound: str) -> bool:
    if value is None or not value.lstrip("-").isdigit():
        return False
    return int(value) > int(bound) if operator == "gt" else int(value) < int(bound)


def _unparsable(found: str, expected: str) -> ApiError:
    return bad_request(f"unable to parse requirement: found '{found}', expected: {expected}")
