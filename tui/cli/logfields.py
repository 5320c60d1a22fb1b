"""Lines of JSON by the fields that somebody chose: of each line these alone. Pure."""

from __future__ import annotations

from typing import Any

from tui.present.clean import clean
from tui.present.logjson import field_value, fields_of

LONGEST = 1_000_000
"""Characters of one value."""


def values_of(text: bytes, names: tuple[str, ...]) -> dict[str, str]:
    """What the line has of these fields, in this order; dots lead into objects. Empty where it is no line of JSON."""
    fields: dict[str, Any] = fields_of(text) or {}
    found = ((name, field_value(fields, name)) for name in names)
    return {name: value for name, value in found if value is not None}


def fielded(text: bytes, names: tuple[str, ...]) -> bytes:
    """ "level=error msg="no route"": a line that has none of them stays as it is, since it may say something else."""
    values = values_of(text, names)
    return " ".join(f"{name}={_quoted(value)}" for name, value in values.items()).encode() if values else text


def _quoted(value: str) -> str:
    said = clean(value, LONGEST)
    return f'"{said}"' if not said or " " in said else said
