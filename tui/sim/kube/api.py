"""One HTTP request to the API server, from headers to answer: who, what, may they, and which handler."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from tui.sim.kube import deleting, patching, reading, reviews, subresources, watching, writing
from tui.sim.kube.authorise import authorise
from tui.sim.kube.call import Call
from tui.sim.kube.discovery import serve_roots
from tui.sim.kube.generation import is_custom
from tui.sim.kube.health import serve_health, version_info
from tui.sim.kube.identity import NOBODY, User, authenticated, bearer_token
from tui.sim.kube.impersonation import impersonate, wanted_user
from tui.sim.kube.kinds import Kind, Sub
from tui.sim.kube.openapidocs import serve_openapi
from tui.sim.kube.podstreams import serve_stream
from tui.sim.kube.refusals import method_not_allowed, no_such_route, unauthorized
from tui.sim.kube.respond import not_found_page, raw_json, refuse
from tui.sim.kube.routes import Route, parse_route
from tui.sim.kube.state import ClusterState
from tui.sim.kube.status import ApiError

Handler = Callable[[Call], Awaitable[web.StreamResponse]]

_VERBS: dict[str, Handler] = {
    "get": reading.get,
    "list": reading.list_objects,
    "watch": watching.watch,
    "create": writing.create,
    "update": writing.update,
    "patch": patching.modify,
    "delete": deleting.delete,
    "deletecollection": deleting.delete_collection,
}
_SUBRESOURCES: dict[str, Handler] = {
    "scale": subresources.scale,
    "eviction": subresources.evict,
    "binding": subresources.bind,
    "token": subresources.request_token,
    "log": serve_stream,
    "exec": serve_stream,
    "attach": serve_stream,
    "portforward": serve_stream,
    "proxy": serve_stream,
}


async def serve(
    cluster: ClusterState, request: web.Request, path: str, user: User | None, acting_as: User | None
) -> web.StreamResponse:
    """Answer one request. user: None = not authenticated by whoever is in front. acting_as: impersonated by them."""
    try:
        caller = identify(cluster, request, user, acting_as)
        route = parse_route(request.method, path, request.query)
        authorise(cluster, caller, route.attributes)
        if route.is_resource:
            return await _serve_resource(cluster, request, route, caller)
        return _serve_plain(cluster, request, path)
    except ApiError as error:
        return refuse(error)


def identify(cluster: ClusterState, request: web.Request, user: User | None, acting_as: User | None) -> User:
    """Who acts. Raises ApiError 401 for an unknown token, 403 for an impersonation that is not granted."""
    caller = authenticated(user) if user else _by_token(cluster, request)
    for wanted in (acting_as, wanted_user(request.headers)):
        if wanted is not None:
            caller = impersonate(cluster, caller, wanted)
    return caller


def _by_token(cluster: ClusterState, request: web.Request) -> User:
    token = bearer_token(request.headers)
    if token is None:
        return NOBODY
    found = cluster.token_review.user(token)
    if found is None:  # nobody's, or an empty one
        raise unauthorized()
    return found


def _serve_plain(cluster: ClusterState, request: web.Request, path: str) -> web.StreamResponse:
    if request.method not in ("GET", "HEAD"):
        raise method_not_allowed()
    if path.strip("/") == "version":
        return raw_json(version_info(cluster.version))
    for served in (
        serve_health(request, path),
        serve_openapi(cluster, request, path),
        serve_roots(request, cluster.registry, path),
    ):
        if served is not None:
            return served
    return not_found_page()


async def _serve_resource(cluster: ClusterState, request: web.Request, route: Route, user: User) -> web.StreamResponse:
    kind = _kind(cluster, route)
    if kind is None:
        return not_found_page()
    sub = _subresource(kind, route)
    call = Call(cluster, request, route, user, kind, sub)
    if sub is not None:
        return await _serve_subresource(call, sub)
    if route.verb not in kind.verbs or not _fits(route):
        raise method_not_allowed()
    if reviews.is_review(kind.group, kind.plural):
        return await reviews.review(call)
    handler = subresources.bind if kind.storage == ("", "bindings") else _VERBS.get(route.verb)
    if handler is None:
        raise method_not_allowed()
    return await handler(call)


def _fits(route: Route) -> bool:
    """Creation is of a collection, change and deletion of one object."""
    if route.verb == "create":
        return not route.name
    return bool(route.name) or route.verb not in ("update", "patch", "delete")


def _kind(cluster: ClusterState, route: Route) -> Kind | None:
    """The kind a path names; None for an unknown group or version. Raises ApiError 404 for anything below one."""
    kind = cluster.registry.resource(route.group, route.version, route.resource)
    if kind is not None:
        in_namespace = bool(route.namespace) and kind.plural != "namespaces"
        if in_namespace and not kind.namespaced:
            raise no_such_route()
        if kind.namespaced and not route.namespace and (route.path.count("/") > _depth(route)):
            raise no_such_route()
        if kind.namespaced and not route.namespace and route.verb == "create" and not route.name:
            raise method_not_allowed()
        return kind
    siblings = [k for k in cluster.registry if (k.group, k.version) == (route.group, route.version)]
    if siblings and not all(is_custom(sibling) for sibling in siblings):
        raise no_such_route()
    return None


def _depth(route: Route) -> int:
    """Slashes in the path of the whole collection."""
    return 4 if route.group else 3


def _subresource(kind: Kind, route: Route) -> Sub | None:
    if not route.subresource:
        return None
    sub = kind.sub(route.subresource)
    if sub is None or (route.rest and sub.name != "proxy"):
        raise no_such_route()
    return sub


async def _serve_subresource(call: Call, sub: Sub) -> web.StreamResponse:
    if call.route.verb not in sub.verbs:
        raise method_not_allowed()
    handler = _SUBRESOURCES.get(sub.name)
    if handler is not None:
        return await handler(call)
    return await _VERBS[call.route.verb](call)
