"""Port-forward as kubectl does it since 1.31: one SPDY connection inside a WebSocket, in it a pair of streams for each
forwarded connection.

Source: k8s.io/client-go/tools/portforward (portforward.go, tunneling_connection.go) and the recorded exchange of a real
kubectl. SPDY as it is spoken here has no flow control, so a connection that is read slowly is buffered up to a measure
and then holds up the others: the alternative, a WebSocket for each connection, would cost one of the ten streams of a
fleet each.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from tui.errors import Problem, ProblemKind, SourceError
from tui.model.streams import SocketPort, StreamSocket
from tui.streams.paths import TUNNEL_PROTOCOL, Place
from tui.wire.errors import WireError
from tui.wire.spdy import (
    LARGEST_DATA,
    Data,
    Event,
    GoAway,
    Ping,
    Reset,
    RstStream,
    SpdyReader,
    SpdyWriter,
    SynReply,
    SynStream,
)

REPLY_SECONDS = 30.0
"""Within which the kubelet must have accepted a stream; client-go's streamCreationTimeout."""
BUFFERED = 1 << 20
"""Bytes of one connection that wait for a slow reader before the tunnel is held up."""
LONGEST_ERROR = 16 << 10
"""Bytes of a complaint that are kept."""

_CLOSED = Problem(ProblemKind.UNREACHABLE, "the connection was closed here")


class _Stream:
    """What has come on one stream and not been read yet. most: bytes beyond which it is dropped; None = it is read."""

    def __init__(self, id: int, most: int | None = None) -> None:
        self.id = id
        self._most = most
        self.accepted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.held: deque[bytes] = deque()
        self.size = 0
        self.finished = False
        self.broken: Problem | None = None
        self.changed = asyncio.Event()

    def take(self, data: bytes, *, fin: bool) -> None:
        if data and (self._most is None or self.size < self._most):
            self.held.append(data)
            self.size += len(data)
        self.finished = self.finished or fin
        self.changed.set()

    def end(self, problem: Problem) -> None:
        """It broke. What has come already can still be read."""
        if self.broken is None:
            self.broken = problem
        if not self.accepted.done():
            self.accepted.set_exception(SourceError(problem))
            self.accepted.exception()  # there may be nobody left who waits for it
        self.changed.set()

    async def read(self) -> bytes | None:
        """What came, None at its end. Raises SourceError where it broke."""
        while not self.held:
            if self.finished:
                return None
            if self.broken is not None:
                raise SourceError(self.broken)
            self.changed.clear()
            await self.changed.wait()
        data = b"".join(self.held)
        self.held.clear()
        self.size = 0
        self.changed.set()
        return data

    async def room(self) -> None:
        """Return once there is room for more."""
        while self._most is None and self.size >= BUFFERED and self.broken is None:
            self.changed.clear()
            await self.changed.wait()


class Tunnel:
    """The streams inside one WebSocket: a `Way`. `run` must be running."""

    def __init__(self, socket: StreamSocket, target: str) -> None:
        self._socket = socket
        self._target = target
        self._reader = SpdyReader()
        self._writer = SpdyWriter()
        self._opening = asyncio.Lock()
        self._next_stream = 1
        self._next_request = 0
        self._streams: dict[int, _Stream] = {}
        self._over: Problem | None = None

    async def connect(self, port: int) -> TunnelLink:
        """Open a connection to `port`. Raises SourceError where the tunnel is gone or the pod did not accept it."""
        async with self._opening:  # header blocks must be sent in the order in which they are packed
            if self._over is not None:
                raise SourceError(self._over)
            request = str(self._next_request)
            self._next_request += 1
            error = await self._open("error", port, request, LONGEST_ERROR)
            await self._socket.send(self._writer.data(error.id, b"", fin=True))
            data = await self._open("data", port, request)
        link = TunnelLink(self, port, error, data)
        try:
            async with asyncio.timeout(REPLY_SECONDS):
                await error.accepted
                await data.accepted
        except TimeoutError as exc:
            await link.close()
            summary = f"port {port} was not accepted within {REPLY_SECONDS:.0f} s"
            raise SourceError(Problem(ProblemKind.TIMEOUT, summary, target=self._target)) from exc
        except BaseException:
            await link.close()
            raise
        return link

    async def run(self) -> None:
        """Receive until the other side takes leave. Raises SourceError where the connection breaks, or where what comes
        is not SPDY. All connections are over then."""
        try:
            while (message := await self._socket.receive()) is not None:
                for event in self._reader.feed(message):
                    await self._handle(event)
            self._end(Problem(ProblemKind.UNREACHABLE, "the server ended the port-forward", target=self._target))
        except WireError as exc:
            problem = Problem(ProblemKind.PROTOCOL, f"what came is not SPDY: {exc}", target=self._target)
            self._end(problem)
            raise SourceError(problem) from exc
        except SourceError as exc:
            self._end(exc.problem)
            raise
        finally:
            self._end(Problem(ProblemKind.UNREACHABLE, "the port-forward has ended", target=self._target))

    async def leave(self) -> None:
        """Say that no more connections will come, as kubectl does before it goes."""
        try:
            await self._socket.send(self._writer.go_away(0))
        except SourceError:
            pass  # the other side has gone first

    async def send(self, stream: int, data: bytes, *, fin: bool = False) -> None:
        """Data of a stream, in frames small enough that the others get their turn."""
        view = memoryview(data)
        for place in range(0, len(view), LARGEST_DATA):
            await self._socket.send(self._writer.data(stream, view[place : place + LARGEST_DATA]))
        if fin:
            await self._socket.send(self._writer.data(stream, b"", fin=True))

    async def forget(self, *streams: int) -> None:
        """These streams are over; the kubelet is told to let go of the last of them."""
        known = [stream for id in streams if (stream := self._streams.pop(id, None)) is not None]
        whole = bool(known) and known[-1].broken is None
        for stream in known:
            stream.end(_CLOSED)  # whoever waits for room in it waits no longer
        if whole:
            try:
                await self._socket.send(self._writer.rst_stream(known[-1].id, Reset.CANCEL))
            except SourceError:
                pass  # the tunnel is gone, and with it the stream

    async def _open(self, kind: str, port: int, request: str, most: int | None = None) -> _Stream:
        stream = _Stream(self._next_stream, most)
        self._next_stream += 2
        self._streams[stream.id] = stream
        headers = (("streamtype", kind), ("port", str(port)), ("requestid", request))
        await self._socket.send(self._writer.syn_stream(stream.id, headers))
        return stream

    async def _handle(self, event: Event) -> None:
        match event:
            case Ping():
                await self._socket.send(self._writer.ping(event.id))
            case SynStream():  # a kubelet opens none
                await self._socket.send(self._writer.rst_stream(event.stream, Reset.REFUSED_STREAM))
            case GoAway():
                self._over = Problem(ProblemKind.UNREACHABLE, "the pod takes no more connections", target=self._target)
            case SynReply() | RstStream() | Data():
                stream = self._streams.get(event.stream)
                if stream is None:
                    return  # it is over on our side
                await _note(stream, event)

    def _end(self, problem: Problem) -> None:
        self._over = self._over or problem
        for stream in self._streams.values():
            stream.end(problem)
        self._streams.clear()


async def _note(stream: _Stream, event: SynReply | RstStream | Data) -> None:
    match event:
        case SynReply():
            if not stream.accepted.done():
                stream.accepted.set_result(None)
            stream.take(b"", fin=event.fin)
        case RstStream():
            stream.end(Problem(ProblemKind.UNREACHABLE, f"the pod reset the connection (status {event.status})"))
        case Data():
            stream.take(event.data, fin=event.fin)
            await stream.room()


class TunnelLink:
    """One forwarded connection: a `Link`."""

    def __init__(self, tunnel: Tunnel, port: int, error: _Stream, data: _Stream) -> None:
        self._tunnel = tunnel
        self._port = port
        self._error = error
        self._data = data

    async def send(self, data: bytes) -> None:
        if self._data.broken is not None:
            raise SourceError(self._data.broken)
        await self._tunnel.send(self._data.id, data)

    async def finish(self) -> None:
        await self._tunnel.send(self._data.id, b"", fin=True)

    async def receive(self) -> bytes | None:
        """Raises SourceError with the kubelet's words where the port did not answer: they come on the error stream,
        before or after the end of the data."""
        try:
            data = await self._data.read()
        except SourceError as exc:
            if said := self._complaint():
                raise said from exc
            raise
        if data is None and (said := self._complaint()):
            raise said
        return data

    async def close(self) -> None:
        await self._tunnel.forget(self._error.id, self._data.id)

    def _complaint(self) -> SourceError | None:
        said = b"".join(self._error.held)[:LONGEST_ERROR].decode("utf-8", "replace").strip()
        if not said:
            return None
        return SourceError(Problem(ProblemKind.UNREACHABLE, f"port {self._port} of the pod did not answer", said))


@asynccontextmanager
async def tunnelled(port: SocketPort, place: Place) -> AsyncGenerator[tuple[Tunnel, asyncio.Task[None]]]:
    """A tunnel to a pod and the task that runs it, which ends when the tunnel does. Raises SourceError on entry where
    it is refused."""
    async with port.socket(place.path("portforward"), (), (TUNNEL_PROTOCOL,)) as socket:
        tunnel = Tunnel(socket, str(place))
        running = asyncio.create_task(tunnel.run(), name=f"port-forward to {place}")
        try:
            yield tunnel, running
        finally:
            if not running.done():
                await tunnel.leave()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
