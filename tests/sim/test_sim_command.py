"""`clusterview sim` as a program: what it prints and writes, how it ends, how it refuses."""

from __future__ import annotations

import signal
import socket
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tui.cli.dispatch import dispatch as main

SMALL = """
title: A project and two people
people:
- {id: admin, email: ana@example.com, iam: [roles/owner]}
- {id: viewer, email: vera@example.com, iam: [roles/viewer]}
projects: [{id: acme-1, number: "111111111111"}]
clusters: []
memberships: []
"""


@pytest.fixture
def small(tmp_path: Path) -> tuple[str, str]:
    """The flags for a scenario that is there at once."""
    path = tmp_path / "small.yaml"
    path.write_text(SMALL)
    return "--scenario", str(path)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_and_ends_cleanly_on_a_signal(
    simulate: Any, small: tuple[str, str], tmp_path: Path, number: signal.Signals
) -> None:
    with simulate(tmp_path, *small) as running:
        assert running.env["CLOUDSDK_AUTH_ACCESS_TOKEN"]
        assert running.env["CLUSTERVIEW_SIM_CONTROL"]
        assert stat.S_IMODE(running.script.stat().st_mode) == 0o600
        assert running.process.stdout is not None
        assert running.stop(number) == 0
        printed = running.process.stdout.read()
        assert f"export KUBECONFIG={running.env['KUBECONFIG']}" in printed
        assert running.env["CLUSTERVIEW_SIM_CONTROL"] not in printed
    assert "Traceback" not in (tmp_path / "stderr.txt").read_text()


def test_a_restart_on_the_same_port_and_state_is_the_same_to_its_clients(
    simulate: Any, small: tuple[str, str], tmp_path: Path
) -> None:
    state = (*small, "--state", str(tmp_path / "state"))
    with simulate(tmp_path, *state) as first:
        port = first.base_url.rpartition(":")[2]
        kept = {name: first.env[name] for name in ("CLOUDSDK_AUTH_ACCESS_TOKEN", "SSL_CERT_FILE", "KUBECONFIG")}
        authority = Path(first.env["SSL_CERT_FILE"]).read_bytes()
        first.stop()
    with simulate(tmp_path, *state, "--port", port) as second:
        assert second.base_url == first.base_url
        assert {name: second.env[name] for name in kept} == kept
        assert Path(second.env["SSL_CERT_FILE"]).read_bytes() == authority


def test_without_a_state_folder_nothing_is_left_behind(simulate: Any, small: tuple[str, str], tmp_path: Path) -> None:
    with simulate(tmp_path, *small) as running:
        folder = Path(running.env["SSL_CERT_FILE"]).parent
        assert folder.is_dir()
        running.stop()
        assert not folder.exists()


def test_somebody_elses_credentials_can_be_handed_out(simulate: Any, small: tuple[str, str], tmp_path: Path) -> None:
    with simulate(tmp_path, *small, "--as", "viewer") as running:
        assert "/viewer/" in running.env["KUBECONFIG"]


def test_everybody_has_a_script_of_his_own(simulate: Any, small: tuple[str, str], tmp_path: Path) -> None:
    with simulate(tmp_path, *small) as running:
        written = running.script.read_text()
        path = next(line.partition(" . ")[2] for line in written.splitlines() if line.startswith("#   viewer"))
        assert stat.S_IMODE(Path(path).stat().st_mode) == 0o600
        shell = ["sh", "-c", f". {running.script}; . {path}; echo $CLOUDSDK_CORE_ACCOUNT $KUBECONFIG"]
        account, kubeconfig = subprocess.run(shell, capture_output=True, text=True, check=True).stdout.split()
        assert account == "vera@example.com"
        assert Path(kubeconfig) == Path(path).parent / "kubeconfig"
        assert running.env["CLUSTERVIEW_SIM_CONTROL"] not in Path(path).read_text()
        assert "#   admin" not in written


def test_a_busy_port_exits_1_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        assert main(["sim", "--port", str(port)]) == 1
    assert f"port {port} on 127.0.0.1 cannot be used" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--scenario", "no-such"], "no scenario named 'no-such'"),
        (["--scale", "many"], "expected MEMBERSHIPS,PODS"),
        (["--scale", "0,1"], "at least one membership"),
        (["--env-file", "/proc/nowhere/env"], "--env-file /proc/nowhere/env: there is no folder /proc/nowhere"),
        (["--env-file", "/proc"], "--env-file /proc: cannot be written"),
        (["--state", "/proc/nowhere"], "--state /proc/nowhere: cannot be used"),
        (["--as", "mallory"], "nobody named 'mallory'"),
    ],
)
def test_bad_flags_are_usage_errors(
    flags: list[str], words: str, small: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sim", *small, *flags]) == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    "flags",
    [
        *(["sim", "--port", port] for port in ("99999", "-1", "http")),
        *([command, "--speed", speed] for command in ("sim", "demo") for speed in ("0", "-1", "nan", "inf", "fast")),
    ],
)
def test_numbers_out_of_range_are_usage_errors(flags: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(flags)
    assert ended.value.code == 2
    assert f"argument {flags[1]}: {flags[2]!r} is not" in capsys.readouterr().err


def test_a_folder_is_not_made_for_the_environment(small: tuple[str, str], tmp_path: Path) -> None:
    assert main(["sim", *small, "--env-file", str(tmp_path / "typo" / "env")]) == 2
    assert not (tmp_path / "typo").exists()


def test_the_scenarios_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sim", "--list"]) == 0
    assert any(line.startswith("healthy ") for line in capsys.readouterr().out.splitlines())
