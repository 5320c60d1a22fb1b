"""WebSocket frames: whatever way they are cut, what is said comes out, and what is none is refused."""

from __future__ import annotations

import itertools
import random

import pytest

from tests.wire.frames import sent
from tui.wire import outgoing
from tui.wire.errors import WireError
from tui.wire.outgoing import Bytes, Outgoing
from tui.wire.websocket import KEPT, NO_CODE, MessageReader, Opcode, TooBigError, accepted, leave, left, new_key

LARGEST = 1 << 20
SIZES = (0, 1, 125, 126, 127, KEPT - 1, KEPT, 65_535, 65_536, 100_000)


def heard(*chunks: bytes, largest: int = LARGEST) -> list[tuple[Opcode, bytes]]:
    reader, found = MessageReader(largest), list[tuple[Opcode, bytes]]()

    def take(opcode: Opcode, data: Bytes) -> None:
        found.append((opcode, bytes(data)))

    for chunk in chunks:
        while reader.feed(chunk, take, 3):
            chunk = b""
    return found


@pytest.mark.parametrize("size", SIZES)
def test_a_message_of_any_size_comes_whole(size: int) -> None:
    data = random.Random(size).randbytes(size)
    assert heard(sent(Opcode.BINARY, data)) == [(Opcode.BINARY, data)]


def test_what_is_cut_anywhere_says_the_same() -> None:
    said = [(Opcode.BINARY, b"x" * size) for size in (0, 5, 126, 300)]
    told = b"".join(sent(opcode, data) for opcode, data in said)
    for cut in range(len(told) + 1):
        assert heard(told[:cut], told[cut:]) == said
    assert heard(*(bytes((byte,)) for byte in told)) == said


def test_fragments_are_put_together_and_others_come_between() -> None:
    told = (
        sent(Opcode.BINARY, b"one ", final=False)
        + sent(Opcode.PING, b"?")
        + sent(Opcode.CONTINUATION, b"", final=False)
        + sent(Opcode.CONTINUATION, b"two")
        + sent(Opcode.TEXT, b"three", final=False)
        + sent(Opcode.CONTINUATION, b"")
        + sent(Opcode.BINARY, b"four")
    )
    said = [
        (Opcode.PING, b"?"),
        (Opcode.BINARY, b"one two"),
        (Opcode.TEXT, b"three"),
        (Opcode.BINARY, b"four"),
    ]
    for cut in range(len(told) + 1):
        assert heard(told[:cut], told[cut:]) == said


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (sent(Opcode.BINARY, b"x", bits=0x40), "extension"),
        (sent(Opcode.PING, b"x", bits=0x10), "extension"),
        (sent(Opcode.BINARY, b"abcdx", mask=0x80), "masked"),
        (sent(Opcode.BINARY, bytes(200), mask=0x80), "masked"),
        (sent(Opcode.BINARY, bytes(70_000), mask=0x80), "masked"),
        (sent(3, b"x"), "unknown kind 3"),
        (sent(11, b"x"), "unknown kind 11"),
        (sent(Opcode.PING, bytes(126)), "PING of 126 bytes"),
        (sent(Opcode.CLOSE, b"", final=False), "in fragments"),
        (sent(Opcode.CONTINUATION, b"x"), "a fragment of no message"),
        (sent(Opcode.BINARY, b"x", final=False) + sent(Opcode.BINARY, b"y"), "within the fragments"),
        (sent(Opcode.TEXT, b"x", final=False) + sent(Opcode.TEXT, b"y", final=False), "within the fragments"),
    ],
)
def test_what_is_no_websocket_is_refused(told: bytes, words: str) -> None:
    with pytest.raises(WireError, match=words):
        heard(told)


def test_what_came_whole_before_is_given_all_the_same() -> None:
    found = list[bytes]()
    with pytest.raises(WireError):
        MessageReader(LARGEST).feed(sent(2, b"good") + sent(3, b"bad"), lambda _, data: found.append(bytes(data)), 9)
    assert found == [b"good"]


@pytest.mark.parametrize(
    "told",
    [
        sent(Opcode.BINARY, bytes(1001)),
        b"\x82\x7f" + b"\xff" * 8,
        b"\x82\x7e\x03\xe9",
        sent(Opcode.BINARY, bytes(600), final=False) + b"\x80\x7e\x01\x91",
    ],
)
def test_a_message_without_measure_is_refused_before_it_has_come(told: bytes) -> None:
    with pytest.raises(TooBigError, match="more than 1000 bytes"):
        heard(told, largest=1000)
    assert heard(sent(Opcode.BINARY, bytes(1000)), largest=1000) == [(Opcode.BINARY, bytes(1000))]


def test_a_small_message_does_not_keep_all_that_was_read_with_it() -> None:
    found = list[Bytes]()
    reader = MessageReader(LARGEST)
    assert not reader.feed(sent(2, bytes(KEPT)) + sent(2, b"small"), lambda _, data: found.append(data), 2)
    assert [type(data) for data in found] == [memoryview, bytes]


@pytest.mark.parametrize("seed", range(40))
def test_random_and_hostile_frames_neither_crash_nor_pile_up(seed: int) -> None:
    dice = random.Random(seed)
    reader, given, fed = MessageReader(5000), 0, 0

    def take(opcode: Opcode, data: Bytes) -> None:
        nonlocal given
        given += len(data)

    def some() -> bytes:
        if dice.random() < 0.1:
            return dice.randbytes(dice.randrange(20))
        opcode = dice.choice((0, 2, 2, 2, 8, 9, 10) if dice.random() < 0.97 else range(16))
        return sent(opcode, dice.randbytes(dice.randrange(200)), final=dice.random() < 0.7)

    try:
        for _ in range(300):
            told = some()
            fed += len(told)
            cut = dice.randrange(len(told) + 1)
            assert not reader.feed(told[:cut], take, 999)
            assert not reader.feed(told[cut:], take, 999)
            assert len(reader._rest) < 14
            assert len(reader._fragments) + len(reader._payload or b"") <= 5000 + 125
    except WireError:
        pass
    assert given <= fed


@pytest.mark.parametrize("seed", range(20))
def test_good_frames_cut_at_random_say_what_they_say(seed: int) -> None:
    dice = random.Random(seed)
    said = [
        (dice.choice((Opcode.BINARY, Opcode.PING)), dice.randbytes(dice.choice((0, 3, 125))))
        if dice.random() < 0.5
        else (Opcode.BINARY, dice.randbytes(dice.randrange(40_000)))
        for _ in range(40)
    ]
    told = b"".join(sent(opcode, data) for opcode, data in said)
    cuts = sorted({0, len(told), *(dice.randrange(len(told)) for _ in range(30))})
    assert heard(*(told[begin:end] for begin, end in itertools.pairwise(cuts))) == said


def opened(frame: memoryview) -> tuple[int, bytes]:
    """What a server makes of a client's frame (RFC 6455, section 5.3)."""
    told = bytes(frame)
    assert told[1] & 0x80
    code, begin = told[1] & 0x7F, 2
    if code > 125:
        begin += 2 if code == 126 else 8
        size = int.from_bytes(told[2:begin])
        assert size > (125 if code == 126 else 65_535), "the shortest form"
    else:
        size = code
    key, body = told[begin : begin + 4], told[begin + 4 :]
    assert len(body) == size
    return told[0], bytes(byte ^ key[place % 4] for place, byte in enumerate(body))


@pytest.mark.parametrize("size", SIZES)
def test_a_message_is_masked_and_has_the_shortest_head(size: int) -> None:
    data = random.Random(size).randbytes(size)
    message = Outgoing.of(data[:7], memoryview(data)[7:])
    assert (bytes(message), len(message)) == (data, size)
    assert opened(message.framed(Opcode.BINARY, outgoing.mask)) == (0x82, data)


def test_each_message_has_a_mask_of_its_own() -> None:
    assert len({bytes(Outgoing.of(b"the same").framed(Opcode.BINARY, outgoing.mask)) for _ in range(50)}) == 50


def test_a_message_is_read_into_and_cut_to_what_came() -> None:
    message = Outgoing(1000)
    message.body(1)[:4] = b"read"
    message.body()[0] = 7
    message.cut(5)
    assert bytes(message) == b"\x07read"
    assert opened(message.framed(Opcode.BINARY, outgoing.mask)) == (0x82, b"\x07read")


@pytest.mark.parametrize("size", [0, 1, 3, 4, 5, 1000])
def test_the_slow_mask_does_what_the_compiled_one_does(size: int) -> None:
    from aiohttp._websocket.helpers import websocket_mask

    slow, fast = bytearray(range(256)) * 4, bytearray(range(256)) * 4
    del slow[size:], fast[size:]
    outgoing.mask(b"\x01\x80\xff\x00", slow)
    websocket_mask(b"\x01\x80\xff\x00", fast)
    assert slow == fast


def test_a_leave_has_a_code_and_words() -> None:
    assert left(leave(1000) + "grüß".encode()) == (1000, "grüß")
    assert left(b"") == (NO_CODE, "")
    assert left(b"\x03\xe8\xff")[1] == "\N{REPLACEMENT CHARACTER}"
    with pytest.raises(WireError):
        left(b"\x03")


def test_the_key_is_answered_as_the_standard_says() -> None:
    assert accepted("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    assert len({new_key() for _ in range(50)}) == 50
