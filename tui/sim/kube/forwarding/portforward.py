"""pods/portforward: which of its forms is spoken, and the refusals of those that are not.

Source: k8s.io/apiserver pkg/util/proxy (streamtunnel.go, 1.31: SPDY inside a WebSocket ends at the API server), and for
what passes on to the kubelet k8s.io/kubelet/pkg/cri/streaming/portforward.
"""

from __future__ import annotations

from aiohttp import web

from tui.sim.kube.actors.behaviours import Behaviours
from tui.sim.kube.deprecation import minor_of
from tui.sim.kube.forwarding.channels import PROTOCOLS, ChannelForward, ports_of
from tui.sim.kube.forwarding.pairs import Pairs
from tui.sim.kube.forwarding.pipes import BytePipe, TakenPipe, WebSocketPipe
from tui.sim.kube.forwarding.sandbox import Listeners
from tui.sim.kube.objects import mapping, name_of, namespace_of, text
from tui.sim.kube.refusals import bad_request
from tui.sim.kube.state import ClusterState
from tui.sim.kube.status import Obj
from tui.sim.kube.streams.upgrade import Upgraded

SPDY = "portforward.k8s.io"
TUNNEL = "SPDY/3.1+"
"""Before a SPDY protocol's name: that protocol inside a WebSocket."""
TUNNELS_SINCE = 31
"""The minor version of the first servers that take it."""
_FAREWELL_SECONDS = 1.0


class PodForwards:
    """Serves the port-forwards of one cluster: a `PodStream`."""

    def __init__(self, cluster: ClusterState, behaviours: Behaviours) -> None:
        self._cluster = cluster
        self._listeners = Listeners(cluster, behaviours)

    async def serve(self, request: web.Request, pod: Obj) -> web.StreamResponse:
        """Raises ApiError before the answer has begun."""
        if not text(mapping(pod.get("spec")).get("nodeName")):
            raise bad_request(f"pod {name_of(pod)} does not have a host assigned")
        upgrade = request.headers.get("Upgrade", "").lower()
        if upgrade == "spdy/3.1":
            return await self._spdy(request, pod)
        if upgrade != "websocket":
            return _plain(400, f"unable to upgrade: missing upgrade headers in request: {request.headers['Upgrade']}")
        offered = [
            word.strip() for word in request.headers.get("Sec-WebSocket-Protocol", "").split(",") if word.strip()
        ]
        tunnels = [word for word in offered if word.startswith(TUNNEL)]
        if tunnels and minor_of(self._cluster.version) >= TUNNELS_SINCE:
            return await self._tunnel(request, pod, [word.removeprefix(TUNNEL) for word in tunnels])
        known = [word for word in offered if word in PROTOCOLS]
        if offered and not known:
            return web.Response(status=403)  # as golang.org/x/net/websocket does (recorded: ws-exec-unknown-protocol)
        return await self._channels(request, pod, known)

    async def run_spdy(self, pipe: BytePipe, pod: Obj) -> None:
        """The port-forward over a SPDY connection that has been agreed on, until the client is gone."""
        await Pairs(pipe, self._listeners.sandbox(pod)).run()

    async def _tunnel(self, request: web.Request, pod: Obj, wanted: list[str]) -> web.StreamResponse:
        if SPDY not in wanted:
            if not any(wanted):
                return _plain(400, "unable to upgrade: no tunneling spdy protocols provided")
            return _plain(403, f"unable to upgrade: {not_negotiated(wanted)}")
        if (refusal := _without_sandbox(pod)) is not None:
            return refusal
        socket = web.WebSocketResponse(protocols=(TUNNEL + SPDY,), timeout=_FAREWELL_SECONDS, compress=False)
        await socket.prepare(request)
        try:
            await self.run_spdy(WebSocketPipe(socket), pod)
        finally:
            await socket.close()
        return socket

    async def _spdy(self, request: web.Request, pod: Obj) -> web.StreamResponse:
        """Without a WebSocket around it, as clients before 1.31 ask for it and later ones where the WebSocket fails."""
        lines = request.headers.getall("X-Stream-Protocol-Version", [])
        wanted = [word.strip() for line in lines for word in line.split(",")]
        if wanted and SPDY not in wanted:
            refused = _plain(403, not_negotiated(wanted))
            refused.headers["X-Accepted-Stream-Protocol-Versions"] = SPDY
            return refused
        if (refusal := _without_sandbox(pod)) is not None:
            return refusal
        upgraded = Upgraded("SPDY/3.1", {"X-Stream-Protocol-Version": SPDY} if wanted else {})
        await upgraded.prepare(request)
        await self.run_spdy(TakenPipe(upgraded), pod)
        return upgraded

    async def _channels(self, request: web.Request, pod: Obj, known: list[str]) -> web.StreamResponse:
        ports = ports_of(request.query)
        if (refusal := _without_sandbox(pod)) is not None:
            return refusal
        socket = web.WebSocketResponse(protocols=known, timeout=_FAREWELL_SECONDS, compress=False)
        await socket.prepare(request)
        try:
            await ChannelForward(socket, self._listeners.sandbox(pod), ports).run()
        except ConnectionResetError:
            pass
        finally:
            await socket.close()
        return socket


def not_negotiated(wanted: list[str]) -> str:
    """k8s.io/apimachinery/pkg/util/httpstream, Handshake; lists as Go prints them."""
    return f"unable to negotiate protocol: client supports [{' '.join(wanted)}], server accepts [{SPDY}]"


def _without_sandbox(pod: Obj) -> web.Response | None:
    """A kubelet's refusal where the pod has not begun yet."""
    if text(mapping(pod.get("status")).get("podIP")):
        return None
    return _plain(500, f'pod not found ("{name_of(pod)}_{namespace_of(pod)}")')


def _plain(status: int, words: str) -> web.Response:
    return web.Response(status=status, text=words)
