"""The OpenAPI documents: what kubectl reads to validate, to patch and to explain.

kubectl looks for three things. Whether the PATCH of a kind takes the query parameters `fieldValidation` and `dryRun`
(else it validates by itself, or refuses `diff`); how the lists of a kind join (x-kubernetes-patch-merge-key and
-strategy: `apply` and `edit`); and the properties, to `explain` them. All of it is here, for every served kind;
descriptions are not, but for the types themselves. kubectl from 1.27 on reads v3 first and takes JSON for it.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from tui.sim.kube.kinds import Kind, Registry, Sub
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


def v3_index(registry: Registry, custom: Custom | None = None) -> Obj:
    """/openapi/v3: where the document of each group version is. The hash in each address changes with its content."""
    paths: Obj = {}
    for path in sorted({_path_of(kind) for kind in registry}):
        document = v3_document(registry, path, custom)
        digest = hashlib.sha512(msgspec.json.encode(document)).hexdigest().upper()
        paths[path] = {"serverRelativeURL": f"/openapi/v3/{path}?hash={digest}"}
    return {"paths": paths}


def v3_document(registry: Registry, path: str, custom: Custom | None = None) -> Obj | None:
    """/openapi/v3/PATH, path being "api/v1" or "apis/apps/v1"; None where nothing of that name is served."""
    kinds = tuple(kind for kind in registry if _path_of(kind) == path)
    if not kinds:
        return None
    return _v3(kinds) if not custom else _v3_of(kinds, custom)


def v2_document(registry: Registry, custom: Custom | None = None) -> Obj:
    """/openapi/v2: everything in one document, for clients that know no v3."""
    kinds = tuple(registry)
    return {
        "swagger": "2.0",
        "info": _INFO,
        "paths": dict(_paths(kinds, V2)),
        "definitions": schemas_of(kinds, V2, custom or {}),
    }


@functools.lru_cache(maxsize=64)
def _v3(kinds: tuple[Kind, ...]) -> Obj:
    return _v3_of(kinds, {})


def _v3_of(kinds: tuple[Kind, ...], custom: Custom) -> Obj:
    return {
        "openapi": "3.0.0",
        "info": _INFO,
        "paths": dict(_paths(kinds, V3)),
        "components": {"schemas": schemas_of(kinds, V3, custom)},
    }


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
