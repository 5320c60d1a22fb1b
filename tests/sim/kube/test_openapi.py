"""The OpenAPI documents: complete in themselves, with what kubectl looks for; and the real kubectl reads them."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests import recordings
from tests.recordings import load
from tests.sim.kube.conftest import Api
from tests.sim.kube.gadgets import definition
from tui.sim.kube import openapi
from tui.sim.kube.discovery import serve_roots
from tui.sim.kube.kinds import Kind, Registry
from tui.sim.kube.schema import of_kind
from tui.sim.kube.status import Obj

GADGETS = Kind("example.com", "v1", "gadgets", "Gadget")
GADGET_SCHEMA: Obj = {
    "type": "object",
    "properties": {"spec": {"type": "object", "properties": {"size": {"type": "integer", "description": "How big."}}}},
}
CUSTOM = {"example.com/v1/Gadget": GADGET_SCHEMA}
KUBECTL = Path(sys.executable).with_name("kubectl")


def registry() -> Registry:
    made = Registry()
    made.add(GADGETS)
    return made


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref" and isinstance(value, str):
                yield value
            else:
                yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def document(path: str) -> Obj:
    found = openapi.v3_encoded(registry(), path, CUSTOM)
    assert found is not None
    return json.loads(found.body)


def patches(paths: Obj) -> Iterator[Obj]:
    yield from (item["patch"] for item in paths.values() if "patch" in item)


def test_every_group_version_has_a_document_whose_references_all_lead_somewhere():
    paths = openapi.v3_index(registry(), CUSTOM)["paths"]
    assert "api/v1" in paths
    assert "apis/example.com/v1" in paths
    for path in paths:
        held = document(path)
        names = {f"#/components/schemas/{name}" for name in held["components"]["schemas"]}
        assert set(references(held)) <= names, path


def test_the_one_document_of_version_2_is_complete_too():
    held = openapi.v2_document(registry(), CUSTOM)
    assert set(references(held)) <= {f"#/definitions/{name}" for name in held["definitions"]}
    assert {"io.k8s.api.core.v1.Pod", "com.example.v1.Gadget"} <= set(held["definitions"])


@recordings.needed
def test_the_index_names_what_the_recorded_one_names():
    recorded = {path for path in load("openapi-v3-index").body["paths"] if path.count("/") == 2 or path == "api/v1"}
    recorded.discard("openid/v1/jwks")
    assert set(openapi.v3_index(Registry())["paths"]) == recorded


def test_a_hash_changes_with_what_it_names():
    def of(custom: Obj) -> tuple[str, str]:
        paths = openapi.v3_index(registry(), custom)["paths"]
        return paths["apis/example.com/v1"]["serverRelativeURL"], paths["api/v1"]["serverRelativeURL"]

    before, after = of(CUSTOM), of({"example.com/v1/Gadget": {**GADGET_SCHEMA, "description": "Changed."}})
    assert before[0] != after[0]
    assert before[1] == after[1]


@pytest.mark.parametrize("two", [False, True])
def test_every_kind_that_can_be_patched_takes_validation_and_dry_run(two: bool):
    kinds = [kind for kind in registry() if "patch" in kind.verbs]
    held = (
        [openapi.v2_document(registry(), CUSTOM)["paths"]]
        if two
        else [document(path)["paths"] for path in openapi.v3_index(registry())["paths"]]
    )
    taken = {
        (about["group"], about["version"], about["kind"])
        for paths in held
        for operation in patches(paths)
        if {"dryRun", "fieldValidation"} <= {parameter["name"] for parameter in operation["parameters"]}
        for about in [operation["x-kubernetes-group-version-kind"]]
    }
    assert {(kind.group, kind.version, kind.kind) for kind in kinds} <= taken


def test_each_kind_s_type_is_found_by_what_an_object_says_of_itself():
    for path in openapi.v3_index(registry(), CUSTOM)["paths"]:
        held = [
            about
            for schema in document(path)["components"]["schemas"].values()
            for about in schema.get("x-kubernetes-group-version-kind", [])
        ]
        prefix = path.removeprefix("apis/").removeprefix("api/")
        served = {(kind.group, kind.version, kind.kind) for kind in registry() if kind.api_version == prefix}
        assert {(about["group"], about["version"], about["kind"]) for about in held} == served


@pytest.mark.parametrize(
    ("group", "name", "required"),
    [
        ("api/v1", "io.k8s.api.core.v1.ServicePort", ["port"]),
        ("api/v1", "io.k8s.api.core.v1.PodSpec", ["containers"]),
        ("api/v1", "io.k8s.api.core.v1.Container", ["name"]),
        ("apis/apps/v1", "io.k8s.api.apps.v1.DeploymentSpec", ["selector", "template"]),
        ("apis/apps/v1", "io.k8s.api.apps.v1.StatefulSetSpec", ["selector", "template"]),
        ("apis/rbac.authorization.k8s.io/v1", "io.k8s.api.rbac.v1.RoleBinding", ["roleRef"]),
    ],
)
def test_what_must_be_given_is_marked(group: str, name: str, required: list[str]):
    """kubectl refuses a list in which it is missing: nothing that may be left out may be marked."""
    assert document(group)["components"]["schemas"][name].get("required") == required


def test_lists_say_how_they_join():
    schemas = document("apis/apps/v1")["components"]["schemas"]
    spec = schemas["io.k8s.api.core.v1.PodSpec"]["properties"]
    assert spec["containers"]["x-kubernetes-patch-merge-key"] == "name"
    assert spec["volumes"]["x-kubernetes-patch-strategy"] == "merge,retainKeys"
    assert spec["topologySpreadConstraints"]["x-kubernetes-list-map-keys"] == ["topologyKey", "whenUnsatisfiable"]
    assert spec["tolerations"]["x-kubernetes-list-type"] == "atomic"
    assert spec["nodeSelector"]["x-kubernetes-map-type"] == "atomic"


def test_a_custom_kind_has_the_schema_of_its_definition_and_metadata():
    schema = document("apis/example.com/v1")["components"]["schemas"]["com.example.v1.Gadget"]
    assert schema["properties"]["spec"] == GADGET_SCHEMA["properties"]["spec"]
    assert list(references(schema["properties"]["metadata"]))


def test_every_built_in_kind_has_a_type():
    assert [kind.kind for kind in Registry() if of_kind(kind) is None] == []


def test_a_group_that_is_not_served_has_no_document():
    assert openapi.v3_encoded(registry(), "apis/nothing.example.com/v1") is None


def test_version_2_has_no_words_for_what_version_3_says_of_a_custom_kind():
    """As a real server has it (apiextensions-apiserver pkg/controller/openapi/v2): what may be null has no type."""
    inside = {"type": "object", "properties": {"a": {"type": "string"}}}
    properties = {
        "either": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
        "free": {**inside, "x-kubernetes-preserve-unknown-fields": True},
        "list": {"type": "array", "items": {**inside, "nullable": True}},
        "maybe": {**inside, "nullable": True},
        "plain": {"type": "string"},
    }
    custom = {"example.com/v1/Gadget": {"type": "object", "properties": properties, "required": ["maybe", "plain"]}}
    shown = openapi.v2_document(registry(), custom)["definitions"]["com.example.v1.Gadget"]
    assert shown["required"] == ["plain"]
    assert {name: shown["properties"][name] for name in properties} == {
        "either": {},
        "free": {"x-kubernetes-preserve-unknown-fields": True},
        "list": {"type": "array", "items": {}},
        "maybe": {},
        "plain": {"type": "string"},
    }


def test_a_custom_kind_without_a_schema_is_any_object():
    shown = openapi.v2_document(registry(), {})["definitions"]["com.example.v1.Gadget"]
    assert (shown["type"], "properties" in shown) == ("object", False)


Node = dict[int, list[Any]]


def fields(raw: bytes) -> Node:
    """A protobuf message by field number, knowing nothing of its schema; numbers as they are, the rest as bytes."""
    found: Node = {}
    at = 0

    def varint() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = raw[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(raw):
        tag = varint()
        if tag & 7 == 2:
            size = varint()
            value: Any = raw[at : at + size]
            at += size
        elif tag & 7 == 1:
            value, at = raw[at : at + 8], at + 8
        else:
            assert tag & 7 == 0
            value = varint()
        found.setdefault(tag >> 3, []).append(value)
    return found


def pairs(raw: bytes, number: int) -> dict[str, Node]:
    """What a message holds as named values."""
    entries = [fields(entry) for entry in fields(raw)[number]]
    return {entry[1][0].decode(): fields(entry[2][0]) if 2 in entry else {} for entry in entries}


def test_protobuf_says_what_json_says():
    """Field numbers: github.com/google/gnostic-models openapiv2/OpenAPIv2.proto."""
    held = openapi.v2_document(registry(), CUSTOM)
    document = fields(openapi.v2_encoded(registry(), CUSTOM, protobuf=True).body)
    assert document[1] == [b"2.0"]
    paths, definitions = pairs(document[8][0], 2), pairs(document[9][0], 1)
    assert list(paths) == list(held["paths"])
    assert list(definitions) == list(held["definitions"])
    service = pairs(definitions["io.k8s.api.core.v1.ServiceSpec"][25][0], 1)["ports"]
    assert fields(service[22][0])[1] == [b"array"]
    (item,) = fields(service[23][0])[1]
    assert fields(item)[1] == [b"#/definitions/io.k8s.api.core.v1.ServicePort"]
    extensions = {fields(each)[1][0]: fields(fields(each)[2][0])[2][0] for each in service[31]}
    assert extensions[b"x-kubernetes-patch-merge-key"] == b'"port"'
    patch = fields(paths["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"][8][0])
    queries = [fields(fields(fields(fields(each)[1][0])[2][0])[3][0]) for each in patch[8]]
    assert [query[4] for query in queries] == [[b"dryRun"], [b"fieldManager"], [b"fieldValidation"], [b"force"]]


NUMBERS = {"maximum": 0.5, "minLength": 300, "uniqueItems": True, "enum": [1, "a"], "example": {"a": 1}, "title": "T"}


def test_every_sort_of_value_reaches_protobuf():
    gadget = {"type": "object", "properties": {"size": NUMBERS, "map": {"additionalProperties": True}}}
    body = openapi.v2_encoded(registry(), {"example.com/v1/Gadget": gadget}, protobuf=True).body
    properties = pairs(pairs(fields(body)[9][0], 1)["com.example.v1.Gadget"][25][0], 1)
    size = properties["size"]
    assert (size[3], size[7], size[12], size[16]) == ([b"T"], [b"\0\0\0\0\0\0\xe0?"], [300], [1])
    assert [fields(each)[2] for each in size[20]] == [[b"1"], [b'"a"']]
    assert fields(size[30][0])[2] == [b'{"a":1}']
    assert fields(properties["map"][21][0]) == {2: [1]}


DEPRECATED = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
PROTOBUF = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"


@pytest.mark.parametrize(
    ("accept", "given"),
    [
        ("application/json", "application/json"),
        ("*/*", "application/json"),
        (DEPRECATED, PROTOBUF),
        (PROTOBUF, PROTOBUF),
        (f"application/json;q=0.5, {DEPRECATED}", PROTOBUF),
    ],
)
async def test_version_2_comes_in_the_form_asked_for(api: Api, accept: str, given: str):
    answer = await api.get("/openapi/v2", accept=accept)
    assert (answer.status, answer.headers["Content-Type"], answer.headers["Vary"]) == (200, given, "Accept")


@pytest.mark.parametrize("path", ["/openapi/v2", "/openapi/v3/api/v1"])
async def test_a_form_there_is_not_is_refused_without_a_word(api: Api, path: str):
    answer = await api.get(path, accept="text/html")
    assert (answer.status, answer.body) == (406, "")


async def test_what_has_not_changed_is_not_sent_again(api: Api):
    first = await api.get("/openapi/v2")
    again = await api.get("/openapi/v2", headers={"If-None-Match": first.headers["Etag"]})
    assert (again.status, again.body) == (304, "")
    await api.post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition({"size": {"type": "integer"}}))
    changed = await api.get("/openapi/v2", headers={"If-None-Match": first.headers["Etag"]})
    assert (changed.status, "com.example.v1.Gadget" in changed.body["definitions"]) == (200, True)


async def test_an_address_with_an_old_hash_leads_to_the_new_one(api: Api):
    address = (await api.get("/openapi/v3")).body
    url = json.loads(address)["paths"]["apis/apps/v1"]["serverRelativeURL"]
    current = await api.get(url)
    assert (current.status, current.headers["Cache-Control"]) == (200, "public, immutable")
    stale = await api.get("/openapi/v3/apis/apps/v1?hash=0", follow=False)
    assert (stale.status, stale.headers["Location"]) == (301, url)


@pytest.mark.real_client
@pytest.mark.skipif(not KUBECTL.exists(), reason="kubectl is not installed beside this Python")
@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("deployment.spec.strategy", ["KIND:       Deployment", "rollingUpdate\t<RollingUpdateDeployment>"]),
        ("pod.spec.containers.resources", ["limits\t<map[string]Quantity>", "ResourceRequirements describes"]),
        ("service.spec.ports", ["targetPort\t<IntOrString>", "port\t<integer> -required-"]),
        ("gadget.spec", ["GROUP:      example.com", "size\t<integer>", "How big."]),
    ],
)
async def test_kubectl_explains_from_them(asked: str, said: list[str], tmp_path: Path):
    server = TestServer(application())
    await server.start_server()
    try:
        kubectl = await asyncio.create_subprocess_exec(
            *(KUBECTL, "--server", str(server.make_url("/")), "explain", asked),
            env={"HOME": str(tmp_path), "KUBECONFIG": str(tmp_path / "none")},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await kubectl.communicate()
    finally:
        await server.close()
    assert kubectl.returncode == 0, err.decode()
    for line in said:
        assert line in out.decode()


def application() -> web.Application:
    """Discovery and the documents, nothing more."""

    async def handle(request: web.Request) -> web.StreamResponse:
        if request.path == "/openapi/v3":
            return web.json_response(openapi.v3_index(registry(), CUSTOM))
        if request.path.startswith("/openapi/v3/"):
            return web.json_response(document(request.path.removeprefix("/openapi/v3/")))
        return serve_roots(request, registry(), request.path) or web.Response(status=404)

    made = web.Application()
    made.router.add_route("GET", "/{path:.*}", handle)
    return made
