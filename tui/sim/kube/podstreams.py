"""log, exec, attach, port-forward: authorised and checked here, served by whoever has registered for them."""

from __future__ import annotations

from aiohttp import web

from tui.sim.kube.attributes import Attributes
from tui.sim.kube.call import Call
from tui.sim.kube.deprecation import minor_of
from tui.sim.kube.negotiate import negotiate_plain
from tui.sim.kube.reading import existing
from tui.sim.kube.refusals import bad_request, forbidden
from tui.sim.kube.status import ApiError
from tui.sim.kube.streams.asked import read_query

_UPGRADED = ("exec", "attach", "portforward")
_CREATE_SINCE = 35  # the minor version whose server began to ask for it (AuthorizePodWebsocketUpgradeCreatePermission)


async def serve_stream(call: Call) -> web.StreamResponse:
    """Raises ApiError: 404 for a missing pod, 400 for a stream that is not asked for as one (exec-no-upgrade)."""
    name = call.route.subresource
    if name == "log":
        negotiate_plain(call.accept)
    if name in _UPGRADED:
        _check_may_create(call)
    pod = existing(call)
    if name in ("exec", "attach"):
        read_query(call.query, pod)  # what is asked for is looked at before how
    server = call.cluster.pod_streams.get(name)
    if name in _UPGRADED and not _is_upgrade(call.request):
        raise bad_request("Upgrade request required")
    if server is None:
        raise ApiError(501, "NotImplemented", f"this server does not serve {call.route.attributes.full_resource}")
    return await server(call.request, pod)


def _check_may_create(call: Call) -> None:
    """A WebSocket opens with GET, but since 1.35 it needs "create" too; the refusal has no reason to it (recorded:
    ws-exec-get-only-role-1.36, ws-portforward-get-only-role-1.36)."""
    if call.request.method != "GET" or not _is_upgrade(call.request):
        return
    if minor_of(call.cluster.version) < _CREATE_SINCE:
        return
    route = call.route
    asked = Attributes("create", "", "v1", "pods", route.subresource, route.namespace, route.name)
    if not call.cluster.rbac.decide(call.user, asked).allowed:
        raise forbidden(call.kind, route.name, "")


def _is_upgrade(request: web.Request) -> bool:
    return "upgrade" in request.headers.get("Connection", "").lower() and bool(request.headers.get("Upgrade"))
