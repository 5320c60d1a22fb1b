"""What a filter line offers while it is typed: columns, then the values seen in them, and one line that says what the
word under the cursor means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from tui.errors import UsageError
from tui.present.clean import clean
from tui.present.column_words import EXAMPLES, OPERATORS, REGEX_CHARACTERS, column_word, meaning_in
from tui.present.completions import BEGINS, HOLDS, LIMIT, Completion
from tui.present.fields import Field, field_named
from tui.present.filters import TOKEN
from tui.present.meaning import MISSING, Meaning
from tui.present.parts import count

OVERVIEW = (
    ("web api", "both words; case counts where one has a capital"),
    ("api-(a|b)", "a regular expression"),
    ("status:!Running", "a column, here without it; = is exactly"),
    ("age:<1h restarts:>3", "less or more, as the column means it"),
    ("!Running", "rows without it"),
    ("-l app=web,tier!=db", "by label"),
    ("-f apigw", "fuzzy: these letters in this order"),
)
"""The language by examples; the help screen shows the same."""

LOG_OVERVIEW = (
    ("dial timeout", "both words; case counts where one has a capital"),
    ("dial|websocket", "a regular expression"),
    ("error !healthz", "the one without the other"),
    ("level=error", "a field of JSON or key=value lines; != is every other line"),
    ("!healthz", "lines without it"),
    ("-f websk", "fuzzy: these letters in this order"),
)
"""The same for lines of logs."""

_EMPTY = "? help  text  re|gex  column:value  !not  -l label=value"
_EMPTY_LOGS = "? help  text  re|gex  !not  key=value  -f fuzzy"
_AGES = (("<10m", "younger"), ("<1h", "younger"), ("<1d", "younger"), (">1d", "older"), (">7d", "older"))


class Asked(Protocol):
    """What a filter can ask of a pane."""

    def filter_fields(self) -> Sequence[Field]:
        """The columns; none for logs."""
        ...

    def filter_values(self, field: Field) -> Mapping[str, int]:
        """The texts that are in a column, with the number of rows that have them."""
        ...


def word_before(text: str) -> tuple[str, str]:
    """`text`, cut before its last word; a quote that is open holds its spaces."""
    words = list(TOKEN.finditer(text))
    if not words or words[-1].end() < len(text):
        return text, ""
    return text[: words[-1].start()], words[-1].group()


def complete_filter(text: str, pane: Asked) -> list[Completion]:
    """What the last word of `text` could become, best first, at most `LIMIT`. text: the line up to the cursor."""
    before, last = word_before(text)
    fields = pane.filter_fields()
    if not fields or not last or text.startswith("-f") or _selecting(text, before):
        return []
    sign = "!" if not before and last.startswith("!") else ""
    last = last[len(sign) :]
    asked = column_word(last)
    if asked is None:
        return _columns(before + sign, last, fields)
    try:
        field = field_named(asked.name, fields)
    except UsageError:
        return []
    head = f"{before}{sign}{asked.name}:{asked.operator}"
    values = pane.filter_values(field)
    if meaning_in(field, list(values)) is Meaning.BORN:
        return _ages(f"{before}{sign}{asked.name}:", asked.operator + asked.value)
    return _values(head, asked.value, values)


def _selecting(text: str, before: str) -> bool:
    """Whether labels are being typed."""
    return text.startswith("-l") and before.strip() in {"", "-l"}


def _columns(before: str, typed: str, fields: Sequence[Field]) -> list[Completion]:
    low = typed.lower()
    begin = [field for field in fields if field.word.startswith(low)]
    found, rank = (begin, BEGINS) if begin else ([field for field in fields if low in field.word], HOLDS)
    return [Completion(f"{before}{field.word}:", f"{field.word}:", "column", rank) for field in found[:LIMIT]]


def _ages(before: str, typed: str) -> list[Completion]:
    return [
        Completion(before + text, text, f"{word} than {text[1:]}", BEGINS)
        for text, word in _AGES
        if text.startswith(typed) and text != typed
    ]


def _values(head: str, typed: str, values: Mapping[str, int]) -> list[Completion]:
    low = typed.lower()
    seen = [text for text in values if low in text.lower() and text not in MISSING]
    seen.sort(key=lambda text: (not text.lower().startswith(low), -values[text], text))
    return [
        Completion(head + _quoted(text), clean(text, 40), count(values[text], "row"), BEGINS)
        for text in seen[:LIMIT]
        if text.lower() != low
    ]


def _quoted(text: str) -> str:
    safe = not REGEX_CHARACTERS.intersection(text) and not any(char.isspace() for char in text)
    return text if safe and not text.startswith(OPERATORS) else f'"{text}"'


def hint(text: str, pane: Asked) -> str:
    """One line about the word that is being typed. text: the line up to the cursor."""
    fields = pane.filter_fields()
    before, last = word_before(text)
    if _selecting(text, before):
        return "app=web  tier!=db  has  !has-not  with commas between"
    if text.startswith("-f"):
        return "these letters in this order, within one cell"
    if not text.strip():
        return _EMPTY if fields else _EMPTY_LOGS
    asked = column_word(last.removeprefix("!") if not before else last) if fields else None
    if asked is not None:
        return _about(asked.name, pane)
    if REGEX_CHARACTERS.intersection(last):
        return "regular expression; case counts where it has a capital"
    if text.startswith("!"):
        return "rows in which this is not so"
    return "enter keep  esc clear  tab complete" if fields else "enter keep  esc clear"


def _about(name: str, pane: Asked) -> str:
    try:
        field = field_named(name, pane.filter_fields())
    except UsageError as error:
        return str(error)
    meaning = meaning_in(field, list(pane.filter_values(field)))
    if meaning is Meaning.TEXT:
        return f"{field.word}: text  !not  =exactly  re|gex  glob*"
    if meaning in {Meaning.BORN, Meaning.AGE}:
        return f"{field.word}: <younger  >older  {EXAMPLES[meaning]}"
    return f"{field.word}: = != < <= > >=  {EXAMPLES[meaning]}"
