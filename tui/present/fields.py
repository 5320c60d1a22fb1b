"""The columns of a list as filter and sort see them: by what they are called, and as plain texts.

All columns count, also those that are only shown when wide, and those of our own (cluster, namespace).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from msgspec import Struct

from tui.errors import UsageError
from tui.model.kube import ResourceView
from tui.present.ages import parse_time
from tui.present.resources import Entry

CLUSTER = -1
NAMESPACE = -2
NAME = -3
BORN = -4
"""Places that are none in `Row.cells`: the cluster's name, the row's namespace, its name and its creation time."""

LONGEST = 1000
"""Characters of a cell that are looked at; nobody sees more of it in a list."""


class Field(Struct, frozen=True):
    """name: the heading in capitals. place: where in `Row.cells`, or one of the constants above. type: as the server
    declares it."""

    name: str
    place: int
    type: str = "string"

    @property
    def word(self) -> str:
        """What is typed before the colon: "nominated-node", "port-s"."""
        return spelled(self.name)


_NOT_A_WORD = re.compile(r"[^a-z0-9]+")
_SHORT = {"ns": "namespace"}


def spelled(name: str) -> str:
    """A heading as one word in lower case."""
    return _NOT_A_WORD.sub("-", name.lower()).strip("-")


def fields_of(view: ResourceView) -> tuple[Field, ...]:
    """What may be filtered and sorted by."""
    found = [Field("CLUSTER", CLUSTER)] if len(view.query.clusters) > 1 else []
    if view.namespaced:
        found.append(Field("NAMESPACE", NAMESPACE))
    for index, column in enumerate(view.columns):
        name = column.name.upper()
        if name == "AGE":
            found.append(Field(name, BORN, "date"))
        elif name not in {"CLUSTER", "NAMESPACE"}:
            found.append(Field(name, index, column.type))
    if not any(field.name == "NAME" for field in found):
        found.append(Field("NAME", NAME))
    return tuple(found)


def field_named(word: str, fields: Sequence[Field]) -> Field:
    """The field that is meant: by its name, by "ns", or by the beginning of one name only. Raises UsageError."""
    wanted = spelled(word)
    wanted = _SHORT.get(wanted, wanted)
    exact = [field for field in fields if field.word == wanted]
    close = exact or [field for field in fields if wanted and field.word.startswith(wanted)]
    if len(close) == 1 or exact:
        return close[0]
    if close:
        raise UsageError(f"{word}: may be {_either([field.word for field in close])}; type more of it")
    known = ", ".join(field.word for field in fields)
    raise UsageError(f'no column "{word}" here, only {known}; quotes look for a text: "{word}:…"')


def _either(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"


def text_of(entry: Entry, place: int, names: Sequence[str]) -> str:
    """The text of one cell. names: what each cluster is called, by its place in the view."""
    namespace, name, part, row = entry
    if place >= 0:
        value = row.cells[place] if place < len(row.cells) else None
        if isinstance(value, str):
            return value if len(value) <= LONGEST else value[:LONGEST]
        return "" if value is None else str(value)
    if place == BORN:
        return born(row.created)
    return names[part] if place == CLUSTER else namespace if place == NAMESPACE else name


def texts_of(entries: Iterable[Entry], place: int, names: Sequence[str]) -> list[str]:
    """The same for many; fifty thousand cells within some milliseconds."""
    if place == BORN:
        return [born(entry[3].created) for entry in entries]
    if place == NAMESPACE:
        return [entry[0] for entry in entries]
    if place == CLUSTER:
        return [names[entry[2]] for entry in entries]
    if place == NAME:
        return [entry[1] for entry in entries]
    cells = [entry[3].cells for entry in entries]
    try:
        values = [row[place] for row in cells]
    except IndexError:  # a server may print fewer cells than it has columns
        values = [row[place] if place < len(row) else None for row in cells]
    texts = [value if isinstance(value, str) else "" if value is None else str(value) for value in values]
    return [text[:LONGEST] for text in texts] if max(map(len, texts), default=0) > LONGEST else texts


def born(created: str) -> str:
    """A creation time in the one form in which texts compare as times. Kubernetes sends no other (`metav1.Time`)."""
    if len(created) == 20 and created[19] == "Z":
        return created
    at = parse_time(created)
    return stamp(at) if at is not None else ""


def stamp(at: float) -> str:
    """`at` (epoch seconds) in that form."""
    from datetime import UTC, datetime

    return datetime.fromtimestamp(max(0.0, at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
