"""Exit codes, messages, and what a crash leaves behind."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import pytest

from tui.cli import dispatch as command_line
from tui.cli import main as entry
from tui.cli.dispatch import dispatch
from tui.errors import Problem, ProblemKind, SourceError, UsageError


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    return tmp_path


def run_as(monkeypatch: pytest.MonkeyPatch, error: BaseException | None, code: int = 0) -> None:
    def command(arguments: argparse.Namespace) -> int:
        if error is not None:
            raise error
        return code

    monkeypatch.setattr(command_line, "_resolve", lambda target: command)


SIGNED_OUT = Problem(ProblemKind.SIGNED_OUT, "not signed in to Google", remedy="gcloud auth login")
FAILED = Problem(ProblemKind.SERVER, "the server failed", server_words="boom\x1b[31m")


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (UsageError("no such kind"), 2, "clusterview: no such kind\n"),
        (SourceError(SIGNED_OUT), 4, "clusterview: not signed in to Google\n  try: gcloud auth login\n"),
        (SourceError(FAILED), 1, "clusterview: the server failed: boom␛[31m\n"),
    ],
)
def test_ends_with_the_code_and_words_of_the_failure(
    error: BaseException, code: int, words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run_as(monkeypatch, error)
    assert dispatch(["info"]) == code
    assert capsys.readouterr() == ("", words)


def test_an_interrupt_ends_with_130_and_no_word(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run_as(monkeypatch, KeyboardInterrupt())
    monkeypatch.setattr(sys, "argv", ["clusterview", "info"])
    assert entry.main() == 130
    assert capsys.readouterr() == ("", "")


def test_a_crash_ends_with_70_and_the_path_of_the_log(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run_as(monkeypatch, ZeroDivisionError("halves of nothing"))
    with pytest.raises(SystemExit) as ended:
        dispatch([])
    log = home / ".local/state/clusterview/clusterview.log"
    assert ended.value.code == 70
    assert str(log) in capsys.readouterr().err
    assert "ZeroDivisionError: halves of nothing" in log.read_text()
    assert log.stat().st_mode & 0o777 == 0o600


def test_usage_errors_end_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        dispatch(["fleet", "no-such-command"])
    assert ended.value.code == 2
    assert "invalid choice: 'no-such-command'" in capsys.readouterr().err


def test_prints_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert dispatch(["--version"]) == 0
    assert capsys.readouterr().out.startswith("clusterview ")


_COME_AND_GO = """
import resource, sys
from tui.cli.main import keep_freed_memory

def faults():
    begun = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(500):
        held = [bytes(100_000)[1:] for _ in range(3)]
        del held
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - begun

before = faults()
keep_freed_memory()
print(before, faults())
"""


def test_memory_of_messages_is_not_asked_for_page_by_page() -> None:
    done = subprocess.run([sys.executable, "-c", _COME_AND_GO], capture_output=True, check=True)
    before, after = map(int, done.stdout.split())
    if before < 5000:
        pytest.skip(f"this C library keeps what is freed by itself: {before} page faults")
    assert after < before / 20
