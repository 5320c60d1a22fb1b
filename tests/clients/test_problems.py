"""From answers and exceptions to problems: waits, targets, layers, and every refusal that was recorded."""

from __future__ import annotations

import errno
import json
import socket
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from tests import recordings
from tests.clients.refusing import GATEWAY, HUB, google, problem, status
from tui.clients.problems import (
    plain_url,
    problem_from_exception,
    problem_from_response,
    problem_from_status,
    reach_layer,
    retry_after,
)
from tui.errors import Problem, ProblemKind


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "7"}, 7.0),
        ({"retry-after": "0"}, 0.0),
        ({"Retry-After": "-5"}, 0.0),
        ({"Retry-After": "99999999"}, 3600.0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": ""}, None),
        ({"x-ms-retry-after-ms": "1500"}, 1.5),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


def test_retry_after_as_a_date() -> None:
    soon = datetime.now(UTC) + timedelta(seconds=60)
    assert retry_after({"Retry-After": format_datetime(soon, usegmt=True)}) == pytest.approx(60, abs=2)


def test_the_body_can_ask_to_wait_too() -> None:
    retry = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "30s"}
    assert problem(429, google(429, "RESOURCE_EXHAUSTED", "slow", retry), HUB).retry_after == 30.0
    assert problem(429, google(429, "RESOURCE_EXHAUSTED", "slow", retry), HUB, Retry_After="3").retry_after == 3.0


def test_urls_are_shown_without_query_and_user() -> None:
    assert plain_url("https://u:p@h:1/a/b?token=x#y") == "https://h:1/a/b"
    assert problem(404, b"", "https://h/x?token=secret").target == "https://h/x"


def test_a_status_inside_a_stream() -> None:
    gone = json.loads(status(410, "Expired", "too old resource version: 1 (303)"))
    found = problem_from_status(gone, target=GATEWAY)
    assert (found.kind, found.status, found.server_words) == (
        ProblemKind.EXPIRED,
        410,
        "too old resource version: 1 (303)",
    )


REFUSALS = [
    name
    for pattern in ("error-*", "list-*", "page-*", "log-*", "apply-*", "json-patch-*", "exec-*")
    for name in recordings.names(pattern)
    if recordings.load(name).status >= 400
]


@recordings.needed
@pytest.mark.parametrize("name", REFUSALS)
def test_every_recorded_refusal_of_a_real_server_is_read_with_its_words(name: str) -> None:
    recorded = recordings.load(name)
    plain = recorded.body.get("_text")
    body = plain.encode() if plain is not None else json.dumps(recorded.body).encode()
    target = "https://h" + recorded.request["path"]
    found = problem_from_response(recorded.status, recorded.headers, body, target=target)
    assert found.server_words == (plain or recorded.body["message"]).strip()
    assert found.status == recorded.status
    assert found.kind is not ProblemKind.BUG


@recordings.needed
def test_the_recorded_wait_of_a_future_version_is_honoured() -> None:
    recorded = recordings.load("list-rv-future")
    body = json.dumps(recorded.body).encode()
    found = problem_from_response(recorded.status, {}, body, target="https://h/x")
    assert (found.kind, found.retry_after) == (ProblemKind.TIMEOUT, 1.0)


@pytest.mark.parametrize(
    ("kind", "code", "layer"),
    [
        (ProblemKind.UNREACHABLE, None, "net"),
        (ProblemKind.TIMEOUT, None, "net"),
        (ProblemKind.MISSING, None, "auth"),
        (ProblemKind.PROTOCOL, 200, "server"),
        (ProblemKind.BUG, None, "server"),
    ],
)
def test_the_layer_where_no_words_tell(kind: ProblemKind, code: int | None, layer: str) -> None:
    assert reach_layer(Problem(kind, "s", status=code)) == layer


def _os_error(number: int) -> OSError:
    return OSError(number, "words")


@pytest.mark.parametrize(
    ("exc", "kind", "word"),
    [
        (_os_error(errno.ECONNREFUSED), ProblemKind.UNREACHABLE, "refused"),
        (_os_error(errno.ECONNRESET), ProblemKind.UNREACHABLE, "reset"),
        (_os_error(errno.ENETUNREACH), ProblemKind.UNREACHABLE, "no route"),
        (_os_error(errno.ETIMEDOUT), ProblemKind.TIMEOUT, "timed out"),
        (socket.gaierror(-2, "Name or service not known"), ProblemKind.UNREACHABLE, "DNS"),
        (TimeoutError(), ProblemKind.TIMEOUT, "in time"),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number"), ProblemKind.UNREACHABLE, "TLS"),
        (EOFError(), ProblemKind.UNREACHABLE, "failed"),
        (ZeroDivisionError("oops"), ProblemKind.BUG, "ZeroDivisionError"),
    ],
)
def test_failures_in_plain_words(exc: BaseException, kind: ProblemKind, word: str) -> None:
    found = problem_from_exception(exc, target="https://h/x")
    assert found.kind is kind
    assert word in found.summary
    assert found.target == "https://h/x"
