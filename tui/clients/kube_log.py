"""The log sub-resource of pods."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager

from tui.clients.http import REQUEST_TIMEOUT
from tui.clients.kube_transport import KubeTransport, Query
from tui.clients.segments import segment

_ACCEPT = "application/json, */*"  # the log sub-resource refuses text/plain with 406 (recorded)


@asynccontextmanager
async def read_log(
    transport: KubeTransport, namespace: str, pod: str, query: Query, *, ends: bool
) -> AsyncGenerator[AsyncGenerator[bytes]]:
    """The chunks of a container's log. ends: nothing is followed, so the answer and its bytes are there soon.

    A kubelet sends no headers before the first line, so a silent container's follow may take for ever to be answered;
    that is no failure. A dead peer is found out by the socket's keep-alive.
    """
    path = f"/api/v1/namespaces/{segment(namespace)}/pods/{segment(pod)}/log"
    limit = REQUEST_TIMEOUT if ends else None
    opened = transport.stream(path, _ACCEPT, query, timeout=limit, silence=limit)
    async with opened as stream, aclosing(stream.chunks()) as chunks:
        yield chunks
