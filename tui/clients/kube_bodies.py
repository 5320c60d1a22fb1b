"""Whole objects, for those that somebody has opened: one by its name, lists and watches of a few.

Lists on screen are Tables (`kube_tables`); here the server's own JSON is kept as it is, since describe and YAML
must not lose what we do not know.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any, cast

import msgspec

from tui.clients.kube_transport import KubeTransport, Query
from tui.clients.problem_bodies import words
from tui.clients.problems import plain_url, problem_from_status
from tui.clients.segments import segment
from tui.clients.watch_bounds import GRACE, LONGEST_LINE, WATCH_HEADERS
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.kube import EventType, KindRef
from tui.model.objects import Body, BodyEvent, BodyPage

WHOLE = "application/json"
METADATA_LIST = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"
"""No plain form to fall back to: who asks for metadata must never be sent a Secret's data."""
_TYPES = {member.value: member for member in EventType}
_ANY = msgspec.json.Decoder()


async def read_body(transport: KubeTransport, account: str, kind: KindRef, namespace: str, name: str) -> Body:
    """One object. Raises SourceError; NOT_FOUND where there is none."""
    path = kind.path(segment(namespace), segment(name))
    answer = (await transport.get(path, WHOLE)).checked(account)
    return decode_body(answer.body, plain_url(answer.url))


async def read_pages(
    transport: KubeTransport, kind: KindRef, namespace: str, query: Query, *, metadata_only: bool
) -> AsyncGenerator[BodyPage]:
    """A list, page by page. query: selectors and limit."""
    path = kind.path(segment(namespace))
    target = plain_url(transport.url(path))
    while True:
        answered = await transport.read(path, METADATA_LIST if metadata_only else WHOLE, query)
        page = decode_page(answered, kind, target)
        yield page
        if not page.continue_token:
            return
        query = {**query, "continue": page.continue_token}


async def watch_bodies(
    transport: KubeTransport, kind: KindRef, namespace: str, query: Query, timeout: int
) -> AsyncGenerator[list[BodyEvent]]:
    """Events in batches; the first, empty, comes when the server has accepted the watch. query: with the version."""
    path = kind.path(segment(namespace))
    wanted = {**query, "watch": "true", "allowWatchBookmarks": "true", "timeoutSeconds": timeout}
    reader = BodyEvents(plain_url(transport.url(path)))
    opened = transport.stream(path, WHOLE, wanted, timeout=WATCH_HEADERS, silence=timeout + GRACE)
    async with opened as stream:
        yield []
        async for chunk in stream.chunks():
            events = reader.feed(chunk)
            if events:
                yield events
        reader.finish()


def decode_body(body: bytes, target: str) -> Body:
    """A JSON object. Raises SourceError (PROTOCOL)."""
    try:
        value = _ANY.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        raise _unreadable("the object cannot be read", target, str(exc)) from exc
    if not isinstance(value, dict):
        raise _unreadable("the answer is no object", target)
    return cast("Body", value)


def decode_page(body: bytes, kind: KindRef, target: str) -> BodyPage:
    """One page of a list; its items are told what they are, which a list says only once."""
    value = decode_body(body, target)
    items: object = value.get("items")
    if items is None and str(value.get("kind", "")).endswith("List"):
        items = []
    if not isinstance(items, list):
        raise _unreadable("a list was asked for, and something else came", target)
    whole = [
        {"apiVersion": kind.api, "kind": kind.kind} | _without_form(cast("Body", item))
        for item in cast("list[object]", items)
        if isinstance(item, dict)
    ]
    given: Any = value.get("metadata")
    meta = cast("dict[str, Any]", given) if isinstance(given, dict) else {}
    return BodyPage(tuple(whole), str(meta.get("resourceVersion", "")), str(meta.get("continue") or ""))


def _without_form(item: Body) -> Body:
    """Of metadata alone, the server says the form and not the kind."""
    if item.get("kind") != "PartialObjectMetadata":
        return item
    return {key: value for key, value in item.items() if key not in ("kind", "apiVersion")}


class BodyEvents:
    """Fed with the chunks of one watch of whole objects."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._pending = bytearray()

    def feed(self, chunk: bytes) -> list[BodyEvent]:
        """The events that `chunk` completes. Raises SourceError where the stream tells of an error (EXPIRED for a
        resourceVersion too old) or is none."""
        self._pending += chunk
        end = self._pending.rfind(b"\n") + 1
        if not end:
            if len(self._pending) > LONGEST_LINE:
                raise _unreadable(f"an event of more than {LONGEST_LINE >> 20} MiB: this is no watch", self._target)
            return []
        lines = bytes(self._pending[:end]).split(b"\n")
        del self._pending[:end]
        return [event for line in lines if line.strip() for event in self._event(line)]

    def finish(self) -> None:
        """The stream has ended. Raises SourceError where it ended in the middle of an event."""
        if self._pending.strip():
            summary = "the watch was cut off in the middle of an event"
            raise SourceError(Problem(ProblemKind.UNREACHABLE, summary, target=self._target))

    def _event(self, line: bytes) -> list[BodyEvent]:
        value = decode_body(line, self._target)
        held: object = value.get("object")
        body = cast("Body", held) if isinstance(held, dict) else {}
        kind = _TYPES.get(str(value.get("type")))
        if kind is EventType.ERROR:
            raise SourceError(problem_from_status(body, target=self._target))
        if kind is None:
            return []
        meta: object = body.get("metadata")
        version = str(cast("Body", meta).get("resourceVersion", "")) if isinstance(meta, dict) else ""
        return [BodyEvent(kind, None if kind is EventType.BOOKMARK else body, version)]


def _unreadable(summary: str, target: str, said: str = "") -> SourceError:
    return SourceError(Problem(ProblemKind.PROTOCOL, summary, words(said) if said else "", target=target))
