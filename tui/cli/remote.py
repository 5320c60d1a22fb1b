"""`clusterview exec` and `attach`: a container's command with our three streams or our terminal; its exit code is ours.

Both count as writing: who is in a container can change whatever it can.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING

from msgspec.structs import replace

from tui.cli.admission import Admitted, admitted
from tui.cli.crash import StdoutLost
from tui.cli.output import say, say_queued, say_remedy
from tui.cli.places import place_in
from tui.cli.saying import all_said, say_aside
from tui.clock import Clock, SystemClock
from tui.errors import SourceError, UsageError
from tui.model.bodies import at
from tui.model.streams import Queued
from tui.present.clean import clean
from tui.present.streams import cut_words, killed_words, near_cut, queue_line, title_words
from tui.streams.containers import SHELL, container_spec
from tui.streams.paths import Command
from tui.streams.troubles import PASSING

if TYPE_CHECKING:
    from tui.streams.outlet import Outlet
    from tui.streams.timed import Timed
    from tui.wire.status import Ended

FAILED = 1
UNREAD = 128 + signal.SIGPIPE
"""Exit code of a command whose output nobody read to its end; what a shell reports of kubectl then."""
LEFT = 255
"""Exit code of a session that was left by the way out; ssh's."""
LEFT_WITHIN = 2.0
"""Seconds for which a terminal that takes nothing is waited for at the end of a session."""


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
    async with admitted(arguments) as there:
        place = place_in(there.pod, arguments.container)
        return await _run(there, Command(place, tuple(command_line), stdin, _tty(tty, stdin=stdin)))


async def _attach(arguments: argparse.Namespace) -> int:
    async with admitted(arguments, "attach") as there:
        place = place_in(there.pod, arguments.container)
        spec = container_spec(there.pod, place.container)
        stdin = arguments.stdin and at(spec, "stdin") is True
        tty = arguments.tty and at(spec, "tty") is True
        if arguments.stdin and not stdin:
            say(f"container {place.container} reads no stdin: nothing that is typed will reach it")
        if arguments.tty and not tty:
            say(f"container {place.container} has no terminal")
        return await _run(there, Command(place, (), stdin, _tty(tty, stdin=stdin)))


async def _run(there: Admitted, command: Command) -> int:
    """Raises SourceError where it was refused or broke, and nobody is there to open it again, or may; UsageError where
    the configuration has become wrong meanwhile."""
    from tui.streams.outlet import Outlet

    with Outlet(1) as out, Outlet(2) as err:
        run = Run(there, command, out, err)
        while True:
            try:
                return await run.once()
            except SourceError as exc:
                if not run.may_be_opened_again:
                    raise
                problem = exc.problem
            say(f"clusterview: {problem}")
            say_remedy(problem.remedy)
            if not await again():
                return SourceError(problem).exit_code
            await there.once_more()


class Run:
    """One command in one place, as often as it is opened. may_be_opened_again: it was open, somebody sits there, and
    what is in the way may pass."""

    def __init__(self, there: Admitted, command: Command, out: Outlet, err: Outlet) -> None:
        self._client = there.client
        self._pod = there.pod
        self._command = command
        self._out = out
        self._err = err
        self._where = clean(f"{there.client.ref.name}/{command.place}", 200)
        self.may_be_opened_again = False

    async def once(self) -> int:
        """Until it has ended; its exit code. Raises SourceError where it was refused, or broke."""
        from tui.streams.gone import if_gone
        from tui.streams.timed import Timed

        clock, command = SystemClock(), self._command
        opened_before, self.may_be_opened_again = self.may_be_opened_again, False
        tell = queued_in_terminal(self._err) if command.tty else say_queued
        timed = Timed(self._client.telling(tell), clock)
        try:
            if command.tty:
                ended = await self._in_terminal(timed, clock)
                if ended is None:
                    self._say_left(opened=timed.since is not None)
                    return LEFT
            else:
                ended = await self._through_pipes(timed)
        except SourceError as exc:
            if timed.since is None:
                self.may_be_opened_again = opened_before and exc.problem.kind in PASSING
                if opened_before and not self.may_be_opened_again:
                    cluster = self._client.ref.name
                    raise SourceError(await if_gone(self._client, self._pod, command, cluster, exc.problem)) from exc
                raise
            self.may_be_opened_again = command.tty and os.isatty(1)
            limited = self._client.ref.limited
            words = cut_words(exc.problem, clock.monotonic() - timed.since, limited=limited)
            raise SourceError(replace(exc.problem, summary=words, server_words="")) from exc
        if ended.killed:
            await self._say_killed(ended, clock.monotonic() - (timed.since or 0.0), clock)
        elif ended.exit_code is None:
            say(ended.words or "the command did not run, and nobody said why")
        return FAILED if ended.exit_code is None else ended.exit_code

    async def _through_pipes(self, timed: Timed) -> Ended:
        from tui.streams.pipes import in_pipes

        try:
            return await in_pipes(timed, self._command, say, self._out, self._err)
        except BrokenPipeError:
            raise
        except OSError as exc:
            raise StdoutLost(f"what the command says cannot be written: {exc.strerror}") from exc

    async def _in_terminal(self, timed: Timed, clock: Clock) -> Ended | None:
        from tui.streams.nearends import in_terminal

        limited = self._client.ref.limited
        say("Enter ~ . leaves a session that hangs")
        all_said()  # before the session says anything
        try:
            return await in_terminal(
                timed,
                self._command,
                0,
                self._out,
                clock=clock,
                title=lambda age: title_words(self._where, age, limited=limited),
                warned=lambda age: bool(near_cut(age, limited=limited)),
                patience=LEFT_WITHIN,
            )
        finally:
            say_aside()

    async def _say_killed(self, ended: Ended, lasted: float, clock: Clock) -> None:
        """The shell that is there afterwards takes what is typed on; what comes at once can be kept from it."""
        from tui.streams.answering import drained

        say(f"clusterview: {killed_words(ended.exit_code, ended.words, lasted)}; what you type now is for this shell")
        await drained(0, clock)

    def _say_left(self, *, opened: bool) -> None:
        from tui.streams.outlet import takes

        if takes(2):  # else the terminal has been stopped, and who left would be held up by these words
            say("left; what runs there may go on" if opened else "left before it was opened")


def queued_in_terminal(err: Outlet) -> Callable[[Queued | None], None]:
    """As `say_queued`, while the terminal is in raw mode, and may have been stopped."""
    if not sys.stderr.isatty():
        return say_queued

    def told(queued: Queued | None) -> None:
        err.put(queue_line(queued))

    return told


ANSWERS = {b"\r": True, b"\n": True, b"\x1b": False, b"q": False, b"\x03": False}
"""Whether a session that broke is opened again, by key that stands alone: Enter, or Esc, q, ctrl-c."""


async def again() -> bool:
    """Whether a session that broke is to be opened again."""
    from tui.streams.answering import one_of

    return await one_of(0, ANSWERS, lambda: say("Enter opens it again in the same place; q leaves"), SystemClock())


def _tty(wanted: bool, *, stdin: bool) -> bool:
    """Whether there is a terminal to be passed on; as kubectl, without one the rest is done all the same."""
    if wanted and stdin and not os.isatty(0):
        say("stdin is no terminal: -t is left out")
        return False
    return wanted and stdin
