"""Faults in the middle of an answer: what a stream's bytes suffer between the handler and the wire.

Installed on a response just before its headers go out, by replacing its `write`; aiohttp offers no filter there.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from tui.sim.exchange import Exchange
from tui.sim.faults import ON_STREAM, Fault, Faults

_GARBAGE = b'{"type":"MODIFIED","object":{"kind":"Pod","apiVersion":"v1","metadata":{"name":"\n'
pause = asyncio.sleep
"""What a slow answer waits with."""

Write = Callable[[Any], Awaitable[None]]


def install(exchange: Exchange, response: web.StreamResponse, faults: Faults) -> None:
    """Apply the armed stream faults to a response that is about to start."""
    fitting = faults.fitting(exchange, ON_STREAM)
    if not fitting or isinstance(response, web.Response):
        return
    for fault in fitting:
        if fault.action in ("cut-stream", "end-stream"):
            faults.spend(fault)
            _shorten(exchange, response, fault)
    for fault in fitting:  # what is left of it
        if fault.action == "slow-stream" and faults.spend(fault):
            _slow_down(response, fault.number("rate", 1000.0))
    if exchange.watch:
        events = [fault for fault in fitting if fault.action in ("drop-event", "malformed")]
        if events:
            _filter_events(response, faults, events)


async def spoil(exchange: Exchange, response: web.StreamResponse, faults: Faults) -> web.StreamResponse:
    """The same faults for an answer that is one body, not yet sent."""
    if response.prepared or not isinstance(response, web.Response) or not isinstance(response.body, bytes):
        return response
    fault = faults.meet(exchange, ("malformed", "cut-stream", "end-stream"))
    if fault is None:
        return response
    whole = response.body
    part = whole[: int(fault.number("bytes", len(whole) // 2))]
    if fault.action != "cut-stream":
        response.body = part
        return response
    headers = {"Content-Type": response.headers["Content-Type"], "Content-Length": str(len(whole))}
    broken = web.StreamResponse(status=response.status, headers=headers)
    await broken.prepare(exchange.request)
    await broken.write(part)
    await asyncio.sleep(0)  # let the part leave before the line goes dead
    exchange.cut()
    return broken


def _shorten(exchange: Exchange, response: web.StreamResponse, fault: Fault) -> None:
    stop = exchange.cut if fault.action == "cut-stream" else exchange.end
    if "bytes" in fault.options:
        share = _first_bytes(int(fault.number("bytes")))
    elif "lines" in fault.options:
        share = _first_lines(fault.number("lines"))
    else:
        asyncio.get_running_loop().call_later(fault.number("seconds"), stop)
        return

    def limiting(write: Write) -> Write:
        async def limited(data: Any) -> None:
            part, over = share(data)
            if part:
                await write(part)
            if over:
                stop()
                await asyncio.sleep(0)  # let the cut or the end reach the handler, here

        return limited

    _filter(response, limiting)


Share = Callable[[bytes], tuple[bytes, bool]]
"""How much of the next piece may still pass, and whether that was all."""


def _first_bytes(left: int) -> Share:
    def share(data: bytes) -> tuple[bytes, bool]:
        nonlocal left
        part = data[:left]
        left -= len(part)
        return part, left <= 0

    return share


def _first_lines(count: float) -> Share:
    """So many whole lines, and of the next as much as the fraction says: at least a byte, never all of it."""
    whole, part = int(count), count % 1

    def share(data: bytes) -> tuple[bytes, bool]:
        nonlocal whole
        place = 0
        while whole > 0:
            end = data.find(b"\n", place)
            if end < 0:
                return data, False
            place, whole = end + 1, whole - 1
        if not part:
            return data[:place], True
        if place == len(data):
            return data, False  # the line that is to be torn is still to come
        end = data.find(b"\n", place)
        length = (end if end >= 0 else len(data)) - place
        return data[: place + max(1, int(length * part))], True

    return share


def _slow_down(response: web.StreamResponse, rate: float) -> None:
    # A message is sent as it is, or it would mean something else.
    piece = sys.maxsize if _has_messages(response) else max(1, int(rate / 20))

    def slowing(write: Write) -> Write:
        async def slow(data: Any) -> None:
            for start in range(0, len(data), piece):
                part = data[start : start + piece]
                if rate > 0:
                    await pause(len(part) / rate)
                await write(part)

        return slow

    _filter(response, slowing)


def _filter_events(response: web.StreamResponse, faults: Faults, events: list[Fault]) -> None:
    write: Write = response.write
    pending = b""

    async def filtered(data: bytes) -> None:
        nonlocal pending
        *lines, pending = (pending + data).split(b"\n")
        kept = b"".join(_altered(line + b"\n", faults, events) for line in lines)
        if kept:
            await write(kept)

    _replace(response, filtered)


def _altered(line: bytes, faults: Faults, events: list[Fault]) -> bytes:
    if json.loads(line).get("type") not in ("ADDED", "MODIFIED", "DELETED"):
        return line
    for fault in events:
        if faults.spend(fault):
            return b"" if fault.action == "drop-event" else _GARBAGE
    return line


def _filter(response: web.StreamResponse, made: Callable[[Write], Write]) -> None:
    """Send all that is sent through what is made of the sending: bytes, or a WebSocket's messages."""
    if isinstance(response, web.WebSocketResponse):
        response.send_bytes = made(response.send_bytes)  # type: ignore[method-assign, assignment]
        response.send_str = made(response.send_str)  # type: ignore[method-assign, assignment]
    else:
        _replace(response, made(response.write))


def _has_messages(response: web.StreamResponse) -> bool:
    return isinstance(response, web.WebSocketResponse)


def _replace(response: web.StreamResponse, write: Write) -> None:
    response.write = write  # type: ignore[method-assign, assignment]
