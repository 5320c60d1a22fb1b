"""The channel framing of exec and attach, held against what a real server sent."""

from __future__ import annotations

import json
import random

import pytest

from tests import recordings
from tui.wire import channels
from tui.wire.errors import WireError
from tui.wire.outgoing import Bytes
from tui.wire.status import Ended, read_status


def test_a_message_is_a_channel_and_its_data() -> None:
    assert channels.unpack(channels.pack(channels.STDIN, b"ls\n")) == (channels.STDIN, b"ls\n")
    assert channels.unpack(b"\x01") == (channels.STDOUT, b"")
    with pytest.raises(WireError):
        channels.unpack(b"")


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ([], []),
        ([b"\x01a", b"\x01b", b"\x02c", b"\x01d"], [(1, [b"a", b"b"]), (2, [b"c"]), (1, [b"d"])]),
        ([b"", b"\x01", b"\x01a", b"\x02", b"", b"\x01b", b"\x03{}"], [(1, [b"a", b"b"]), (3, [b"{}"])]),
        ([memoryview(b"\xffab")[:2]], [(255, [b"a"])]),
    ],
)
def test_what_follows_upon_each_other_on_one_channel_is_together(
    messages: list[Bytes], expected: list[tuple[int, list[bytes]]]
) -> None:
    assert channels.runs(messages) == expected


@recordings.needed
def test_our_resize_is_what_a_real_server_understood() -> None:
    sent = recordings.frames("ws-exec-v5-tty-resize")[0]
    assert sent["from"] == "client"
    assert channels.resize(100, 30) == bytes((sent["channel"],)) + sent["text"].encode()


def test_the_end_of_stdin_names_its_channel() -> None:
    assert channels.end_of(channels.STDIN) == b"\xff\x00"


@recordings.needed
@pytest.mark.parametrize(
    ("name", "code"), [("ws-exec-v5-success", 0), ("ws-exec-v5-exit7", 7), ("ws-exec-killed-by-signal", 137)]
)
def test_the_end_of_a_command_is_read_as_a_real_server_said_it(name: str, code: int) -> None:
    told = [frame["text"] for frame in recordings.frames(name) if frame.get("channel") == channels.STATUS]
    words = "command terminated with non-zero exit code: command terminated with exit code"
    expected = Ended(code, f"{words} {code}", "NonZeroExitCode") if code else Ended(0)
    assert read_status("".join(told).encode()) == expected


@recordings.needed
def test_a_command_that_could_not_begin_has_no_exit_code() -> None:
    told = [f["text"] for f in recordings.frames("ws-exec-not-found-command") if f.get("channel") == channels.STATUS]
    ended = read_status("".join(told).encode())
    assert ended.exit_code is None
    assert ended.reason == "InternalError"
    assert "no such file or directory" in ended.words


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"nonsense",
        b"[]",
        b'{"status":"Maybe"}',
        b'{"status":7}',
        b"{}",
        b'{"status":"Failure","details":[]}',
        b"\xff\xfe{}",
        b'{"message":"\xff\xff"}',
    ],
)
def test_what_is_no_status_is_refused(data: bytes) -> None:
    with pytest.raises(WireError):
        read_status(data)


@pytest.mark.parametrize("code", ["", "x", "-1", "9" * 5000, "٣"])
def test_an_exit_code_that_is_no_number_is_none(code: str) -> None:
    causes = [{"reason": "ExitCode", "message": code}]
    status = {"status": "Failure", "reason": "NonZeroExitCode", "details": {"causes": causes}}
    assert read_status(json.dumps(status).encode()).exit_code is None


def test_random_bytes_are_refused_and_nothing_worse() -> None:
    dice = random.Random(5)
    for _ in range(3000):
        data = dice.randbytes(dice.randrange(1, 80))
        assert channels.unpack(data).data == data[1:]
        with pytest.raises(WireError):
            read_status(data)
