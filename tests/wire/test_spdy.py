"""SPDY frames: those of a real kubectl and a real server are understood, ours are read back, nonsense is refused."""

from __future__ import annotations

import base64
import random
import zlib
from collections.abc import Iterator
from typing import Any

import pytest

from tests import recordings
from tui.wire.errors import WireError
from tui.wire.spdy import Data, Event, GoAway, Ping, Reset, RstStream, SpdyReader, SpdyWriter, SynReply, SynStream
from tui.wire.spdy_headers import DICTIONARY, LARGEST_BLOCK, Packer

ERROR = (("streamtype", "error"), ("port", "8080"), ("requestid", "0"))
DATA = (("streamtype", "data"), ("port", "8080"), ("requestid", "0"))


def test_the_dictionary_is_the_one_of_the_protocol() -> None:
    assert (len(DICTIONARY), zlib.adler32(DICTIONARY)) == (1423, 0xE3C6A7C2)


def _whole(frames: list[dict[str, Any]], side: str) -> Iterator[bytes]:
    """The messages of one side, up to the first that was recorded only in part."""
    for frame in frames:
        if frame["from"] == side and frame["type"] == "BINARY":
            data = base64.b64decode(frame["base64"])
            if len(data) != frame["length"]:
                return
            yield data


@recordings.needed
def test_what_kubectl_sent_to_a_real_server_is_understood() -> None:
    frames = recordings.frames("kubectl-portforward-1")
    reader = SpdyReader()
    events = [event for message in _whole(frames, "client") for event in reader.feed(message)]
    assert events[0] == SynStream(1, ERROR)
    assert events[1] == Data(1, b"", fin=True)
    assert events[2] == SynStream(3, DATA)
    request = b"".join(event.data for event in events if isinstance(event, Data) and event.stream == 3)
    assert request.startswith(b"GET / HTTP/1.1\r\nHost: 127.0.0.1:")


@recordings.needed
def test_what_a_real_server_answered_is_understood() -> None:
    frames = recordings.frames("kubectl-portforward-1")
    reader = SpdyReader()
    events = [event for message in _whole(frames, "server") for event in reader.feed(message)]
    assert events[:2] == [SynReply(1), SynReply(3)]
    answer = b"".join(event.data for event in events if isinstance(event, Data) and event.stream == 3)
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")


@recordings.needed
def test_our_first_frame_is_kubectls_byte_for_byte() -> None:
    """Headers apart, whose order Go draws by lot."""
    sent = b"".join(_whole(recordings.frames("kubectl-portforward-1"), "client"))
    ours = SpdyWriter().syn_stream(1, ERROR)
    assert ours[:6] == sent[:6]
    assert ours[8:24] == sent[8:24]  # stream, association, priority, slot, and the beginning of the zlib stream


def _everything() -> tuple[bytes, list[Event]]:
    writer = SpdyWriter()
    sent = [
        writer.syn_stream(1, ERROR),
        writer.syn_stream(3, DATA, fin=True),
        writer.syn_reply(1),
        writer.data(3, b"x" * 5000),
        writer.data(3, b"", fin=True),
        writer.ping(7),
        writer.rst_stream(3, Reset.CANCEL),
        writer.go_away(3),
    ]
    told: list[Event] = [
        SynStream(1, ERROR),
        SynStream(3, DATA, fin=True),
        SynReply(1),
        Data(3, b"x" * 5000),
        Data(3, b"", fin=True),
        Ping(7),
        RstStream(3, 5),
        GoAway(3),
    ]
    return b"".join(sent), told


@pytest.mark.parametrize("seed", range(20))
def test_frames_are_read_however_they_are_cut(seed: int) -> None:
    sent, told = _everything()
    dice, reader, events = random.Random(seed), SpdyReader(), list[Event]()
    place = 0
    while place < len(sent):
        length = dice.choice((0, 1, 2, 4, 7, 100, 4096))
        events += reader.feed(sent[place : place + length])
        place += length
    assert _joined(events) == told


def _joined(events: list[Event]) -> list[Event]:
    """Neighbouring parts of one data frame as one."""
    joined: list[Event] = []
    for event in events:
        before = joined[-1] if joined else None
        if isinstance(event, Data) and isinstance(before, Data) and event.data and not before.fin:
            joined[-1] = Data(event.stream, before.data + event.data, event.fin)
        else:
            joined.append(event)
    return joined


def test_a_large_data_frame_is_passed_on_as_it_comes() -> None:
    reader = SpdyReader()
    assert reader.feed(b"\0\0\0\x03\x01\xff\xff\xff" + b"a" * 10) == [Data(3, b"a" * 10)]
    assert reader.feed(b"b" * 20) == [Data(3, b"b" * 20)]


def test_settings_windows_and_unknown_frames_are_passed_over() -> None:
    reader = SpdyReader()
    for kind in (4, 9, 77):
        assert reader.feed(bytes((0x80, 3, 0, kind, 0, 0, 0, 8)) + b"\0" * 8) == []
    assert reader.feed(SpdyWriter().ping(2)) == [Ping(2)]


@pytest.mark.parametrize(
    "sent",
    [
        b"\x80\x02\x00\x01\x00\x00\x00\x0a" + b"\0" * 10,
        b"\x80\x03\x00\x01\x00\xff\xff\xff",
        b"\x80\x03\x00\x01\x00\x00\x00\x04" + b"\0" * 4,
        b"\x80\x03\x00\x01\x00\x00\x00\x0e" + b"\0" * 10 + b"junk",
        b"\x80\x03\x00\x03\x00\x00\x00\x04" + b"\0" * 4,
        b"GET / HTTP/1.1\r\n\r\n".replace(b"G", b"\x80", 1),
    ],
)
def test_what_is_not_spdy_is_refused(sent: bytes) -> None:
    with pytest.raises(WireError):
        SpdyReader().feed(sent)


def test_a_header_bomb_is_refused() -> None:
    block = Packer().pack([("bomb", "x" * (LARGEST_BLOCK * 40))])
    assert len(block) < 8192
    frame = b"\x80\x03\x00\x01" + (10 + len(block)).to_bytes(4, "big") + b"\0\0\0\x01" + b"\0" * 6 + block
    with pytest.raises(WireError, match="header block"):
        SpdyReader().feed(frame)


def test_a_count_of_headers_that_is_a_lie_is_refused() -> None:
    lying = zlib.compressobj(9, zdict=DICTIONARY)
    block = lying.compress(b"\xff\xff\xff\xff") + lying.flush(zlib.Z_SYNC_FLUSH)
    frame = b"\x80\x03\x00\x01" + (10 + len(block)).to_bytes(4, "big") + b"\0\0\0\x01" + b"\0" * 6 + block
    with pytest.raises(WireError):
        SpdyReader().feed(frame)


@pytest.mark.parametrize("seed", range(30))
def test_hostile_bytes_neither_crash_nor_pile_up(seed: int) -> None:
    dice, reader = random.Random(seed), SpdyReader()
    good, _ = _everything()
    fed = given = 0
    try:
        for _ in range(300):
            spoilt = bytearray(good if dice.random() < 0.5 else dice.randbytes(dice.randrange(200)))
            for _ in range(dice.randrange(4)):
                if spoilt:
                    spoilt[dice.randrange(len(spoilt))] = dice.randrange(256)
            fed += len(spoilt)
            given += sum(len(event.data) for event in reader.feed(bytes(spoilt)) if isinstance(event, Data))
    except WireError:
        pass
    assert given <= fed
    assert len(reader._rest) <= (64 << 10) + 8
