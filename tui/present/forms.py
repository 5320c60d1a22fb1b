"""The arguments of a change, as forms: which fields there are, what they hold at first, what is wrong with what was
typed, and the wish's `args` in the end. Pure; one modal paints them all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, cast

from msgspec import Struct

from tui.model.changes import Action, Revision
from tui.present.clean import clean
from tui.present.revisions import revision_lines

IMAGE = "image:"
"""Prefix of the fields of set-image; the container's name follows."""
NO, YES = "no", "yes"

_QUALIFIED = re.compile(r"([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?\Z")
_LABEL_VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?\Z")
_PAIRS = re.compile(r",(?=\s*[-A-Za-z0-9_./]+=|\s*[-A-Za-z0-9_./]+-\s*(?:,|\Z))")
"""The commas between pairs: those before the next key. A value may have commas of its own."""
_JOB_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?\Z")


class FieldType(Enum):
    """How a field is filled in."""

    LINE = "line"
    CHOICE = "choice"
    LIST = "list"
    PATH = "path"
    BLOCK = "block"


class Field(Struct, frozen=True):
    """name: of the argument. value: what stands there at first. hint: what may be typed, shown while nothing is wrong.
    choices: for CHOICE and LIST, the first being the default. lines: of a LIST, the words of each."""

    name: str
    label: str
    value: str = ""
    hint: str = ""
    type: FieldType = FieldType.LINE
    choices: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()


class Facts(Struct, frozen=True):
    """What a form shows of the object as it is. containers: name and image, init containers first, as the pods start
    them. revisions: of its rollout, the oldest first; None: several objects, which have each their own. now: when it
    was looked at, seconds since the epoch."""

    replicas: int | None = None
    containers: tuple[tuple[str, str], ...] = ()
    labels: Mapping[str, str] = {}
    annotations: Mapping[str, str] = {}
    revisions: tuple[Revision, ...] | None = None
    now: float = 0.0


NEEDS_FACTS = frozenset({Action.SCALE, Action.SET_IMAGE, Action.LABEL, Action.ANNOTATE})
"""Forms that show how the object is now. That of UNDO_ROLLOUT shows how it was."""


def facts_of(manifest: str) -> Facts:
    """Read from the object's YAML. Heavy for large objects: not for the event loop."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    body = _map(yaml.load(manifest, Loader=loader))
    spec, metadata = _map(body.get("spec")), _map(body.get("metadata"))
    template = _map(_map(_map(spec.get("jobTemplate")).get("spec")).get("template")) or _map(spec.get("template"))
    pod = _map(template.get("spec")) if template else spec
    containers = [*_list(pod.get("initContainers")), *_list(pod.get("containers"))]
    replicas = spec.get("replicas")
    return Facts(
        replicas if isinstance(replicas, int) else None,
        tuple((str(one.get("name", "")), str(one.get("image", ""))) for one in map(_map, containers)),
        {str(key): str(value) for key, value in _map(metadata.get("labels")).items()},
        {str(key): str(value) for key, value in _map(metadata.get("annotations")).items()},
    )


def _map(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []


def fields_for(action: Action, facts: Facts) -> tuple[Field, ...]:
    """The form of an action; () where it needs none."""
    match action:
        case Action.SCALE:
            now = "" if facts.replicas is None else str(facts.replicas)
            return (Field("replicas", "replicas", now, f"a whole number; {now or 'not set'} now"),)
        case Action.SET_IMAGE:
            return tuple(Field(IMAGE + name, clean(name, 60), image, "an image") for name, image in facts.containers)
        case Action.UNDO_ROLLOUT:
            return _revision_fields(facts)
        case Action.TRIGGER:
            return (Field("name", "job's name", "", "empty: the cron job's, and a suffix"),)
        case Action.LABEL:
            return (Field("pairs", "labels", "", "key=value sets, key- removes; several between commas"),)
        case Action.ANNOTATE:
            return (Field("pairs", "annotations", "", "key=value sets, key- removes; several between commas"),)
        case Action.DELETE:
            return (
                _choice("propagation", "what it owns", ("background", "foreground", "orphan")),
                Field("grace", "grace seconds", "", "empty: the object's own; 0: at once"),
            )
        case Action.DRAIN:
            return (
                Field("grace", "grace seconds", "", "for each pod; empty: its own"),
                Field("timeout", "gives up after", "15m", "each node; it stays cordoned; 0: never"),
                _choice("force", "pods without owner too", (NO, YES)),
                _choice("delete-emptydir-data", "lose emptyDir data", (NO, YES)),
            )
        case Action.APPLY:
            return (
                Field("path", "file", "", "a YAML or JSON file; → completes", FieldType.PATH),
                Field("manifest", "or paste it", "", "", FieldType.BLOCK),
                _choice("force", "take others' fields", (NO, YES)),
            )
        case _:
            return ()


def _revision_fields(facts: Facts) -> tuple[Field, ...]:
    if facts.revisions is None:
        return (Field("revision", "to revision", "", "a number of each one's history; empty: the one before"),)
    earlier = [one for one in reversed(facts.revisions) if not one.present]
    if not earlier:
        return ()
    choices = tuple(str(one.number) for one in earlier)
    lines = revision_lines(earlier, facts.now)
    return (Field("revision", "to revision", choices[0], "↑ ↓ choose", FieldType.LIST, choices, lines),)


def nothing(action: Action) -> str:
    """Why the form of an action has no field."""
    if action is Action.UNDO_ROLLOUT:
        return "there is nothing to go back to: no earlier revision of it is remembered"
    return "there is nothing to choose: it has no containers"


def _choice(name: str, label: str, choices: tuple[str, ...]) -> Field:
    return Field(name, label, choices[0], "← → choose", FieldType.CHOICE, choices)


def notes_for(action: Action, facts: Facts) -> tuple[str, ...]:
    """What is there now, for those who are about to change it."""
    match action:
        case Action.LABEL:
            return _pairs(facts.labels)
        case Action.ANNOTATE:
            return _pairs(facts.annotations)
        case Action.UNDO_ROLLOUT:
            return tuple(f"now {line}" for line in revision_lines(_present(facts), facts.now))
        case Action.DELETE:
            return (
                "background: they go after it; foreground: before it; orphan: they stay",
                "What holds a deletion (finalizers) is shown in the plan.",
            )
        case Action.DRAIN:
            return ("Pods of daemon sets stay; budgets (PodDisruptionBudget) are honoured.",)
        case _:
            return ()


def _present(facts: Facts) -> list[Revision]:
    return [one for one in facts.revisions or () if one.present]


def _pairs(pairs: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(clean(f"{key}={value}", 120) for key, value in sorted(pairs.items()))


def wrong(action: Action, values: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with each field, in words; {} where nothing is."""
    found = {name: _wrong_field(action, name, value.strip()) for name, value in values.items()}
    if action is Action.APPLY and not values.get("path", "").strip() and not values.get("manifest", "").strip():
        found["path"] = "name a file, or paste a manifest below"
    return {name: words for name, words in found.items() if words}


def _wrong_field(action: Action, name: str, value: str) -> str:
    if name.startswith(IMAGE):
        return "" if value and not re.search(r"[\s,=]", value) else "an image is one word, without comma or ="
    match name:
        case "replicas":
            return "" if _whole(value) else "a whole number from 0 on"
        case "grace":
            return "" if not value or _whole(value) else "seconds from 0 on, or nothing"
        case "revision":
            return "" if not value or (_whole(value) and int(value) > 0) else "a number from 1 on, or nothing"
        case "name":
            return "" if not value or _JOB_NAME.match(value) else "lower case letters, digits, - and ."
        case "pairs":
            return _wrong_pairs(value, values_checked=action is Action.LABEL)
        case _:
            return ""


def _split(text: str) -> list[str]:
    return [part.strip() for part in _PAIRS.split(text) if part.strip()]


def _whole(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def _wrong_pairs(text: str, *, values_checked: bool) -> str:
    pairs = _split(text)
    if not pairs:
        return "type key=value, or key- to remove it"
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals and not pair.endswith("-"):
            return f"{clean(pair, 40)!r}: key=value sets it, key- removes it"
        if not _QUALIFIED.match(key if equals else key[:-1]):
            return f"{clean(key, 40)!r} is no valid key"
        if values_checked and not _LABEL_VALUE.match(value):
            return f"{clean(value, 40)!r}: at most 63 letters, digits, -, _ and ."
    return ""


def args_of(action: Action, values: Mapping[str, str], facts: Facts) -> dict[str, str]:
    """The wish's arguments; what was left as it is or empty is left out. An apply's file has been read by then."""
    given = {name: value.strip() for name, value in values.items()}
    if action is Action.SET_IMAGE:
        now = dict(facts.containers)
        changed = {name.removeprefix(IMAGE): image for name, image in given.items()}
        images = [f"{name}={image}" for name, image in changed.items() if now.get(name) != image]
        return {"images": ",".join(images)}
    if "pairs" in given:
        return {"pairs": _as_json(_split(given["pairs"]))}
    kept = {name: "true" if value == YES else value for name, value in given.items() if value not in {"", NO}}
    kept.pop("path", None)
    return kept


def _as_json(pairs: Sequence[str]) -> str:
    """As JSON, since values may have commas; null removes."""
    named = [(key, value if equals else None) for key, equals, value in (pair.partition("=") for pair in pairs)]
    return json.dumps({key if value is not None else key.removesuffix("-"): value for key, value in named})


def unset(action: Action, args: Mapping[str, str]) -> str:
    """Why these arguments ask for nothing, "" where they ask for something."""
    return "change at least one image" if action is Action.SET_IMAGE and not args.get("images") else ""
