"""Events, of both groups: they are one kind stored once, printed alike whichever form the object has."""

from __future__ import annotations

from typing import Any

from tui.sim.kube.durations import UNKNOWN, since
from tui.sim.kube.objects import mapping, number, text
from tui.sim.kube.printers.base import NAME, Column, Printing, Printings, name_of, wide
from tui.sim.kube.status import Obj

_COLUMNS = (
    Column("Last Seen", "The time at which the most recent occurrence of this event was recorded."),
    Column("Type", "Type of this event (Normal, Warning), new types could be added in the future"),
    Column("Reason", "This should be a short, machine understandable string that gives the reason"),
    Column("Object", "The object that this event is about."),
    wide(Column("Subobject", "If referring to a piece of an object instead of an entire object,")),
    wide(Column("Source", "The component reporting this event.")),
    Column("Message", "A human-readable description of the status of this operation."),
    wide(Column("First Seen", "The time at which the event was first recorded.")),
    wide(Column("Count", "The number of times this event has occurred.")),
    wide(NAME),
)


def _cells(event: Obj, now: float) -> list[Any]:
    about = mapping(event.get("involvedObject") or event.get("regarding"))
    first = since(_first(event, "firstTimestamp", "deprecatedFirstTimestamp", "eventTime"), now)
    last, count = _last_and_count(event, first, now)
    kind, name = text(about.get("kind")).lower(), text(about.get("name"))
    return [
        last,
        text(event.get("type")),
        text(event.get("reason")),
        f"{kind}/{name}" if name else kind,
        text(about.get("fieldPath")),
        _source(event),
        _first(event, "message", "note").strip(),
        first,
        count,
        name_of(event),
    ]


def _last_and_count(event: Obj, first: str, now: float) -> tuple[str, int]:
    series = mapping(event.get("series"))
    if series:
        return since(text(series.get("lastObservedTime")), now), number(series.get("count"))
    last = since(_first(event, "lastTimestamp", "deprecatedLastTimestamp"), now)
    # An event that happened once has no count in the newer API.
    count = number(event.get("count")) or number(event.get("deprecatedCount")) or 1
    return first if last == UNKNOWN else last, count


def _source(event: Obj) -> str:
    source = mapping(event.get("source") or event.get("deprecatedSource"))
    component = text(source.get("component")) or _first(event, "reportingComponent", "reportingController")
    host = text(source.get("host")) or text(event.get("reportingInstance"))
    return f"{component}, {host}" if host else component


def _first(event: Obj, *fields: str) -> str:
    return next((value for field in fields if (value := text(event.get(field)))), "")


_PRINTING = Printing(_COLUMNS, _cells)

PRINTINGS: Printings = {("", "events"): _PRINTING, ("events.k8s.io", "events"): _PRINTING}
