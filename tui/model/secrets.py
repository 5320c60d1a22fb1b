"""Values of Secrets: where they stand in an object, and what is said in their place until somebody asks for them.

The one rule for screens, diffs, the journal and what is printed. A value stands not only in `data`: what applied the
object may have noted all of it down in an annotation, and there it is as readable (`tui.model.secretnotes`). Managed
fields name the keys of a Secret and none of its values (`f:data`), so they stay.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from msgspec import Struct

from tui.model.bodies import at, group_of, obj, text
from tui.model.kube import KindRef
from tui.model.objects import Body
from tui.model.secretnotes import ANNOTATIONS as ANNOTATIONS
from tui.model.secretnotes import ENCODED, FIELDS, telling
from tui.model.secretnotes import LAST_APPLIED as LAST_APPLIED
from tui.model.secretnotes import decoded as decoded

MASK = "••••"
"""No base64, so that a server refuses it where somebody applies what was printed."""
Seal = Callable[[str, str, object], object]
"""From where a value stands (one of `FIELDS`, or "annotations"), its key and itself to what stands there instead. The
key is "" where the field itself has a shape that it should not have."""


class Hidden(Struct, frozen=True):
    """In place of a value: what may be said of it."""

    words: str


def is_secret(body: object) -> bool:
    """Whether it is the core kind; another group's "Secret" is something else."""
    return text(body, "kind") == "Secret" and group_of(text(body, "apiVersion")) == ""


def of_secrets(kind: KindRef) -> bool:
    """Whether values of objects of `kind` are shown to nobody who did not ask."""
    return kind.group == "" and kind.plural == "secrets"


def sealed(body: Body, seal: Seal, other: Body | None = None) -> Body:
    """A Secret with something else in place of each value; `body` itself is left as it is. other: another state of it
    that is shown beside it; both are sealed alike."""
    made = dict(body)
    for field in FIELDS:
        held: Any = body.get(field)
        if isinstance(held, dict):
            made[field] = {key: seal(field, key, value) for key, value in cast("Body", held).items()}
        elif held is not None:
            made[field] = seal(field, "", held)
    metadata = obj(body, "metadata")
    notes = obj(metadata, "annotations")
    hidden = telling(body, other) if notes else frozenset[str]()
    if not hidden.isdisjoint(notes):
        told = {key: seal("annotations", key, notes[key]) if key in hidden else notes[key] for key in notes}
        made["metadata"] = {**metadata, "annotations": told}
    return made


def value_of(body: Body | None, field: str, key: str) -> object:
    """What another state of a Secret has in a place that `sealed` has told of; None where it has nothing there."""
    place = ("metadata", "annotations") if field == "annotations" else (field,)
    return at(body, *place, key) if key else at(body, *place)


def masked(field: str, key: str, value: object) -> Hidden:
    """What may be said of a value: its size, as `kubectl describe` tells it too. A `Seal`."""
    if not key:
        return Hidden(MASK)
    if field == "annotations":
        return Hidden(f"{MASK} holds the values")
    octets = decoded(value) if field in ENCODED else str(value).encode("utf-8", "replace")
    return Hidden(f"{MASK} not base64" if octets is None else f"{MASK} {octets_words(len(octets))}")


def masked_words(field: str, key: str, value: object) -> str:
    """The same as a text, for what knows texts only. A `Seal`."""
    return masked(field, key, value).words


def secret(value: object, field: str, shown: bool) -> str | Hidden:
    """A value of one of `FIELDS`, masked, or as the text it stands for."""
    if not shown:
        return masked(field, "value", value)
    octets = decoded(value) if field in ENCODED else str(value).encode("utf-8", "replace")
    if octets is None:
        return str(value)
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        begin = octets[:32].hex(" ") + (" …" if len(octets) > 32 else "")
        return Hidden(f"no text, {octets_words(len(octets))}: {begin}")


def unsealed(field: str, key: str, value: object) -> object:
    """The text that a value stands for; what was applied, as it is. A `Seal`."""
    return secret(value, field, True) if key and field in FIELDS else value


def octets_words(number: int) -> str:
    return f"{number:,} byte{'' if number == 1 else 's'}"
