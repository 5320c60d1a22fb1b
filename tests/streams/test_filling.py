"""What a command is to read is made into full messages, with the bytes as they were and in their order."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from tui.streams.filling import LEAST, FilePart, Piece, filled
from tui.wire.channels import MESSAGE_BYTES, STDIN, TOGETHER
from tui.wire.outgoing import Outgoing


def bytes_of(messages: Sequence[Outgoing]) -> bytes:
    assert {bytes(message)[0] for message in messages} <= {STDIN}
    return b"".join(bytes(message)[1:] for message in messages)


@pytest.fixture
def big(tmp_path: Path) -> Path:
    (tmp_path / "big").write_bytes(random.Random(1).randbytes(3 * TOGETHER * MESSAGE_BYTES // 2))
    return tmp_path / "big"


@pytest.mark.parametrize("seed", range(8))
def test_all_of_it_in_its_order_in_messages_that_are_full(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    pieces, whole = list[Piece](), b""
    for number in range(chance.randrange(12)):
        size = chance.choice([0, 1, 512, MESSAGE_BYTES - 1, MESSAGE_BYTES, MESSAGE_BYTES + 1, 700_000])
        data = chance.randbytes(size)
        if chance.random() < 0.5:
            begin, after = chance.randrange(9), chance.randrange(9)
            path = tmp_path / f"{number}"
            path.write_bytes(bytes(begin) + data + bytes(after))
            pieces.append(FilePart(str(path), begin, begin + size))
        else:
            pieces.append(data)
        whole += data
    messages = [message for some in filled(pieces) for message in some]
    assert bytes_of(messages) == whole
    assert [len(message) - 1 for message in messages[:-1]] == [MESSAGE_BYTES] * (len(messages) - 1)
    assert len(messages) == -(-len(whole) // MESSAGE_BYTES)


def test_what_is_read_at_once_goes_together(big: Path) -> None:
    size = big.stat().st_size
    assert [len(some) for some in filled([FilePart(str(big), 0, size)])] == [TOGETHER, TOGETHER // 2]
    assert [len(some) for some in filled([bytes(999)] * 300)] == [LEAST, LEAST, 1]


def test_a_disk_may_give_less_than_it_was_asked_for(big: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    readv, chance = os.readv, random.Random(3)

    def less(fd: int, buffers: Sequence[memoryview]) -> int:
        return readv(fd, [buffers[0][: chance.randrange(1, MESSAGE_BYTES)]])

    monkeypatch.setattr(os, "readv", less)
    messages = [message for some in filled([b"head", FilePart(str(big), 5, 300_000)]) for message in some]
    assert bytes_of(messages) == b"head" + big.read_bytes()[5:300_000]


def test_a_file_that_became_shorter_is_named(big: Path) -> None:
    with pytest.raises(OSError, match="became shorter") as caught:
        list(filled([FilePart(str(big), 0, big.stat().st_size + 1)]))
    assert caught.value.filename == str(big)


def test_a_pipe_in_the_place_of_a_file_keeps_nobody_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="became shorter"):  # nobody writes: it has ended
        list(filled([FilePart(str(tmp_path / "pipe"), 0, 10)]))
