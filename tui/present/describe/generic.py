"""Any kind at all: its fields as an indented tree, in the words of the API made readable ("minReadySeconds" is "Min
Ready Seconds" to kubectl; here it stays what one types)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from tui.model.bodies import obj, scalar, text
from tui.model.objects import Body
from tui.present.describe.common import clipped, conditions, failing, metadata
from tui.present.describe.known import Known
from tui.present.describe.page import Block, Head, Note, Pair

MOST_LINES = 2_000
"""Lines of one description; what is beyond is in the YAML."""
DEEPEST = 40
_FIRST = ("spec", "status")
_SAID = frozenset({"apiVersion", "kind", "metadata"})


def describe(known: Known) -> list[Block]:
    """Metadata, what conditions say is wrong, and everything else as it is."""
    body, now = known.body, known.now
    meta = obj(body, "metadata")
    kind = f"{text(body, 'kind')} ({text(body, 'apiVersion')})"
    blocks: list[Block] = [
        *failing(body, now),
        *metadata(body, now, ("kind", kind), *_identity(meta)),
    ]
    rest = [key for key in body if key not in _SAID and key not in _FIRST]
    for key in (*[key for key in _FIRST if key in body], *sorted(rest)):
        blocks += _field(key, body[key])
    return [*blocks, *conditions(body, now)]


def _identity(meta: Body) -> tuple[tuple[str, str], ...]:
    return (
        ("generation", text(meta, "generation")),
        ("version", text(meta, "resourceVersion")),
        ("uid", text(meta, "uid")),
    )


def _field(key: str, value: Any) -> list[Block]:
    title = key[:1].upper() + key[1:]
    if key == "status" and isinstance(value, dict):
        value = {name: held for name, held in cast("Body", value).items() if name != "conditions"}
    if value in ({}, [], None, ""):
        return []
    if not isinstance(value, dict | list):
        return [Pair(key, clipped(scalar(value), 4_000))]
    return [Head(title), *tree(value)]


def tree(value: Any, depth: int = 0) -> list[Block]:
    """An object or a list as labelled values, one level of indentation for each level of nesting."""
    blocks: list[Block] = []
    for block in _tree(value, depth):
        if len(blocks) >= MOST_LINES:
            blocks.append(Note("… and more: see YAML", "dim", depth))
            break
        blocks.append(block)
    return blocks


def _tree(value: Any, depth: int) -> Iterator[Block]:
    if depth > DEEPEST:
        yield Note("… deeper still: see YAML", "dim", depth)
    elif isinstance(value, dict):
        for key, held in cast("Body", value).items():
            yield from _entry(str(key), held, depth)
    elif isinstance(value, list):
        for held in cast("list[Any]", value):
            yield from _item(held, depth)


def _entry(key: str, held: Any, depth: int) -> Iterator[Block]:
    if isinstance(held, dict | list):
        if not held:
            yield Pair(key, ("{}" if isinstance(held, dict) else "[]", "dim"), depth)
            return
        if _short(held):
            yield Pair(key, ", ".join(map(scalar, cast("list[Any]", held))), depth)
            return
        yield Pair(key, "", depth)
        yield from _tree(held, depth + 1)
    else:
        yield from _scalar(key, held, depth)


def _scalar(key: str, held: Any, depth: int) -> Iterator[Block]:
    said = "null" if held is None else scalar(held)
    if "\n" not in said:
        yield Pair(key, clipped(said, 4_000), depth)
        return
    lines = said.rstrip("\n").split("\n")
    yield Pair(key, "", depth)
    for line in lines[:200]:
        yield Note(line, "", depth + 1)
    if len(lines) > 200:
        yield Note(f"… and {len(lines) - 200:,} lines more: see YAML", "dim", depth + 1)


def _short(held: Any) -> bool:
    """A list of a few words is told on one line."""
    if not isinstance(held, list):
        return False
    values = cast("list[Any]", held)
    return all(not isinstance(one, dict | list) for one in values) and sum(len(scalar(one)) + 2 for one in values) <= 60


def _item(held: Any, depth: int) -> Iterator[Block]:
    if not isinstance(held, dict | list):
        yield Note(f"- {clipped(scalar(held), 4_000)}", "", depth)
        return
    first = True
    for block in _tree(held, depth + 1):
        if first and isinstance(block, Pair) and block.depth == depth + 1:
            yield Pair(block.label, block.value, block.depth, bullet=True)
            first = False
            continue
        first = False
        yield block
