"""PATCH over the wire: four content types, what each makes of an object, and what each refuses."""

import json
from typing import Any

import pytest

from tests.sim.kube.conftest import APPLY, DEPLOYMENTS, JSON_PATCH, MAPS, MERGE, STRATEGIC, Api
from tests.sim.kube.samples import deployment

UNFIT, MAP = "json: cannot unmarshal", "Go value of type map[string]interface {}"


@pytest.mark.parametrize(
    ("content_type", "change"),
    [
        (JSON_PATCH, [{"op": "replace", "path": "/spec/replicas", "value": 4}]),
        ("application/merge-patch+json", {"spec": {"replicas": 4}}),
        (STRATEGIC, {"spec": {"replicas": 4}}),
    ],
)
async def test_three_kinds_of_patch_change_what_is_there(api: Api, content_type: str, change: Any):
    await api.post(DEPLOYMENTS, deployment())
    after = await api.patch(f"{DEPLOYMENTS}/web", change, content_type)
    assert (after.status, after.body["spec"]["replicas"], after.body["metadata"]["generation"]) == (200, 4, 2)
    assert (await api.patch(f"{DEPLOYMENTS}/nope", change, content_type)).status == 404


async def test_a_strategic_patch_joins_containers_by_name(api: Api):
    await api.post(DEPLOYMENTS, deployment())
    change = {"spec": {"template": {"spec": {"containers": [{"name": "c", "image": "i:2"}]}}}}
    after = (await api.patch(f"{DEPLOYMENTS}/web", change, STRATEGIC)).body
    (container,) = after["spec"]["template"]["spec"]["containers"]
    assert (container["name"], container["image"]) == ("c", "i:2")


async def test_a_patch_cannot_rename(api: Api):
    await api.post(MAPS, {"metadata": {"name": "a"}})
    assert (await api.patch(f"{MAPS}/a", {"metadata": {"name": "b"}})).status == 400


async def test_an_apply_creates_and_then_changes(api: Api):
    applied = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"x": "1"}}
    first = await api.patch(f"{MAPS}/a?fieldManager=me", applied, APPLY)
    assert first.status == 201
    second = await api.patch(f"{MAPS}/a?fieldManager=me", {**applied, "data": {"y": "2"}}, APPLY)
    assert (second.status, second.body["data"]) == (200, {"y": "2"})
    again = await api.patch(f"{MAPS}/a?fieldManager=me", {**applied, "data": {"y": "2"}}, APPLY)
    assert again.version == second.version, "an apply without effect is no write"
    conflict = await api.patch(f"{MAPS}/a?fieldManager=you", {**applied, "data": {"y": "3"}}, APPLY)
    assert conflict.status == 409
    forced = await api.patch(f"{MAPS}/a?fieldManager=you&force=true", {**applied, "data": {"y": "3"}}, APPLY)
    assert forced.body["data"] == {"y": "3"}


@pytest.mark.parametrize(
    ("query", "content_type", "said"),
    [
        ("", APPLY, "fieldManager: Required value: is required for apply patch"),
        ("force=true", STRATEGIC, "force: Forbidden: may not be specified for non-apply patch"),
    ],
)
async def test_the_options_of_a_patch_are_checked(api: Api, query: str, content_type: str, said: str):
    applied = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}
    refused = await api.patch(f"{MAPS}/a?{query}", applied, content_type)
    assert (refused.status, said in refused.message) == (422, True)


THREE = {"spec": {"replicas": "three"}}


@pytest.mark.parametrize(
    ("content_type", "change", "said"),
    [
        (STRATEGIC, THREE, 'Invalid value: "map[spec:map[replicas:three]]": unrecognized type: int32'),
        (MERGE, THREE, "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32"),
        (
            JSON_PATCH,
            [{"op": "add", "path": "/spec/paused", "value": 1}],
            "json: cannot unmarshal number into Go struct field DeploymentSpec.spec.paused of type bool",
        ),
    ],
)
async def test_a_patch_to_a_value_of_the_wrong_type_is_invalid(api: Api, content_type: str, change: Any, said: str):
    await api.post(DEPLOYMENTS, deployment())
    refused = await api.patch(f"{DEPLOYMENTS}/web", change, content_type)
    assert (refused.status, refused.body["reason"]) == (422, "Invalid")
    assert refused.message.startswith(' "" is invalid: patch: Invalid value: ')
    assert refused.message.endswith(said)
    assert refused.body["details"]["causes"][0]["field"] == "patch"


@pytest.mark.parametrize("content_type", [MERGE, STRATEGIC])
async def test_an_unknown_field_in_a_patch_is_warned_of_or_makes_it_invalid(api: Api, content_type: str):
    await api.post(MAPS, {"metadata": {"name": "a"}})
    warned = await api.patch(f"{MAPS}/a", {"oops": 1}, content_type)
    assert (warned.status, warned.headers["Warning"]) == (200, '299 - "unknown field \\"oops\\""')
    strict = await api.patch(f"{MAPS}/a?fieldValidation=Strict", {"oops": 1}, content_type)
    assert (strict.status, strict.message.endswith('strict decoding error: unknown field "oops"')) == (422, True)
    ignored = await api.patch(f"{MAPS}/a?fieldValidation=Ignore", {"oops": 1}, content_type)
    assert (ignored.status, "Warning" in ignored.headers) == (200, False)
    loud = await api.patch(f"{MAPS}/a?fieldValidation=Loud", {"oops": 1}, content_type)
    assert (loud.status, loud.body["details"]["kind"]) == (422, "PatchOptions")


@pytest.mark.parametrize(
    ("content_type", "body", "said"),
    [
        (
            JSON_PATCH,
            b'"garbage"',
            f"error decoding patch: {UNFIT} string into Go value of type []handlers.jsonPatchOp",
        ),
        (
            JSON_PATCH,
            b"[1]",
            f"error decoding patch: {UNFIT} number into Go value of type handlers.jsonPatchOp",
        ),
        (
            MERGE,
            b"[]",
            f"error decoding patch: {UNFIT} array into {MAP}",
        ),
        (MERGE, b"{a", "error decoding patch: invalid character 'a' looking for beginning of object key string"),
        (STRATEGIC, b"{", "unexpected end of JSON input"),
        (
            APPLY,
            b"[]",
            f"error decoding YAML: error unmarshaling JSON: while decoding JSON: {UNFIT} array into {MAP}",
        ),
        (APPLY, b"kind: ConfigMap", "invalid object type: /, Kind=ConfigMap"),
        (APPLY, b"{apiVersion: v1, kind: Map}", "invalid object type: /v1, Kind=Map"),
    ],
)
async def test_what_is_no_patch_is_refused_in_the_servers_words(api: Api, content_type: str, body: bytes, said: str):
    before = (await api.post(MAPS, {"metadata": {"name": "a"}})).body
    refused = await api.patch(f"{MAPS}/a?fieldManager=me", body, content_type)
    assert (refused.status, refused.message) == (400, said)
    assert (await api.get(f"{MAPS}/a")).body == before


@pytest.mark.parametrize(
    ("content_type", "body", "said"),
    [
        (MERGE, b'{"immutable":true,"immutable":false}', 'duplicate field "immutable"'),
        (STRATEGIC, b'{"data":{"a":"1","a":"2"}}', 'duplicate field "data.a"'),
        (JSON_PATCH, b'[{"op":"add","op":"add","path":"/data","value":{}}]', 'json patch duplicate field "[0].op"'),
    ],
)
async def test_a_field_that_a_patch_names_twice(api: Api, content_type: str, body: bytes, said: str):
    await api.post(MAPS, {"metadata": {"name": "a"}})
    strict = await api.patch(f"{MAPS}/a?fieldValidation=Strict", body, content_type)
    assert (strict.status, strict.message.endswith(f"strict decoding error: {said}")) == (422, True)
    warned = await api.patch(f"{MAPS}/a", body, content_type)
    assert (warned.status, warned.headers["Warning"]) == (200, f"299 - {json.dumps(said)}")


async def test_an_apply_of_an_unknown_field_does_not_fit_the_schema(api: Api):
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "oops": 1}
    refused = await api.patch(f"{MAPS}/a?fieldManager=me&fieldValidation=Strict", body, APPLY)
    assert (refused.status, refused.message) == (
        500,
        "failed to create typed patch object (default/a; /v1, Kind=ConfigMap): .oops: field not declared in schema",
    )
