"""Text from a server is data: what could move a cursor, ring a bell or reorder a line is made visible, never sent on.

C0 controls become the Unicode control pictures (ESC is ␛), C1 controls and DEL, invisible format characters and
bidirectional overrides (the "Trojan source" set) become `‹U+202E›`; lone surrogates and undecodable bytes become �.
Nothing here knows markup: cleaned text is painted as plain segments.
"""

from __future__ import annotations

import re
from functools import cache

TAB = 4
"""Columns a tab advances to the next multiple of."""

UNSAFE = (
    "\x00-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""What is made visible, as the inside of a character class."""


@cache
def _unsafe() -> re.Pattern[str]:
    """Compiled for the first text that is not plain ASCII: the messages of a short command are."""
    return re.compile(f"[{UNSAFE}]")


def is_clean(text: str) -> bool:
    """Whether there is nothing in a text that `clean` would have to make visible (a tab is)."""
    return (text.isascii() and text.isprintable()) or _unsafe().search(text) is None


_MARKS = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"


@cache
def _piled() -> re.Pattern[str]:
    """More marks on one character than any language writes: they would grow into the lines above and below."""
    return re.compile(f"({_MARKS}{{4}}){_MARKS}+")


def _visible(found: re.Match[str]) -> str:
    char = found.group()
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if 0xD800 <= code <= 0xDFFF:
        return "\ufffd"
    if 0xFE00 <= code <= 0xFE0F:
        return ""  # variation selectors only choose a glyph; dropping them keeps widths honest
    return f"\u2039U+{code:04X}\u203a"


def clean(text: str | bytes, limit: int = 4096) -> str:
    """One safe line of at most `limit` characters ("…" at the end where more was cut)."""
    if isinstance(text, bytes):
        text = text[: limit * 4 + 4].decode("utf-8", "replace")
    cut = len(text) > limit
    if cut:
        text = text[: max(0, limit - 1)]
    if not (text.isascii() and text.isprintable()):
        if "\t" in text:
            text = text.expandtabs(TAB)
        text = _piled().sub(r"\1", _unsafe().sub(_visible, text))
    return text + "…" if cut else text


def clean_lines(text: str | bytes, limit: int = 4096, lines: int = 1000) -> list[str]:
    """Several safe lines: split at newlines (CR before LF dropped), each cleaned by itself."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    return [clean(line.removesuffix("\r"), limit) for line in text.split("\n")[:lines]]
