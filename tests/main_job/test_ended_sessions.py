"""Sessions on the command line that the person in them did not end: what is said then, which keys answer, and that no
terminal holds up the end."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.conftest import SimProcess
from tests.main_job.terminals import ALONE, PATIENCE, Pty
from tests.main_job.test_changing import Shell
from tests.main_job.test_remote import POD, WHERE, limited
from tests.main_job.test_shell_on_screen import Desk

IT = ("-it", "--", "sh", "-c", "echo pid=$$.; exec sh")
ASKS = b"Enter opens it again in the same place; q leaves\r\n"


@pytest.fixture(scope="module")
def own_sim(
    tmp_path_factory: pytest.TempPathFactory, simulate: Callable[..., AbstractContextManager[SimProcess]]
) -> Iterator[SimProcess]:
    with simulate(tmp_path_factory.mktemp("ended")) as running:
        yield running


@pytest.fixture
def shell(own_sim: SimProcess, tmp_path: Path, kubectl: str) -> Shell:
    return Shell(own_sim, tmp_path, kubectl)


def pid(terminal: Pty) -> str:
    """The process of the shell in the pod, which waits for keys."""
    terminal.sees(f"{POD} # ".encode(), terminal.sees(b".\r\n"))
    found = re.search(rb"pid=(\d+)\.", terminal.output)
    assert found is not None
    return found[1].decode()


def kill(shell: Shell, pid: str) -> None:
    shell.kubectl().ok("exec", POD, "-n", "payments", "--", "sh", "-c", f"kill -9 {pid}")


@contextmanager
def typing(terminal: Pty, key: bytes) -> Iterator[None]:
    """Somebody who types a key every now and then, whatever is on the screen."""
    over = threading.Event()

    def run() -> None:
        while not over.wait(ALONE):
            os.write(terminal.fd, key)

    thread = threading.Thread(target=run, name="types", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_a_shell_that_is_killed_says_whose_keys_follow_and_keeps_its_exit_code(shell: Shell) -> None:
    with Pty(shell.environ, "exec", POD, *WHERE, "--write", *IT) as terminal:
        before = terminal.attributes()
        kill(shell, pid(terminal))
        place = terminal.sees(b"clusterview: killed after ")
        terminal.sees(b"what you type now is for this shell\r\n", place)
        assert terminal.code() == 137
        assert terminal.attributes() == before


def test_a_shell_that_is_left_says_nothing_of_it(shell: Shell) -> None:
    with Pty(shell.environ, "exec", POD, *WHERE, "--write", *IT) as terminal:
        pid(terminal)
        terminal.type(b"exit 137\r")
        assert terminal.code() == 137
        assert b"killed" not in terminal.output


def test_an_enter_at_the_end_of_what_is_typed_on_opens_nothing(shell: Shell) -> None:
    with limited(shell, 3), Pty(shell.environ, "exec", POD, *WHERE, "--write", *IT) as terminal:
        place = terminal.sees(ASKS)
        for key in (b"l", b"s", b"\r"):  # each comes by itself
            terminal.type(key)
            terminal.shows(b"pid=", 0.1, place)
        assert not terminal.shows(b"pid=", 2 * ALONE, place)
        terminal.type(b"\r")
        terminal.sees(b"pid=", place)
        terminal.sees(ASKS, place)
        terminal.answers(b"q")
        assert terminal.code() == 1


def test_a_session_that_is_cut_on_a_stopped_terminal_can_be_left(shell: Shell) -> None:
    with limited(shell, 5), Pty(shell.environ, "exec", POD, *WHERE, "--write", *IT) as terminal:
        pid(terminal)
        terminal.stops()
        at_the_gateway = Desk(terminal, shell)
        end = time.monotonic() + PATIENCE
        while at_the_gateway.streams():
            assert time.monotonic() < end, "it is never cut"
        with typing(terminal, b"q"):
            assert terminal.code_unread() == 1


def test_a_session_that_is_killed_on_a_stopped_terminal_ends(shell: Shell) -> None:
    with Pty(shell.environ, "exec", POD, *WHERE, "--write", *IT) as terminal:
        killed = pid(terminal)
        terminal.stops()
        kill(shell, killed)
        assert terminal.code_unread() == 137
