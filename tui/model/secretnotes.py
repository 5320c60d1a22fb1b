"""Which annotations of a Secret hold its values: those in which known tools note down what they applied, and any other
one in which a value is found again.

There is no end of tools that copy an object, or the one password in it, into an annotation; so the annotation is looked
into, and not only its name.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from typing import Any, cast
from urllib.parse import quote

from tui.model.bodies import obj
from tui.model.objects import Body

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
"""What `kubectl apply` was given: of a Secret, the values once more."""
FIELDS = ("data", "stringData", "binaryData")
"""What holds values. A Secret has no binaryData; who wrote one all the same meant values."""
ENCODED = frozenset({"data", "binaryData"})
ANNOTATIONS = frozenset(
    {
        LAST_APPLIED,
        "banzaicloud.com/last-applied",
        "kapp.k14s.io/original",
        "kapp.k14s.io/original-diff",
        "objectset.rio.cattle.io/applied",
        "openshift.io/token-secret.value",
    }
)
"""Those in which tools note down a Secret's values: what was applied (kubectl, kapp, Rancher's wrangler, Banzai's
object matcher), and OpenShift the token of a registry's Secret."""
SHORTEST = 8
"""Characters of a value that is looked for anywhere: shorter ones ("true", "admin", "5432") stand everywhere, and are
looked for only as the whole of a note or what a key in it is given."""
_DECLARES = re.compile(r"^\s*[\"']?(?:data|stringData|binaryData)[\"']?\s*:", re.MULTILINE)
"""What an object's values stand in, as YAML says it."""
_GIVEN = re.compile(r"[:=]\s*[\"']?([^\s\"',;&]{1,7})[\"']?(?=[\s,;&}]|$)")
"""Short values that a key is given, in YAML, in a connection string or a query."""
_MOST = 20_000_000
"""Characters that are compared for one object, a frame's time; what would be more is masked unseen."""
_DEEPEST = 8
"""JSON in a text in JSON; no tool goes beyond two."""


def telling(body: Body, *others: Body | None) -> frozenset[str]:
    """The keys of annotations of a Secret that are to be masked.

    others: further states of the same object, as it was before a change or is in another cluster. A value of any of
    them is looked for in all of them, and an annotation that is masked in one is masked in each: beside a state in
    which a password has been changed, an annotation with the old one gives away the other state.
    """
    bodies = [body, *(one for one in others if one)]
    values = {value for one in bodies for value in _values(one)}
    return frozenset(
        key for one in bodies for key, note in _notes(one).items() if key in ANNOTATIONS or tells(note, values)
    )


def tells(note: object, values: set[str]) -> bool:
    """Whether a text holds one of `values`, or is JSON with what an object's values stand in."""
    if not isinstance(note, str):
        return note is not None  # no annotation has such a shape; whoever wrote it, it is not ours to show
    if len(values) * len(note) > _MOST:
        return True
    if _DECLARES.search(note) is not None or note.strip() in values:
        return True
    if not values.isdisjoint(_GIVEN.findall(note)):
        return True
    return any(value in note for value in values if len(value) >= SHORTEST) or _json_tells(note, values, _DEEPEST)


def decoded(value: object) -> bytes | None:
    """The bytes of a base64 text; None where it is none."""
    try:
        return base64.b64decode(str(value), validate=True)
    except (binascii.Error, ValueError):
        return None


def _notes(body: Body) -> Body:
    return obj(body, "metadata", "annotations")


def _values(body: Body) -> Iterator[str]:
    """What is looked for: each value as it is written and as what it stands for, without the blanks and line ends
    around it, which get lost on the way into an annotation."""
    for field in FIELDS:
        for value in obj(body, field).values():
            if isinstance(value, str):
                yield from filter(None, _written(value, field))


def _written(value: str, field: str) -> Iterator[str]:
    yield value.strip().rstrip("=")
    if field not in ENCODED:
        yield base64.b64encode(value.encode("utf-8", "replace")).decode().rstrip("=")
        yield from _told(value)
        return
    octets = decoded(value)
    if octets is not None:
        try:
            yield from _told(octets.decode("utf-8"))
        except UnicodeDecodeError:
            pass  # no text, so no annotation can hold it but encoded


def _told(text: str) -> Iterator[str]:
    """A value as people and URLs write it; of one of several lines each line, since they may be indented."""
    whole = text.strip()
    yield whole
    yield quote(whole, safe="")
    lines = whole.splitlines()
    if len(lines) > 1:
        yield from (line.strip() for line in lines if len(line.strip()) >= SHORTEST)


def _json_tells(note: str, values: set[str], depth: int) -> bool:
    """The same for what stands in JSON, where a value is written with escapes."""
    if not note.lstrip().startswith(("{", "[")):
        return False
    try:
        held: Any = json.loads(note)
    except json.JSONDecodeError:
        return False
    except (ValueError, RecursionError):
        return True  # nobody's note, but somebody's trap: a number of thousands of digits, thousands of brackets
    return any(_part_tells(part, values, depth) for part in _parts(held))


def _part_tells(part: Body | str, values: set[str], depth: int) -> bool:
    if isinstance(part, dict):
        return any(isinstance(part.get(field), dict) for field in FIELDS)
    if part.strip() in values or any(value in part for value in values if len(value) >= SHORTEST):
        return True
    return depth > 0 and _json_tells(part, values, depth - 1)


def _parts(held: Any) -> Iterator[Body | str]:
    """Every object and every text in it, keys as well."""
    left = [held]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            yield cast("Body", one)
            left += [*cast("Body", one), *cast("Body", one).values()]
        elif isinstance(one, list):
            left += cast("list[Any]", one)
        elif isinstance(one, str):
            yield one
