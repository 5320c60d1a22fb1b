"""The queue that processes have in common, with processes: who is killed leaves nothing, and nobody is let in twice."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tui.clients.queuefiles import FileQueue
from tui.clients.streamqueue import Busy, Standing

_MEMBER = """
import sys
from pathlib import Path
from tui.clients.queuefiles import FileQueue
ticket = FileQueue(Path(sys.argv[1])).join()
print(ticket.look().before, flush=True)
for line in sys.stdin:
    if line == "leave\\n":
        ticket.leave()
    print(ticket.look().before, flush=True)
"""
_GATE_KEEPER = """
import sys
from pathlib import Path
from tui.clients.queuefiles import FileQueue
with FileQueue(Path(sys.argv[1]))._gate():
    print("held", flush=True)
    sys.stdin.read()
"""


class Member:
    """A process with a place. before: what it saw of the queue when it joined."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.before = self._read()

    def looks(self) -> int:
        return self._ask("look")

    def leaves(self) -> None:
        self._ask("leave")

    def ends(self, number: signal.Signals) -> None:
        self.process.send_signal(number)
        self.process.wait(30)

    def _ask(self, words: str) -> int:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{words}\n")
        self.process.stdin.flush()
        return self._read()

    def _read(self) -> int:
        assert self.process.stdout is not None
        return int(self.process.stdout.readline())


@contextmanager
def running(program: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent.parent.parent,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def member(tmp_path: Path) -> Iterator[Callable[[], Member]]:
    """Starts one."""
    with ExitStack() as stack:
        yield lambda: Member(stack.enter_context(running(_MEMBER, tmp_path / "queue")))


def test_processes_stand_in_the_order_of_asking_and_the_killed_leave_nothing(
    tmp_path: Path, member: Callable[[], Member]
) -> None:
    members = [member() for _ in range(5)]
    assert [one.before for one in members] == [0, 1, 2, 3, 4]
    queue = FileQueue(tmp_path / "queue")
    assert queue.length() == 5
    members[1].ends(signal.SIGKILL)
    members[3].ends(signal.SIGTERM)
    members[0].leaves()
    assert [members[2].looks(), members[4].looks()] == [0, 1]
    assert queue.length() == 2
    mine = queue.join()
    assert mine.look() == Standing(2, 3)
    left = {path.name for path in (tmp_path / "queue").iterdir()} - {"gate"}
    assert len(left) == 3, "the files of those who were killed are gone with the next who comes"
    mine.leave()
    mine.leave()
    assert queue.length() == 2


def test_many_who_come_at_once_have_places_of_their_own(tmp_path: Path) -> None:
    queues = [FileQueue(tmp_path / "queue") for _ in range(8)]
    with ThreadPoolExecutor(8) as threads:
        tickets = list(threads.map(lambda index: queues[index % 8].join(), range(40)))
    assert sorted(ticket.look().before for ticket in tickets) == list(range(40))
    for ticket in tickets:
        ticket.leave()
    assert queues[0].length() == 0


def test_nobody_else_reads_it(tmp_path: Path) -> None:
    ticket = FileQueue(tmp_path / "state" / "queue").join()
    assert stat.S_IMODE((tmp_path / "state" / "queue").stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "state" / "queue").iterdir()} == {0o600}
    ticket.leave()


def test_who_leaves_a_folder_that_was_swept_takes_nobody_elses_place(tmp_path: Path) -> None:
    queue = FileQueue(tmp_path)
    old = queue.join()
    for path in tmp_path.iterdir():
        path.unlink()
    new = queue.join()
    old.leave()
    assert (new.look(), queue.length()) == (Standing(0, 1), 1)
    new.leave()
    assert queue.length() == 0


def test_a_child_of_ours_does_not_keep_the_place(tmp_path: Path) -> None:
    """An editor or a sign-in plugin may outlive the command that started it."""
    queue = FileQueue(tmp_path / "queue")
    ticket = queue.join()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, close_fds=False) as child:
        ticket.leave()
        assert queue.length() == 0
        child.kill()


def test_a_gate_that_is_not_let_go_is_not_waited_for(tmp_path: Path) -> None:
    queue = FileQueue(tmp_path / "queue")
    queue.join().leave()
    with running(_GATE_KEEPER, tmp_path / "queue") as keeper:
        assert keeper.stdout is not None
        assert keeper.stdout.readline() == "held\n"
        with pytest.raises(Busy):
            queue.join()
        assert queue.length() == 0
    queue.join().leave()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(OSError, match="denied"):
            FileQueue(tmp_path / "queue").join()
    finally:
        tmp_path.chmod(0o700)


def test_a_file_in_the_way_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    with pytest.raises(OSError, match="state"):
        FileQueue(tmp_path / "state" / "queue").join()


def test_locks_that_hold_nothing_are_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on some mounted folders, where flock says yes to everybody."""
    monkeypatch.setattr("fcntl.flock", lambda descriptor, how: None)
    with pytest.raises(OSError, match="hold nothing"):
        FileQueue(tmp_path / "queue").join()
    assert [path.name for path in (tmp_path / "queue").iterdir()] == ["gate"]
