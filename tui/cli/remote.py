"""`clusterview exec` and `attach`: a container's command with our three streams or our terminal; its exit code is ours.

Both count as writing: who is in a container can change whatever it can.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from msgspec.structs import replace

from tui.cli.output import say
from tui.cli.places import one_cluster, place_in, pod_meant
from tui.cli.preflight import checked
from tui.cli.session import opened
from tui.cli.writing import needs_write
from tui.clock import Clock, SystemClock
from tui.errors import SourceError, UsageError
from tui.model.bodies import at, namespace_of
from tui.model.cluster import Via
from tui.model.objects import Body
from tui.model.streams import StreamSocket
from tui.present.clean import clean
from tui.streams.containers import SHELL, container_spec
from tui.streams.paths import Command, Query

if TYPE_CHECKING:
    from tui.clients.kube import KubeClient

FAILED = 1
UNREAD = 128 + signal.SIGPIPE
"""Exit code of a command whose output nobody read to its end; what a shell reports of kubectl then."""
LEFT = 255
"""Exit code of a session that was left by the way out; ssh's."""


def run_exec(arguments: argparse.Namespace) -> int:
    return _ran(_exec(arguments))


def run_attach(arguments: argparse.Namespace) -> int:
    return _ran(_attach(arguments))


def _ran(work: Coroutine[None, None, int]) -> int:
    """A command whose output somebody stopped reading has not ended well, unlike a list or a log: under `pipefail` a
    shell must see that."""
    try:
        return asyncio.run(work)
    except BrokenPipeError:
        return UNREAD


async def _exec(arguments: argparse.Namespace) -> int:
    command_line: list[str] = arguments.command_line
    if command_line and arguments.shell:
        raise UsageError("--shell goes without a command")
    stdin, tty = arguments.stdin, arguments.tty
    if not command_line:
        command_line = [arguments.shell] if arguments.shell else list(SHELL)
        stdin, tty = True, tty or (os.isatty(0) and os.isatty(1))
    async with admitted(arguments) as (client, pod):
        place = place_in(pod, arguments.container)
        return await _run(client, Command(place, tuple(command_line), stdin, _tty(tty, stdin=stdin)))


async def _attach(arguments: argparse.Namespace) -> int:
    async with admitted(arguments, "attach") as (client, pod):
        place = place_in(pod, arguments.container)
        spec = container_spec(pod, place.container)
        stdin = arguments.stdin and at(spec, "stdin") is True
        tty = arguments.tty and at(spec, "tty") is True
        if arguments.stdin and not stdin:
            say(f"container {place.container} reads no stdin: nothing that is typed will reach it")
        if arguments.tty and not tty:
            say(f"container {place.container} has no terminal")
        return await _run(client, Command(place, (), stdin, _tty(tty, stdin=stdin)))


@asynccontextmanager
async def admitted(arguments: argparse.Namespace, stream: str = "exec") -> AsyncGenerator[tuple[KubeClient, Body]]:
    """The client of the cluster that is meant, and the pod. Raises SourceError where it may not be entered."""
    needs_write(arguments)
    from tui.changes.desk import Desk
    from tui.wiring import change_settings

    async with opened(arguments) as session:
        ref = await one_cluster(session, writes=True)
        desk = Desk(session.clients.cluster, session.clock, change_settings(session.settings, os.environ))
        try:
            desk.unlock()
            await desk.admit(ref)
            client = await session.clients.cluster(ref)
            pod = await pod_meant(client, arguments)
            await checked(session, ref, stream, namespace_of(pod), arguments)
            yield client, pod
        finally:
            await desk.stop()


class _Timed:
    """A client whose stream is timed from when it was accepted. since: 0 = it has not been."""

    def __init__(self, client: KubeClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self.since = 0.0

    @asynccontextmanager
    async def socket(self, path: str, query: Query, protocols: Sequence[str]) -> AsyncGenerator[StreamSocket]:
        async with self._client.socket(path, query, protocols) as socket:
            self.since = self._clock.monotonic()
            yield socket


async def _run(client: KubeClient, command: Command) -> int:
    from tui.present.streams import clock_words, cut_words
    from tui.streams.nearends import Pipes, in_terminal
    from tui.streams.remote import run_command

    clock, limited = SystemClock(), client.ref.via is Via.GATEWAY
    timed = _Timed(client, clock)
    where = clean(f"{client.ref.name}/{command.place}", 200)
    try:
        if command.tty:
            say("Enter ~ . leaves a session that hangs")
            ended = await in_terminal(
                timed, command, clock=clock, title=lambda age: f"{where} {clock_words(age, limited=limited)}"
            )
            if ended is None:
                say("left; what runs there may go on")
                return LEFT
        else:
            ended = await run_command(timed, command, Pipes(say))
    except SourceError as exc:
        if not timed.since:
            raise
        words = cut_words(exc.problem, clock.monotonic() - timed.since, limited=limited)
        raise SourceError(replace(exc.problem, summary=words, server_words="")) from exc
    if ended.exit_code is None:
        say(ended.words or "the command did not run, and nobody said why")
        return FAILED
    return ended.exit_code


def _tty(wanted: bool, *, stdin: bool) -> bool:
    """Whether there is a terminal to be passed on; as kubectl, without one the rest is done all the same."""
    if wanted and stdin and not os.isatty(0):
        say("stdin is no terminal: -t is left out")
        return False
    return wanted and stdin
