"""What a short command imports: every module is waited for by whoever typed it, so those that its way never leads
through are named here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.clouds import directly
from tests.conftest import SimProcess

LOOKING = ("dataclasses",)
"""What commands that only look do without."""
COMMANDS = {
    "logs": (("logs", "-n", "payments", "ledger-db-0"), LOOKING),
    "exec": (("exec", "--write", "-n", "payments", "ledger-db-0", "--", "echo", "hello"), ()),
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
