"""/openapi/v2 and /openapi/v3: the documents themselves are made by `openapi`."""

from __future__ import annotations

import hashlib

from aiohttp import web

from tui.sim.kube import openapi
from tui.sim.kube.customs import schemas
from tui.sim.kube.negotiate import JSON, not_acceptable, parse_accept
from tui.sim.kube.respond import answer, base_headers, encode, not_found_page
from tui.sim.kube.state import ClusterState
from tui.sim.kube.status import Obj

_JSON_NAMES = (JSON, "*/*", "application/*", "application/com.github.proto-openapi.spec.v3.v1.0+json")


def serve_openapi(cluster: ClusterState, request: web.Request, path: str) -> web.StreamResponse | None:
    """None where the path is another's. Raises ApiError 406 for a client that takes protobuf alone."""
    parts = [part for part in path.split("/") if part]
    if parts[:1] != ["openapi"] or len(parts) < 2:
        return None
    accept = ",".join(request.headers.getall("Accept", []))
    if not any(clause.media in _JSON_NAMES for clause in parse_accept(accept or "*/*")):
        raise not_acceptable(stream=False)
    custom = schemas(cluster.store, cluster.registry)
    if parts[1:] == ["v2"]:
        return answer(openapi.v2_document(cluster.registry, custom))
    if parts[1:] == ["v3"]:
        # The index is written by a plain handler, which names no type (recorded: openapi-v3-index).
        return web.Response(
            body=encode(openapi.v3_index(cluster.registry, custom)), headers=base_headers("text/plain; charset=utf-8")
        )
    if parts[1] != "v3":
        return None
    document = openapi.v3_document(cluster.registry, "/".join(parts[2:]), custom)
    return not_found_page() if document is None else _cacheable(request, document)


def _cacheable(request: web.Request, document: Obj) -> web.Response:
    encoded = encode(document)
    digest = hashlib.sha512(encoded).hexdigest().upper()
    headers = base_headers(JSON)
    headers["Etag"] = f'"{digest}"'
    if request.query.get("hash"):  # the index gave the hash: what it names never changes
        headers["Cache-Control"] = "public, immutable"
    return web.Response(body=encoded, headers=headers)
