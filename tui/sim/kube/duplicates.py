"""Fields that a body names twice, in the words of strict decoding: JSON and YAML both let the last one win.

`duplicate field "a.b"` is sigs.k8s.io/json's (decode.go, newFieldError), the sentence about YAML go-yaml's.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, cast

import yaml

from tui.sim.kube.yamljson import JsonLoader

_MOST = 100


class _Members(list[tuple[str, Any]]):
    """An object as it is written, name by name."""


def duplicate_fields(body: bytes) -> list[str]:
    """Of a JSON body that can be decoded: `duplicate field "a.b"` for each, at most a hundred."""
    written: Any = json.loads(body, object_pairs_hook=_Members)
    return [f'duplicate field "{path}"' for path, _ in zip(_duplicates(written, ""), range(_MOST), strict=False)]


def _duplicates(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, _Members):
        seen: set[str] = set()
        for name, below in value:
            deeper = f"{path}.{name}" if path else name
            if name in seen:
                yield deeper
            seen.add(name)
            yield from _duplicates(below, deeper)
    elif isinstance(value, list):
        for index, item in enumerate(cast("list[Any]", value)):
            yield from _duplicates(item, f"{path}[{index}]")


def duplicate_keys(text: bytes) -> str:
    """Of YAML that can be loaded: go-yaml's one error about all keys named twice, or ""."""
    root: yaml.Node | None = yaml.compose(text, JsonLoader)
    found = [] if root is None else list(_repeated(root, set()))
    return "\n  ".join(["yaml: unmarshal errors:", *found]) if found else ""


def _repeated(node: yaml.Node, above: set[int]) -> Iterator[str]:
    if id(node) in above:
        return  # an alias of what it stands in
    above = above | {id(node)}
    if isinstance(node, yaml.MappingNode):
        seen: set[tuple[str, str]] = set()
        for key, below in cast("list[tuple[yaml.Node, yaml.Node]]", node.value):
            if isinstance(key, yaml.ScalarNode):
                name = (key.tag, str(key.value))
                if name in seen:
                    shown = json.dumps(key.value) if key.tag.endswith(":str") else str(key.value)
                    yield f"line {key.start_mark.line + 1}: key {shown} already set in map"
                seen.add(name)
            yield from _repeated(below, above)
    elif isinstance(node, yaml.SequenceNode):
        for item in cast("list[yaml.Node]", node.value):
            yield from _repeated(item, above)
