"""`clusterview demo`: the product over simulated clouds that it starts as a child and ends with itself.

Without a terminal (pipe, CI) the same main job is printed as text.
"""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Generator, MutableMapping
from contextlib import contextmanager
from pathlib import Path

from tui.cli import splash
from tui.cli.sim import READY
from tui.errors import ClusterviewError

_FOREIGN = (
    "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_TENANT_ID", "AZURE_FEDERATED_TOKEN_FILE", "MSI_ENDPOINT",
    "GOOGLE_APPLICATION_CREDENTIALS", "CLUSTERVIEW_CONFIG", "CLUSTERVIEW_PROJECTS", "CLUSTERVIEW_SUBSCRIPTIONS",
    "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy",
)  # fmt: skip
"""Variables that would lead a demo to somebody's real clouds, or round the loopback."""


def run(arguments: argparse.Namespace) -> int:
    """The UI in a terminal, the tour elsewhere or with --plain."""
    if arguments.plain or not splash.in_terminal():
        with simulated_clouds(arguments.scenario, arguments.speed) as environment:
            enter(environment, os.environ)
            from tui.cli.tour import run as tour

            return tour(arguments)
    from tui.cli.ui import run as open_ui

    splash.paint("starting the simulated clouds …")
    with simulated_clouds(arguments.scenario, arguments.speed) as environment:
        enter(environment, os.environ)
        return open_ui(arguments)


def enter(environment: dict[str, str], environ: MutableMapping[str, str]) -> None:
    """Point this process, and every client it will make, at the simulated clouds and nowhere else."""
    for name in _FOREIGN:
        environ.pop(name, None)
    environ.update(environment)


@contextmanager
def simulated_clouds(scenario: str, speed: float) -> Generator[dict[str, str]]:
    """Run `clusterview sim` as a child until the block ends; gives its environment variables.

    Raises ClusterviewError with the child's own words where it does not start.
    """
    with tempfile.TemporaryDirectory(prefix="clusterview-demo-") as folder:
        child = subprocess.Popen(
            _command("--scenario", scenario, "--speed", str(speed), "--state", folder, "--with-parent"),
            stdin=subprocess.PIPE,  # closed by our end, however that comes: the child ends with it
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # ctrl+c in the terminal is for the UI
        )
        try:
            yield _environment(child) | {"XDG_CONFIG_HOME": str(Path(folder) / "config")}
        finally:
            child.communicate()


def _command(*arguments: str) -> list[str]:
    # -P: a folder named `widgets` where the user happens to stand must not be imported as ours.
    start = "import sys; from tui.cli.main import main; sys.exit(main())"
    return [sys.executable, "-P", "-c", start, "sim", *arguments]


def _environment(child: subprocess.Popen[str]) -> dict[str, str]:
    """The `export NAME=VALUE` lines that the simulator prints once it serves, up to its last word."""
    assert child.stdout is not None
    assert child.stderr is not None
    found: dict[str, str] = {}
    for line in child.stdout:
        if line.strip() == READY:
            return found
        words = shlex.split(line, comments=True)
        if len(words) == 2 and words[0] == "export":
            name, _, value = words[1].partition("=")
            found[name] = value
    raise ClusterviewError("the simulated clouds did not start: " + child.stderr.read().strip())
