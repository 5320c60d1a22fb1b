"""`filter` and `orderBy` of a list (AIP-160, AIP-132), as far as GKE Hub's documentation shows them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from tui.sim.google.errors import GoogleError

_TERM = re.compile(r"""^\s*(NOT\s+|-)?([\w./-]+)\s*(=|!=|:)\s*("[^"]*"|'[^']*'|[^\s()]+)\s*$""")
Item = Mapping[str, Any]


def matching(items: Sequence[Item], expression: str) -> list[Item]:
    """The items a filter lets through: terms `field=value`, `field!=value`, `field:*` joined by AND.

    Raises GoogleError 400 for anything else.
    """
    if not expression.strip():
        return list(items)
    terms = [_parse(term) for term in re.split(r"\s+AND\s+", expression.strip())]
    return [item for item in items if all(_holds(item, *term) for term in terms)]


def ordered(items: Sequence[Item], order: str) -> list[Item]:
    """Sorted by `field`, `field desc` or several with commas; the first weighs most."""
    result = list(items)
    for part in reversed([part.strip() for part in order.split(",") if part.strip()]):
        name, _, direction = part.partition(" ")
        if direction.strip() not in ("", "asc", "desc"):
            raise GoogleError(400, f"Invalid order_by: {order}")
        result.sort(key=lambda item: str(_field(item, name) or ""), reverse=direction.strip() == "desc")
    return result


def _parse(term: str) -> tuple[bool, str, str, str]:
    matched = _TERM.match(term)
    if matched is None:
        raise GoogleError(400, f"Invalid list filter: {term}")
    return bool(matched[1]), matched[2], matched[3], matched[4].strip("\"'")


def _holds(item: Item, negated: bool, name: str, sign: str, wanted: str) -> bool:
    value = _field(item, name)
    if sign == ":" and wanted == "*":
        found = value is not None
    elif sign == ":":
        found = value is not None and wanted in str(value)
    else:
        found = str(value) == wanted and value is not None
        found = not found if sign == "!=" else found
    return found != negated


def _field(item: Item, name: str) -> object:
    state: object = item.get("state")
    if name == "state" and isinstance(state, dict):
        name = "state.code"
    value: object = item
    for part in name.split("."):
        if not isinstance(value, dict):
            return None
        value = cast("dict[str, object]", value).get(part)
    return value
