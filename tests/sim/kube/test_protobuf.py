"""Protobuf bodies, built by hand: `test_kubectl` sends those of the real client."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.sim.kube.conftest import Api
from tui.sim.kube.protobuf import PROTOBUF, decode
from tui.sim.kube.status import ApiError

Field = tuple[int, "int | bytes | str"]


def varint(number: int) -> bytes:
    number &= (1 << 64) - 1
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def message(*fields: Field) -> bytes:
    out = b""
    for number, value in fields:
        if isinstance(value, int):
            out += varint(number << 3) + varint(value)
        else:
            raw = value.encode() if isinstance(value, str) else value
            out += varint(number << 3 | 2) + varint(len(raw)) + raw
    return out


def body(api_version: str, kind: str, raw: bytes) -> bytes:
    return b"k8s\x00" + message((1, message((1, api_version), (2, kind))), (2, raw))


def named(name: str) -> Field:
    return (1, message((1, name)))


@pytest.mark.parametrize(
    ("api_version", "kind", "raw", "expected"),
    [
        ("v1", "ConfigMap", message(named("a"), (2, message((1, "k"), (2, "v")))), {"data": {"k": "v"}}),
        (
            "v1",
            "Secret",
            message(named("a"), (2, message((1, "k"), (2, b"\x00\xff"))), (3, "Opaque")),
            {"data": {"k": base64.b64encode(b"\x00\xff").decode()}, "type": "Opaque"},
        ),
        ("v1", "ConfigMap", message(named("a"), (2, message((1, "k")))), {"data": {"k": ""}}),
        (
            "apps/v1",
            "Deployment",
            message(named("a"), (2, message((1, 3), (7, 1)))),
            {"spec": {"replicas": 3, "paused": True}},
        ),
        (
            "scheduling.k8s.io/v1",
            "PriorityClass",
            message(named("a"), (2, -5)),
            {"value": -5},
        ),
        (
            "v1",
            "ResourceQuota",
            message(named("a"), (2, message((1, message((1, "pods"), (2, message((1, "3")))))))),
            {"spec": {"hard": {"pods": "3"}}},
        ),
        (
            "policy/v1",
            "PodDisruptionBudget",
            message(named("a"), (2, message((1, message((1, 1), (3, "50%")))))),
            {"spec": {"minAvailable": "50%"}},
        ),
        (
            "policy/v1",
            "PodDisruptionBudget",
            message(named("a"), (2, message((1, message((1, 0), (2, 2)))))),
            {"spec": {"minAvailable": 2}},
        ),
        (
            "v1",
            "Pod",
            message(named("a"), (2, message((1, message((1, "v"), (2, message((2, message())))))))),
            {"spec": {"volumes": [{"name": "v", "emptyDir": {}}]}},
        ),
        (
            "authorization.k8s.io/v1",
            "SubjectAccessReview",
            message((2, message((5, message((1, "k"), (2, message((1, "x"), (1, "y")))))))),
            {"spec": {"extra": {"k": ["x", "y"]}}},
        ),
        (
            "coordination.k8s.io/v1",
            "Lease",
            message(named("a"), (2, message((4, message((1, 1_790_000_000), (2, 5000)))))),
            {"spec": {"renewTime": "2026-09-21T14:13:20.000005Z"}},
        ),
        ("v1", "ConfigMap", message(named("a"), (99, "from a newer client")), {}),
    ],
)
def test_a_field_of_each_type_is_read(api_version: str, kind: str, raw: bytes, expected: dict[str, Any]):
    obj = decode(body(api_version, kind, raw))
    assert (obj.pop("apiVersion"), obj.pop("kind")) == (api_version, kind)
    obj.pop("metadata", None)
    assert obj == expected


def test_times_are_whole_seconds_or_absent():
    metadata = message((1, "a"), (8, message((1, 1_790_000_000))), (9, b""))
    found = decode(body("v1", "ConfigMap", message((1, metadata))))["metadata"]
    assert found == {"name": "a", "creationTimestamp": "2026-09-21T14:13:20Z", "deletionTimestamp": None}


def test_repeated_numbers_may_be_packed():
    one_by_one = message((4, 1), (4, 2))
    packed = message((4, varint(1) + varint(2)))
    for context in (one_by_one, packed):
        pod = message(named("a"), (2, message((14, context))))
        found = decode(body("v1", "Pod", pod))
        assert found["spec"]["securityContext"]["supplementalGroups"] == [1, 2]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        b"k8s\x00\xff",
        body("v1", "ConfigMap", message(named("a")))[:-1],
        body("v1", "Gizmo", b""),
        body("v1", "ConfigMap", message((1, 7))),
        body("v1", "ConfigMap", b"\x0b"),
        body("v1", "ConfigMap", message((1, message((1, b"\xff\xfe"))))),
    ],
)
def test_a_broken_body_is_a_bad_request(raw: bytes):
    with pytest.raises(ApiError) as refused:
        decode(raw)
    assert refused.value.code == 400


async def test_protobuf_is_stored_as_if_it_had_been_json(api: Api):
    raw = body("v1", "ConfigMap", message(named("a"), (2, message((1, "k"), (2, "v")))))
    maps = "/api/v1/namespaces/default/configmaps"
    made = await api.post(maps, raw, content_type=PROTOBUF)
    assert (made.status, made.body["data"]) == (201, {"k": "v"})
    same = await api.post(maps, {"metadata": {"name": "b"}, "data": {"k": "v"}})
    assert made.body["metadata"]["managedFields"] == same.body["metadata"]["managedFields"]
    options = body("v1", "DeleteOptions", message((1, 0), (4, "Orphan")))
    assert (await api.delete(f"{maps}/a", options, content_type=PROTOBUF)).status == 200
