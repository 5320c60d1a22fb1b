"""What a short command imports: every module is waited for by whoever typed it, so those that its way never leads
through are named here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.clouds import directly
from tests.conftest import SimProcess

LOOKING = (
    "configparser",
    "dataclasses",
    "tui.clients.exec_plugin",
    "tui.clients.google_auth",
    "tui.clients.kube_traces",
    "tui.clients.kube_usage",
    "tui.clients.kube_whole",
    "tui.clients.kube_write",
    "tui.clients.refusals",
    "tui.clients.slots",
    "tui.data.hub",
    "tui.model.connection",
    "tui.model.jsonpath",
    "tui.model.streams",
    "tui.model.views",
)
"""What commands that only look do without, where there is a kubeconfig and nothing goes wrong."""
LOGS = (*LOOKING, "tui.clients.kube_tables", "tui.clients.kube_watch", "tui.cli.asked", "tui.model.feed")
"""One whole log is one object and one stream, and no list."""
EXEC = (
    "configparser",
    "tui.cli.asked",
    "tui.changes.journal",
    "tui.changes.permissions",
    "tui.clients.kube_usage",
    "tui.clients.refusals",
    "tui.model.jsonpath",
)
"""Who is let into a container writes nothing that is journaled."""
COMMANDS = {
    "logs": (("logs", "-n", "payments", "ledger-db-0"), LOGS),
    "exec": (("exec", "--write", "-n", "payments", "ledger-db-0", "--", "echo", "hello"), EXEC),
    "get": (("get", "pods", "-n", "payments"), LOOKING),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_imports_what_is_on_its_way_and_no_more(
    sim_process: SimProcess, tmp_path: Path, command: str
) -> None:
    environ = directly(tmp_path, sim_process.environ(tmp_path), "prod-eu")
    words, needless = COMMANDS[command]
    script = (
        "import sys\nfrom tui.cli.main import main\ncode = main()\n"
        f"print(code, *sorted({set(needless)!r} & sys.modules.keys()), file=sys.stderr)"
    )
    ran = subprocess.run(
        [sys.executable, "-P", "-c", script, *words],
        env=environ, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert ran.stdout
    assert ran.stderr.splitlines()[-1] == "0"
