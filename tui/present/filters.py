"""The `/` filter: what k9s users' fingers know, as a pure predicate.

text         every word must occur somewhere in the row, case ignored unless the word has a capital
re|gex       a word with regex characters is a regular expression
!text        rows that do not match
-l k=v,x!=y  labels (equality, inequality, existence `k`, absence `!k`)
-f text      fuzzy: the letters in this order
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from tui.errors import UsageError

_REGEX_CHARACTERS = frozenset("^$*+?{}[]\\|()")

Predicate = Callable[[str, Mapping[str, str]], bool]


class Filter(Struct, frozen=True):
    """A parsed filter. needle: the plain text to highlight, "" where there is none."""

    text: str
    predicate: Predicate
    needle: str = ""

    def matches(self, fields: Sequence[str], labels: Mapping[str, str] | None = None) -> bool:
        """Whether a row with these cells and labels is shown."""
        return self.predicate("\n".join(fields), labels or {})

    def matches_text(self, text: str) -> bool:
        """The same for one line of text (logs)."""
        return self.predicate(text, {})


def parse_filter(text: str) -> Filter | None:
    """None for an empty filter. Raises UsageError naming what is wrong with the text."""
    text = text.strip()
    if not text:
        return None
    if text.startswith("-l"):
        return Filter(text, _labels(text[2:].strip()))
    if text.startswith("-f"):
        return Filter(text, _fuzzy(text[2:].strip()))
    if text.startswith("!"):
        inner, _ = _words(text[1:].strip())
        return Filter(text, lambda field, labels: not inner(field, labels))
    predicate, needle = _words(text)
    return Filter(text, predicate, needle)


def _words(text: str) -> tuple[Predicate, str]:
    if not text:
        raise UsageError("the filter is empty after '!': type what the rows should not contain")
    tests = [_word(word) for word in text.split()]
    needle = text if not _REGEX_CHARACTERS.intersection(text) and len(tests) == 1 else ""
    return (lambda field, labels: all(test(field) for test in tests)), needle


def _word(word: str) -> Callable[[str], bool]:
    if _REGEX_CHARACTERS.intersection(word):
        try:
            pattern = re.compile(word, re.MULTILINE if word.lower() != word else re.MULTILINE | re.IGNORECASE)
        except re.error as error:
            raise UsageError(f"the filter {word!r} is not a valid regular expression: {error}") from error
        return lambda field: pattern.search(field) is not None
    if word.lower() != word:
        return lambda field: word in field
    return lambda field: word in field.lower()


def _fuzzy(text: str) -> Predicate:
    if not text:
        raise UsageError("'-f' needs the letters to look for, as in: -f apigw")
    pattern = re.compile(".*?".join(re.escape(char) for char in text if not char.isspace()), re.IGNORECASE)
    return lambda field, labels: any(pattern.search(part) is not None for part in field.split("\n"))


def _labels(text: str) -> Predicate:
    if not text:
        raise UsageError("'-l' needs a label selector, as in: -l app=web,tier!=db")
    tests = [_label(part.strip()) for part in text.split(",") if part.strip()]
    return lambda field, labels: all(test(labels) for test in tests)


def _label(part: str) -> Callable[[Mapping[str, str]], bool]:
    if "!=" in part:
        key, value = (side.strip() for side in part.split("!=", 1))
        return lambda labels: labels.get(key) != value
    if "=" in part:
        key, value = (side.strip() for side in part.replace("==", "=").split("=", 1))
        return lambda labels: labels.get(key) == value
    if part.startswith("!"):
        key = part[1:].strip()
        return lambda labels: key not in labels
    return lambda labels: part in labels
