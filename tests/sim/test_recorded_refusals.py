"""Every recorded refusal, asked for again of the simulated server: same status, same words, same shape."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from tests import recordings
from tests.recordings import load
from tests.sim.replay import Obj, Replica, alike, recorded_padding, replica

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
    padding = recorded_padding(recording)
    assert padding is None or answer.padding == padding, "the white space"


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


@pytest.mark.parametrize(
    "name", ["ws-exec-get-only-role-1.36", "ws-exec-pod-missing", "ws-portforward-get-only-role-1.36"]
)
async def test_a_stream_that_may_not_be_is_refused_at_its_handshake(server: Replica, name: str) -> None:
    recorded = json.loads((recordings.FOLDER / f"{name}.json").read_text())
    for obj in get_only_role():
        server.cluster.apply_manifest(obj)
    async with server.open(recorded["request"]) as response:
        assert response.status == recorded["handshake"]["status"]
        assert response.headers["Content-Type"] == recorded["handshake"]["headers"]["Content-Type"]
        assert await response.text() == recorded["handshake"]["body"]


def get_only_role() -> list[Obj]:
    """`nobody` may get streams, and not create them."""
    group = "rbac.authorization.k8s.io"
    rules = [{"apiGroups": [""], "resources": ["pods", "pods/exec", "pods/portforward"], "verbs": ["get"]}]
    subject = {"apiGroup": group, "kind": "User", "name": "token-nobody"}
    made = {"apiVersion": f"{group}/v1", "metadata": {"name": "stream-get", "namespace": "default"}}
    reference = {"apiGroup": group, "kind": "Role", "name": "stream-get"}
    binding = {**made, "kind": "RoleBinding", "roleRef": reference, "subjects": [subject]}
    return [{**made, "kind": "Role", "rules": rules}, binding]
