"""What descriptions of most kinds have in common: name and times, labels, conditions, events."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tui.errors import Problem
from tui.model.bodies import items, obj, strings, text, texts
from tui.model.feed import Feed
from tui.model.objects import Body, Happening
from tui.model.secrets import LAST_APPLIED
from tui.model.times import parse_time
from tui.present.ages import age, timestamp
from tui.present.describe.page import Block, Grid, Head, Note, Pair, listed, pairs
from tui.present.parts import Cell, count
from tui.present.problems import one_line
from tui.present.tone import tone

LONGEST_VALUE = 400
"""Characters of one annotation that a description shows; the YAML has all of it."""
GOOD_WHEN_FALSE = (
    "pressure", "unavailable", "failure", "failed", "failing", "degraded", "stalled", "disruptiontarget", "dangling",
    "interrupted", "suspended", "terminating", "violated", "limited", "namesconflict", "nonstructuralschema",
    "deletion", "exceeded", "pendingresize", "inprogress",
)  # fmt: skip
"""Parts of condition types, in small letters, whose truth is the trouble: MemoryPressure, ReplicaFailure and such of
custom kinds."""


def when(stamp: str, now: float) -> str:
    """A time as sent, said with its age: "2026-11-22 01:01:25 +0000, 5m ago". What is no time is given back."""
    at = parse_time(stamp)
    if at is None:
        return stamp
    return f"{timestamp(at)}, {age(now - at)} ago" if at <= now + 1 else f"{timestamp(at)}, in {age(at - now)}"


def ago(stamp: str, now: float) -> str:
    """ "5m", or "" for no time."""
    at = parse_time(stamp)
    return "" if at is None else age(now - at)


def lasted(begin: str, end: str) -> str:
    """How long something took; "" where either is not told."""
    first, last = parse_time(begin), parse_time(end)
    return "" if first is None or last is None else age(max(0.0, last - first))


def clipped(value: str, longest: int = LONGEST_VALUE) -> str:
    """The value, or its beginning and how long it is."""
    if len(value) <= longest:
        return value
    return f"{value[:longest]}… ({size(len(value.encode('utf-8', 'replace')))} in all: see YAML)"


def size(octets: int) -> str:
    """ "12 bytes", "4.1 kB", "1.0 MB"."""
    if octets < 1_000:
        return count(octets, "byte")
    unit = "kB" if octets < 1_000_000 else "MB"
    return f"{octets / (1_000 if unit == 'kB' else 1_000_000):.1f} {unit}"


def joined(pairs_: dict[str, str]) -> str:
    """A selector or labels on one line."""
    return ",".join(f"{key}={value}" for key, value in sorted(pairs_.items()))


def owned_by(one: Body, owner: Body) -> bool:
    """Whether `owner` is among the owners of `one`, by uid."""
    uid = text(owner, "metadata", "uid")
    return bool(uid) and any(text(ref, "uid") == uid for ref in items(one, "metadata", "ownerReferences"))


def seconds(body: Body, *path: str) -> str:
    """ "600s", or "" where it is not set."""
    value = text(body, *path)
    return f"{value}s" if value else ""


def controller(body: Body) -> str:
    """ "ReplicaSet/web-5d9", of the owner that controls it."""
    owners = items(body, "metadata", "ownerReferences")
    found = next((owner for owner in owners if owner.get("controller")), None)
    return f"{text(found, 'kind')}/{text(found, 'name')}" if found else ""


def metadata(body: Body, now: float, *more: tuple[str, Cell]) -> list[Block]:
    """The section on what the object is called and whose it is. more: what the kind adds."""
    meta = obj(body, "metadata")
    deleting = text(meta, "deletionTimestamp")
    owners = [f"{text(o, 'kind')}/{text(o, 'name')}" for o in items(meta, "ownerReferences") if not o.get("controller")]
    held = ", ".join(texts(meta, "finalizers"))
    blocks: list[Block] = [
        *pairs(
            ("name", text(meta, "name")),
            ("namespace", text(meta, "namespace")),
            *more,
            ("created", when(text(meta, "creationTimestamp"), now)),
            ("deleting", (f"since {when(deleting, now)}", "warn") if deleting else ""),
            ("finalizers", held),
            ("controlled by", controller(body)),
            ("owned by", ", ".join(owners)),
        )
    ]
    return [*blocks, *labels(meta)]


def labels(meta: Body) -> list[Pair]:
    """Labels and annotations, one a line."""
    held = strings(meta, "labels")
    notes = {key: value for key, value in strings(meta, "annotations").items() if key != LAST_APPLIED}
    return [
        *listed("labels", [f"{key}={value}" for key, value in sorted(held.items())]),
        *listed("annotations", [f"{key}: {clipped(value)}" for key, value in sorted(notes.items())]),
    ]


def conditions(body: Body, now: float, *path: str) -> list[Block]:
    """All conditions, those that are not as they should be first."""
    found = items(body, *(path or ("status", "conditions")))
    if not found:
        return []
    ordered = sorted(found, key=lambda one: not condition_fails(one))
    rows = tuple(
        (
            (text(one, "type"), ""),
            (_said(one), "bad" if condition_fails(one) else "good" if text(one, "status") == "True" else "dim"),
            (ago(text(one, "lastTransitionTime"), now), "dim"),
            reason_of(one),
        )
        for one in ordered
    )
    return [Head("Conditions"), Grid(("TYPE", "STATUS", "SINCE", "WHY"), rows)]


def _said(one: Body) -> str:
    status = text(one, "status")
    return f"× {status}" if condition_fails(one) else f"  {status}"


def reason_of(one: Body) -> str:
    """ "Reason: message", or whichever there is."""
    return ": ".join(part for part in (text(one, "reason"), text(one, "message")) if part)


def condition_fails(one: Body) -> bool:
    """Whether a condition says that something is wrong: of most types "False" does, of MemoryPressure and its like
    "True", of any "Unknown". What is over and done is no failure (a pod's Ready of reason PodCompleted)."""
    status = text(one, "status")
    if status == "Unknown":
        return True
    if text(one, "reason") in {"PodCompleted", "JobSuspended"}:
        return False
    bad_when_true = any(part in text(one, "type").lower() for part in GOOD_WHEN_FALSE)
    return status == ("True" if bad_when_true else "False")


def failing(body: Body, now: float) -> list[Note]:
    """What conditions say is wrong, for the top of a description."""
    return [
        trouble(f"{text(one, 'type')} is {text(one, 'status')}" + _because(one, now))
        for one in items(body, "status", "conditions")
        if condition_fails(one)
    ]


def _because(one: Body, now: float) -> str:
    since = ago(text(one, "lastTransitionTime"), now)
    why = reason_of(one)
    return (f" since {since}" if since else "") + (f": {why}" if why else "")


def trouble(said: str, style: str = "bad") -> Note:
    """A line of the top of a description. Its mark says what the colour says."""
    return Note(f"{'×' if style == 'bad' else '!'} {said}", style)


def events(feed: Feed[tuple[Happening, ...]], now: float) -> list[Block]:
    """The section on what happened, newest last; why it is not known where it is not."""
    found = feed.value
    if found is None:
        if feed.problem is None:
            return [Head("Events", "loading")]
        return [Head("Events", "not seen"), Note(one_line(feed.problem), "warn")]
    stale = f"not up to date: {feed.problem.kind.value}" if feed.problem is not None else ""
    if not found:
        return [Head("Events", stale or "none (the server keeps them for an hour or so)")]
    rows = tuple(_event(event, now) for event in found)
    return [Head("Events", stale), Grid(("TYPE", "REASON", "AGE", "FROM", "MESSAGE"), rows)]


def _event(event: Happening, now: float) -> tuple[Cell, ...]:
    style = tone("TYPE", event.type) if event.type != "Normal" else "dim"
    aged = age(max(0.0, now - event.last)) if event.last is not None else ""
    if event.count > 1:
        over = age(max(0.0, now - event.first)) if event.first is not None else ""
        aged += f" ×{event.count}" + (f" in {over}" if over else "")
    mark = "! " if event.type == "Warning" else ""
    said = f"{event.place}: {event.message}" if event.place.startswith("spec.") else event.message
    return ((mark + event.type, style), event.reason, (aged, "dim"), (event.source, "dim"), said)


def not_seen(kind: str, problem: Problem) -> Note:
    """A part that could not be asked for."""
    return Note(one_line(problem, kind), "warn")


def section(name: str, blocks: Sequence[Block], note: str = "") -> list[Block]:
    """A section; nothing where there is nothing to say in it."""
    return [Head(name, note), *blocks] if blocks else []


def words(values: Iterable[str]) -> str:
    return ", ".join(value for value in values if value)
