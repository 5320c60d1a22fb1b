"""The programs under comparison: where they are, and what a run of one costs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import IO

BIN = Path(sys.executable).parent
CLUSTERVIEW = str(BIN / "clusterview")
PYTHON = sys.executable


def kubectl() -> str | None:
    """The wheel's, else the system's."""
    wheel = BIN / "kubectl"
    return str(wheel) if wheel.exists() else shutil.which("kubectl")


def gcloud() -> str | None:
    return shutil.which("gcloud")


@dataclass(frozen=True)
class Run:
    """seconds: from spawn to exit. processor: of it, user and system. memory: the most that was resident, in MB."""

    seconds: float
    processor: float
    memory: float


def whole(command: Sequence[str], env: Mapping[str, str], stdin: Path | IO[bytes] | None = None) -> Run:
    """A whole process, its output thrown away. stdin: a file that it reads, or what it is given. Raises RuntimeError
    where it fails."""
    with open(stdin or os.devnull, "rb") if stdin is None or isinstance(stdin, Path) else nullcontext(stdin) as read:
        started = time.perf_counter()
        child = subprocess.Popen(
            command, env=dict(env), stdin=read, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        run = reaped(child, started)
    if child.returncode != 0:
        raise RuntimeError(f"exit code {child.returncode}: {command}")
    return run


def reaped(child: subprocess.Popen[bytes], started: float) -> Run:
    """What a child cost that ends by itself, in whatever way."""
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return Run(time.perf_counter() - started, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
