"""Words without which a pattern finds nothing, so that most texts need not be searched with it: looking for words alone
takes a tenth of the time, and each line on a screen that scrolls is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

LEAST = 4
"""Letters of a landmark, at least: shorter ones are everywhere."""

_TOKEN = re.compile(r"\\.|\[\^?\]?[^\]]*\]|\{\d*,?\d*\}|.")
_BEYOND = re.compile(r"\\[xuUN0-9]|\(\?[aiLmsux-]")
_LITERAL = re.compile(r"[^\\\[\](){}.*+?|^$]|\\[^A-Za-z0-9]")


def landmarks(pattern: str) -> list[str]:
    """Of each alternative of a pattern its longest part that is plain text, in small letters; every text that the
    pattern finds, whatever the case of its ASCII letters, has one of them in it. Raises ValueError where one has no
    such part, and where a pattern has flags within, or characters by their numbers or names."""
    if _BEYOND.search(pattern):
        raise ValueError(f"{pattern!r}: flags within a pattern, and characters by number or name, are not understood")
    found: list[str] = []
    runs, depth = [""], 0
    for token in [*_TOKEN.findall(pattern), "|"]:
        if token == "|" and not depth:
            found.append(max(runs, key=len))
            runs = [""]
        elif _LITERAL.fullmatch(token) and not depth:
            runs[-1] += token[-1].lower()
        else:
            depth += (token == "(") - (token == ")")
            if token in ("*", "?") or token.startswith("{"):  # what stands before it may be absent
                runs[-1] = runs[-1][:-1]
            runs.append("")
    if short := [words for words in found if len(words) < LEAST]:
        raise ValueError(f"{pattern!r}: an alternative has no plain part of {LEAST} letters, only {short[0]!r}")
    return found


def has_any(text: str, words: Iterable[str]) -> bool:
    """Whether any of them is in a text, as they are written: one after another they are found faster than by one
    pattern for all."""
    for one in words:  # noqa: SIM110 - a generator for `any` would take twice as long
        if one in text:
            return True
    return False
