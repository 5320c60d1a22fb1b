"""Regular expressions that people type: one that explodes must not take the screen with it.

Python's own engine cannot be stopped, and a pattern as harmless as `(\\w+\\s?)+#` may take it hours for one line. These
are searched for by the `regex` package, which means the same by them, knows better ways round such patterns, and gives
up after a while; one that took so long is looked for no more, and says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from time import process_time
from typing import Protocol

from tui.present.clean import clean

LONGEST = 0.015
"""Seconds for one text; of the processor, as `regex` counts them: what others take of it makes no pattern slow."""
ON_AVERAGE = 0.0001
"""Seconds for a text: a hundred thousand of them are a list or a log."""
USUAL = 1_000
"""Characters; a longer text counts as several."""
TOO_SLOW = "too slow a pattern: given up"
ENOUGH = 0.03
"""Seconds after which the average counts."""


_TOKEN = re.compile(r"\\N\{[^}]*\}|\\.|\[\^?\]?|\]|\{(?:\d+(?:,\d*)?|,\d*)\}|.", re.DOTALL)


class Found(Protocol):
    """The part of a match that is used."""

    def start(self) -> int: ...
    def end(self) -> int: ...
    def span(self) -> tuple[int, int]: ...


class Needle(Protocol):
    """What is looked for in a text: a compiled pattern of Python's, or a `Guarded` one."""

    def search(self, string: str, /) -> Found | None: ...
    def finditer(self, string: str, /) -> Iterator[Found]: ...


class Guarded:
    """slow: it took too long, and finds nothing any more. Raises re.error where it is no regular expression."""

    def __init__(self, pattern: str, flags: int = 0) -> None:
        same = alike(pattern)
        re.compile(same, flags)  # whose words for what is wrong are the ones people know
        import regex  # when it is needed: few type patterns, and all wait for the first frame

        self._said = (pattern, flags)
        try:
            self._pattern = regex.compile(same, flags | regex.VERSION0)
        except regex.error as error:
            raise re.error(str(error)) from error
        self._spent = 0.0
        self._tried = 0
        self.slow = False

    @property
    def text(self) -> str:
        """As it was typed."""
        return self._said[0]

    def search(self, string: str, /) -> Found | None:
        """The first place where it occurs."""
        if self.slow:
            return None
        begun = process_time()
        try:
            return self._pattern.search(string, timeout=LONGEST)
        except TimeoutError:
            self.slow = True
            return None
        finally:
            self._took(process_time() - begun, string)

    def finditer(self, string: str, /) -> Iterator[Found]:
        """All of them."""
        if self.slow:
            return iter(())
        try:
            return iter(list(self._pattern.finditer(string, timeout=LONGEST)))
        except TimeoutError:
            self.slow = True
            return iter(())

    def _took(self, seconds: float, string: str) -> None:
        self._spent += seconds
        self._tried += 1 + len(string) // USUAL
        if self._spent > ENOUGH and self._spent > self._tried * ON_AVERAGE:
            self.slow = True

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Guarded) and self._said == other._said

    def __hash__(self) -> int:
        return hash(self._said)


def too_slow(*needles: Needle | None) -> bool:
    """Whether one of them was given up."""
    return any(isinstance(needle, Guarded) and needle.slow for needle in needles)


def too_slow_words(pattern: str) -> str:
    """Beside the line that it is typed into."""
    return f"too slow a pattern: {clean(pattern, 40)}"


def alike(pattern: str) -> str:
    """With what `regex` has a meaning of its own for put as `re` reads it: "{e}" allows no errors, and "[:alpha:]"
    within brackets are these characters."""
    parts: list[str] = []
    inside = False
    for token in _TOKEN.findall(pattern):
        if inside and token.startswith("["):
            parts.append(f"\\{token}")
            inside = not token.endswith("]")
        elif token.startswith("[") or token == "]":
            parts.append(token)
            inside = token != "]"
        else:
            parts.append("\\{" if token == "{" and not inside else token)
    return "".join(parts)
