"""Every recorded refusal, asked for again of the simulated server: same status, same words, same shape."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests import recordings
from tests.recordings import load
from tests.sim.replay import Replica, alike, replica

pytestmark = recordings.needed

REFUSALS = [
    *recordings.names("error-*"),
    "exec-no-upgrade",
    "exec-post-no-upgrade",
    "json-patch-test-fails",
    "list-field-selector-bad",
    "list-label-selector-bad",
    "list-rv-future",
    "log-bad-container",
    "log-forbidden",
    "log-no-container",
    "log-previous-none",
    "log-table-accept",
    "log-waiting",
    "page-bad-continue",
]


@pytest.fixture
async def server() -> AsyncIterator[Replica]:
    async with replica() as furnished:
        yield furnished


@pytest.mark.parametrize("name", REFUSALS)
async def test_a_refusal_is_the_recorded_one(server: Replica, name: str) -> None:
    recording = load(name)
    answer = await server.ask(recording)
    assert answer.status == recording.status
    assert alike(answer.body) == alike(recording.body)
    assert list(answer.body) == list(recording.body), "the order of keys"
    for header in ("Content-Type", "Retry-After", "Cache-Control"):
        assert answer.headers.get(header) == recording.headers.get(header)


async def test_a_watch_from_a_version_that_is_gone_says_so_in_an_event(server: Replica) -> None:
    server.cluster.store.compact()
    recording = load("watch-rv-1")
    answer = await server.ask(recording)
    assert answer.status == recording.status
    assert alike(answer.body) == alike(recording.body)


async def test_a_watch_from_a_version_not_yet_reached_waits_and_ends_in_silence(server: Replica) -> None:
    recording = load("watch-rv-future")
    async with server.open(recording.request) as response:
        assert response.status == recording.status
        assert await response.read() == b""
