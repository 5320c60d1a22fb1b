"""The UI ends with its terminal, however it was started, and cleanly where it is asked to from outside."""

from __future__ import annotations

import os
import select
import shlex
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.bench.terminal import Terminal

PATIENCE_MS = 30_000
STARTED = b"Fleets"
SCRIPTS = {
    "a parent that waits": "trap true HUP\n{}\ntrue",  # as make does; the signal never comes here
    "ignored": "trap '' HUP\nexec {}",
    "plain": "exec {}",
}


@contextmanager
def opened(script: str, home: Path) -> Iterator[Terminal]:
    """The UI of somebody without any account, started by a shell script in a terminal of its own."""
    code = "import sys; from tui.cli.main import main; sys.exit(main())"
    command = shlex.join([sys.executable, "-c", code])
    env = {"HOME": str(home), "PATH": os.environ["PATH"], "TERM": "xterm-256color", "LANG": "C.UTF-8"}
    with Terminal(["/bin/sh", "-c", script.format(command)], env) as terminal:
        terminal.until(STARTED)
        yield terminal


def ended(terminal: Terminal, pid: int, *, reading: bool = False) -> bool:
    """Whether the process has ended, given time; it stays there to be waited for."""
    handle = os.pidfd_open(pid)
    try:
        waiting = select.poll()
        waiting.register(handle, select.POLLIN)
        if reading:
            waiting.register(terminal.fd, select.POLLIN)
        while ready := waiting.poll(PATIENCE_MS):
            if any(descriptor == handle for descriptor, _ in ready):
                return True
            terminal.read(0)
        return False
    finally:
        os.close(handle)


@pytest.mark.parametrize("how", SCRIPTS)
def test_it_ends_with_its_terminal(how: str, tmp_path: Path) -> None:
    with opened(SCRIPTS[how], tmp_path) as terminal:
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, terminal.fd)  # closes our side of the terminal
        os.close(nothing)
        assert ended(terminal, terminal.pid)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_and_puts_the_terminal_back(number: signal.Signals, tmp_path: Path) -> None:
    with opened(SCRIPTS["plain"], tmp_path) as terminal:
        os.kill(terminal.pid, number)
        assert ended(terminal, terminal.pid, reading=True)
        while terminal.read(0):
            pass
        assert b"\x1b[?1049l" in terminal.output
        found = os.waitid(os.P_PID, terminal.pid, os.WEXITED | os.WNOWAIT)
        assert found is not None
        assert (found.si_code, found.si_status) == (os.CLD_EXITED, 128 + number)
