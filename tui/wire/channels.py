"""The channels of exec, attach and the older port-forward inside a WebSocket: each message's first byte names one.

Source: k8s.io/apimachinery/pkg/util/httpstream/wsstream and k8s.io/client-go/tools/remotecommand/websocket.go; the
frames of a real server are in the recordings. `v5` differs from `v4` by one thing: the client can say that its stdin
has ended (`CLOSE`), without which a program that reads to the end never ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tui.wire.errors import WireError
from tui.wire.outgoing import Bytes, Outgoing

STDIN, STDOUT, STDERR, STATUS, RESIZE = range(5)
CLOSE = 255
"""Its message names a channel that will carry nothing more; v5 only."""

V5 = "v5.channel.k8s.io"
V4 = "v4.channel.k8s.io"
V4_BASE64 = "v4.base64.channel.k8s.io"

MESSAGE_BYTES = (64 << 10) - 1
"""Bytes of data that are sent in one message, which has 64 KiB with its channel. Each has its cost whatever its size.
kubectl sends 32 KiB and one; API servers and kubelets take 32 MiB (wsstream, by DefaultMaxPayloadBytes of
golang.org/x/net/websocket); of what stands between and reads messages itself, some take no more than 64 KiB."""


class Frame(NamedTuple):
    """One message. data: what follows the channel's byte, not copied, for it comes by the gigabyte; empty where the
    server only says that it is there."""

    channel: int
    data: memoryview


def pack(channel: int, data: Bytes) -> bytes:
    """The message that carries `data`."""
    return bytes((channel,)) + data


def blank(channel: int) -> Outgoing:
    """A message of `MESSAGE_BYTES`, which are to be put into its `body(1)`."""
    message = Outgoing(1 + MESSAGE_BYTES)
    message.body()[0] = channel
    return message


def messages(channel: int, data: Bytes | Outgoing) -> Iterator[Outgoing]:
    """What carries `data`, however much it is; a message that was made before is given as it is."""
    if isinstance(data, Outgoing):
        yield data
        return
    view, head = memoryview(data), bytes((channel,))
    for place in range(0, len(view), MESSAGE_BYTES):
        yield Outgoing.of(head, view[place : place + MESSAGE_BYTES])


def unpack(message: Bytes) -> Frame:
    """Raises WireError for an empty message, which names no channel."""
    if not message:
        raise WireError("a message without a channel")
    return Frame(message[0], memoryview(message)[1:])


def resize(width: int, height: int) -> bytes:
    """The message that gives the far terminal its size, in columns and rows."""
    return pack(RESIZE, b'{"Width":%d,"Height":%d}\n' % (width, height))


def end_of(channel: int) -> bytes:
    """The message that says that nothing more will come on `channel`; only where `v5` was agreed on."""
    return bytes((CLOSE, channel))
