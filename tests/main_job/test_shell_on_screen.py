"""A shell that is opened from the list of pods by keys, on a real terminal: what people do in one goes through, and the
screen comes back as it was, with its panes, its keys and the terminal's modes."""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import select
import signal
import ssl
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SimProcess
from tests.main_job.terminals import Pty, needs
from tests.main_job.test_changing import Shell
from tests.main_job.test_sharing import queue

POD = "ledger-db-0"
PROMPT = f"{POD} # ".encode()
"""What a shell shows once it reads keys; a ctrl-d that comes sooner is lost to it, as in any terminal."""
SIZE = (120, 40)
PANES = ("1 Fleets", "2 Connections", "3 Pods", "4 Logs")


@pytest.fixture(scope="module")
def own_sim(
    tmp_path_factory: pytest.TempPathFactory, simulate: Callable[..., AbstractContextManager[SimProcess]]
) -> Iterator[SimProcess]:
    with simulate(tmp_path_factory.mktemp("shell")) as running:
        yield running


class Desk:
    """Somebody at the screen, with the cursor on a pod, and the real kubectl beside it."""

    def __init__(self, pty: Pty, shell: Shell) -> None:
        self.pty = pty
        self._shell = shell
        self.size: tuple[int, int] = SIZE

    def in_pod(self, *command: str) -> str:
        """What a command prints there, by the real kubectl."""
        return self._shell.kubectl().ok("exec", POD, "-n", "payments", "--", *command)

    def control(self, path: str, body: object = None) -> Any:
        """Ask the simulated clouds themselves."""
        sim = self._shell.sim
        headers = {"X-Sim-Control": sim.env["CLUSTERVIEW_SIM_CONTROL"], "Content-Type": "application/json"}
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"{sim.base_url}/_sim/{path}", data, headers)
        trusted = ssl.create_default_context(cafile=sim.env["SSL_CERT_FILE"])
        with urllib.request.urlopen(request, timeout=30, context=trusted) as answer:
            return json.load(answer)

    def streams(self) -> list[dict[str, Any]]:
        """The streams that the gateway has open."""
        return self.control("streams")

    @contextmanager
    def shell(self, state: str = "● live") -> Iterator[Pty]:
        """Open one by key. At the end of the block it has been left, and the screen is looked at. state: of the list of
        pods then."""
        before, attributes = self.pty.modes(), self.pty.attributes()
        place = self.pty.type(b"s")
        self.pty.sees(PROMPT, place)
        assert {b"1049", b"1003", b"25"}.isdisjoint(self.pty.modes()), "the screen is still in the way"
        yield self.pty
        self.is_back(place, state)
        assert self.pty.modes() == before
        assert self.pty.attributes() == attributes

    def shows(self, words: str, place: int) -> None:
        """Some words are on the screen, which has been taken back since."""

        assert self.pty.comes_true(lambda: words in self._text(place)), self._text(place) or bytes(
            self.pty.output[-800:]
        )

    def leaves(self, words: str, place: int) -> int:
        """The window with these words goes by escape, which counts once nothing was typed for a moment; where the
        output went on at the last one."""
        for _ in range(20):
            typed = self.pty.type(b"\x1b")
            if self.pty.comes_true(lambda: words not in self._text(place), 1.0):
                return typed
        raise AssertionError(self._text(place))

    def _text(self, place: int) -> str:
        """What is on the screen, "" where it has not been taken back since."""
        back = self.pty.output.rfind(b"\x1b[?1049h")
        return "\n".join(self.pty.painted(back, *self.size)) if back > place else ""

    def is_back(self, place: int, state: str) -> None:
        """All of the screen has been painted again since, and a key is answered."""
        assert self.pty.comes_true(lambda: b"1049" in self.pty.modes()), bytes(self.pty.output[-800:])
        back = self.pty.output.rindex(b"\x1b[?1049h")
        assert back > place
        whole = self.pty.comes_true(lambda: self._whole(self.pty.painted(back, *self.size), state))
        assert whole, "\n".join(self.pty.painted(back, *self.size))
        self.answers()

    def _whole(self, lines: list[str], state: str) -> bool:
        columns, _ = self.size
        text = "\n".join(lines)
        framed = all(line[:1] in tuple("╭│╰") and line[-1:] in tuple("╮│╯") for line in lines[1:-1])
        return (
            framed
            and all(len(line) == columns for line in lines)
            and all(pane in text for pane in PANES)
            and POD in text
            and state in text
            and lines[-1].lstrip().startswith("? help")
        )

    def answers(self) -> None:
        """A key lets the pods have all of the screen, and gives it back to the four."""
        place = self.pty.type(b"z")
        assert self.pty.comes_true(lambda: all(pane in self._head(place) for pane in PANES)), self._head(place)
        place = self.pty.type(b"z")
        assert self.pty.comes_true(lambda: self._head(place).startswith("╭")), self._head(place)

    def _head(self, place: int) -> str:
        """The line below the first, which has the names of all panes where one has all of the screen."""
        return self.pty.painted(place, *self.size)[1]


@pytest.fixture
def shell(own_sim: SimProcess, tmp_path: Path, kubectl: str) -> Shell:
    return Shell(own_sim, tmp_path, kubectl)


@contextmanager
def sitting(shell: Shell) -> Iterator[Desk]:
    """Somebody who has found the pod, and may write."""
    with Pty(shell.environ, columns=SIZE[0], rows=SIZE[1]) as pty:
        pty.sees(b"live")
        place = pty.type(f":pods @prod-eu -n payments /{POD}\r".encode())
        there = pty.comes_true(lambda: any(f"{POD} 1/1" in line for line in pty.painted(place, *SIZE)))
        assert there, "\n".join(pty.painted(0, *SIZE))
        pty.says(b"W", b"WRITE ")
        yield Desk(pty, shell)


@pytest.fixture
def desk(shell: Shell) -> Iterator[Desk]:
    with sitting(shell) as desk:
        yield desk


def test_a_commands_output_and_its_exit_code(desk: Desk) -> None:
    with desk.shell() as pty:
        pty.says(b"stty size\r", b"40 120")
        pty.says(b"echo Gr\xc3\xbc''\xc3\x9fe aus $(hostname)\r", f"Grüße aus {POD}".encode())
        pty.type(b"exit 7\r")
    desk.pty.sees(b"ended with exit code 7")


def test_a_file_is_written_with_vi(desk: Desk) -> None:
    needs("vi")
    with desk.shell() as pty:
        pty.says(b"vi /tmp/poem\r", b'/tmp/poem"')
        pty.says(b"ifirst line\rsecond line", b"second line")
        pty.type(b"\x1b")
        pty.says(b":w\r", b"written")
        pty.says(b":q\r", PROMPT)
        assert b"1049" not in pty.modes()
        pty.type(b"\x04")
    assert desk.in_pod("cat", "/tmp/poem") == "first line\nsecond line\n"


def test_the_window_changes_while_top_runs(desk: Desk) -> None:
    needs("top")
    with desk.shell() as pty:
        pty.says(b"top\r", b"load average")
        place = len(pty.output)
        pty.resize(100, 45)
        pty.sees(b"load average", place)
        pty.says(b"q", PROMPT)
        pty.says(b"stty size\r", b"45 100")
        desk.size = (100, 45)
        pty.type(b"exit\r")


def test_ctrl_c_interrupts_what_runs_and_no_more(desk: Desk) -> None:
    with desk.shell() as pty:
        pty.says(b"sh -c 'echo wai\"\"ting; exec sleep 1000'\r", b"waiting")
        pty.says(b"\x03", PROMPT)
        pty.says(b"echo code $? in $(hostname)\r", f"code 130 in {POD}".encode())
        pty.type(b"exit\r")


def test_a_paste_of_100_kb_arrives_whole(desk: Desk) -> None:
    """Lines with Unicode and tildes, as a terminal pastes them; then as a program sees them that takes every key."""
    chance = random.Random(4)
    lines = [f"{number} ~. ünï {chance.randbytes(30).hex()}" for number in range(1400)]
    text = "".join(f"{line}\n" for line in lines).encode()
    keys = bytes(chance.choice(b"\x01\x03\x04\x11\x13\x1a\x1b\r\nabc\xff\x00") for _ in range(100_000))
    assert len(text) > 100_000
    with desk.shell() as pty:
        pty.says(b"cat > /tmp/pasted; echo do''ne\r", b"\r\n")
        pty.type(text.replace(b"\n", b"\r"))
        pty.says(b"\x04", b"done")
        pty.says(b"stty raw -echo; echo rea''dy; head -c 100000 | sha256sum; stty sane\r", b"ready")
        pty.says(keys, hashlib.sha256(keys).hexdigest().encode())
        pty.type(b"exit\r")
    assert desk.in_pod("cat", "/tmp/pasted") == text.decode()


def test_ctrl_d_ends_the_shell(desk: Desk) -> None:
    with desk.shell() as pty:
        pty.sees(f"\x1b]2;0s · prod-eu/payments/{POD}".encode())
        assert pty.kept_titles() == 1
        pty.type(b"\x04")
    assert desk.pty.kept_titles() == 0
    with desk.shell() as pty:  # and it can be opened again
        pty.says(b"echo a''gain\r", b"again", PROMPT)
        pty.type(b"\x04")


def test_a_program_that_is_cut_off_leaves_no_mode_behind(desk: Desk) -> None:
    needs("vi")
    with desk.shell() as pty:
        pty.says(b"vi /tmp/held\r", b'/tmp/held"')
        pty.type(b"\r~.")
    assert desk.pty.comes_true(lambda: not desk.streams()), "the gateway still counts it"


def test_a_session_that_waits_for_its_turn_says_so_and_is_left(desk: Desk, shell: Shell) -> None:
    tickets = [queue(shell).join() for _ in range(5)]
    words = b"waiting for a stream: you are next, 5 of 5 in use (acme-prod)"
    place = desk.pty.type(b"s")
    desk.shows("all our 5 streams are open: it waits for one to end", 0)
    place = desk.pty.type(b"\r")
    place = desk.pty.sees(words + b"; ctrl-c leaves\r\n", place)
    desk.pty.type(b"\x03")
    desk.is_back(place, "● live")
    assert queue(shell).length() == 5
    place = desk.pty.type(b"s")
    desk.shows("all our 5 streams are open: it waits for one to end", 0)
    place = desk.pty.sees(words, desk.pty.type(b"\r"))
    tickets.pop().leave()
    place = desk.pty.sees(PROMPT, place)
    desk.pty.type(b"exit\r")
    desk.is_back(place, "● live")
    for ticket in tickets:
        ticket.leave()


def test_a_session_whose_server_hangs_is_left(desk: Desk, own_sim: SimProcess) -> None:
    try:
        with desk.shell() as pty:
            pty.says(b"echo be''fore\r", b"before")
            own_sim.process.send_signal(signal.SIGSTOP)
            pty.type(b"echo lost\r\x03\x04\r~.")
    finally:
        own_sim.process.send_signal(signal.SIGCONT)
    with desk.shell() as pty:
        pty.says(b"echo a''gain\r", b"again", PROMPT)
        pty.type(b"\x04")


def test_a_session_is_left_while_the_terminal_takes_nothing_and_the_screen_is_back_when_it_does(desk: Desk) -> None:
    with desk.shell() as pty:
        pty.says(b"yes\r", b"y\r\ny\r\ny\r\n")
        pty.fills()
        os.write(pty.fd, b"\r~.")
        for _ in range(600):
            if not desk.streams():
                break
            select.select([], [], [], 0.1)
        assert desk.streams() == [], "the program stands still"
    with desk.shell() as pty:
        pty.says(b"echo a''gain\r", b"again", PROMPT)
        pty.type(b"\x04")


def test_a_session_that_is_refused_leaves_a_screen_that_says_why(desk: Desk) -> None:
    fault = {"action": "answer", "match": {"path": "*/exec*"}, "options": {"status": 403, "times": 1}}
    desk.control("faults", fault)
    place = desk.pty.type(b"s")
    desk.shows("it was refused", place)
    desk.leaves("it was refused", place)
    desk.is_back(place, "● live")


def test_a_shell_that_is_killed_is_told_and_what_is_typed_on_reaches_no_pane(desk: Desk) -> None:
    place = desk.pty.type(b"s")
    desk.pty.sees(PROMPT, place)
    desk.pty.says(b"echo pi''d=$$.\r", b"pid=")
    found = re.search(rb"pid=(\d+)\.", desk.pty.output[place:])
    assert found is not None
    desk.in_pod("sh", "-c", f"kill -9 {found[1].decode()}")
    desk.shows("killed after", place)
    desk.pty.type(b"Wq:journal\r")
    desk.leaves("killed after", place)
    desk.is_back(place, "● live")


def test_a_session_that_breaks_leaves_a_screen_that_says_so_and_hears_keys(
    simulate: Callable[..., AbstractContextManager[SimProcess]], tmp_path: Path, kubectl: str
) -> None:
    """With a simulator of its own, which is lost: tests run in any order."""
    (tmp_path / "sim").mkdir()
    with simulate(tmp_path / "sim") as sim, sitting(Shell(sim, tmp_path, kubectl)) as desk:
        place = desk.pty.type(b"s")
        desk.pty.sees(PROMPT, place)
        sim.process.kill()
        desk.shows("enter opens it again", place)
        back = desk.leaves("enter opens it again", place)
        desk.is_back(place, "")
        assert not desk.pty.painted(back, *SIZE)[0].startswith("$")
