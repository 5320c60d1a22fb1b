"""The OpenAPI documents: complete in themselves, with what kubectl looks for; and the real kubectl reads them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests import recordings
from tests.recordings import load
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
    found = openapi.v3_document(registry(), path, CUSTOM)
    assert found is not None
    return found


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
    assert openapi.v3_document(registry(), "apis/nothing.example.com/v1") is None


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
