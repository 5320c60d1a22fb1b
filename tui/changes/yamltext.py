"""Objects as YAML text and back, as kubectl reads it: YAML as another way to write JSON.

PyYAML by itself would read more into it (2026-01-02 as a date, 12:30 as a number to the base of sixty) and less (1e3 as
text), and a text that is sent back to a server must come out as the value that went in.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any, cast

from tui.errors import UsageError
from tui.model.objects import Body

_TAG = "tag:yaml.org,2002:"
_INT = re.compile(r"[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|0o?[0-7_]*|[1-9][0-9_]*)\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_KEPT = ("bool", "merge", "null")
_MADE = ("bool", "float", "int", "map", "null", "seq", "str")
DEEPEST = 200
"""Levels of nesting that are read; a text made to exhaust the stack is refused."""
LARGEST = 2_000_000
"""Values of one text, references counted as often as they are used: a text may be made to unfold into billions."""


def dump(value: object) -> str:
    """`value` (anything JSON can say) as a YAML text in block style; texts of several lines as literal blocks."""
    import yaml

    text: str = yaml.dump(
        value, Dumper=_dumper(), sort_keys=False, allow_unicode=True, width=1 << 20, default_flow_style=False
    )
    return text


def parse_documents(text: str, what: str = "the manifest") -> list[Any]:
    """Every document that is not empty. Raises UsageError with the line of what cannot be read."""
    import yaml

    try:
        return list(_parsed(text))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f" line {mark.line + 1}" if mark is not None else ""
        raise UsageError(f"{what}{where}: {error.problem}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise UsageError(f"{what} is not valid YAML: {str(error)[:300]}") from error


@lru_cache(maxsize=4)
def _parsed(text: str) -> tuple[Any, ...]:
    """Remembered, since a wish is looked at several times and parsing a megabyte takes a while. Nobody changes what
    comes out."""
    import yaml

    left = [LARGEST]
    found = (_plain(document, 0, left) for document in yaml.load_all(text, Loader=_loader()))
    return tuple(document for document in found if document is not None)


def parse_object(text: str, what: str = "the manifest") -> Body:
    """The one object in `text`. Raises UsageError."""
    found = parse_documents(text, what)
    if len(found) != 1 or not isinstance(found[0], dict):
        raise UsageError(f"{what} must hold one object")
    return cast("Body", found[0])


def _plain(value: Any, depth: int, left: list[int]) -> Any:
    """`value` with its references written out. left: how many values may come yet."""
    left[0] -= 1
    if depth > DEEPEST or left[0] < 0:
        raise ValueError(f"nested deeper than {DEEPEST} levels, or of more than {LARGEST:,} values")
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        return {key: _plain(below, depth + 1, left) for key, below in members.items()}
    if isinstance(value, list):
        return [_plain(item, depth + 1, left) for item in cast("list[Any]", value)]
    return value


def _key(key: object) -> str:
    if isinstance(key, bool):
        return "true" if key else "false"
    return "null" if key is None else str(key)


@cache
def _loader() -> Any:
    import yaml

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    resolvers: dict[str, list[Any]] = {
        first: [(tag, pattern) for tag, pattern in listed if tag.removeprefix(_TAG) in _KEPT]
        for first, listed in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    for first in "-+.0123456789":
        resolvers.setdefault(first, []).extend([(f"{_TAG}int", _INT), (f"{_TAG}float", _FLOAT)])
    known: dict[str | None, Any] = yaml.SafeLoader.yaml_constructors
    constructors = {tag: make for tag, make in known.items() if tag is None or tag.removeprefix(_TAG) in _MADE}
    constructors[f"{_TAG}map"] = _mapping
    attributes = {"yaml_implicit_resolvers": resolvers, "yaml_constructors": constructors}
    return type("JsonLoader", (base,), attributes)


def _mapping(loader: Any, node: Any) -> dict[str, Any]:
    """A mapping whose keys are texts, of which none comes twice: which of the two is meant is for a person to say."""
    import yaml

    seen: set[str] = set()
    for key_node, _ in node.value:
        key = str(key_node.value)
        if not isinstance(key_node, yaml.ScalarNode) or key in seen:
            said = f"the key {key[:80]!r} is there twice" if key in seen else "a key must be a text"
            raise yaml.constructor.ConstructorError(None, None, said, key_node.start_mark)
        seen.add(key)
    loader.flatten_mapping(node)  # what is merged in comes first, so that the mapping's own keys win
    make = loader.construct_object
    return {_key(make(key, deep=True)): make(below, deep=True) for key, below in node.value}


@cache
def _dumper() -> Any:
    import yaml

    base: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    made: Any = type("BlockDumper", (base,), {"ignore_aliases": _never})
    made.add_representer(str, _text)
    return made


def _never(dumper: Any, data: Any) -> bool:
    """Whether a value that comes twice is written as a reference: nobody expects one."""
    return True


def _text(dumper: Any, value: str) -> Any:
    tag = f"{_TAG}str"
    if "\n" in value:
        return dumper.represent_scalar(tag, value, style="|")
    if _INT.match(value) or _FLOAT.match(value):
        return dumper.represent_scalar(tag, value, style="'")
    return dumper.represent_scalar(tag, value)
