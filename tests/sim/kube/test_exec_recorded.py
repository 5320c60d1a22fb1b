"""The recorded streams of exec and attach, held again with the simulated server: the same frames."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests import recordings
from tests.sim.kube.exec_client import Talk
from tests.sim.replay import NOW, Replica, replica
from tui.wire.channels import CLOSE, STATUS, STDOUT

pytestmark = recordings.needed

SPOKEN = [
    "ws-exec-base64",
    "ws-exec-killed-by-signal",
    "ws-exec-no-protocol",
    "ws-exec-not-found-command",
    "ws-exec-v4-stdin-cat-no-close",
    "ws-exec-v5-exit7",
    "ws-exec-v5-stdin-cat",
    "ws-exec-v5-success",
]
REFUSED = ["ws-exec-bad-container", "ws-exec-pod-missing", "ws-exec-pod-not-running", "ws-exec-unknown-protocol"]
REFUSED += ["ws-exec-get-only-role-1.36"]


@pytest.fixture
async def server() -> AsyncIterator[Replica]:
    async with replica() as furnished:
        yield furnished


def merged(frames: list[tuple[int, bytes]]) -> dict[int, bytes]:
    """By channel: how output is cut into messages is chance."""
    found: dict[int, bytes] = {}
    for channel, data in frames:
        found[channel] = found.get(channel, b"") + data
    return found


def recorded(name: str) -> list[tuple[int, bytes]]:
    found: list[tuple[int, bytes]] = []
    for frame in recordings.frames(name):
        if frame["from"] == "server" and frame["type"] == "TEXT":
            found.append((int(frame["data"][0]), frame["data"][1:].encode()))
        elif frame["from"] == "server":
            found.append((frame["channel"], frame["text"].encode()))
    return found


async def said_again(talk: Talk, name: str) -> None:
    """What the client said, each word once the server had said as much as it had then."""
    for frame in recordings.frames(name):
        if frame["from"] == "client" and frame["channel"] == CLOSE:
            await talk.until(b"hello\n")
            await talk.half_close()
        elif frame["from"] == "client":
            await talk.say(frame["text"].encode(), frame["channel"])


def alike(told: bytes) -> Any:
    """A Status without the ID of the container; what is none, as it is."""
    try:
        return json.loads(re.sub(rb"[0-9a-f]{64}", b"ID", told))
    except ValueError:
        return told


@pytest.mark.parametrize("name", SPOKEN)
async def test_a_stream_is_the_recorded_one(server: Replica, name: str):
    async with server.socket(recordings.request(name)) as socket:
        talk = Talk(socket)
        await said_again(talk, name)
        heard = await talk.rest()
        assert socket.protocol == recordings.stream(name)["accepted_protocol"]
    expected = recorded(name)
    if name == "ws-exec-base64":
        assert heard.frames[0] == (STDOUT, b"")
        assert merged(heard.frames) == {STDOUT: b"hi\n", STATUS: b'{"status":"Success"}'}
        return
    assert heard.frames[0] == expected[0]
    ours, theirs = merged(heard.frames), merged(expected)
    assert {channel: alike(data) for channel, data in ours.items()} == {
        channel: alike(data) for channel, data in theirs.items()
    }
    if STATUS in theirs:
        assert heard.frames[-1][0] == STATUS
        assert list(json.loads(ours[STATUS])) == list(json.loads(theirs[STATUS])), "the order of keys"


@pytest.mark.parametrize("name", REFUSED)
async def test_a_refusal_is_the_recorded_one(server: Replica, name: str):
    expected = recordings.stream(name)["handshake"]
    if name == "ws-exec-get-only-role-1.36":
        server.cluster.apply_manifest(
            {
                "apiVersion": "rbac.authorization.k8s.io/v1",
                "kind": "Role",
                "metadata": {"name": "get-only", "namespace": "default"},
                "rules": [{"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["get"]}],
            }
        )
        server.cluster.apply_manifest(
            {
                "apiVersion": "rbac.authorization.k8s.io/v1",
                "kind": "RoleBinding",
                "metadata": {"name": "get-only", "namespace": "default"},
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "get-only"},
                "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "token-nobody"}],
            }
        )
    async with server.open(recordings.request(name)) as response:
        assert response.status == expected["status"]
        assert await response.text() == expected["body"]
        if expected["headers"]:
            assert response.headers["Content-Type"] == expected["headers"]["Content-Type"]


async def test_who_attaches_sees_what_is_written_from_then_on(server: Replica):
    request = recordings.request("ws-attach-v5")
    async with server.socket(request) as socket:
        talk = Talk(socket)
        await talk.next()
        assert talk.heard.frames == [recorded("ws-attach-v5")[0]]
        server.at(NOW + 3)
        await talk.until(b"\n")
        lines = talk.heard.out.splitlines()
        log = await server.text("/api/v1/namespaces/default/pods/ticker/log?container=tick")
        assert [line.decode() for line in lines] == log.splitlines()[-len(lines) :]
        await socket.close()


async def test_a_websocket_that_asks_for_no_upgrade_key_is_refused(server: Replica):
    request = {**recordings.request("ws-exec-v5-success")}
    async with server.open(request) as response:  # without Sec-WebSocket-Key
        assert response.status == 400
