"""What is served: the plain discovery documents, and the aggregated ones that kubectl asks for since 1.27.

Recorded: api, apis, api-v1-resources, apis-apps-v1-resources, api-aggregated, apis-aggregated.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable

from aiohttp import web

from tui.sim.kube.generation import is_custom
from tui.sim.kube.kinds import Kind, Registry, Sub
from tui.sim.kube.negotiate import JSON, negotiate_plain, parse_accept
from tui.sim.kube.respond import answer, base_headers, encode, raw_json
from tui.sim.kube.status import Obj

_AGGREGATED = "apidiscovery.k8s.io"
_LAST = "metrics.k8s.io"  # its APIService has the lowest priority of all: after every custom group


def serve_roots(request: web.Request, registry: Registry, path: str) -> web.StreamResponse | None:
    """/api, /apis, /apis/GROUP and the two forms of /…/VERSION; None where nothing of that name is served."""
    accept = ",".join(request.headers.getall("Accept", []))
    parts = [part for part in path.split("/") if part]
    if parts in (["api"], ["apis"]):
        version = _aggregated_version(accept)
        if version:
            return _aggregated(request, registry, core=parts == ["api"], version=version)
    if not parts:
        return raw_json({"paths": _root_paths(registry)})
    body = _plain(request, registry, parts)
    return None if body is None else answer(body, media=negotiate_plain(accept))


def _plain(request: web.Request, registry: Registry, parts: list[str]) -> Obj | None:
    match parts:
        case ["api"]:
            address = {"clientCIDR": "0.0.0.0/0", "serverAddress": request.host}
            return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": [address]}
        case ["apis"]:
            listed = [_group(group, kinds) for group, kinds in groups(registry).items() if group]
            return {"kind": "APIGroupList", "apiVersion": "v1", "groups": listed}
        case ["apis", group]:
            kinds = groups(registry).get(group)
            return {"kind": "APIGroup", "apiVersion": "v1", **_group(group, kinds)} if kinds else None
        case ["api", version]:
            return _resources("", version, registry)
        case ["apis", group, version]:
            return _resources(group, version, registry)
        case _:
            return None


def _root_paths(registry: Registry) -> list[str]:
    """What / lists: every place at which something is served."""
    paths = {"/api", "/api/v1", "/apis", "/version"}
    paths.update(f"/{endpoint}" for endpoint in ("healthz", "livez", "readyz", "openapi/v2", "openapi/v3"))
    for kind in registry:
        if kind.group:
            paths.update((f"/apis/{kind.group}", f"/apis/{kind.group}/{kind.version}"))
    return sorted(paths)


def groups(registry: Registry) -> dict[str, list[Kind]]:
    """Kinds by group, in the order of discovery: built-in, then custom by name, then the aggregated metrics."""
    found: dict[str, list[Kind]] = {}
    for kind in registry:
        found.setdefault(kind.group, []).append(kind)

    def place(group: str) -> tuple[int, str]:
        if group == _LAST:
            return 2, ""
        return (1, group) if all(is_custom(kind) for kind in found[group]) else (0, "")

    return {group: found[group] for group in sorted(found, key=place)}


def versions(kinds: Iterable[Kind]) -> list[str]:
    """The versions of a group, preferred first."""
    return list(dict.fromkeys(kind.version for kind in kinds))


def _group(group: str, kinds: list[Kind]) -> Obj:
    listed = [{"groupVersion": f"{group}/{version}", "version": version} for version in versions(kinds)]
    return {"name": group, "versions": listed, "preferredVersion": listed[0]}


def _resources(group: str, version: str, registry: Registry) -> Obj | None:
    kinds = [kind for kind in registry if (kind.group, kind.version) == (group, version)]
    if not kinds:
        return None
    listed = [entry for kind in kinds for entry in _resource_entries(kind)]
    head: Obj = {"kind": "APIResourceList"}
    if group:  # the core group's list is older than apiVersion
        head["apiVersion"] = "v1"
    group_version = f"{group}/{version}" if group else version
    return {**head, "groupVersion": group_version, "resources": sorted(listed, key=lambda entry: entry["name"])}


def _resource_entries(kind: Kind) -> Iterable[Obj]:
    entry: Obj = {
        "name": kind.plural,
        "singularName": _singular(kind),
        "namespaced": kind.namespaced,
        "kind": kind.kind,
        "verbs": list(kind.verbs),
    }
    if kind.short:
        entry["shortNames"] = list(kind.short)
    if kind.categories:
        entry["categories"] = list(kind.categories)
    if "watch" in kind.verbs:
        entry["storageVersionHash"] = storage_version_hash(kind)
    yield entry
    for sub in kind.subs:
        group, _, version = sub.api.rpartition("/")
        typed = {"group": group, "version": version} if sub.api else {}
        yield {
            "name": f"{kind.plural}/{sub.name}",
            "singularName": "",
            "namespaced": kind.namespaced,
            **typed,
            "kind": sub.kind or kind.kind,
            "verbs": list(sub.verbs),
        }


def storage_version_hash(kind: Kind) -> str:
    """apiserver pkg/endpoints/discovery/storageversionhash.go."""
    digest = hashlib.sha256(f"{kind.group}/{kind.version}/{kind.kind}".encode()).digest()
    return base64.b64encode(digest[:8]).decode()


def _aggregated_version(accept: str) -> str:
    """ "v2" or "v2beta1" where the client prefers the aggregated form, else ""."""
    for clause in parse_accept(accept):
        if clause.media not in (JSON, "*/*", "application/*"):
            continue
        if clause.parameter("g") != _AGGREGATED:
            return ""
        if clause.parameter("as") == "APIGroupDiscoveryList" and clause.parameter("v") in ("v2", "v2beta1"):
            return clause.parameter("v")
    return ""


def _aggregated(request: web.Request, registry: Registry, *, core: bool, version: str) -> web.StreamResponse:
    chosen = {group: kinds for group, kinds in groups(registry).items() if (group == "") is core}
    body: Obj = {
        "kind": "APIGroupDiscoveryList",
        "apiVersion": f"{_AGGREGATED}/{version}",
        "metadata": {},
        "items": [_aggregated_group(group, kinds) for group, kinds in chosen.items()],
    }
    encoded = encode(body) + b"\n"
    etag = f'"{hashlib.sha512(encoded).hexdigest().upper()}"'
    headers = base_headers(f"{JSON};g={_AGGREGATED};v={version};as=APIGroupDiscoveryList")
    headers |= {"Cache-Control": "public", "Etag": etag, "Vary": "Accept"}
    if request.headers.get("If-None-Match") == etag:
        return web.Response(status=304, headers=headers)
    return web.Response(body=encoded, headers=headers)


def _aggregated_group(group: str, kinds: list[Kind]) -> Obj:
    return {
        "metadata": {"name": group} if group else {},
        "versions": [
            {
                "version": version,
                "resources": [_aggregated_resource(kind) for kind in _by_name(kinds, version)],
                "freshness": "Current",
            }
            for version in versions(kinds)
        ],
    }


def _by_name(kinds: list[Kind], version: str) -> list[Kind]:
    return sorted((kind for kind in kinds if kind.version == version), key=lambda kind: kind.plural)


def _aggregated_resource(kind: Kind) -> Obj:
    entry: Obj = {
        "resource": kind.plural,
        "responseKind": {"group": "", "version": "", "kind": kind.kind},
        "scope": "Namespaced" if kind.namespaced else "Cluster",
        "singularResource": _singular(kind),
        "verbs": list(kind.verbs),
    }
    if is_custom(kind):
        entry["responseKind"] = {"group": kind.group, "version": kind.version, "kind": kind.kind}
    if kind.short:
        entry["shortNames"] = list(kind.short)
    if kind.categories:
        entry["categories"] = list(kind.categories)
    if kind.subs:
        entry["subresources"] = [_aggregated_sub(kind, sub) for sub in kind.subs]
    return entry


def _aggregated_sub(kind: Kind, sub: Sub) -> Obj:
    group, _, version = sub.api.rpartition("/")
    shown = {"group": group, "version": version, "kind": sub.kind or kind.kind}
    return {"subresource": sub.name, "responseKind": shown, "verbs": list(sub.verbs)}


def _singular(kind: Kind) -> str:
    return "" if kind.group == _LAST else kind.singular_name
