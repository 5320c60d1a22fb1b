"""The channels of exec, attach and the older port-forward inside a WebSocket: each message's first byte names one.

Source: k8s.io/apimachinery/pkg/util/httpstream/wsstream and k8s.io/client-go/tools/remotecommand/websocket.go; the
frames of a real server are in the recordings. `v5` differs from `v4` by one thing: the client can say that its stdin
has ended (`CLOSE`), without which a program that reads to the end never ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias

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
TOGETHER = 8
"""Messages of that size that are made and sent together, where there is as much: to be sent has its cost as well."""


Data: TypeAlias = Bytes | Sequence[Outgoing]
"""What goes to one channel: bytes, or messages that have been made of them."""


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


def messages(channel: int, data: Data) -> Sequence[Outgoing]:
    """What carries `data`, however much it is; messages that were made before are given as they are."""
    if not isinstance(data, Bytes):
        return data
    view, head = memoryview(data), bytes((channel,))
    places = range(0, len(view), MESSAGE_BYTES)
    return [Outgoing.of(head, view[place : place + MESSAGE_BYTES]) for place in places]


def carried(messages: Iterable[Outgoing]) -> int:
    """Bytes of data in them."""
    return sum(len(message) - 1 for message in messages)


def unpack(message: Bytes) -> Frame:
    """Raises WireError for an empty message, which names no channel."""
    if not message:
        raise WireError("a message without a channel")
    return Frame(message[0], memoryview(message)[1:])


def runs(messages: Iterable[Bytes]) -> list[tuple[int, list[memoryview]]]:
    """The data of messages, in their order: each channel's that follow upon each other together. What is empty is left
    out."""
    found: list[tuple[int, list[memoryview]]] = []
    last = -1
    parts: list[memoryview] = []
    for message in messages:
        if len(message) > 1:
            channel = message[0]
            if channel != last:
                last, parts = channel, []
                found.append((channel, parts))
            parts.append(memoryview(message)[1:])
    return found


def resize(width: int, height: int) -> bytes:
    """The message that gives the far terminal its size, in columns and rows."""
    return pack(RESIZE, b'{"Width":%d,"Height":%d}\n' % (width, height))


def end_of(channel: int) -> bytes:
    """The message that says that nothing more will come on `channel`; only where `v5` was agreed on."""
    return bytes((CLOSE, channel))
