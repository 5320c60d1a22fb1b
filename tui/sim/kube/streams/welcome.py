"""How a stream is accepted or refused: which protocol, and who refuses what, before the upgrade or behind it."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from tui.sim.kube.streams.asked import Asked, KubeletRefusalError
from tui.sim.kube.streams.channels import ChannelLink
from tui.sim.kube.streams.ending import Ending
from tui.sim.kube.streams.link import Link
from tui.sim.kube.streams.offers import (
    SPDY,
    SPDY_OFFERED,
    SPDY_VERSION,
    accepts_before_asking,
    agreed,
    agreed_spdy,
    asked_for,
)
from tui.sim.kube.streams.spdylink import SpdyLink


@dataclass(frozen=True, slots=True)
class Welcomed:
    """response: to be returned. link: what to speak over; None where there is nothing more to be said."""

    response: web.StreamResponse
    link: Link | None = None


async def receive(version: str, request: web.Request, asked: Asked, refusal: KubeletRefusalError | None) -> Welcomed:
    """version: the cluster's. refusal: what the kubelet has against it."""
    upgrade = request.headers.get("Upgrade", "").strip()
    if upgrade.lower() == "websocket":
        return await _websocket(version, request, asked, refusal)
    if refusal is not None:
        return Welcomed(refusal.response())
    if upgrade.lower() == SPDY.lower():
        return await _spdy(request, asked)
    return Welcomed(KubeletRefusalError(400, "unable to upgrade: missing upgrade headers in request").response())


async def _websocket(version: str, request: web.Request, asked: Asked, refusal: KubeletRefusalError | None) -> Welcomed:
    wanted = asked_for(request.headers, "Sec-WebSocket-Protocol")
    protocol = agreed(version, wanted)
    late = protocol is not None and accepts_before_asking(version, protocol)
    if refusal is not None and not late:
        return Welcomed(refusal.response())
    if protocol is None:
        return Welcomed(web.Response(status=403))
    link = ChannelLink(request, protocol, talks=asked.stdin)
    await link.open(asked.first)
    if refusal is None:
        return Welcomed(link.response, link)
    await link.finish(Ending(refused=f"unable to upgrade connection: {refusal.text}"))
    return Welcomed(link.response)


async def _spdy(request: web.Request, asked: Asked) -> Welcomed:
    wanted = asked_for(request.headers, SPDY_VERSION)
    if not wanted:
        return Welcomed(KubeletRefusalError(400, f"unable to upgrade: {SPDY_VERSION} is required").response())
    protocol = agreed_spdy(wanted)
    if protocol is None:
        said = (
            f"unable to upgrade: unable to negotiate protocol: client supports [{' '.join(wanted)}], "
            f"server accepts [{' '.join(SPDY_OFFERED)}]"
        )
        response = KubeletRefusalError(403, said).response()
        response.headers.extend([("X-Accepted-Stream-Protocol-Versions", one) for one in SPDY_OFFERED])
        return Welcomed(response)
    link = SpdyLink(request, protocol)
    return Welcomed(link.response, link if await link.open(asked.channels) else None)
