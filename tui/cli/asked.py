"""What `clusterview get` was asked for, in kubectl's grammar: `KIND`, `KIND NAME…`, `KIND,KIND`, `KIND/NAME…`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tui.data.kinds import words_of
from tui.errors import UsageError


class Asked(NamedTuple):
    """A word for a kind, and the name of one object, "" = all."""

    kind: str
    name: str = ""


def asked(words: Sequence[str], selector: str = "") -> tuple[Asked, ...]:
    """Each thing once, in the order it was asked for. Raises UsageError where kubectl's grammar allows no such line."""
    if any("/" in word for word in words):
        found = tuple(dict.fromkeys(_one(word) for word in words))
    else:
        kinds, names = words_of(words[0]), words[1:]
        if not kinds:
            raise UsageError("name a kind, such as pods or deploy,sts")
        if names and len(kinds) > 1:
            raise UsageError(f"names go with one kind: give {' '.join(f'{kind}/{names[0]}' for kind in kinds)}")
        found = tuple(dict.fromkeys(Asked(kind, name) for kind in kinds for name in names or ("",)))
    if selector and any(one.name for one in found):
        raise UsageError("a name and a selector exclude each other: leave out -l")
    return found


def _one(word: str) -> Asked:
    kind, _, name = word.partition("/")
    if not kind or not name or "/" in name or "," in word:
        raise UsageError(f"{word}: where one word is KIND/NAME, every word must be")
    return Asked(kind, name)
