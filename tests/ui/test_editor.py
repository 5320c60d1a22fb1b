"""The user's editor: which one, what it is given, and what becomes of the file."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from screens.editor import discard, edited, editor_of
from tui.errors import UsageError


class Terminal:
    """What of an app an editor needs."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    @contextmanager
    def suspend(self) -> Iterator[None]:
        self.seen.append("suspended")
        yield
        self.seen.append("resumed")

    @contextmanager
    def batch_update(self) -> Iterator[None]:
        self.seen.append("silent")
        yield
        self.seen.append("painting")


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({}, ["vi"]),
        ({"EDITOR": "nano"}, ["nano"]),
        ({"EDITOR": "nano", "VISUAL": "code --wait"}, ["code", "--wait"]),
        ({"VISUAL": "", "EDITOR": "'/opt/my editor'"}, ["/opt/my editor"]),
    ],
)
def test_visual_comes_before_editor_and_may_have_arguments(environ: dict[str, str], words: list[str]) -> None:
    assert editor_of(environ) == words


def test_an_editor_that_is_no_command_is_named() -> None:
    with pytest.raises(UsageError, match="No closing quotation"):
        editor_of({"EDITOR": "'vi"})


def text_of(file: str) -> str:
    return Path(file).read_text()


def script(folder: Path, body: str) -> str:
    file = folder / "editor"
    file.write_text(f"#!/bin/sh\n{body}\n")
    file.chmod(0o755)
    return str(file)


async def test_the_file_is_private_and_comes_back_as_it_was_saved(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("VISUAL", script(tmp_path, 'printf "more: 1\\n" >> "$1"; touch "$1~"'))
    terminal = Terminal()
    text, file = await edited(cast("Any", terminal), "kind: Pod\n", "../web/a b")
    assert text == "kind: Pod\nmore: 1\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert file.name == "..-web-a-b.yaml"
    assert terminal.seen == ["suspended", "silent", "painting", "resumed"]
    discard(file)
    assert not file.parent.exists(), "also what the editor left beside it"


async def test_an_editor_that_does_not_exist_is_named_and_nothing_is_left(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("VISUAL", "/no/such/editor")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(UsageError, match="/no/such/editor cannot be run here"):
        await edited(cast("Any", Terminal()), "a", "b")
    assert os.listdir(tmp_path) == []


async def test_an_editor_that_fails_keeps_the_text(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VISUAL", script(tmp_path, 'echo "half: done" > "$1"; exit 3'))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(UsageError, match="ended with 3; nothing was changed, and the text is kept in") as raised:
        await edited(cast("Any", Terminal()), "a", "b")
    assert text_of(str(raised.value).rsplit(" ", 1)[1]) == "half: done\n"
