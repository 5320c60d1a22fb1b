"""YAML as the API server and kubectl read it: as another way to write JSON (sigs.k8s.io/yaml over go-yaml 2).

PyYAML by itself would read more into it: 2026-01-02 as a date, 12:30 as a number to the base of sixty; and less: 1e3
not as a number, keys not as text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

import yaml
from yaml.scanner import ScannerError

if TYPE_CHECKING:
    _Loader = yaml.SafeLoader
else:  # the same over libyaml, where PyYAML was built with it: eight times as fast
    _Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_TAG = "tag:yaml.org,2002:"
_NUMBERS = {
    "int": re.compile(r"[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|0[0-7_]*|[1-9][0-9_]*)\Z"),
    "float": re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z"),
}
_WORDS = ("bool", "merge", "null")
_CONSTRUCTED = ("bool", "float", "int", "map", "null", "seq", "str")


def _resolvers() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    """What a bare word means, by its first character."""
    known: dict[str, list[tuple[str, re.Pattern[str]]]] = {
        first: [(tag, pattern) for tag, pattern in listed if tag.removeprefix(_TAG) in _WORDS]
        for first, listed in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    for first in "-+.0123456789":
        known.setdefault(first, []).extend((_TAG + name, pattern) for name, pattern in _NUMBERS.items())
    return known


def _constructors() -> dict[str | None, Any]:
    """What makes a value of a node, by its tag; None: of any other tag, which is refused."""
    known: dict[str | None, Any] = yaml.SafeLoader.yaml_constructors
    return {tag: make for tag, make in known.items() if tag is None or tag.removeprefix(_TAG) in _CONSTRUCTED}


class JsonLoader(_Loader):
    """Knows nothing that JSON has no form for: other tags are errors."""

    yaml_implicit_resolvers = _resolvers()
    yaml_constructors = _constructors()


def load_yaml(text: bytes | str) -> Any:
    """The value, as JSON would have it. Raises yaml.YAMLError."""
    return _with_text_keys(yaml.load(text, JsonLoader))


def worded(error: yaml.YAMLError) -> str:
    """What is wrong, as go-yaml says it ("yaml: line 2: did not find expected key"): both parsers are libyaml."""
    if not isinstance(error, yaml.MarkedYAMLError):
        return "yaml: control characters are not allowed"  # the reader's only complaint about text
    line = 0
    if error.problem_mark is not None and error.problem_mark.line:
        line = error.problem_mark.line + isinstance(error, ScannerError)
    elif error.context_mark is not None:
        line = error.context_mark.line
    where = f"line {line}: " if line else ""
    return f"yaml: {where}{error.problem or 'unknown problem parsing YAML content'}"


def _with_text_keys(value: Any) -> Any:
    if isinstance(value, dict):
        members = cast("dict[object, Any]", value)
        return {_key(key): _with_text_keys(below) for key, below in members.items()}
    if isinstance(value, list):
        return [_with_text_keys(item) for item in cast("list[Any]", value)]
    return value


def _key(key: object) -> str:
    if isinstance(key, bool):
        return "true" if key else "false"
    return "null" if key is None else str(key)
