"""`status:!Running`, `age:<1h`, `name:^api-`: what a filter asks of one column, by the column's meaning.

name:text   holds the text (case ignored unless it has a capital); a number, ratio or quantity equals it
name:a.*b   a value with regex characters is a regular expression; name:prod-* with only * and ? is a pattern
name:=text  is the text, and nothing more
name:!…     not that; also !=
name:<1h    less, by the column's meaning: ages, quantities, versions, ratios, numbers, else natural text; <= > >=
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from fnmatch import translate
from operator import ge, gt, le, lt
from typing import Any

from msgspec import Struct

from tui.errors import UsageError
from tui.model.times import age_seconds, least_unit
from tui.present.fields import BORN, Field, stamp
from tui.present.meaning import (
    AMOUNTS,
    MISSING,
    Meaning,
    amount,
    meaning_of,
    natural,
    ratio,
    version,
)

OPERATORS = ("!=", "<=", ">=", "==", "!", "=", "<", ">")
REGEX_CHARACTERS = frozenset("^$*+?{}[]\\|()")

_WORD = re.compile(rf"([A-Za-z][\w()/-]*):({'|'.join(OPERATORS)})?(.*)\Z", re.DOTALL)
EXAMPLES = {
    Meaning.AGE: "30s, 5m, 2h, 3d4h",
    Meaning.BORN: "30s, 5m, 2h, 3d4h",
    Meaning.NUMBER: "3 or 0.5",
    Meaning.RATIO: "1/2, 0.5 or 1",
    Meaning.QUANTITY: "500m, 2, 1.5Gi",
    Meaning.VERSION: "1.33 or 1.33.4",
}

Test = Callable[[str], bool]


class ColumnWord(Struct, frozen=True):
    """One parsed word. operator: one of `OPERATORS`, or "" for what the column holds. literal: the value was quoted,
    so that it is no regular expression and no pattern."""

    name: str
    operator: str
    value: str
    literal: bool = False


def column_word(word: str) -> ColumnWord | None:
    """The word, if it asks something of a column. A URL does not, nor does "::"."""
    found = _WORD.match(word)
    if found is None or found[3].startswith(("//", ":")):
        return None
    value, literal = found[3], found[3].startswith('"')
    if literal:
        value = value[1:].removesuffix('"')
    return ColumnWord(found[1], found[2] or "", value, literal)


def meaning_in(field: Field, texts: Sequence[str]) -> Meaning:
    """What `field` means, from its cells."""
    return Meaning.BORN if field.place == BORN else meaning_of(field.name, field.type, dict.fromkeys(texts[:2000]))


class Comparison(Struct, frozen=True):
    """A test that compares: key makes of a text what is compared (None: it is neither less nor more), and may be made
    once for many comparisons of the same column."""

    key: Callable[[str], Any]
    operator: str
    wanted: Any

    def __call__(self, text: str) -> bool:
        key = self.key(text)
        return key is not None and _COMPARISONS[self.operator](key, self.wanted)

    def among(self, places: Sequence[int], keys: Sequence[Any]) -> list[int]:
        """The places whose keys pass."""
        wanted = self.wanted
        match self.operator:
            case "<":
                return [at for at in places if (key := keys[at]) is not None and key < wanted]
            case "<=":
                return [at for at in places if (key := keys[at]) is not None and key <= wanted]
            case ">":
                return [at for at in places if (key := keys[at]) is not None and key > wanted]
            case _:
                return [at for at in places if (key := keys[at]) is not None and key >= wanted]


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}


def test_of(word: ColumnWord, meaning: Meaning, now: float) -> Test:
    """What decides over the text of a cell. now: epoch seconds that ages are counted up to. Raises UsageError where
    the value cannot be compared with the column."""
    operator, value = word.operator, word.value
    if not value:
        return lambda text: True  # still being typed
    if operator in _COMPARISONS:
        return _compared(word, meaning, now)
    exactly = operator.endswith("=")
    test = _equal(word, meaning, now) or (_is(value) if exactly else holds(value, literal=word.literal))
    return (lambda text: not test(text)) if operator.startswith("!") else test


def _is(value: str) -> Test:
    lowered = value.lower()
    return lambda text: text.lower() == lowered


def holds(value: str, *, literal: bool = False) -> Test:
    """Whether a text holds the value, matches its regular expression or its pattern."""
    special = REGEX_CHARACTERS.intersection("" if literal else value)
    if not special:
        return (lambda text: value in text) if value.lower() != value else lambda text: value in text.lower()
    flags = 0 if value.lower() != value else re.IGNORECASE
    if special <= {"*", "?"} and ".*" not in value and ".?" not in value:
        whole = re.compile(translate(value), flags).match
        return lambda text: whole(text) is not None
    try:
        found = re.compile(value, flags).search
    except re.error as error:
        raise UsageError(f"{error}: not a valid regular expression: {value!r}") from error
    return lambda text: found(text) is not None


def _equal(word: ColumnWord, meaning: Meaning, now: float) -> Test | None:
    """Equality by meaning; None where the value or the column has none but the text's."""
    value = word.value
    if meaning is Meaning.VERSION and (wanted := _version(value)) is not None:
        return lambda text: (has := version(text)) is not None and has[: len(wanted)] == wanted
    if meaning is Meaning.BORN:
        if (seconds := age_seconds(value)) is None:
            raise _incomparable(word, meaning)
        oldest, youngest = stamp(now - seconds - least_unit(value)), stamp(now - seconds)
        return lambda text: oldest < text <= youngest  # "3d" is whatever has not reached its fourth day
    if meaning is Meaning.RATIO:
        whole = amount(Meaning.NUMBER, value)
        return (lambda text: ratio(text) == whole) if whole is not None else None  # but "1/2" is not "2/4"
    number = amount(meaning, value) if meaning is not Meaning.AGE else None
    return None if number is None else lambda text: amount(meaning, text) == number


def _version(value: str) -> tuple[int, ...] | None:
    return version(value) or ((int(value.removeprefix("v")),) if value.removeprefix("v").isdigit() else None)


def _compared(word: ColumnWord, meaning: Meaning, now: float) -> Comparison:
    operator, value = word.operator, word.value
    if meaning is Meaning.TEXT:
        return Comparison(_natural, operator, natural(value))
    if meaning is Meaning.VERSION:
        if (wanted := _version(value)) is None:
            raise _incomparable(word, meaning)
        # "1.33" stands for all its patches: none of them is more than it.
        beyond: tuple[float, ...] = (*wanted, float("inf")) if operator in {"<=", ">"} else wanted
        return Comparison(version, operator, beyond)
    if meaning is Meaning.BORN:
        if (seconds := age_seconds(value)) is None:
            raise _incomparable(word, meaning)
        flipped = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}[operator]  # younger is created later
        return Comparison(_born, flipped, stamp(now - seconds))
    number = amount(meaning, value)
    if number is None and meaning is Meaning.RATIO:
        number = amount(Meaning.NUMBER, value)
    if number is None:
        raise _incomparable(word, meaning)
    return Comparison(AMOUNTS[meaning], operator, number)


def _natural(text: str) -> str | None:
    return None if text in MISSING else natural(text)


def _born(text: str) -> str | None:
    return text or None


def _incomparable(word: ColumnWord, meaning: Meaning) -> UsageError:
    return UsageError(f"{word.name} takes {EXAMPLES[meaning]}; {word.value!r} cannot be compared with it")
