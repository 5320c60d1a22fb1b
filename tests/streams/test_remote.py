"""exec and attach on a scripted socket: what is asked for, what goes where, and every way it can end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import pytest

from tests import recordings
from tests.streams.fakesocket import FakePort, FakeSocket
from tui.errors import Problem, ProblemKind, SourceError
from tui.streams.paths import Command, Place
from tui.streams.remote import run_command
from tui.wire.channels import MESSAGE_BYTES, V4, V5
from tui.wire.status import Ended

SHELL = Place("default", "shell", "sh")
SUCCESS = b'\x03{"metadata":{},"status":"Success"}'
DROPPED = SourceError(Problem(ProblemKind.UNREACHABLE, "dropped"))


@dataclass
class NearEnd:
    """Fits `Near`: types what it is given, keeps what it is told."""

    typing: tuple[bytes, ...] = ()
    resizes: tuple[tuple[int, int], ...] = ()
    stays: bool = False
    outs: list[bytes] = field(default_factory=list)
    errs: list[bytes] = field(default_factory=list)
    half_close: bool | None = None
    accepted: asyncio.Event = field(default_factory=asyncio.Event)

    async def opened(self, *, half_close: bool) -> None:
        self.half_close = half_close
        self.accepted.set()

    async def out(self, parts: Sequence[memoryview]) -> None:
        self.outs += map(bytes, parts)

    async def err(self, parts: Sequence[memoryview]) -> None:
        self.errs += map(bytes, parts)

    async def typed(self) -> AsyncIterator[bytes]:
        for data in self.typing:
            yield data
        if self.stays:
            await asyncio.Event().wait()

    async def sizes(self) -> AsyncIterator[tuple[int, int]]:
        for size in self.resizes:
            yield size
        await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("command", "path", "query"),
    [
        (
            Command(SHELL, ("sh", "-c", "a b"), stdin=True, tty=True),
            "/api/v1/namespaces/default/pods/shell/exec",
            "command=sh&command=-c&command=a b&container=sh&stdin=true&stdout=true&tty=true",
        ),
        (
            Command(SHELL, ("ls",)),
            "/api/v1/namespaces/default/pods/shell/exec",
            "command=ls&container=sh&stderr=true&stdout=true",
        ),
        (
            Command(Place("a/b", "p?"), stdin=True),
            "/api/v1/namespaces/a%2Fb/pods/p%3F/attach",
            "stderr=true&stdin=true&stdout=true",
        ),
    ],
)
def test_what_is_asked_for_is_what_kubectl_asks_for(command: Command, path: str, query: str) -> None:
    assert command.path == path
    assert "&".join(f"{name}={value}" for name, value in command.query) == query


async def test_output_goes_where_it_belongs_and_the_exit_code_is_told() -> None:
    socket = FakeSocket(V5)
    details = {"causes": [{"reason": "ExitCode", "message": "7"}]}
    status = {"status": "Failure", "reason": "NonZeroExitCode", "message": "it failed", "details": details}
    socket.brings(b"\x01", b"\x01out\n", b"\x02err\n", b"\x01more\n", b"\x03" + json.dumps(status).encode(), DROPPED)
    near, port = NearEnd(), FakePort(socket)
    ended = await run_command(port, Command(SHELL, ("ls",)), near)
    assert (ended.exit_code, ended.words) == (7, "it failed")
    assert (near.outs, near.errs) == ([b"out\n", b"more\n"], [b"err\n"])
    assert socket.sent == []
    assert port.open == 0


@recordings.needed
@pytest.mark.parametrize(
    ("name", "code", "out"),
    [("ws-exec-v5-success", 0, None), ("ws-exec-v5-exit7", 7, b"out\n"), ("ws-exec-killed-by-signal", 137, b"")],
)
async def test_the_streams_of_a_real_server_are_understood(name: str, code: int, out: bytes | None) -> None:
    socket = FakeSocket(V5)
    for frame in recordings.frames(name):
        if frame["from"] == "server":
            socket.brings(bytes((frame["channel"],)) + frame["text"].encode())
    socket.brings(DROPPED)
    near = NearEnd()
    assert (await run_command(FakePort(socket), Command(SHELL, ("x",)), near)).exit_code == code
    assert out is None or b"".join(near.outs) == out


async def test_stdin_is_sent_in_pieces_and_its_end_is_said() -> None:
    socket = FakeSocket(V5)
    big = bytes(range(256)) * (3 * MESSAGE_BYTES // 256 + 1)
    near = NearEnd(typing=(b"abc", big))
    task = asyncio.create_task(run_command(FakePort(socket), Command(SHELL, ("cat",), stdin=True), near))
    while b"\xff\x00" not in socket.sent:
        await socket.has_sent(len(socket.sent) + 1)
    socket.brings(SUCCESS)
    assert await task == Ended(0)
    assert near.half_close is True
    assert all(message[:1] == b"\0" and len(message) <= MESSAGE_BYTES + 1 for message in socket.sent[:-1])
    assert b"".join(message[1:] for message in socket.sent[:-1]) == b"abc" + big


async def test_an_older_server_is_not_told_what_it_does_not_understand() -> None:
    socket = FakeSocket(V4)
    near = NearEnd(typing=(b"abc",))
    task = asyncio.create_task(run_command(FakePort(socket), Command(SHELL, ("cat",), stdin=True), near))
    await socket.has_sent(1)
    socket.brings(SUCCESS)
    await task
    assert near.half_close is False
    assert socket.sent == [b"\0abc"]


async def test_the_size_comes_first_and_with_each_change() -> None:
    socket = FakeSocket(V5)
    near = NearEnd(resizes=((120, 40), (80, 24)))
    task = asyncio.create_task(run_command(FakePort(socket), Command(SHELL, ("sh",), tty=True), near))
    await socket.has_sent(2)
    socket.brings(SUCCESS)
    await task
    assert socket.sent == [b'\x04{"Width":120,"Height":40}\n', b'\x04{"Width":80,"Height":24}\n']


async def test_a_status_in_pieces_is_put_together() -> None:
    socket = FakeSocket(V5)
    socket.brings(SUCCESS[:9], b"\x01x", b"\x03" + SUCCESS[9:])
    assert await run_command(FakePort(socket), Command(SHELL, ("ls",)), NearEnd()) == Ended(0)


@pytest.mark.parametrize(
    ("messages", "kind"),
    [
        ((b"\x01x", DROPPED), ProblemKind.UNREACHABLE),
        ((b"\x01x", None), ProblemKind.PROTOCOL),
        ((b"\x03nonsense", None), ProblemKind.PROTOCOL),
        ((b"\x03nonsense", DROPPED), ProblemKind.PROTOCOL),
        ((b"\x03" + b" " * (65 << 10),), ProblemKind.PROTOCOL),
    ],
)
async def test_an_end_that_nobody_told_is_a_failure(messages: tuple[bytes | None, ...], kind: ProblemKind) -> None:
    socket = FakeSocket(V5)
    socket.brings(*messages)
    with pytest.raises(SourceError) as caught:
        await run_command(FakePort(socket), Command(SHELL, ("ls",)), NearEnd())
    assert caught.value.problem.kind is kind


async def test_a_look_that_ends_without_a_word_was_cut() -> None:
    """A kubelet tells the end of an attach too (k8s.io/kubelet/pkg/cri/streaming/remotecommand, attach.go)."""
    socket = FakeSocket(V5)
    socket.brings(b"\x01tick\n", None)
    near = NearEnd()
    with pytest.raises(SourceError, match="did not say how"):
        await run_command(FakePort(socket), Command(SHELL), near)
    assert near.outs == [b"tick\n"]


async def test_a_refusal_is_raised_and_nothing_is_typed() -> None:
    refusal = SourceError(Problem(ProblemKind.FORBIDDEN, "not allowed", status=403))
    near = NearEnd(typing=(b"abc",))
    with pytest.raises(SourceError, match="not allowed"):
        await run_command(FakePort(FakeSocket(V5), refusal), Command(SHELL, ("sh",), stdin=True), near)
    assert near.half_close is None


async def test_what_was_said_last_is_heard_though_nothing_can_be_sent_any_more() -> None:
    socket = FakeSocket(V5)
    socket.broken = DROPPED
    near = NearEnd(typing=(b"late",))
    task = asyncio.create_task(run_command(FakePort(socket), Command(SHELL, ("true",), stdin=True), near))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    socket.brings(b"\x01bye", SUCCESS)
    assert await task == Ended(0)
    assert near.outs == [b"bye"]


async def test_a_fault_of_the_near_end_is_raised() -> None:
    class Torn(NearEnd):
        async def typed(self) -> AsyncIterator[bytes]:
            yield b"a"
            raise BrokenPipeError

    socket = FakeSocket(V5)
    with pytest.raises(BrokenPipeError):
        await run_command(FakePort(socket), Command(SHELL, ("cat",), stdin=True), Torn())


async def test_cancelling_drops_the_connection() -> None:
    socket, near = FakeSocket(V5), NearEnd(stays=True)
    port = FakePort(socket)
    task = asyncio.create_task(run_command(port, Command(SHELL, ("sh",), stdin=True, tty=True), near))
    await near.accepted.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert port.open == 0


async def test_unknown_channels_and_empty_messages_are_passed_over() -> None:
    socket, near = FakeSocket(V5), NearEnd()
    socket.brings(b"", b"\x09what", b"\xff\x01", b"\x01ok", SUCCESS)
    assert await run_command(FakePort(socket), Command(SHELL, ("ls",)), near) == Ended(0)
    assert near.outs == [b"ok"]
