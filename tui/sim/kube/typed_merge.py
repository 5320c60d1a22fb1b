"""Values made along a schema: one laid over another, and one without some of its fields.

The walks of sigs.k8s.io/structured-merge-diff/typed, as in `typed`.
"""

from __future__ import annotations

from collections.abc import Iterator

from tui.sim.kube.fieldset import FieldSet, describe, field_element
from tui.sim.kube.schema import (
    DEDUCED,
    MISSING,
    Deduced,
    ListType,
    MapType,
    Scalar,
    StructType,
    Type,
    child_type,
    deduce,
)
from tui.sim.kube.typed import BadItem, Value, by_element, is_leaf, item_element, items_of, members_of, shape_of


def merge(old: Value, new: Value, kind: Type) -> Value:
    """`new` laid over `old`: leaves of `new` win, everything else of both is kept. MISSING where nothing is left.
    Raises BadItem, also for an item that `new` holds twice."""
    ours = deduce(kind, old if new is MISSING or new is None else new)
    if is_leaf(ours, old, new) or (isinstance(kind, Deduced) and shape_of(old) != shape_of(new)):
        return old if new is MISSING else new
    if isinstance(ours, ListType):
        return _merge_lists(items_of(old), items_of(new), ours) or MISSING
    assert isinstance(ours, MapType | StructType)
    before, after = members_of(old), members_of(new)
    merged: dict[str, Value] = {}
    for name in [*before, *(name for name in after if name not in before)]:
        below = child_type(ours, name) or DEDUCED
        value = merge(before.get(name, MISSING), after.get(name, MISSING), below)
        if value is not MISSING:
            merged[name] = value
    return merged or MISSING


def _merge_lists(old: list[Value], new: list[Value], kind: ListType) -> list[Value]:
    """Items of `new` keep their order; those only in `old` stay where they stood between them."""
    before, after = by_element(kind, old), by_element(kind, new)
    for element, items in after.items():
        if len(items) > 1:
            raise BadItem(f"duplicate entries for key {describe((element,))}")
    merged: list[Value] = []
    for element, index in _interleaved([item_element(kind, item) for item in old], list(after)):
        if element in after:
            # What `old` holds twice is not merged with, but replaced.
            held = before.get(element, [])
            value = merge(held[0] if len(held) == 1 else MISSING, after[element][0], kind.element)
        else:
            value = old[index]
        if value is not MISSING:
            merged.append(value)
    return merged


def _interleaved(old: list[str], new: list[str]) -> Iterator[tuple[str, int]]:
    """The elements of both in the order of a merged list, each once, with its index in `old` where it is only there."""
    wanted, known = set(new), set(old)
    shared = [element for element in new if element in known]
    done: set[str] = set()
    i = j = 0
    while i < len(old) or j < len(new):
        both = i < len(old) and j < len(new)
        if both and old[i] != new[j] and old[i] in wanted and shared and shared[0] != old[i]:
            i += 1  # its turn comes with its place in `new`
            continue
        if i < len(old) and not (both and old[i] == new[j]):
            if old[i] not in wanted:
                yield old[i], i
                i += 1
                continue
            if old[i] in done:
                i += 1
        elif both:
            i += 1
        if j < len(new):
            yield new[j], -1
            done.add(new[j])
            if shared and shared[0] == new[j]:
                shared = shared[1:]
            j += 1


def remove(value: Value, gone: FieldSet, kind: Type) -> Value:
    """`value` without the fields of `gone`. What becomes empty by losing its parts stays, empty; None where the whole
    was atomic or empty. Raises BadItem."""
    kind = deduce(kind, value)
    if isinstance(kind, Scalar | Deduced):
        return value
    if kind.atomic or not value:
        return None
    if isinstance(kind, ListType):
        return _remove_items(value, gone, kind)
    kept: dict[str, Value] = {}
    touched = False
    for name, below in value.items():
        element = field_element(name)
        if element in gone.members:
            continue
        deeper = gone.below(element)
        if deeper:
            touched = True
            below = _remove_below(below, deeper, child_type(kind, name) or DEDUCED)
        kept[name] = below
    return kept if kept or touched else None


def _remove_items(items: list[Value], gone: FieldSet, kind: ListType) -> list[Value] | None:
    kept: list[Value] = []
    touched = False
    for item in items:
        element = item_element(kind, item)
        if element in gone.members:
            continue
        deeper = gone.below(element)
        if deeper:
            touched = True
            item = _remove_below(item, deeper, kind.element)
        kept.append(item)
    return kept if kept or touched else None


def _remove_below(value: Value, gone: FieldSet, kind: Type) -> Value:
    left = remove(value, gone, kind)
    if left is not None:
        return left
    return {} if isinstance(value, dict) else [] if isinstance(value, list) else None
