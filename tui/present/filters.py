"""The `/` filter: what k9s users' fingers know, and words that ask one column, as pure values.

text          every word must occur somewhere in the row, case ignored unless the word has a capital
re|gex        a word with regex characters is a regular expression
status:!Run   a word that asks a column (`tui.present.column_words`); only in lists
"two words"   quotes hold spaces, and make a text of what would ask a column; only in lists
!text         rows that do not match
-l k=v,x!=y   labels (equality, inequality, existence `k`, absence `!k`), and then words
-f text       fuzzy: the letters in this order
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from tui.errors import UsageError
from tui.present.column_words import REGEX_CHARACTERS, ColumnWord, column_word
from tui.present.guarded import Guarded, Needle, too_slow

Labels = Mapping[str, str]
LabelTest = Callable[[Labels], bool]

TOKEN = re.compile(r'(?:[A-Za-z][\w()/-]*:(?:!=|<=|>=|==|[!=<>])?)?"[^"]*(?:"|\Z)|\S+')
"""One word of a list's filter: quotes stand at its beginning, or at that of its value."""


class TextWord(Struct, frozen=True):
    """What must occur in the text of a row, whose cells stand on lines of their own. text: as it is looked for; in
    lower case where capitals do not count. pattern: None for a plain text. quick: the same pattern for texts that are
    all in lower case, which is several times faster than one that ignores case."""

    text: str
    sensitive: bool
    pattern: Needle | None = None
    quick: Needle | None = None

    def found(self, text: str) -> bool:
        """Whether it occurs in `text`."""
        if self.pattern is not None:
            return self.pattern.search(text) is not None
        return self.text in (text if self.sensitive else text.lower())


class Filter(Struct, frozen=True):
    """A parsed filter. All words, labels and columns must hold; none of them all together where it is inverse.
    needle: the plain text to highlight, "" where there is none."""

    text: str
    words: tuple[TextWord, ...] = ()
    labels: tuple[LabelTest, ...] = ()
    columns: tuple[ColumnWord, ...] = ()
    inverse: bool = False
    needle: str = ""

    @property
    def slow(self) -> bool:
        """Whether it has a word that took too long to be looked for."""
        return too_slow(*(needle for word in self.words for needle in (word.pattern, word.quick)))

    def matches(self, fields: Sequence[str], labels: Labels | None = None) -> bool:
        """Whether a row with these cells and labels is shown, as far as its text and its labels tell."""
        return self._holds("\n".join(fields), labels or {}) is not self.inverse

    def matches_text(self, text: str) -> bool:
        """The same for one line of text (logs)."""
        return self._holds(text, {}) is not self.inverse

    def _holds(self, text: str, labels: Labels) -> bool:
        return all(word.found(text) for word in self.words) and all(test(labels) for test in self.labels)


def parse_filter(text: str, *, columns: bool = False) -> Filter | None:
    """None for an empty filter. columns: words may ask a column, and quotes have a meaning: for lists, not for logs.
    Raises UsageError naming what is wrong with the text."""
    text = text.strip()
    if not text:
        return None
    if text.startswith("-l"):
        selector, rest = _selector(text[2:].strip())
        return _words(text, rest, columns, labels=_labels(selector))
    if text.startswith("-f"):
        return Filter(text, (_fuzzy(text[2:].strip()),))
    if text.startswith("!"):
        if not text[1:].strip():
            raise UsageError("nothing behind '!': type what the rows should not contain")
        return _words(text, text[1:].strip(), columns, inverse=True)
    return _words(text, text, columns)


def _words(text: str, rest: str, columns: bool, *, labels: tuple[LabelTest, ...] = (), inverse: bool = False) -> Filter:
    words: list[TextWord] = []
    asked: list[ColumnWord] = []
    for token in TOKEN.findall(rest) if columns else rest.split():
        if columns and token.startswith('"'):
            if plain := token[1:].removesuffix('"'):
                words.append(_plain(plain))
        elif columns and (word := column_word(token)) is not None:
            asked.append(word)
        else:
            words.append(_word(token))
    needle = words[0].text if [rest] == [word.text for word in words] and words[0].pattern is None else ""
    return Filter(text, tuple(words), labels, tuple(asked), inverse, "" if inverse else needle)


def _plain(text: str) -> TextWord:
    return TextWord(text, text.lower() != text)


def _word(word: str) -> TextWord:
    if not REGEX_CHARACTERS.intersection(word):
        return _plain(word)
    sensitive = word.lower() != word
    try:
        pattern = Guarded(word, re.MULTILINE if sensitive else re.MULTILINE | re.IGNORECASE)
        return TextWord(word, sensitive, pattern, Guarded(word, re.MULTILINE))
    except re.error as error:
        raise UsageError(f"{error}: not a valid regular expression: {word!r}") from error


def _fuzzy(text: str) -> TextWord:
    if not text:
        raise UsageError("'-f' needs the letters to look for, as in: -f apigw")
    letters = [re.escape(char) for char in text if not char.isspace()]
    quick = [re.escape(char) for char in text.lower() if not char.isspace()]
    # No dot matches the end of a line, so all letters are found within one cell.
    return TextWord(
        text, sensitive=False, pattern=re.compile(".*?".join(letters), re.I), quick=re.compile(".*?".join(quick))
    )


_SPACED_COMMA = re.compile(r"\s*(,|!=|==|=)\s*")


def _selector(text: str) -> tuple[str, str]:
    """The label selector, and the words behind it."""
    selector, _, rest = _SPACED_COMMA.sub(r"\1", text).partition(" ")
    return selector, rest.strip()


def _labels(text: str) -> tuple[LabelTest, ...]:
    if not text:
        raise UsageError("'-l' needs a label selector, as in: -l app=web,tier!=db")
    return tuple(_label(part.strip()) for part in text.split(",") if part.strip())


def _label(part: str) -> LabelTest:
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
