"""Which protocols a cluster speaks, by its version, and how one of them is agreed on.

Source: k8s.io/kubelet/pkg/cri/streaming/remotecommand (websocket.go, httpstream.go), since 1.30 behind the API server's
translation of v5 (KEP-4006). Recorded: ws-exec-unknown-protocol, ws-exec-no-protocol.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from multidict import MultiMapping

from tui.sim.kube.deprecation import minor_of
from tui.wire.channels import V4, V4_BASE64, V5

V1, V1_BASE64 = "channel.k8s.io", "base64.channel.k8s.io"
SPDY = "SPDY/3.1"
SPDY_VERSION = "X-Stream-Protocol-Version"
V3_SPDY, V2_SPDY = "v3.channel.k8s.io", "v2.channel.k8s.io"
SPDY_OFFERED = (V4, V3_SPDY, V2_SPDY, V1)
"""What kubelets speak over SPDY, in the order in which they would say so."""

_PROXIED = (V4, V4_BASE64, V1, V1_BASE64)
_V5_SINCE = 30
_DIALS_FIRST_SINCE = 36


def accepts_before_asking(version: str, protocol: str) -> bool:
    """Whether the API server has answered 101 by the time the kubelet refuses: its translation does, up to 1.35. (The
    recorded 1.36 does not: ws-exec-pod-not-running.)"""
    return protocol == V5 and minor_of(version) < _DIALS_FIRST_SINCE


def asked_for(headers: MultiMapping[str], name: str) -> list[str]:
    """The values of a header, which may be several, each a list."""
    return [one.strip() for line in headers.getall(name, []) for one in line.split(",") if one.strip()]


def agreed(version: str, asked: Sequence[str]) -> str | None:
    """The channel protocol of a WebSocket; "" where none was asked for, None where none of them is spoken."""
    if not asked:
        return ""
    if minor_of(version) >= _V5_SINCE and V5 in asked:
        return V5
    return _first(asked, _PROXIED)


def agreed_spdy(asked: Sequence[str]) -> str | None:
    return _first(asked, SPDY_OFFERED)


def _first(asked: Iterable[str], offered: Sequence[str]) -> str | None:
    return next((protocol for protocol in asked if protocol in offered), None)
