"""Keys as a person reads them: "/" for "slash", "ctrl+r" as it is."""

from __future__ import annotations

from textual.keys import format_key


def key_name(key: str) -> str:
    """The name of one key of a binding."""
    if key == "enter":
        return key  # Textual's arrow glyph is drawn differently, or not at all, by many terminals' fonts
    modifiers, _, last = key.rpartition("+")
    return f"{modifiers}+{format_key(last)}" if modifiers else format_key(last)


def key_names(keys: str) -> str:
    """Of all keys of a binding: "up k"."""
    return " ".join(key_name(key.strip()) for key in keys.split(","))
