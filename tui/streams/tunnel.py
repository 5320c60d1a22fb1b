"""Port-forward as kubectl does it since 1.31: one SPDY connection inside a WebSocket, in it a pair of streams for each
forwarded connection.

Source: k8s.io/client-go/tools/portforward (portforward.go, tunneling_connection.go) and the recorded exchange of a real
kubectl. SPDY as it is spoken here has no flow control (moby/spdystream, which the kubelet and kubectl use, passes over
WINDOW_UPDATE), so a connection that is read slowly is buffered up to a measure and then holds up the others, as it does
in kubectl: the alternative, a WebSocket for each connection, would cost one of the ten streams of a fleet each. Here it
is named, and cut off where it reads nothing while another waits for an answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from itertools import chain

from tui.errors import Problem, ProblemKind, SourceError
from tui.model.streams import SocketPort, StreamSocket
from tui.streams.paths import TUNNEL_PROTOCOL, Place
from tui.streams.tunnelstream import Stream
from tui.wire.errors import WireError
from tui.wire.outgoing import Outgoing
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
LOOK_SECONDS = 2.0
"""For which the tunnel is held up before that is said."""
STUCK_SECONDS = 20.0
"""For which a connection may read nothing while another waits for an answer; shorter than `REPLY_SECONDS`, so that one
that is being opened meanwhile still is."""
PIECE = LARGEST_DATA - 8
"""Bytes in a frame of data: two with their heads are a message of 64 KiB (`tui.wire.channels.MESSAGE_BYTES`)."""
LOOKED_AT, FRAMES = 64 << 10, 1000
"""Bytes of a message, and frames, that are looked at before others have their turn: there may be one in eight bytes."""
LEAVE_SECONDS = 1.0
"""For a word of leave to a server that reads nothing."""
LONGEST_ERROR = 16 << 10
"""Bytes of a complaint that are kept."""

_NOTHING = memoryview(b"")
_CLOSED = Problem(ProblemKind.UNREACHABLE, "the connection was closed here")


class Tunnel:
    """The streams inside one WebSocket: a `Way`. `run` must be running."""

    def __init__(self, socket: StreamSocket, target: str) -> None:
        self._socket = socket
        self._target = target
        self._reader = SpdyReader()
        self._writer = SpdyWriter()
        self._opening = asyncio.Lock()
        self._looked_at = 0
        """Frames, when others had their turn last."""
        self._sending = asyncio.Lock()
        self._next_stream = 1
        self._next_request = 0
        self._streams: dict[int, Stream] = {}
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
            while messages := await self._socket.receive_all():
                for message in messages:
                    await self._read(memoryview(message))
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

    async def _read(self, message: memoryview) -> None:
        """Raises WireError, SourceError."""
        for place in range(0, len(message), LOOKED_AT):
            for event in self._reader.feed(message[place : place + LOOKED_AT]):
                await self._handle(event)
            if self._reader.frames - self._looked_at >= FRAMES:
                self._looked_at = self._reader.frames
                await asyncio.sleep(0)

    async def leave(self) -> None:
        """Say that no more connections will come, as kubectl does before it goes."""
        try:
            async with asyncio.timeout(LEAVE_SECONDS):
                await self._socket.send(self._writer.go_away(0))
        except (SourceError, TimeoutError):
            pass  # the other side has gone first, or reads nothing

    async def send(self, stream: int, data: bytes, *, fin: bool = False) -> None:
        """Data of a stream, in frames about as big as kubectl's. Where a message ends means nothing to the other side
        (tunneling_connection.go), and each has its cost. The caller keeps `data` short, so that other streams get
        their turn."""
        if (known := self._streams.get(stream)) is not None:
            known.asks = True
        view = memoryview(data)
        pieces = [view[place : place + PIECE] for place in range(0, len(view), PIECE)]
        frames = [(self._writer.data_head(stream, len(piece)), piece) for piece in pieces]
        if fin:
            frames.append((self._writer.data_head(stream, 0, fin=True), _NOTHING))
        async with self._sending:  # one after the other: all at once would be made and held, and wait for room
            await self._socket.send(*(Outgoing.of(*chain(*frames[at : at + 2])) for at in range(0, len(frames), 2)))

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

    async def _open(self, kind: str, port: int, request: str, most: int | None = None) -> Stream:
        stream = Stream(self._next_stream, most)
        self._next_stream += 2
        self._streams[stream.id] = stream
        headers = (("streamtype", kind), ("port", str(port)), ("requestid", request))
        await self._socket.send(self._writer.syn_stream(stream.id, headers))
        return stream

    async def _handle(self, event: Event) -> None:
        match event:
            case Data() | SynReply() | RstStream():
                stream = self._streams.get(event.stream)
                if stream is None:
                    return  # it is over on our side
                _note(stream, event)
                if stream.full:
                    await self._make_room(stream)
            case Ping():
                await self._socket.send(self._writer.ping(event.id))
            case SynStream():  # a kubelet opens none
                await self._socket.send(self._writer.rst_stream(event.stream, Reset.REFUSED_STREAM))
            case GoAway():
                self._over = Problem(ProblemKind.UNREACHABLE, "the pod takes no more connections", target=self._target)

    async def _make_room(self, stream: Stream) -> None:
        """Return once there is room for more on it, or it was cut off; until then nothing else is received."""
        stuck = 0.0
        while stream.full:
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await stream.room()
            except TimeoutError:
                others = [one for one in self._streams.values() if one.carries and one is not stream]
                others = [one for one in others if not one.finished]
                stream.notice(len(others))
                stuck = stuck + LOOK_SECONDS if any(one.asks for one in others) else 0.0
                if stuck >= STUCK_SECONDS:
                    summary = (
                        f"a program here read nothing for {STUCK_SECONDS:.0f} s and held up others: it was cut off"
                    )
                    stream.cut_off(Problem(ProblemKind.TIMEOUT, summary, target=self._target))
                    await self._socket.send(self._writer.rst_stream(stream.id, Reset.CANCEL))
        stream.notice(0)

    def _end(self, problem: Problem) -> None:
        self._over = self._over or problem
        for stream in self._streams.values():
            stream.end(problem)
        self._streams.clear()


def _note(stream: Stream, event: Data | SynReply | RstStream) -> None:
    match event:
        case Data():
            stream.asks = False
            stream.take(event.data, fin=event.fin)
        case SynReply():
            if not stream.accepted.done():
                stream.accepted.set_result(None)
                stream.asks = False
            stream.take(b"", fin=event.fin)
        case RstStream():
            stream.end(Problem(ProblemKind.UNREACHABLE, f"the pod reset the connection (status {event.status})"))


class TunnelLink:
    """One forwarded connection: a `Link`."""

    def __init__(self, tunnel: Tunnel, port: int, error: Stream, data: Stream) -> None:
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

    async def watch(self, held: Callable[[int], None]) -> None:
        while True:
            await self._data.noticed.wait()
            self._data.noticed.clear()
            held(self._data.holds_up)
            if self._data.cut is not None:
                raise SourceError(self._data.cut)

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
