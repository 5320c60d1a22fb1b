"""A watch's bytes to batches of events: chunks are split at line ends and decoded together.

One decode of a whole chunk is what makes a hundred thousand events a second possible (performance section 4). The rare
cases (an error, a bookmark's annotations, a line that will not decode) are then looked at line by line.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

import msgspec

from tui.clients.json_fields import JsonObject, child, children, parse_object, value_at
from tui.clients.kube_decode import (
    ColumnDefinition,
    LooseRow,
    Metadata,
    PrintedRow,
    columns_of,
    name_position,
    plain_row,
    printed_rows,
)
from tui.clients.problem_bodies import words
from tui.clients.problems import problem_from_status
from tui.clients.watch_bounds import LONGEST_LINE
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.kube import Column, EventType, RowEvent

log = logging.getLogger(__name__)

_INITIAL_EVENTS_END = "k8s.io/initial-events-end"
_TYPES = {member.value: member for member in EventType}


class WatchObject(msgspec.Struct, gc=False, rename="camel"):
    """The object of an event: a Table of one row, or a plain object."""

    kind: str = ""
    metadata: Metadata = msgspec.field(default_factory=Metadata)
    column_definitions: list[ColumnDefinition] | None = None
    rows: list[PrintedRow] | None = None


class WatchLine(msgspec.Struct, gc=False):
    type: str
    object: WatchObject = msgspec.field(default_factory=WatchObject)


class LooseObject(msgspec.Struct, rename="camel"):
    """The same with cells of any shape."""

    kind: str = ""
    metadata: Metadata = msgspec.field(default_factory=Metadata)
    column_definitions: list[ColumnDefinition] | None = None
    rows: list[LooseRow] | None = None


class LooseLine(msgspec.Struct):
    type: str
    object: LooseObject = msgspec.field(default_factory=LooseObject)


_LINE = msgspec.json.Decoder(WatchLine)
_LOOSE_LINE = msgspec.json.Decoder(LooseLine)


class WatchDecoder:
    """Fed with the chunks of one watch. target: the URL, for problems."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._pending: list[bytes] = []  # pieces of a line whose end has not come
        self._pending_size = 0
        self._columns: tuple[Column, ...] = ()
        self._failure: SourceError | None = None

    def feed(self, chunk: bytes) -> list[RowEvent]:
        """The events that `chunk` completes; perhaps none.

        Raises SourceError where the stream told of an error or is broken, but only after the events before it have
        been handed out: EXPIRED for a resourceVersion too old, PROTOCOL for what is no event stream.
        """
        self.raise_failure()
        end = chunk.rfind(b"\n") + 1
        if not end:
            self._keep(chunk)
            return []
        whole = b"".join((*self._pending, chunk[:end]))
        self._pending.clear()
        self._pending_size = 0
        if end < len(chunk):
            self._keep(chunk[end:])
        events = self._decode(whole)
        if not events:
            self.raise_failure()
        return events

    def finish(self) -> None:
        """The stream has ended. Raises SourceError where it ended in the middle of an event."""
        self.raise_failure()
        if b"".join(self._pending).strip():
            summary = "the watch was cut off in the middle of an event"
            raise SourceError(Problem(ProblemKind.UNREACHABLE, summary, target=self._target))

    def raise_failure(self) -> None:
        """Raise what was met behind the events already handed out."""
        if self._failure is not None:
            raise self._failure

    def _keep(self, piece: bytes) -> None:
        self._pending.append(piece)
        self._pending_size += len(piece)
        if self._pending_size > LONGEST_LINE:
            self._pending.clear()
            raise self._broken(f"an event of more than {LONGEST_LINE >> 20} MiB: this is no watch")

    def _decode(self, whole: bytes) -> list[RowEvent]:
        try:
            lines: Sequence[WatchLine | LooseLine] = _LINE.decode_lines(whole)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return self._one_by_one(whole)
        if any(line.type in ("ERROR", "BOOKMARK") or line.type not in _TYPES for line in lines):
            return self._one_by_one(whole)
        return [event for line in lines for event in self._events(line)]

    def _one_by_one(self, whole: bytes) -> list[RowEvent]:
        events: list[RowEvent] = []
        for raw in whole.split(b"\n"):
            if not raw.strip():
                continue
            try:
                line = _decode_line(raw)
            except (msgspec.ValidationError, UnicodeDecodeError) as exc:
                log.warning("skipped a watch event of %s: %s", self._target, exc)
                continue
            except msgspec.DecodeError as exc:
                self._failure = self._broken("the watch sends what is no JSON", words(str(exc)))
                break
            if line.type == "ERROR":
                self._failure = SourceError(problem_from_status(_object_of(raw), target=self._target))
                break
            if line.type not in _TYPES:
                log.warning("skipped a watch event of %s: unknown type", self._target)
                continue
            ends = line.type == "BOOKMARK" and _ends_initial_events(_object_of(raw))
            events += self._events(line, initial_events_end=ends)
        return events

    def _events(self, line: WatchLine | LooseLine, *, initial_events_end: bool = False) -> list[RowEvent]:
        kind, held = _TYPES[line.type], line.object
        columns = columns_of(held.column_definitions)
        self._columns = columns or self._columns
        version = held.metadata.resource_version
        if kind is EventType.BOOKMARK:
            return [RowEvent(kind, None, version, columns, initial_events_end)]
        if held.rows is None and held.kind != "Table":
            return [RowEvent(kind, plain_row(held.metadata), version)]
        rows = printed_rows(held.rows or (), name_position(self._columns))
        return [RowEvent(kind, row, version or row.version, columns) for row in rows]

    def _broken(self, summary: str, said: str = "") -> SourceError:
        return SourceError(Problem(ProblemKind.PROTOCOL, summary, said, target=self._target))


def _decode_line(raw: bytes) -> WatchLine | LooseLine:
    try:
        return _LINE.decode(raw)
    except msgspec.ValidationError:
        return _LOOSE_LINE.decode(raw)


def _object_of(raw: bytes) -> JsonObject:
    return child(parse_object(raw) or {}, "object")


def _ends_initial_events(held: JsonObject) -> bool:
    """Whether the bookmark says that all objects there were have been sent; a Table carries it on its one row."""
    objects = [held, *(child(row, "object") for row in children(held, "rows"))]
    return any(value_at(one, "metadata", "annotations", _INITIAL_EVENTS_END) == "true" for one in objects)
