"""JSON lines as fields, windows of time, and what is written of a saved line."""

from __future__ import annotations

import pytest

from tui.model.cluster import ClusterRef, Via
from tui.model.feed import Feed
from tui.model.logs import LogQuery, LogSource, LogStatus
from tui.present.logdetails import of_logs
from tui.present.logjson import field_value, fields_of, json_pieces
from tui.present.loglook import EVERYTHING, TAIL, LogLook, window_beside, window_named
from tui.present.logs import counters

AT = 1_700_049_600 * 10**9  # 2023-11-15T12:00:00Z


def said(line: bytes) -> str:
    fields = fields_of(line)
    assert fields is not None
    return "".join(text for text, _ in json_pieces(fields, AT))


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (b'{"level":"info","msg":"hello","n":1}', "INFO  hello n=1"),
        (b'{"severity":"WARNING","message":"slow","took":1.5}', "WARNING slow took=1.5"),
        (b'{"msg":"nested","http":{"status":502},"tags":["a"]}', 'nested http={"status":502} tags=["a"]'),
        (b'{"time":"2023-11-15T12:00:00.5Z","msg":"same time"}', "same time"),
        (b'{"time":"2023-11-15T12:30:00Z","msg":"another"}', "another time=2023-11-15T12:30:00Z"),
        (b'{"ts":1700049600.25,"msg":"seconds"}', "seconds"),
        (b'{"ts":1700049600250,"msg":"milliseconds"}', "milliseconds"),
        (b'{"msg":"a\\nb\\u001b[31m","who":""}', 'a\u240ab\u241b[31m who=""'),
        (b'{"level":{"odd":1},"msg":null}', ' level={"odd":1} msg=null'),
    ],
)
def test_fields_are_said_worst_first(line: bytes, text: str) -> None:
    assert said(line) == text


@pytest.mark.parametrize("line", [b"", b"text", b"{", b"{}x", b"[1]", b'{"a":\xff}', b'{"a":' * 5_000 + b"}" * 5_000])
def test_what_is_no_object_stays_as_it_is(line: bytes) -> None:
    assert fields_of(line) is None


def test_dots_lead_into_objects_and_names_with_dots_are_names() -> None:
    assert field_value({"a": {"b": {"c": 1}}}, "a.b.c") == "1"
    assert field_value({"log.level": "info"}, "log.level") == "info"
    assert field_value({"a": 1}, "a.b") is None


def test_windows_go_from_the_head_to_an_hour_and_no_further() -> None:
    query = LogQuery((ClusterRef("k", "c", Via.AKS),), pods=("p",), tail=50)
    assert TAIL.of(query) is query
    assert window_named("5m").of(query).since_seconds == 300
    assert window_named("5m").of(query).tail == EVERYTHING
    assert window_beside(window_named("head"), -1).words == "head"
    assert window_beside(TAIL, 1).words == "1m"
    assert window_beside(window_named("1h"), 1).words == "1h"


def test_lines_around_matches_go_round() -> None:
    look = LogLook()
    counts: list[int] = []
    for _ in range(5):
        look = look.wider()
        counts.append(look.context)
    assert counts == [2, 5, 10, 0, 2]


def test_a_source_that_is_out_of_step_is_told() -> None:
    source = LogSource(0, ClusterRef("k", "c", Via.AKS), "ns", "pod", "app", "following", behind=5.3)
    status = LogStatus((source,))
    said = [f"{line.label} {line.text}" for line in of_logs(None, Feed(status, 0.0), 0.0).lines]
    assert "order its clock (or road) is 5s behind the others': its lines are placed by when they come" in said
    assert any(part.text == "1 out of step" for part in counters(status, 0))


def test_histories_that_are_being_merged_are_told() -> None:
    ref = ClusterRef("k", "c", Via.AKS)
    states = ("following", "opening", "ended", "waiting", "waiting")
    sources = tuple(
        LogSource(place, ref, "ns", f"p{place}", "app", state, queued=place == 4) for place, state in enumerate(states)
    )
    words = [part.text for part in counters(LogStatus(sources, merging=True), 0)]
    assert "merging histories: 2 of 4 open" in words
    assert not any("merging" in part.text for part in counters(LogStatus(sources), 0))


def test_each_source_has_counters_of_its_own_in_the_details() -> None:
    source = LogSource(0, ClusterRef("k", "c", Via.AKS), "ns", "pod", "app", "following", received=1204, late=1, gaps=2)
    held = Feed(LogStatus((source,), received=1204, gaps=2, held="the screen"), 0.0)
    said = [f"{line.label} {line.text}" for line in of_logs(None, held, 0.0).lines]
    assert "counted 1,204 received, 1 late, 2 gaps" in said
    assert any(part.text == "held up by the screen" for part in counters(held.value or LogStatus(), 0))
