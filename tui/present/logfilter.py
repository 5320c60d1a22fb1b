"""What is looked for in lines of logs: filters, which hide the rest, and finds, which only mark.

text          every word must occur, case ignored unless the word has a capital
re|gex        a word with regex characters is a regular expression
!word         lines without it; `error !healthz` wants the one and not the other
name=value    a field of a line of JSON or of key=value pairs; != is every other line
-f text       fuzzy: the letters in this order
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from tui.errors import UsageError
from tui.present.clean import clean
from tui.present.column_words import REGEX_CHARACTERS
from tui.present.filters import parse_filter
from tui.present.guarded import Guarded, Needle, too_slow
from tui.present.logjson import field_value, fields_of
from tui.present.logsieve import plain_words

LINE_MAX = 2_000
"""Characters of a line that are shown. Looked through is the whole line."""
WHOLE = 300_000
"""Characters of the longest line that there is, and more."""

_TOGETHER = 256
"""Lines that are made ready at once: one among them that is not ASCII costs as much for each of the others."""
_CONTROLS = bytes((*range(0x20), 0x7F))

_FIELD = re.compile(r"(?P<name>[A-Za-z_@][\w.@/-]*)(?P<sign>!?=)(?P<value>[^\s|()*+?\[\]^$\\]+)")


def smart(words: str, *, regex: bool = True) -> Needle:
    """A pattern for `words`; small letters mean capitals too. Raises UsageError where it is no regular expression."""
    flags = re.IGNORECASE if words == words.lower() else 0
    try:
        if regex and REGEX_CHARACTERS.intersection(words):
            return Guarded(words, flags)
        return re.compile(words if regex else re.escape(words), flags)
    except re.error as error:
        raise UsageError(f"{words!r} is not a valid regular expression: {error}") from error


class LogWord(Struct, frozen=True):
    """One word of a filter. name, value: where it asks a field. absent: lines without it are wanted."""

    pattern: Needle
    plain: str = ""
    absent: bool = False
    name: str = ""
    value: str = ""

    def holds(self, text: str, raw: bytes) -> bool:
        return self._found(text, raw) is not self.absent

    def _found(self, text: str, raw: bytes) -> bool:
        if self.plain and self.plain not in text.lower():
            return False
        if self.name:
            return self.pattern.search(text) is not None or self._field(raw)
        return bool(self.plain) or self.pattern.search(text) is not None

    def _field(self, raw: bytes) -> bool:
        fields = fields_of(raw)
        value = field_value(fields, self.name) if fields is not None else None
        if value is None:
            return False
        return value == self.value or (self.value == self.value.lower() and value.lower() == self.value)


class LogFilter(Struct, frozen=True):
    """A parsed filter. marks: what is marked in the lines that it lets through."""

    text: str
    words: tuple[LogWord, ...]
    inverse: bool = False
    marks: tuple[Needle, ...] = ()

    @property
    def slow(self) -> bool:
        """Whether it has a word that took too long to be looked for."""
        return too_slow(*(word.pattern for word in self.words))

    @property
    def demanded(self) -> list[str]:
        """Words that every line has in it that is let through, in small letters; as far as that can be said."""
        wanted = [] if self.inverse else [word for word in self.words if not word.absent and not word.name]
        return [word.plain or plain_words(word.pattern) for word in wanted]

    def matches(self, raw: bytes) -> bool:
        """Whether a line is let through."""
        return self._holds(clean(raw, WHOLE), raw)

    def chosen(self, lines: Sequence[bytes]) -> list[int]:
        """Which of them are let through, by their places."""
        texts = whole_texts(lines)
        lowered = [text.lower() for text in texts]
        places: Sequence[int] = range(len(texts))
        for word in self.words:
            if word.plain and not word.name:
                places = [place for place in places if (word.plain in lowered[place]) is not word.absent]
            else:
                places = [place for place in places if word.holds(texts[place], lines[place])]
        return sorted({*range(len(texts))}.difference(places)) if self.inverse else list(places)

    def _holds(self, text: str, raw: bytes) -> bool:
        return all(word.holds(text, raw) for word in self.words) is not self.inverse


def whole_texts(lines: Sequence[bytes]) -> list[str]:
    """`clean(line, WHOLE)` of each line; many times as fast where they are of plain ASCII, as nearly all are."""
    texts: list[str] = []
    for start in range(0, len(lines), _TOGETHER):
        some = lines[start : start + _TOGETHER]
        whole = b"".join(some)
        if whole.isascii() and len(whole.translate(None, _CONTROLS)) == len(whole):
            texts += b"\n".join(some).decode("ascii").split("\n")
        else:
            texts += [clean(line, WHOLE) for line in some]
    return texts


def parse_log_filter(text: str) -> LogFilter | None:
    """None for an empty filter. Raises UsageError naming what is wrong with the text."""
    text = text.strip()
    if not text:
        return None
    if text.startswith("-f"):
        fuzzy = parse_filter(text)
        letters = fuzzy.words[0].pattern if fuzzy is not None else None
        assert letters is not None, "a fuzzy filter without letters"
        return LogFilter(text, (LogWord(letters),))
    words = text.split()
    inverse = text.startswith("!") and not all(word.startswith("!") for word in words)
    if inverse or text == "!":
        words = text[1:].split()
        if not words:
            raise UsageError("the filter is empty after '!': type what the lines should not contain")
    parsed = tuple(_word(word) for word in words)
    marks = () if inverse else tuple(word.pattern for word in parsed if not word.absent)
    return LogFilter(text, parsed, inverse, marks)


def _word(word: str) -> LogWord:
    absent = word.startswith("!") and len(word) > 1
    word = word[1:] if absent else word
    field = _FIELD.fullmatch(word)
    if field is not None:
        name, value = field["name"], field["value"]
        pair = rf'(?<![\w.@/-]){re.escape(name)}="?{re.escape(value)}(?![\w.@/-])'
        flags = re.IGNORECASE if value == value.lower() else 0
        other = field["sign"] == "!="
        return LogWord(re.compile(pair, flags), value.lower(), absent is not other, name, value)
    if REGEX_CHARACTERS.intersection(word):
        return LogWord(smart(word), absent=absent)
    sensitive = word != word.lower()
    return LogWord(smart(word, regex=False), "" if sensitive else word, absent)
