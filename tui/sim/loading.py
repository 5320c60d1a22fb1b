"""Scenario files: YAML in, `Scenario` out, and every mistake named by file, line and key.

The specifications in `scenario` are the schema: a key is a field, its type the field's type. Beyond plain YAML two
things are allowed, so that forty clusters need not be written forty times: top-level keys that begin with `x-` hold
anchors and are otherwise ignored, and a list inside a list is taken as its items (`workloads: [*common, *payments]`).
"""

from __future__ import annotations

import functools
import types
from dataclasses import MISSING, Field, fields, is_dataclass
from pathlib import Path
from typing import Any, Union, cast, get_args, get_origin, get_type_hints

import yaml

from tui.errors import UsageError
from tui.sim.checking import Fault, check
from tui.sim.kube.yamljson import JsonLoader, load_yaml
from tui.sim.scenario import Scenario

_FOLDER = Path(__file__).parent / "scenarios"
_WORDS: dict[object, str] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    dict: "a mapping",
    tuple: "a list",
    type(None): "nothing",
}

Key = tuple[str | int, ...]
"""Where a value stands in the file: ("clusters", 0, "nodes")."""


class ScenarioError(UsageError):
    """The file is not a scenario; the message begins with `file:line: key`."""


def available() -> list[tuple[str, str]]:
    """(name, title) of the scenarios that come with the program, by name."""
    return [(path.stem, _title(path)) for path in sorted(_FOLDER.glob("*.yaml"))]


def load(name_or_path: str) -> Scenario:
    """The scenario of that name, or in that file.

    Raises ScenarioError: no such scenario, not readable, not YAML, or not what a scenario may say.
    """
    path = _path(name_or_path)
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ScenarioError(f"{path}: {error.strerror}") from error
    return _Reader(path).read(text)


def _path(name_or_path: str) -> Path:
    if "/" in name_or_path or name_or_path.endswith((".yaml", ".yml")):
        return Path(name_or_path)
    path = _FOLDER / f"{name_or_path}.yaml"
    if not path.is_file():
        names = ", ".join(name for name, _ in available())
        raise ScenarioError(f"no scenario named {name_or_path!r}; there are: {names}; or give the path of a file")
    return path


def _title(path: Path) -> str:
    """The `title` of a file, read without building the rest."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("title:"):
            return str(load_yaml(line)["title"])
    return ""


class _Reader:
    """Builds dataclasses out of YAML nodes, since nodes (unlike plain values) know their lines."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lines: dict[Key, int] = {}

    def read(self, text: str) -> Scenario:
        loader = JsonLoader(text)
        self._loader = loader
        try:
            node = loader.get_single_node()
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            raise self._refusal((), f"{error.problem}", mark.line + 1 if mark else 1) from error
        finally:
            loader.dispose()
        if not isinstance(node, yaml.MappingNode):
            raise self._refusal((), "a scenario is a mapping: name, title, people, projects, clusters, …", 1)
        kept = [(key, value) for key, value in node.value if not str(key.value).startswith("x-")]
        node.value = kept
        self._default(node, "name", self._path.stem)
        scenario = self._record(node, Scenario, ())
        try:
            check(scenario)
        except Fault as fault:
            raise self._refusal(fault.key, fault.why) from fault
        return scenario

    def _default(self, node: yaml.MappingNode, key: str, value: str) -> None:
        if all(name.value != key for name, _ in node.value):
            tag = "tag:yaml.org,2002:str"
            mark = node.start_mark
            node.value.append((yaml.ScalarNode(tag, key, mark, mark), yaml.ScalarNode(tag, value, mark, mark)))

    def _record(self, node: yaml.Node, spec: Any, key: Key) -> Any:
        if not isinstance(node, yaml.MappingNode):
            raise self._refusal(key, f"expected a mapping, got {_shown(node)}", node.start_mark.line + 1)
        self._once_each(node, key)
        self._loader.flatten_mapping(node)  # merge keys: <<
        hints, known = _schema(spec)
        values: dict[str, Any] = {}
        for name_node, value_node in node.value:
            name, here = str(name_node.value), (*key, str(name_node.value))
            self._lines[here] = name_node.start_mark.line + 1
            if name not in known:
                raise self._refusal(here, f"unknown key; a {spec.__name__} may have: {', '.join(known)}")
            values[name] = self._value(value_node, hints[name], here)
        for name, field in known.items():
            if name not in values and field.default is MISSING and field.default_factory is MISSING:
                raise self._refusal((*key, name), "missing", node.start_mark.line + 1)
        return spec(**values)

    def _once_each(self, node: yaml.MappingNode, key: Key) -> None:
        """YAML lets a later key silently replace an earlier one; here it is a slip of the pen."""
        seen: set[str] = set()
        for name_node, _ in node.value:
            if name_node.value in seen and name_node.value != "<<":
                raise self._refusal((*key, name_node.value), "given twice", name_node.start_mark.line + 1)
            seen.add(name_node.value)

    def _value(self, node: yaml.Node, hint: Any, key: Key) -> Any:
        self._lines.setdefault(key, node.start_mark.line + 1)
        origin = get_origin(hint)
        if is_dataclass(hint):
            return self._record(node, hint, key)
        if origin is tuple:
            return self._items(node, get_args(hint)[0], key)
        plain: Any = self._loader.construct_object(node, deep=True)  # pyright: ignore[reportUnknownMemberType]
        choices = get_args(hint) if origin in (Union, types.UnionType) else (hint,)
        for choice in choices:
            fits, value = _fit(plain, choice)
            if fits:
                return value
        words = " or ".join(map(_described, choices))
        raise self._refusal(key, f"expected {words}, got {_shown(node)}")

    def _items(self, node: yaml.Node, hint: Any, key: Key) -> tuple[Any, ...]:
        if not isinstance(node, yaml.SequenceNode):
            raise self._refusal(key, f"expected a list, got {_shown(node)}")
        items: list[yaml.Node] = []
        for item in node.value:
            items.extend(item.value if isinstance(item, yaml.SequenceNode) else [item])
        return tuple(self._value(item, hint, (*key, index)) for index, item in enumerate(items))

    def _refusal(self, key: Key, why: str, line: int | None = None) -> ScenarioError:
        at = line if line is not None else self._line(key)
        named = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in key).lstrip(".")
        return ScenarioError(f"{self._path}:{at}: {named}: {why}" if named else f"{self._path}:{at}: {why}")

    def _line(self, key: Key) -> int:
        """The line of a key, or of the nearest thing around it that has one."""
        while key and key not in self._lines:
            key = key[:-1]
        return self._lines.get(key, 1)


@functools.cache
def _schema(spec: Any) -> tuple[dict[str, Any], dict[str, Field[Any]]]:
    """The types of a specification's fields, and the fields, by name."""
    return get_type_hints(spec), {field.name: field for field in fields(spec)}


def _described(hint: Any) -> str:
    if get_origin(hint) is dict and get_args(hint)[1] is str:
        return "a mapping of text to text"
    return _WORDS.get(get_origin(hint) or hint, str(hint))


def _fit(value: Any, hint: Any) -> tuple[bool, Any]:
    """Whether a plain YAML value is of that type, and the value (a whole number may stand for a float)."""
    origin = get_origin(hint)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return True, float(value)
    if hint is int and isinstance(value, bool):
        return False, None
    if origin is dict:
        return _fit_mapping(value, get_args(hint)[1])
    if hint is object:
        return True, value
    return isinstance(value, hint), value


def _fit_mapping(value: Any, of: Any) -> tuple[bool, Any]:
    if not isinstance(value, dict):
        return False, None
    items = cast("dict[Any, Any]", value)
    return all(isinstance(key, str) and _fit(item, of)[0] for key, item in items.items()), items


def _shown(node: yaml.Node) -> str:
    if isinstance(node, yaml.ScalarNode):
        return repr(node.value)
    return "a list" if isinstance(node, yaml.SequenceNode) else "a mapping"
