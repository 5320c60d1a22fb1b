"""The OpenAPI documents: what kubectl reads to validate, to patch and to explain.

kubectl looks for three things. Whether the PATCH of a kind takes the query parameters `fieldValidation` and `dryRun`
(else it validates by itself, or refuses `diff`); how the lists of a kind join (x-kubernetes-patch-merge-key and
-strategy: `apply` and `edit`); and the properties, to `explain` them. All of it is here, for every served kind;
descriptions are not, but for the types themselves. kubectl from 1.27 on reads v3 first, as JSON, and v2, in protobuf,
for what v3 does not tell it.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import msgspec

from tui.sim.kube.kinds import Kind, Registry, Sub
from tui.sim.kube.openapi_protobuf import encode_document
from tui.sim.kube.openapi_schemas import V2, V3, Dialect, component_name, schemas_of
from tui.sim.kube.status import Obj

_INFO: Obj = {"title": "Kubernetes", "version": "unversioned"}

_DRY_RUN = "dryRun"
_MANAGER = "fieldManager"
_VALIDATION = "fieldValidation"
_QUERY = {
    "post": (_DRY_RUN, _MANAGER, _VALIDATION),
    "put": (_DRY_RUN, _MANAGER, _VALIDATION),
    "patch": (_DRY_RUN, _MANAGER, _VALIDATION, "force"),
    "delete": (_DRY_RUN, "gracePeriodSeconds", "orphanDependents", "propagationPolicy"),
    "get": (),
}
_VERBS = {"get": "get", "put": "update", "patch": "patch", "delete": "delete"}

Custom = Mapping[str, Obj]
"""The openAPIV3Schema of custom kinds, by "example.com/v1/Gadget"."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A document as it is sent. etag: of its JSON, whatever the form of the body."""

    body: bytes
    etag: str


def v3_index(registry: Registry, custom: Custom | None = None) -> Obj:
    """/openapi/v3: where the document of each group version is. The hash in each address changes with its content."""
    paths: Obj = {}
    for path in sorted({_path_of(kind) for kind in registry}):
        document = v3_encoded(registry, path, custom)
        if document is not None:
            paths[path] = {"serverRelativeURL": v3_address(path, document)}
    return {"paths": paths}


def v3_address(path: str, document: Encoded) -> str:
    return f"/openapi/v3/{path}?hash={document.etag}"


def v3_encoded(registry: Registry, path: str, custom: Custom | None = None) -> Encoded | None:
    """The JSON of /openapi/v3/PATH, path being "api/v1" or "apis/apps/v1"; None where nothing of that name is served.
    Made once for all clusters that serve the same."""
    kinds = tuple(kind for kind in registry if _path_of(kind) == path)
    return _v3_encoded(kinds, _own(kinds, custom)) if kinds else None


def v2_encoded(registry: Registry, custom: Custom | None = None, *, protobuf: bool = False) -> Encoded:
    """/openapi/v2: everything in one document, as JSON or protobuf."""
    kinds = tuple(registry)
    own = _own(kinds, custom)
    return _v2_protobuf(kinds, own) if protobuf else _v2_encoded(kinds, own)


def v3_document(kinds: Iterable[Kind], custom: Custom) -> Obj:
    """The document of one group version. kinds: all of it."""
    kinds = tuple(kinds)
    return {
        "openapi": "3.0.0",
        "info": _INFO,
        "paths": dict(_paths(kinds, V3)),
        "components": {"schemas": schemas_of(kinds, V3, custom)},
    }


def v2_document(kinds: Iterable[Kind], custom: Custom) -> Obj:
    """The one document of version 2. kinds: all that are served."""
    kinds = tuple(kinds)
    return {
        "swagger": "2.0",
        "info": _INFO,
        "paths": dict(_paths(kinds, V2)),
        "definitions": schemas_of(kinds, V2, custom),
    }


def _own(kinds: Iterable[Kind], custom: Custom | None) -> bytes:
    """The schemas of these kinds that are not built in, as something to remember documents by."""
    names = (f"{kind.api_version}/{kind.kind}" for kind in kinds) if custom else ()
    return msgspec.json.encode({name: custom[name] for name in names if custom and name in custom})


@functools.lru_cache(maxsize=128)
def _v3_encoded(kinds: tuple[Kind, ...], custom: bytes) -> Encoded:
    return _encoded(v3_document(kinds, msgspec.json.decode(custom)))


@functools.lru_cache(maxsize=4)
def _v2_encoded(kinds: tuple[Kind, ...], custom: bytes) -> Encoded:
    return _encoded(v2_document(kinds, msgspec.json.decode(custom)))


@functools.lru_cache(maxsize=4)
def _v2_protobuf(kinds: tuple[Kind, ...], custom: bytes) -> Encoded:
    body = encode_document(v2_document(kinds, msgspec.json.decode(custom)))
    return Encoded(body, _v2_encoded(kinds, custom).etag)


def _encoded(document: Obj) -> Encoded:
    body = msgspec.json.encode(document)
    return Encoded(body, hashlib.sha512(body).hexdigest().upper())


def _path_of(kind: Kind) -> str:
    return f"apis/{kind.group}/{kind.version}" if kind.group else f"api/{kind.version}"


def _paths(kinds: Iterable[Kind], dialect: Dialect) -> Iterator[tuple[str, Obj]]:
    for kind in kinds:
        inside = "/namespaces/{namespace}" if kind.namespaced else ""
        collection = f"/{_path_of(kind)}{inside}/{kind.plural}"
        methods = [method for method, verb in (("get", "list"), ("post", "create")) if verb in kind.verbs]
        yield collection, _operations(kind, methods, dialect, collection)
        item = f"{collection}/{{name}}"
        methods = [method for method, verb in _VERBS.items() if verb in kind.verbs]
        if methods:
            yield item, _operations(kind, methods, dialect, item)
        for sub in kind.subs:
            place = f"{item}/{sub.name}"
            methods = [method for method, verb in _VERBS.items() if verb in sub.verbs]
            methods += ["post"] if "create" in sub.verbs else []
            yield place, _operations(kind, methods, dialect, place, sub)


def _operations(kind: Kind, methods: Iterable[str], dialect: Dialect, path: str, sub: Sub | None = None) -> Obj:
    """A path item; its operations say of which kind they are."""
    found: Obj = {method: _operation(kind, method, dialect, sub) for method in methods}
    for name in ("name", "namespace"):
        if f"{{{name}}}" in path:
            found.setdefault("parameters", []).append(dialect.parameter(name, "path", "string"))
    return found


def _operation(kind: Kind, method: str, dialect: Dialect, sub: Sub | None) -> Obj:
    group, _, version = (sub.api if sub and sub.api else kind.api_version).rpartition("/")
    about = {"group": group, "kind": sub.kind if sub and sub.kind else kind.kind, "version": version}
    name = component_name(kind) if sub is None or not sub.kind else ""
    made: Obj = {
        "operationId": "".join(
            (method, kind.group.title().replace(".", ""), kind.kind, sub.name.title() if sub else "")
        ),
        "parameters": [
            dialect.parameter(query, "query", "boolean" if query == "force" else "string") for query in _QUERY[method]
        ],
        "responses": {"200": dialect.response(name)},
        "x-kubernetes-action": method,
        "x-kubernetes-group-version-kind": about,
    }
    return made
