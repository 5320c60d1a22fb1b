"""Twelve terminals have one share of the gateway's streams: who is beyond it waits, is told, and may leave."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from tests.conftest import SimProcess
from tests.main_job.terminals import Pty
from tests.main_job.test_changing import Shell
from tests.main_job.test_commands import COMMAND
from tests.main_job.test_remote import CUT, POD, WHERE, limited
from tui.clients.queuefiles import FileQueue
from tui.sim.loading import load

SHARE = 5
PROJECT = "acme-prod"
NUMBER = next(project.number for project in load("healthy").projects if project.id == PROJECT)
NEXT = f"waiting for a stream: you are next, 5 of 5 in use ({PROJECT})"
SLEEP = ("--", "sh", "-c", "echo begun; exec sleep 1000")


@pytest.fixture(scope="module")
def own_sim(
    tmp_path_factory: pytest.TempPathFactory, simulate: Callable[..., AbstractContextManager[SimProcess]]
) -> Iterator[SimProcess]:
    with simulate(tmp_path_factory.mktemp("sharing")) as running:
        yield running


@pytest.fixture
def shell(own_sim: SimProcess, tmp_path: Path, kubectl: str) -> Shell:
    return Shell(own_sim, tmp_path, kubectl)


@contextmanager
def begun(shell: Shell, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [*COMMAND, *arguments], env=shell.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def line(process: subprocess.Popen[str]) -> str:
    """The next that it says on stderr."""
    assert process.stderr is not None
    return process.stderr.readline().rstrip("\n")


def queue(shell: Shell) -> FileQueue:
    """The one of the fleet host project, at the simulated gateway."""
    gateway = urlsplit(shell.environ["CLOUDSDK_API_ENDPOINT_OVERRIDES_CONNECTGATEWAY"]).netloc
    name = quote(f"{NUMBER}@{gateway}", safe="")
    return FileQueue(shell.home / ".local" / "state" / "clusterview" / "streams" / name)


@pytest.fixture
def taken(shell: Shell) -> Iterator[Callable[[], None]]:
    """All of our share is in use; what ends one of them."""
    tickets = [queue(shell).join() for _ in range(SHARE)]
    yield lambda: tickets.pop().leave()
    for ticket in tickets:
        ticket.leave()


def test_the_sixth_process_waits_until_one_of_the_five_is_killed(shell: Shell) -> None:
    with ExitStack() as stack:
        five = [stack.enter_context(begun(shell, "exec", POD, *WHERE, "--write", *SLEEP)) for _ in range(SHARE)]
        for process in five:
            assert process.stdout is not None
            assert process.stdout.readline() == "begun\n"
        sixth = stack.enter_context(begun(shell, "exec", POD, *WHERE, "--write", "--", "echo", "in"))
        assert line(sixth) == NEXT
        seventh = stack.enter_context(begun(shell, "exec", POD, *WHERE, "--write", "--", "echo", "in"))
        assert line(seventh) == f"waiting for a stream: 1 ahead of you, 5 of 5 in use ({PROJECT})"
        five[2].send_signal(signal.SIGKILL)
        assert sixth.communicate(timeout=60) == ("in\n", "")
        assert seventh.communicate(timeout=60)[0] == "in\n"
        for process in five:
            process.kill()
            process.wait(30)
        assert queue(shell).length() == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("exec", POD, *WHERE, "--write", *SLEEP),
        ("attach", "deploy/api", *WHERE, "-c", "api", "--write"),
        ("cp", f"payments/{POD}:/etc/hostname", "here", *WHERE[2:], "--write"),
        ("port-forward", POD, ":5432", *WHERE),
    ],
    ids=lambda arguments: arguments[0],
)
def test_who_waits_says_so_once_and_leaves_the_queue_with_ctrl_c(
    shell: Shell, taken: Callable[[], None], arguments: tuple[str, ...]
) -> None:
    with begun(shell, *arguments) as process:
        assert line(process) == NEXT
        assert queue(shell).length() == SHARE + 1
        process.send_signal(signal.SIGINT)
        assert process.wait(60) in (1, 130)
        assert process.stderr is not None
        assert "waiting for a stream" not in process.stderr.read()
    assert queue(shell).length() == SHARE


def test_a_copy_and_a_port_forward_begin_when_their_turn_comes(
    shell: Shell, taken: Callable[[], None], tmp_path: Path
) -> None:
    here = tmp_path / "here"
    with begun(shell, "cp", f"payments/{POD}:/etc/hostname", str(here), *WHERE[2:], "--write") as process:
        assert line(process) == NEXT
        taken()
        assert process.wait(60) == 0
    assert here.read_text() == f"{POD}\n"
    with begun(shell, "port-forward", POD, ":5432", *WHERE) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Forwarding from 127.0.0.1:")


def test_where_files_cannot_be_locked_each_process_has_the_share_for_itself(shell: Shell) -> None:
    state = shell.home / "state"
    state.write_text("a file where a folder should be")
    with begun(shell, "exec", POD, *WHERE, "--write", "--", "echo", "in") as process:
        assert process.communicate(timeout=60) == ("in\n", "")
    shell.environ["XDG_STATE_HOME"] = str(state)
    done = subprocess.run(
        [*COMMAND, "exec", POD, *WHERE, "--write", "--", "echo", "in"],
        env=shell.environ, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "in\n", "")
    done = subprocess.run([*COMMAND, "info"], env=shell.environ, capture_output=True, text=True, check=False)
    assert "5 at once in a fleet host project, of this process alone (" in done.stdout


# A terminal ----------------------------------------------------------------------------------------------------------

IT = ("-it", "--", "sh", "-c", "echo be''gun; exec sh")


def test_a_session_that_waits_for_its_turn_says_so_and_is_left_with_ctrl_c(
    shell: Shell, taken: Callable[[], None]
) -> None:
    with Pty(shell.environ, "exec", POD, *WHERE, "--write", *IT) as terminal:
        before = terminal.attributes()
        terminal.sees(f"{NEXT}; ctrl-c leaves\r\n".encode())
        terminal.type(b"\x03")
        terminal.sees(b"left before it was opened")
        assert terminal.attributes() == before
        assert terminal.code() == 255
    assert queue(shell).length() == SHARE
    with Pty(shell.environ, "exec", POD, *WHERE, "--write", *IT) as terminal:
        terminal.sees(NEXT.encode())
        taken()
        terminal.sees(b"begun")
        terminal.type(b"exit 4\r")
        assert terminal.code() == 4


def test_a_session_that_was_cut_is_opened_again_with_enter_and_left_with_ctrl_c(shell: Shell) -> None:
    with limited(shell, 3), Pty(shell.environ, "exec", POD, *WHERE, "--write", *IT) as terminal:
        before = terminal.attributes()
        place = terminal.sees(b"begun")
        for answer in (b"\r", b"\r\r"):
            place = terminal.sees(CUT.encode(), place)
            place = terminal.sees(b"Enter opens it again in the same place; q leaves\r\n", place)
            terminal.answers(answer)
            place = terminal.sees(b"begun", place)
        place = terminal.sees(b"Enter opens it again", place)
        terminal.answers(b"\x03")
        assert terminal.code() == 1
        assert terminal.attributes() == before
        assert terminal.kept_titles() == 0


def test_what_was_typed_for_a_session_that_was_cut_does_not_leave_it(shell: Shell) -> None:
    with limited(shell, 3), Pty(shell.environ, "exec", POD, *WHERE, "--write", *IT) as terminal:
        place = terminal.sees(b"Enter opens it again")
        terminal.type(b";")
        terminal.type(b"quit\x1b[A")
        while not terminal.shows(b"begun", 2.0, place):  # an Enter that comes with what is typed is no answer either
            terminal.answers(b"\r")
        place = terminal.sees(b"begun", place)
        terminal.sees(b"Enter opens it again", place)
        terminal.answers(b"\x1b")
        assert terminal.code() == 1


def test_a_pod_that_has_gone_is_told_and_not_offered_again(shell: Shell) -> None:
    shell.kubectl()("run", "gone", "-n", "payments", "--image=busybox", "-i", "-t", "--attach=false", "--", "sh")
    shell.kubectl()("wait", "pod/gone", "-n", "payments", "--for=condition=Ready", "--timeout=60s")
    with limited(shell, 3), Pty(shell.environ, "attach", "gone", *WHERE, "--write", "-it") as terminal:
        place = terminal.sees(b"Enter opens it again")
        shell.kubectl()("delete", "pod", "gone", "-n", "payments", "--force", "--grace-period=0")
        terminal.answers(b"\r")
        place = terminal.sees(b"pod gone is gone, and nobody makes another", place)
        assert terminal.code() == 1
        assert b"Enter opens it again" not in terminal.output[place:]


def test_of_a_pod_that_has_gone_the_next_one_is_named(shell: Shell) -> None:
    names = (*("get", "pods", "-n", "payments", "-o"), "jsonpath={.items[*].metadata.name}")
    with limited(shell, 3), Pty(shell.environ, "exec", "deploy/api", *WHERE, "--write", *IT) as terminal:
        place = terminal.sees(b"Enter opens it again")
        found = re.search(rb"prod-eu/payments/([a-z0-9-]+)/", terminal.output)
        assert found is not None
        pod = found[1].decode()
        shell.kubectl()("delete", "pod", pod, "-n", "payments", "--force", "--grace-period=0")
        terminal.answers(b"\r")
        place = terminal.sees(f"pod {pod} is gone; deployment api has pod api-".encode(), place)
        place = terminal.sees(b"  try: clusterview exec api-", place)
        assert terminal.code() == 1
        there = shell.kubectl().ok(*names).split()
        assert bytes(terminal.output[place - 4 :]).split()[0].decode() in there


def test_a_session_is_not_opened_again_where_the_configuration_forbids_it_meanwhile(shell: Shell) -> None:
    rules = shell.home / "rules.yaml"
    rules.write_text("read_only: [prod-us]\n")
    where = (*WHERE, "--write", "--config", str(rules))
    with limited(shell, 3), Pty(shell.environ, "exec", POD, *where, *IT) as terminal:
        place = terminal.sees(b"Enter opens it again")
        terminal.answers(b"\r")
        place = terminal.sees(b"Enter opens it again", terminal.sees(b"begun", place))
        rules.write_text("read_only: [prod-eu]\n")
        terminal.answers(b"\r")
        terminal.sees(f"clusterview: prod-eu is read-only: {rules} says so (read_only)\r\n".encode(), place)
        assert terminal.code() == 1
        assert b"begun" not in terminal.output[place:]


def test_attach_is_opened_again_as_well(shell: Shell) -> None:
    shell.kubectl()("run", "held", "-n", "payments", "--image=busybox", "-i", "-t", "--attach=false", "--", "sh")
    shell.kubectl()("wait", "pod/held", "-n", "payments", "--for=condition=Ready", "--timeout=60s")
    with limited(shell, 3), Pty(shell.environ, "attach", "held", *WHERE, "--write", "-it") as terminal:
        place = terminal.sees(b"Enter opens it again")
        terminal.answers(b"\r")
        place = terminal.sees(CUT.encode(), place)
        terminal.sees(b"Enter opens it again", place)
        terminal.answers(b"q")
        assert terminal.code() == 1


def test_nobody_is_asked_where_the_output_is_no_terminal(shell: Shell) -> None:
    inner, outer = os.openpty()
    with limited(shell, 2):
        done = subprocess.run(
            [*COMMAND, "exec", POD, *WHERE, "--write", *IT],
            env=shell.environ, stdin=outer, capture_output=True, check=False, timeout=60,
        )  # fmt: skip
    os.close(inner)
    os.close(outer)
    assert done.returncode == 1
    assert b"opens it again" not in done.stderr
    assert CUT in done.stderr.decode()
