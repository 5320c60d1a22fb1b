"""Our decoders read every recorded body of a real API server, and survive what no server should send."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests import recordings
from tui.clients.kube_decode import MADE_UP_COLUMNS, decode_metadata, decode_page
from tui.clients.kube_discovery import aggregated_kinds, plain_kinds
from tui.clients.kube_watch import WatchDecoder
from tui.clients.watch_bounds import LONGEST_LINE
from tui.errors import ProblemKind, SourceError
from tui.model.kube import EventType, RowEvent

TABLES = [*recordings.names("table-*"), *recordings.names("page-[12]"), *recordings.names("metrics-pods-table")]
LISTS = [name for name in recordings.names("list-*") if recordings.load(name).status == 200]


def _body(name: str) -> tuple[dict[str, Any], bytes]:
    body = recordings.load(name).body
    return body, json.dumps(body).encode()


@recordings.needed
@pytest.mark.parametrize("name", TABLES)
def test_every_recorded_table_is_read_whole(name: str) -> None:
    sent, body = _body(name)
    page = decode_page(body, "t")
    assert [(c.name, c.type, c.priority, c.format) for c in page.columns] == [
        (c["name"], c["type"], c["priority"], c["format"]) for c in sent["columnDefinitions"]
    ]
    assert page.version == sent["metadata"].get("resourceVersion", "")
    assert page.continue_token == sent["metadata"].get("continue", "")
    assert page.remaining == sent["metadata"].get("remainingItemCount")
    assert len(page.rows) == len(sent["rows"] or [])
    for row, was in zip(page.rows, sent["rows"] or [], strict=True):
        assert list(row.cells) == was["cells"]
        meta = (was["object"] or {"metadata": {"name": was["cells"][0]}})["metadata"]
        assert (row.name, row.namespace, row.uid) == (meta["name"], meta.get("namespace", ""), meta.get("uid", ""))
        assert (row.created, row.version) == (meta.get("creationTimestamp", ""), meta.get("resourceVersion", ""))
        assert (row.labels or {}) == meta.get("labels", {})
        assert row.deleting == meta.get("deletionTimestamp", "")


@recordings.needed
@pytest.mark.parametrize("name", [*LISTS, "partial-metadata-list", "metrics-nodes", "metrics-pods"])
def test_a_plain_list_gets_name_and_age(name: str) -> None:
    sent, body = _body(name)
    page = decode_page(body, "t")
    assert page.columns == MADE_UP_COLUMNS
    assert page.version == sent["metadata"].get("resourceVersion", "")
    assert [row.cells for row in page.rows] == [
        (item["metadata"]["name"], item["metadata"].get("creationTimestamp", "")) for item in sent["items"]
    ]
    assert [row.key for row in page.rows] == [
        (item["metadata"].get("namespace", ""), item["metadata"]["name"]) for item in sent["items"]
    ]


@recordings.needed
def test_an_empty_recorded_list_is_empty() -> None:
    assert decode_page(b'{"kind":"PodList","metadata":{"resourceVersion":"7"},"items":[]}', "t").rows == []
    assert decode_page(b'{"kind":"PodList","metadata":{"resourceVersion":"7"},"items":null}', "t").rows == []
    assert decode_page(b'{"kind":"Table","metadata":{},"columnDefinitions":[],"rows":null}', "t").rows == []


@recordings.needed
def test_no_data_of_a_secret_is_ever_decoded() -> None:
    sent, body = _body("list-secrets")
    values = [value for item in sent["items"] for value in (item.get("data") or {}).values() if len(value) > 3]
    assert values
    page = decode_page(body, "t")
    assert not any(value in str(row) for row in page.rows for value in values)


def test_cells_of_any_shape_are_printed() -> None:
    table = {
        "kind": "Table",
        "metadata": {"resourceVersion": "1"},
        "columnDefinitions": [{"name": "Name", "format": "name"}, {"name": "Hosts"}, {"name": "On"}, {"name": "N"}],
        "rows": [{"cells": ["a", ["x", "y"], {"k": 1}, None], "object": None}, {"cells": ["b", "z", True, 1.5]}],
    }
    page = decode_page(json.dumps(table).encode(), "t")
    assert [row.cells for row in page.rows] == [("a", '["x","y"]', '{"k":1}', None), ("b", "z", True, 1.5)]
    assert [row.name for row in page.rows] == ["a", "b"]


def test_a_row_without_its_object_is_named_by_the_column_that_is_the_name() -> None:
    table = {
        "kind": "Table",
        "columnDefinitions": [{"name": "Kind"}, {"name": "Name", "format": "name"}],
        "rows": [{"cells": ["Pod", "web"]}, {"cells": ["Pod"]}],
    }
    assert [row.name for row in decode_page(json.dumps(table).encode(), "t").rows] == ["web", ""]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b'{"kind":"Table","rows":[{"cells":',
        b'{"kind":"Pod"}',
        b'{"items":7}',
        b"\xff",
        b"[" * 99999,
    ],
)
def test_what_is_no_list_is_a_protocol_error(body: bytes) -> None:
    with pytest.raises(SourceError) as caught:
        decode_page(body, "https://h/api/v1/pods")
    assert caught.value.problem.kind is ProblemKind.PROTOCOL
    assert caught.value.problem.target == "https://h/api/v1/pods"


def test_metadata_only() -> None:
    meta = decode_metadata(b'{"kind":"PartialObjectMetadata","metadata":{"name":"s","namespace":"n"}}', "t")
    assert (meta.name, meta.namespace) == ("s", "n")
    with pytest.raises(SourceError):
        decode_metadata(b"no", "t")


def _lines(name: str) -> tuple[list[dict[str, Any]], bytes]:
    lines = recordings.load(name).lines
    return lines, b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def _feed(decoder: WatchDecoder, data: bytes, size: int) -> list[RowEvent]:
    events: list[RowEvent] = []
    for start in range(0, len(data), size):
        events += decoder.feed(data[start : start + size])
    return events


@recordings.needed
@pytest.mark.parametrize("size", [1, 7, 1000, 1 << 20])
@pytest.mark.parametrize("name", ["watch-table-initial", "watch-send-initial-events", "watch-from-rv"])
def test_every_recorded_watch_is_read_however_it_is_cut_into_chunks(name: str, size: int) -> None:
    sent, data = _lines(name)
    if size == 1:
        sent, data = sent[:2], b"".join(json.dumps(line).encode() + b"\n" for line in sent[:2])
    decoder = WatchDecoder("t")
    events = _feed(decoder, data, size)
    decoder.finish()
    assert [event.type for event in events] == [line["type"] for line in sent]
    assert [event.version for event in events] == [line["object"]["metadata"]["resourceVersion"] for line in sent]
    for event, line in zip(events, sent, strict=True):
        rows = line["object"].get("rows")
        if line["type"] == "BOOKMARK":
            assert event.row is None
        elif rows is not None:
            assert event.row is not None
            assert list(event.row.cells) == rows[0]["cells"]
            assert event.row.name == rows[0]["object"]["metadata"]["name"]
        else:
            assert event.row is not None
            assert event.row.cells[0] == line["object"]["metadata"]["name"]


@recordings.needed
def test_columns_come_with_the_first_event_only() -> None:
    sent, data = _lines("watch-table-initial")
    events = WatchDecoder("t").feed(data)
    assert [column.name for column in events[0].columns] == [
        column["name"] for column in sent[0]["object"]["columnDefinitions"]
    ]
    assert all(event.columns == () for event in events[1:])


@recordings.needed
def test_the_end_of_the_initial_events_is_seen() -> None:
    events = WatchDecoder("t").feed(_lines("watch-send-initial-events")[1])
    assert [event.initial_events_end for event in events if event.type is EventType.BOOKMARK] == [True]


def test_the_end_of_the_initial_events_is_seen_on_a_table_too() -> None:
    meta = {"resourceVersion": "5", "annotations": {"k8s.io/initial-events-end": "true"}}
    table = {
        "kind": "Table",
        "metadata": {"resourceVersion": "5"},
        "rows": [{"cells": [], "object": {"metadata": meta}}],
    }
    (event,) = WatchDecoder("t").feed(json.dumps({"type": "BOOKMARK", "object": table}).encode() + b"\n")
    assert event.initial_events_end


@recordings.needed
def test_a_version_too_old_is_an_expired_problem_with_the_servers_words() -> None:
    with pytest.raises(SourceError) as caught:
        WatchDecoder("t").feed(_lines("watch-rv-1")[1])
    assert caught.value.problem.kind is ProblemKind.EXPIRED
    assert caught.value.problem.server_words == "too old resource version: 1 (303)"


def _event(name: str, kind: str = "ADDED") -> bytes:
    held = {"kind": "Pod", "metadata": {"name": name, "resourceVersion": name[1:]}}
    return json.dumps({"type": kind, "object": held}).encode() + b"\n"


ERROR = (
    b'{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","code":410,"reason":"Expired","message":"gone"}}\n'
)


@pytest.mark.parametrize(
    ("tail", "kind"),
    [(ERROR, ProblemKind.EXPIRED), (b"{not json}\n", ProblemKind.PROTOCOL), (b"<html>\n", ProblemKind.PROTOCOL)],
)
def test_what_came_before_an_error_is_handed_out_first(tail: bytes, kind: ProblemKind) -> None:
    decoder = WatchDecoder("t")
    events = decoder.feed(_event("p1") + _event("p2") + tail + _event("p3"))
    assert [event.version for event in events] == ["1", "2"]
    with pytest.raises(SourceError) as caught:
        decoder.raise_failure()
    assert caught.value.problem.kind is kind


@pytest.mark.parametrize(
    "odd",
    [
        b'{"type":"CHEER","object":{"metadata":{"name":"x"}}}\n',
        b'{"type":"ADDED","object":7}\n',
        b'{"type":"ADDED","object":{"metadata":{"name":7}}}\n',
        b'{"object":{"metadata":{"name":"x"}}}\n',
        b"\n",
        b'{"type":"ADDED","object":{"kind":"Table","rows":[]}}\n',
    ],
)
def test_an_event_that_cannot_be_understood_is_skipped_and_the_others_are_not(odd: bytes) -> None:
    events = WatchDecoder("t").feed(_event("p1") + odd + _event("p2"))
    assert [event.version for event in events] == ["1", "2"]


def test_an_event_with_cells_of_any_shape() -> None:
    table = {"kind": "Table", "rows": [{"cells": ["a", ["b"]], "object": {"metadata": {"name": "a"}}}]}
    (event,) = WatchDecoder("t").feed(json.dumps({"type": "ADDED", "object": table}).encode() + b"\n")
    assert event.row is not None
    assert event.row.cells == ("a", '["b"]')


def test_a_stream_that_ends_inside_an_event_was_cut_off() -> None:
    decoder = WatchDecoder("t")
    assert decoder.feed(_event("p1")[:-10]) == []
    with pytest.raises(SourceError) as caught:
        decoder.finish()
    assert caught.value.problem.kind is ProblemKind.UNREACHABLE


def test_a_line_without_end_is_not_kept_for_ever() -> None:
    decoder = WatchDecoder("t")
    with pytest.raises(SourceError) as caught:
        _feed(decoder, b"x" * (LONGEST_LINE + 1), 1 << 20)
    assert caught.value.problem.kind is ProblemKind.PROTOCOL


def test_a_long_line_in_many_chunks_is_joined_once() -> None:
    big = json.dumps({"type": "ADDED", "object": {"metadata": {"name": "x"}, "data": "y" * 5_000_000}}).encode() + b"\n"
    decoder = WatchDecoder("t")
    assert [event.row.name for event in _feed(decoder, big, 4096) if event.row] == ["x"]


@recordings.needed
def test_aggregated_and_plain_discovery_agree_on_a_real_server() -> None:
    aggregated = {
        (kind.group, kind.version, kind.plural): kind
        for name in ("api-aggregated", "apis-aggregated")
        for kind in aggregated_kinds(recordings.load(name).body)
    }
    for name in ("api-v1-resources", "apis-apps-v1-resources"):
        plain = plain_kinds(recordings.load(name).body)
        assert plain
        for kind in plain:
            assert aggregated[kind.group, kind.version, kind.plural] == kind
    pods = aggregated["", "v1", "pods"]
    assert {"log", "exec", "attach", "portforward", "eviction", "status"} <= pods.subresources
    assert pods.short_names == ("po",)
    assert (
        aggregated["autoscaling", "v2", "horizontalpodautoscalers"].qualified == "horizontalpodautoscalers.autoscaling"
    )


WHOLE_OBJECTS = [
    name
    for name in recordings.names("*")
    if not name.startswith(("ws-", "kubectl-"))
    for recorded in [recordings.load(name)]
    if recorded.status in (200, 201) and isinstance(recorded.body.get("metadata"), dict)
]


@recordings.needed
@pytest.mark.parametrize("name", WHOLE_OBJECTS)
def test_every_other_recorded_object_is_read_from_outside_too(name: str) -> None:
    sent, body = _body(name)
    meta = decode_metadata(body, "t")
    assert meta.name == sent["metadata"].get("name", "")
    assert (meta.labels or {}) == sent["metadata"].get("labels", {})
    if str(sent.get("kind", "")).endswith("List") and "items" in sent and "apidiscovery" not in str(sent["apiVersion"]):
        assert len(decode_page(body, "t").rows) == len(sent["items"])
