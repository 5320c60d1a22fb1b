"""Port-forward in the older form, for servers before 1.31: a WebSocket for each connection, two channels for its port.

Source: k8s.io/kubelet/pkg/cri/streaming/portforward/websocket.go and the recordings: the first message on each channel
is the port's number, in little-endian order. There is no half-close: who has nothing more to send just says nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

from tui.errors import Problem, ProblemKind, SourceError
from tui.model.streams import SocketPort, StreamSocket
from tui.streams.paths import Place
from tui.wire.channels import V4, messages, unpack

_DATA, _ERROR = 0, 1


class OldWay:
    """Opens a WebSocket for each connection: a `Way`."""

    def __init__(self, port: SocketPort, place: Place) -> None:
        self._port = port
        self._place = place

    async def connect(self, port: int) -> OldLink:
        """Raises SourceError where the server refused, or the pod's port was not taken."""
        async with AsyncExitStack() as stack:
            opened = self._port.socket(self._place.path("portforward"), (("ports", str(port)),), (V4,))
            socket = await stack.enter_async_context(opened)
            return OldLink(socket, port, stack.pop_all())


class OldLink:
    """One forwarded connection: a `Link`."""

    def __init__(self, socket: StreamSocket, port: int, stack: AsyncExitStack) -> None:
        self._socket = socket
        self._port = port
        self._stack = stack
        self._greeted: set[int] = set()

    async def send(self, data: bytes) -> None:
        await self._socket.send(*messages(_DATA, data))

    async def finish(self) -> None:
        """This form has no words for it."""

    async def receive(self) -> bytes | None:
        while (message := await self._socket.receive()) is not None:
            if not message:
                continue
            channel, data = unpack(message)
            if channel not in self._greeted and channel in (_DATA, _ERROR):
                self._greeted.add(channel)
                if bytes(data) != self._port.to_bytes(2, "little"):
                    summary = f"the server answered for another port than {self._port}"
                    raise SourceError(Problem(ProblemKind.PROTOCOL, summary))
            elif channel == _ERROR and data:
                said = bytes(data).decode("utf-8", "replace").strip()
                summary = f"port {self._port} of the pod did not answer"
                raise SourceError(Problem(ProblemKind.UNREACHABLE, summary, said))
            elif channel == _DATA and data:
                return bytes(data)
        return None

    async def watch(self, held: Callable[[int], None]) -> None:
        await asyncio.get_running_loop().create_future()  # each connection has a socket of its own

    async def close(self) -> None:
        await self._stack.aclose()
