"""Sets of field paths, as `metadata.managedFields` holds them (FieldsV1), and their algebra.

A path element is kept in its written form, which is its identity: `f:name` a field, `k:{"name":"c"}` an item of a list
that is a map, `v:"x"` an item of a set, `i:0` an index. The rules are those of
sigs.k8s.io/structured-merge-diff/fieldpath: owning `.spec` does not mean owning what is below it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, cast

from tui.sim.kube.gotext import plain, quoted
from tui.sim.kube.schema import DEDUCED, ListType, MapType, StructType, Type, child_type

Path = tuple[str, ...]


class FieldSet:
    """A tree: `members` are the elements here that belong to the set, `children` those below which others do.

    Treat a set that has been handed on as a value: only `insert` and `child` change it.
    """

    __slots__ = ("children", "members")

    def __init__(self, members: Iterable[str] = (), children: dict[str, FieldSet] | None = None) -> None:
        self.members: set[str] = set(members)
        self.children: dict[str, FieldSet] = children if children is not None else {}

    @classmethod
    def of(cls, *paths: Path) -> FieldSet:
        made = cls()
        for path in paths:
            made.insert(path)
        return made

    def __bool__(self) -> bool:
        return bool(self.members) or any(self.children.values())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, FieldSet):
            return NotImplemented
        return self.members == other.members and _filled(self.children) == _filled(other.children)

    __hash__ = None  # type: ignore[assignment]

    def insert(self, path: Path) -> None:
        """Add one path; not its parents. The empty path is nobody's and is ignored."""
        if not path:
            return
        node = self
        for element in path[:-1]:
            node = node.child(element)
        node.members.add(path[-1])

    def child(self, element: str) -> FieldSet:
        """The set below an element, made if there is none."""
        return self.children.setdefault(element, FieldSet())

    def has(self, path: Path) -> bool:
        node: FieldSet | None = self
        for element in path[:-1]:
            node = node.children.get(element)
            if node is None:
                return False
        return bool(path) and path[-1] in node.members

    def below(self, element: str) -> FieldSet:
        """The paths below an element, without it; empty where there are none."""
        return self.children.get(element) or FieldSet()

    def paths(self, prefix: Path = ()) -> Iterator[Path]:
        """Every path, members before what lies deeper, in FieldsV1's order."""
        for element in sorted(self.members, key=order):
            yield (*prefix, element)
        for element in sorted(self.children, key=order):
            yield from self.children[element].paths((*prefix, element))

    def union(self, other: FieldSet) -> FieldSet:
        children = dict(self.children)
        for element, node in other.children.items():
            mine = children.get(element)
            children[element] = mine.union(node) if mine else node
        return FieldSet(self.members | other.members, children)

    def intersection(self, other: FieldSet) -> FieldSet:
        children = {
            element: node.intersection(other.children[element])
            for element, node in self.children.items()
            if element in other.children
        }
        return FieldSet(self.members & other.members, _filled(children))

    def difference(self, other: FieldSet) -> FieldSet:
        """What is here and not there. A parent there does not take its children from here."""
        return self._difference(other, recursive=False)

    def without(self, other: FieldSet) -> FieldSet:
        """What is here, less every path there *and all below it*."""
        return self._difference(other, recursive=True)

    def _difference(self, other: FieldSet, *, recursive: bool) -> FieldSet:
        children: dict[str, FieldSet] = {}
        for element, node in self.children.items():
            if recursive and element in other.members:
                continue
            theirs = other.children.get(element)
            children[element] = node._difference(theirs, recursive=recursive) if theirs else node
        return FieldSet(self.members - other.members, _filled(children))

    def with_named_parents(self, kind: Type) -> FieldSet:
        """With every struct field that has owned fields below it (but not map keys or list items)."""
        members = set(self.members)
        children: dict[str, FieldSet] = {}
        for element, node in self.children.items():
            if element.startswith("f:") and isinstance(kind, StructType) and element[2:] in kind.fields:
                members.add(element)
            children[element] = node.with_named_parents(_below(kind, element))
        return FieldSet(members, children)


def _filled(children: dict[str, FieldSet]) -> dict[str, FieldSet]:
    return {element: node for element, node in children.items() if node}


def _below(kind: Type, element: str) -> Type:
    if element.startswith("f:") and isinstance(kind, StructType | MapType):
        return child_type(kind, element[2:]) or DEDUCED
    if element.startswith("k:") and isinstance(kind, ListType):
        return kind.element
    return DEDUCED


def field_element(name: str) -> str:
    return f"f:{name}"


def key_element(keys: dict[str, Any]) -> str:
    return f"k:{_compact(dict(sorted(keys.items())))}"


def value_element(value: object) -> str:
    return f"v:{_compact(value)}"


def _compact(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    # Go's encoder makes JSON safe to stand inside HTML.
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def order(element: str) -> tuple[int, object]:
    """Where an element stands among its siblings: fields, then keys, values and indexes; numbers by size."""
    rank = "fkvi".find(element[0])
    if rank <= 0:
        return rank, element
    return rank, _sortable(json.loads(element[2:]))


def _sortable(value: object) -> list[tuple[str, int, float, str]]:
    named = cast("dict[str, object]", value) if isinstance(value, dict) else {"": value}
    return [
        (name, 0, float(part), "") if isinstance(part, int | float) else (name, 1, 0.0, str(part))
        for name, part in named.items()
    ]


def to_fields_v1(fields: FieldSet) -> dict[str, Any]:
    """As it stands in `managedFields[].fieldsV1`: an element with "." is itself a member."""
    written: dict[str, Any] = {}
    for element in sorted(fields.members | _filled(fields.children).keys(), key=order):
        below = to_fields_v1(fields.children[element]) if fields.children.get(element) else {}
        written[element] = {".": {}, **below} if below and element in fields.members else below
    return written


def from_fields_v1(written: object) -> FieldSet:
    """Read what `to_fields_v1` or a client wrote; elements of an unknown kind are dropped, as a server drops them.
    Raises ValueError for what is no FieldsV1."""
    if not isinstance(written, dict):
        raise ValueError(f"expected a map of fields, got {plain(written)}")
    fields = FieldSet()
    for element, below in cast("dict[str, object]", written).items():
        if element == "." or element[:2] not in ("f:", "k:", "v:", "i:"):
            continue
        if element[0] != "f":
            json.loads(element[2:])  # a key that cannot be read could not be written back in its place
        if below == {} or (isinstance(below, dict) and "." in below):
            fields.members.add(element)
        node = from_fields_v1(cast("object", below))
        if node:
            fields.children[element] = node
    return fields


def describe(path: Path) -> str:
    """A path as conflicts name it: `.spec.containers[name="c"].image`."""
    return "".join(_describe_element(element) for element in path)


def _describe_element(element: str) -> str:
    kind, text = element[0], element[2:]
    if kind == "f":
        return f".{text}"
    if kind == "k":
        keys: dict[str, object] = json.loads(text)
        return "[" + ",".join(f"{name}={_go_text(value)}" for name, value in keys.items()) + "]"
    return f"[={_go_text(json.loads(text))}]" if kind == "v" else f"[{text}]"


def _go_text(value: object) -> str:
    return quoted(value) if isinstance(value, str) else plain(value)
