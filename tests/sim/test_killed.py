"""A simulator that is killed leaves no process and no folder behind."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.conftest import SimProcess
from tests.main_job.test_changing import Shell
from tests.main_job.test_commands import COMMAND

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are watched as Linux does it")
PATIENCE = 30.0


class Watched:
    """Processes that must end."""

    def __init__(self, *pids: int) -> None:
        self._ends = {os.pidfd_open(pid): pid for pid in pids}

    def still_there(self) -> list[int]:
        """Those that have not ended in time."""
        left = dict(self._ends)
        while left:
            over, _, _ = select.select(list(left), [], [], PATIENCE)
            if not over:
                break
            for one in over:
                del left[one]
        for one in self._ends:
            os.close(one)
        return list(left.values())


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


PROGRAM = "mkdir -p /tmp/a; chmod 0 /tmp/a; (trap '' HUP; exec sleep 1000) & echo $$ $!; sleep 1000"
"""A shell with two children, one of which hangs on; and a folder that nobody may look into."""


@contextmanager
def running_in_a_container(shell: Shell, *flags: str) -> Iterator[list[int]]:
    """The shell and one of its children."""
    near, far = os.openpty()
    where = ("ledger-db-0", "-n", "payments", "--cluster", "prod-eu", "--write")
    with subprocess.Popen(
        [*COMMAND, "exec", *flags, *where, "--", "sh", "-c", PROGRAM],
        env=shell.environ, stdin=far, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            line = process.stdout.readline().rpartition(b"\x07")[2]  # behind the window's title
            yield [int(word) for word in line.split()]
        finally:
            process.kill()
            os.close(near)
            os.close(far)


def test_what_ran_in_containers_ends_and_its_folders_go(
    simulate: Callable[..., AbstractContextManager[SimProcess]],
    tmp_path: Path,
    kubectl: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    with simulate(tmp_path) as sim:
        shell = Shell(sim, tmp_path, kubectl)
        with running_in_a_container(shell) as piped, running_in_a_container(shell, "-i", "-t") as on_a_terminal:
            assert len(piped) == len(on_a_terminal) == 2
            (guard,) = (one for one in children(sim.process.pid) if "guard.py" in command(one))
            assert {path.name[:16] for path in scratch.iterdir()} == {"clusterview-pods", "clusterview-sim-"}
            watched = Watched(*piped, *on_a_terminal, guard)
            sim.stop(signal.SIGKILL)
            assert watched.still_there() == []
            assert list(scratch.iterdir()) == []
