"""The client's watch over real sockets: accepted, quiet, bursting, cut, too old."""

from __future__ import annotations

import asyncio
import json

import pytest

from tests.clients.kubernetes_server import (
    LIST,
    client,
    event,
    failure,
    status,
    watched,
)
from tests.clients.scripted import RESET, Reply, ScriptedServer
from tui.clients.http import Http
from tui.errors import ProblemKind
from tui.model.kube import PODS, EventType, RowEvent


async def test_a_watch_hands_out_an_empty_batch_when_accepted_then_events_until_it_ends(
    http: Http, server: ScriptedServer
) -> None:
    first, second = event("ADDED", "a", "11"), event("MODIFIED", "a", "12")
    bookmark = event("BOOKMARK", "", "15")
    server.on(LIST, Reply(200, chunks=[first + second[:20], second[20:], bookmark]))
    batches = [batch async for batch in client(http, server).watch(PODS, labels="a=b", version="10", timeout=299)]
    assert batches[0] == []
    events = [each for batch in batches for each in batch]
    assert [(e.type, e.version) for e in events] == [
        (EventType.ADDED, "11"),
        (EventType.MODIFIED, "12"),
        (EventType.BOOKMARK, "15"),
    ]
    assert server.asked[0].query == {
        "watch": "true",
        "allowWatchBookmarks": "true",
        "timeoutSeconds": "299",
        "labelSelector": "a=b",
        "resourceVersion": "10",
    }


async def test_a_quiet_watch_is_accepted_before_its_first_event(http: Http, server: ScriptedServer) -> None:
    server.on(LIST, Reply(200, chunks=[], end="hang"))
    batches = client(http, server).watch(PODS)
    assert await asyncio.wait_for(anext(batches), 5) == []
    await batches.aclose()
    await server.all_closed()


@pytest.mark.parametrize("reply", [Reply(410, status(410, "Expired", "too old")), Reply(200, chunks=[b"..."])])
async def test_a_watch_too_old_is_expired_whether_told_by_status_or_by_event(
    http: Http, server: ScriptedServer, reply: Reply
) -> None:
    if reply.status == 200:
        error = {"type": "ERROR", "object": status(410, "Expired", "too old resource version: 1 (303)")}
        reply = Reply(200, chunks=[event("ADDED", "a", "11"), json.dumps(error).encode() + b"\n"])
    server.on(LIST, reply)
    got: list[RowEvent] = []
    problem = await failure(watched(client(http, server), got))
    assert problem.kind is ProblemKind.EXPIRED
    assert len(got) == (1 if reply.status == 200 else 0)


@pytest.mark.parametrize(
    ("reply", "kind", "count"),
    [
        (Reply(200, chunks=[event("ADDED", "a", "11"), event("ADDED", "b", "12")[:30]]), ProblemKind.UNREACHABLE, 1),
        (Reply(200, chunks=[event("ADDED", "a", "11")], end="close"), ProblemKind.UNREACHABLE, 1),
        (Reply(200, chunks=[b"<html>sorry</html>\n"]), ProblemKind.PROTOCOL, 0),
        (Reply(429, status(429, "TooManyRequests", "later"), {"Retry-After": "1"}), ProblemKind.THROTTLED, 0),
        (RESET, ProblemKind.UNREACHABLE, 0),
    ],
)
async def test_every_failure_of_a_watch_is_a_problem_after_what_had_come(
    http: Http, server: ScriptedServer, reply: Reply, kind: ProblemKind, count: int
) -> None:
    server.on(LIST, reply)
    got: list[RowEvent] = []
    assert (await failure(watched(client(http, server), got))).kind is kind
    assert len(got) == count


async def test_a_watch_that_outlives_its_time_in_silence_is_given_up(
    http: Http, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.clients.kube_tables.GRACE", 0.05)
    server.on(LIST, Reply(200, chunks=[event("ADDED", "a", "11")], end="hang"))
    got: list[RowEvent] = []
    assert (await failure(watched(client(http, server), got, timeout=0))).kind is ProblemKind.TIMEOUT
    assert len(got) == 1


async def test_a_burst_of_events_comes_in_few_batches(http: Http, server: ScriptedServer) -> None:
    burst = b"".join(event("MODIFIED", f"p{n}", str(n)) for n in range(10_000))
    server.on(LIST, Reply(200, chunks=[burst[at : at + 65_536] for at in range(0, len(burst), 65_536)]))
    batches = [batch async for batch in client(http, server).watch(PODS)]
    assert sum(map(len, batches)) == 10_000
    assert len(batches) < 200
