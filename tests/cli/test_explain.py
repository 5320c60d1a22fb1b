"""`clusterview explain`: text, codes and pipes, by the table of known lines."""

from __future__ import annotations

import io
import sys

import pytest

from tui.cli.dispatch import dispatch


class Pipe(io.TextIOWrapper):
    """stdin that is a pipe."""

    def __init__(self, content: bytes) -> None:
        super().__init__(io.BytesIO(content))


def test_a_line_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert dispatch(["explain", "failed to create", "the websocket connection: 403"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("CV107  the agent could not open a WebSocket")
    assert "means" in said
    assert "to fix" in said


def test_a_code_is_explained_whatever_its_case(capsys: pytest.CaptureFixture[str]) -> None:
    assert dispatch(["explain", "cv150"]) == 0
    assert capsys.readouterr().out.startswith("CV150  killed for want of memory")


def test_a_pipe_is_counted_by_code(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    lines = b"ok\nx509: certificate has expired \x1b[31m\nOOMKilled\nOOMKilled again\n"
    monkeypatch.setattr(sys, "stdin", Pipe(lines))
    assert dispatch(["explain", "-"]) == 0
    said = capsys.readouterr().out
    assert said.index("CV150") < said.index("CV160")  # the newest first
    assert "OOMKilled again  (2 times)" in said
    assert "\x1b" not in said


def test_what_is_not_known_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert dispatch(["explain", "all is well"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "nothing in it is known" in captured.err


def test_nothing_to_explain_is_a_mistake(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Pipe(b"")
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdin", terminal)
    assert dispatch(["explain"]) != 0
    assert "CV107" in capsys.readouterr().err
