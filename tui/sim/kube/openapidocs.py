"""/openapi/v2 and /openapi/v3: which form a client gets, and what it need not fetch again.

k8s.io/kube-openapi pkg/handler and pkg/handler3; the documents themselves are made by `openapi`.
"""

from __future__ import annotations

from aiohttp import web

from tui.sim.kube import openapi
from tui.sim.kube.customs import schemas
from tui.sim.kube.negotiate import JSON, parse_accept
from tui.sim.kube.respond import base_headers, encode, not_found_page
from tui.sim.kube.state import ClusterState

_PROTOBUF = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
_FORMS = {
    JSON: JSON,
    "*/*": JSON,
    "application/*": JSON,
    _PROTOBUF: _PROTOBUF,
    "application/com.github.proto-openapi.spec.v2@v1.0+protobuf": _PROTOBUF,
}
"""What a client may ask for -> what it gets. Version 3 comes as JSON alone: no client asks for its protobuf alone."""


def serve_openapi(cluster: ClusterState, request: web.Request, path: str) -> web.StreamResponse | None:
    """None where the path is another's."""
    parts = [part for part in path.split("/") if part]
    match parts:
        case ["openapi", "v2"]:
            return _version_2(cluster, request)
        case ["openapi", "v3"]:
            index = openapi.v3_index(cluster.registry, schemas(cluster.store, cluster.registry))
            # Written by a plain handler, which names no type (recorded: openapi-v3-index).
            return web.Response(body=encode(index), headers=base_headers("text/plain; charset=utf-8"))
        case ["openapi", "v3", *rest]:
            return _version_3(cluster, request, "/".join(rest))
        case _:
            return None


def _version_2(cluster: ClusterState, request: web.Request) -> web.Response:
    form = _form(request)
    if form is None:
        return _not_acceptable()
    custom = schemas(cluster.store, cluster.registry)
    document = openapi.v2_encoded(cluster.registry, custom, protobuf=form == _PROTOBUF)
    return _sent(request, document, form)


def _version_3(cluster: ClusterState, request: web.Request, path: str) -> web.Response:
    document = openapi.v3_encoded(cluster.registry, path, schemas(cluster.store, cluster.registry))
    if document is None:
        return not_found_page()
    if _form(request) != JSON:
        return _not_acceptable()
    asked = request.query.get("hash", "")
    if asked and asked != document.etag:
        return web.Response(status=301, headers={"Location": openapi.v3_address(path, document)})
    return _sent(request, document, JSON, immutable=bool(asked))


def _form(request: web.Request) -> str | None:
    accept = ",".join(request.headers.getall("Accept", [])) or "*/*"
    return next((_FORMS[clause.media] for clause in parse_accept(accept) if clause.media in _FORMS), None)


def _not_acceptable() -> web.Response:
    """These handlers say nothing more."""
    return web.Response(status=406, headers={"Vary": "Accept"})


def _sent(request: web.Request, document: openapi.Encoded, form: str, *, immutable: bool = False) -> web.Response:
    """immutable: the address holds the hash of what it names, which therefore never changes."""
    etag = f'"{document.etag}"'
    headers = {**base_headers(form), "Etag": etag, "Vary": "Accept"}
    if immutable:
        headers["Cache-Control"] = "public, immutable"
    if request.headers.get("If-None-Match") == etag:
        return web.Response(status=304, headers=headers)
    return web.Response(body=document.body, headers=headers)
