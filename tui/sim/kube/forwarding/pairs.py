"""What a kubelet makes of the streams of a port-forward: two of one request, an error and a data stream, are one
connection to a port of the pod.

Source: k8s.io/kubelet/pkg/cri/streaming/portforward/httpstream.go, whose words these are; the words for a port that
cannot be reached are containerd's (recorded: ws-portforward-old-refused-port).
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from enum import Enum, auto
from typing import Any, Protocol

from tui.sim.kube.forwarding.buffers import Connection
from tui.sim.kube.forwarding.pipes import BytePipe
from tui.sim.kube.forwarding.sandbox import Unreachable
from tui.sim.kube.forwarding.spdyserver import SpdyServer, SpdyStream

PAIR_SECONDS = 30.0
"""How long the second stream of a pair may take to come."""
_AFTER_THE_POD = 1.0
"""Seconds that a client is still listened to after the pod has ended its side, as by containerd. (containerd gives
the pod no longer either once the client has ended; here it may take its time.)"""


class Sandbox(Protocol):
    """The pod that is forwarded to."""

    @property
    def id(self) -> str:
        """As the container runtime names it."""
        ...

    def dial(self, port: int) -> Connection:
        """A connection to what listens there. Raises Unreachable."""
        ...

    def cut_off(self, port: int) -> str:
        """The words for a connection to that port that was reset."""
        ...


class Stream(Protocol):
    """One of the two that a client has for a connection."""

    async def read(self) -> bytes: ...
    async def write(self, data: bytes) -> None: ...
    async def write_eof(self) -> None: ...


class _Pair:
    """The streams of one request as far as they have come."""

    def __init__(self) -> None:
        self.streams: dict[str, SpdyStream] = {}
        self.complete = asyncio.Event()


class Pairs:
    """The port-forward over one SPDY connection."""

    def __init__(self, pipe: BytePipe, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._server = SpdyServer(pipe, self._opened)
        self._pairs: dict[str, _Pair] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Until the client is gone; then every connection to the pod is closed."""
        try:
            await self._server.run()
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _opened(self, stream: SpdyStream) -> bool:
        kind, port = stream.header("streamtype"), port_of(stream.header("port"))
        if kind not in ("error", "data") or port is None:
            return False
        request = stream.header("requestid") or str(stream.id if kind == "error" else stream.id - 2)
        pair = self._pairs.get(request)
        if pair is None:
            pair = self._pairs[request] = _Pair()
            pair.streams[kind] = stream
            self._start(self._serve(request, pair))
        elif kind in pair.streams:
            said = f"error processing stream for request {request}: {kind} stream already assigned"
            self._start(self._complain(pair, said))
        else:
            pair.streams[kind] = stream
            pair.complete.set()
        return True

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, request: str, pair: _Pair) -> None:
        try:
            try:
                async with asyncio.timeout(PAIR_SECONDS):
                    await pair.complete.wait()
            except TimeoutError:
                await self._complain(pair, f"(conn=0x0, request={request}) timed out waiting for streams")
                return
            data, error = pair.streams["data"], pair.streams["error"]
            port = port_of(data.header("port"))
            assert port is not None  # looked at when it was opened
            await forward(self._sandbox, port, data, error)
        except ConnectionResetError:
            pass  # the client is gone, and so is who could be told
        finally:
            self._pairs.pop(request, None)
            for stream in pair.streams.values():
                self._server.forget(stream)

    async def _complain(self, pair: _Pair, words: str) -> None:
        error = pair.streams.get("error")
        if error is None:
            return
        try:
            await error.write(words.encode())
            await error.write_eof()
        except ConnectionResetError:
            pass  # told to nobody


def port_of(text: str) -> int | None:
    """A port as a header or a query names it."""
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        return None
    return int(text) if 0 < int(text) < 1 << 16 else None


async def forward(sandbox: Sandbox, port: int, data: Stream, error: Stream) -> None:
    """One connection, from the pod's answer to its end on both streams. Raises ConnectionResetError: client gone."""
    words = await _converse(sandbox, port, data)
    if words:
        await error.write(f"error forwarding port {port} to pod {sandbox.id}, uid : {words}".encode())
    await data.write_eof()
    await error.write_eof()


class _End(Enum):
    """How a direction came to its end."""

    SAID = auto()
    CLIENT_GONE = auto()
    POD_GONE = auto()


async def _converse(sandbox: Sandbox, port: int, data: Stream) -> str:
    """Carry bytes both ways to their ends. What went wrong in the pod, "" for nothing."""
    try:
        pod = sandbox.dial(port)
    except Unreachable as refused:
        return str(refused)
    up, down = asyncio.ensure_future(_up(data, pod)), asyncio.ensure_future(_down(pod, data))
    try:
        await asyncio.wait((up, down), return_when=asyncio.FIRST_COMPLETED)
        if up.done() and up.result() is _End.SAID:  # the client listens on
            await down
        elif down.done() and down.result() is _End.SAID:
            await asyncio.wait((up,), timeout=_AFTER_THE_POD)
        ends = [one.result() for one in (up, down) if one.done()]
    finally:
        for task in (up, down):
            task.cancel()
        await asyncio.gather(up, down, return_exceptions=True)
        pod.abort()
    return sandbox.cut_off(port) if _End.POD_GONE in ends and _End.CLIENT_GONE not in ends else ""


async def _up(data: Stream, pod: Connection) -> _End:
    while True:
        try:
            chunk = await data.read()
        except ConnectionResetError:
            return _End.CLIENT_GONE
        if not chunk:
            pod.write_eof()
            return _End.SAID
        try:
            await pod.write(chunk)
        except ConnectionResetError:
            return _End.POD_GONE


async def _down(pod: Connection, data: Stream) -> _End:
    while True:
        try:
            chunk = await pod.read()
        except ConnectionResetError:
            return _End.POD_GONE
        try:
            if not chunk:
                await data.write_eof()
                return _End.SAID
            await data.write(chunk)
        except ConnectionResetError:
            return _End.CLIENT_GONE
