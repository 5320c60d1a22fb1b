"""The programs under comparison: where they are, and what a run of one costs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import IO

BIN = Path(sys.executable).parent
CLUSTERVIEW = str(BIN / "clusterview")
PYTHON = sys.executable
_LAUNCHED = Path(__file__).with_name("launched.py")


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


class Child:
    """A process that ends by itself. What is not given to it or taken from it is nothing."""

    def __init__(
        self,
        command: Sequence[str],
        env: Mapping[str, str],
        stdin: IO[bytes] | int = subprocess.DEVNULL,
        stdout: int = subprocess.DEVNULL,
    ) -> None:
        self._command = command
        self._told, telling = os.pipe()
        try:
            self._launched = subprocess.Popen(
                [PYTHON, "-I", "-S", str(_LAUNCHED), str(telling), *command],
                env=dict(env), stdin=stdin, stdout=stdout, stderr=subprocess.DEVNULL, pass_fds=(telling,),
            )  # fmt: skip
        except BaseException:
            os.close(self._told)
            raise
        finally:
            os.close(telling)
        self.stdout = self._launched.stdout
        self.code: int | None = None

    def run(self) -> Run:
        """What it has cost, once it has ended, in whatever way. To be asked once. Raises RuntimeError where it could
        not be started."""
        with open(self._told, "rb") as told:
            words = told.read().split()
        self._launched.wait()
        if not words:
            raise RuntimeError(f"it cannot be started: {self._command}")
        seconds, processor, memory, code = words
        self.code = int(code)
        return Run(float(seconds), float(processor), int(memory) / 1024)


def whole(command: Sequence[str], env: Mapping[str, str], stdin: Path | IO[bytes] | None = None) -> Run:
    """A whole process, its output thrown away. stdin: a file that it reads, or what it is given. Raises RuntimeError
    where it fails."""
    with open(stdin or os.devnull, "rb") if stdin is None or isinstance(stdin, Path) else nullcontext(stdin) as read:
        child = Child(command, env, read)
        run = child.run()
    if child.code != 0:
        raise RuntimeError(f"exit code {child.code}: {command}")
    return run
