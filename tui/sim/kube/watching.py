"""watch: the changes of a kind, as they happen, one JSON object after another.

Rules, from k8s.io/apiserver pkg/storage/cacher and the `watch-*` recordings: without a version or from "0" the
present objects come first, as ADDED; an object that begins or ceases to match the selectors is ADDED or DELETED;
bookmarks come every minute and shortly before the end; only the first Table carries its columns; a version that is
gone is answered by an ERROR event with the 410.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import msgspec
from aiohttp import web

from tui.sim.kube import schema, tables
from tui.sim.kube.call import Call
from tui.sim.kube.gonumbers import query_int
from tui.sim.kube.history import Cursor, WatchRecord
from tui.sim.kube.kinds import Kind
from tui.sim.kube.negotiate import Wanted, negotiate
from tui.sim.kube.objects import resource_version, without
from tui.sim.kube.paging import parse_version
from tui.sim.kube.printed import PrintedRows
from tui.sim.kube.reading import Filter, filter_of, is_unstructured, represent
from tui.sim.kube.refusals import method_not_allowed
from tui.sim.kube.respond import PIECE, encode, stream
from tui.sim.kube.routes import is_true
from tui.sim.kube.status import ApiError, Obj
from tui.sim.kube.store import Store
from tui.sim.kube.watchoptions import check_watch_options, initial_events_wanted

BOOKMARKS_EVERY = 60.0
"""Seconds between bookmarks (cacher.go, defaultBookmarkFrequency)."""

_BEFORE_THE_END = 2.0  # seconds before its timeout at which a watch gets its last bookmark
_UNLIMITED = 1800.0  # a watch without timeoutSeconds lasts this long to twice as long (--min-request-timeout)
_LOOK_FOR_CLIENT = 10.0  # seconds after which an idle watch looks whether its client is still there
_LARGEST_WRITE = 256 * 1024


@dataclass
class Watch:
    """One open watch. first: the next Table sent carries the columns. sent: the newest version the client knows."""

    kind: Kind
    wanted: Wanted
    chosen: Filter
    printed: PrintedRows
    cluster_now: float = 0.0
    first: bool = True
    sent: int = 0
    end: float = 0.0
    last_bookmark: float = 0.0
    next_bookmark: float = float("inf")

    @cached_property
    def form(self) -> str:
        """What tells the bytes for this watcher from those for another."""
        wanted = self.wanted
        return f"{self.kind.api_version} {wanted.form} {wanted.version} {wanted.include_object}"

    def event(self, change: str, obj: Obj) -> bytes:
        shown = self._shown(obj)
        self.first = False
        encoded = encode(shown, ordered=is_unstructured(self.kind, self.wanted))
        return msgspec.json.encode({"type": change, "object": msgspec.Raw(encoded)}) + b"\n"

    def _shown(self, obj: Obj) -> Obj:
        wanted = self.wanted
        if wanted.form != "table":
            return represent(self.kind, obj, wanted, self.cluster_now)
        row = msgspec.Raw(*self.printed.rows(self.kind, (obj,), self.cluster_now, wanted.include_object))
        table = tables.around(self.kind, obj, row, with_columns=self.first)
        return {**table, "apiVersion": f"meta.k8s.io/{wanted.version}"}

    def shared_event(self, change: str, obj: Obj, record: WatchRecord) -> bytes:
        """As `event`, made once for all watchers who want it in the same form."""
        if self.first and self.wanted.form == "table":
            return self.event(change, obj)
        key = (change, obj is record.obj, self.form)
        made = record.encoded.get(key)
        if made is None:
            made = record.encoded[key] = self.event(change, obj)
        return made

    def bookmark(self, version: int, *, initial_events_end: bool = False) -> bytes:
        self.sent = version
        metadata: Obj = {"resourceVersion": str(version)}
        if initial_events_end:
            metadata["annotations"] = {"k8s.io/initial-events-end": "true"}
        struct = schema.of_kind(self.kind)
        empty: Obj = {"kind": self.kind.kind, "apiVersion": self.kind.api_version, "metadata": metadata}
        if struct:  # an empty object shows the fields it cannot leave out
            empty |= without(schema.zero(struct), ("metadata",))
        return self.event("BOOKMARK", empty)

    def events_of(self, records: Iterable[WatchRecord]) -> Iterator[bytes]:
        """What this watcher is told of these changes."""
        for record in records:
            if record.version <= self.sent:
                continue  # a watch from a version yet to come
            self.sent = record.version
            told = _told(record, self.chosen)
            if told is not None:
                yield self.shared_event(*told, record)


def _told(record: WatchRecord, chosen: Filter) -> tuple[str, Obj] | None:
    """(event type, object) for a watcher with these selectors, or None."""
    if chosen.keeps_all:
        return record.change, record.obj
    was = record.old is not None and chosen.keeps(record.old)
    if record.change == "DELETED":
        return ("DELETED", record.obj) if was else None
    now = chosen.keeps(record.obj)
    if now:
        return ("MODIFIED" if was else "ADDED"), record.obj
    if was and record.old is not None:
        # The last state that matched, with the version at which it ceased to (cacher: getEventObject).
        version = resource_version(record.obj)
        return "DELETED", {**record.old, "metadata": {**record.old["metadata"], "resourceVersion": version}}
    return None


async def watch(call: Call) -> web.StreamResponse:
    """Serve one watch until its timeout, until the client leaves, or until the server ends all watches."""
    if "watch" not in call.kind.verbs:
        raise method_not_allowed()
    wanted = negotiate(call.accept, include_object=call.query.get("includeObject", ""), stream=True)
    query_int(call.query, "limit")
    chosen = filter_of(call)
    check_watch_options(call.query)
    version = parse_version(call.query.get("resourceVersion", ""))
    loop = asyncio.get_running_loop()
    seconds = _timeout(query_int(call.query, "timeoutSeconds"))
    opened = Watch(call.kind, wanted, chosen, call.cluster.printed)
    opened.end = loop.time() + seconds
    if is_true(call.query.get("allowWatchBookmarks")):
        opened.last_bookmark = _last_bookmark(loop.time(), opened.end)
        opened.next_bookmark = _next_bookmark(loop.time(), opened.last_bookmark)
    response = stream(call.warnings)
    try:
        await response.prepare(call.request)
        await _serve_or_fail(call, opened, version, response)
        await response.write_eof()
    except ConnectionResetError:
        pass  # the client left: watches mostly end so
    return response


async def _serve_or_fail(call: Call, opened: Watch, version: int | None, response: web.StreamResponse) -> None:
    """What goes wrong once the stream is open can only be said in the stream."""
    try:
        await _serve(call, opened, version, response)
    except ApiError as gone:
        await response.write(msgspec.json.encode({"type": "ERROR", "object": gone.status()}) + b"\n")


async def _serve(call: Call, opened: Watch, version: int | None, response: web.StreamResponse) -> None:
    store = call.cluster.store
    opened.cluster_now = call.cluster.now()
    initial = initial_events_wanted(call.query)
    if initial is False:
        version = version or store.version
    if initial or not version:
        # The cursor is taken with the snapshot, in one step: nothing can happen between the two.
        snapshot, version = store.snapshot(opened.kind), store.version
        cursor = store.watch(opened.kind, version)
        await _send_initial(opened, snapshot.objects, response)
        if initial:
            await response.write(opened.bookmark(version, initial_events_end=True))
        return await _follow(call, opened, cursor, response)
    opened.sent = version
    return await _follow(call, opened, store.watch(opened.kind, version), response)


async def _send_initial(opened: Watch, objects: tuple[Obj, ...], response: web.StreamResponse) -> None:
    for at in range(0, len(objects), PIECE):
        batch = (opened.event("ADDED", obj) for obj in objects[at : at + PIECE] if opened.chosen.keeps(obj))
        await _send(response, batch)
        await asyncio.sleep(0)


async def _follow(call: Call, opened: Watch, cursor: Cursor, response: web.StreamResponse) -> None:
    loop = asyncio.get_running_loop()
    while not cursor.closed and not _gone(call.request):
        opened.cluster_now = call.cluster.now()
        records = cursor.take()
        await _send(response, opened.events_of(records))
        now = loop.time()
        if now >= opened.next_bookmark:
            await _send_bookmark(opened, call.cluster.store, cursor, response)
            opened.next_bookmark = _next_bookmark(now, opened.last_bookmark)
        if now >= opened.end:
            return
        if not records:
            await cursor.wait(min(opened.end, opened.next_bookmark, now + _LOOK_FOR_CLIENT) - now)


async def _send_bookmark(opened: Watch, store: Store, cursor: Cursor, response: web.StreamResponse) -> None:
    """At a moment when the client has been told everything, so that it knows the newest version."""
    await _send(response, opened.events_of(cursor.take()))
    await response.write(opened.bookmark(store.version))


async def _send(response: web.StreamResponse, events: Iterable[bytes]) -> None:
    """Each event as soon as it is there; those that are there together share a write, up to a limit."""
    batch: list[bytes] = []
    size = 0
    for event in events:
        batch.append(event)
        size += len(event)
        if size > _LARGEST_WRITE:
            await response.write(b"".join(batch))
            batch, size = [], 0
    if batch:
        await response.write(b"".join(batch))


def _gone(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


def _timeout(seconds: int | None) -> float:
    """A negative one is over at once."""
    return float(max(0, seconds)) if seconds else _UNLIMITED * (1 + random.random())


def _last_bookmark(begin: float, end: float) -> float:
    """Shortly before the end; halfway through a watch too short for that."""
    return end - _BEFORE_THE_END if end - begin > _BEFORE_THE_END else (begin + end) / 2


def _next_bookmark(now: float, last: float) -> float:
    return min(now + BOOKMARKS_EVERY, last) if last > now else now + BOOKMARKS_EVERY
