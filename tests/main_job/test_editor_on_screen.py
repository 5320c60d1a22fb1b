"""An editor that cannot be run, or fails, on a real terminal: the screen comes back, says which one and what to do."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.conftest import SimProcess
from tests.main_job.terminals import Pty
from tests.main_job.test_changing import Shell
from tests.main_job.test_shell_on_screen import POD, SIZE, Desk


@pytest.fixture(scope="module")
def own_sim(
    tmp_path_factory: pytest.TempPathFactory, simulate: Callable[..., AbstractContextManager[SimProcess]]
) -> Iterator[SimProcess]:
    with simulate(tmp_path_factory.mktemp("editor")) as running:
        yield running


@contextmanager
def desk_with(editor: str, sim: SimProcess, folder: Path, kubectl: str) -> Iterator[Desk]:
    """Somebody who has this editor, with the cursor on a pod."""
    shell = Shell(sim, folder, kubectl)
    environ = {**shell.environ, "VISUAL": "", "EDITOR": editor, "TMPDIR": str(folder)}
    with Pty(environ, columns=SIZE[0], rows=SIZE[1]) as pty:
        pty.sees(b"live")
        place = pty.type(f":pods @prod-eu -n payments /{POD}\r".encode())
        assert pty.comes_true(lambda: any(f"{POD} 1/1" in line for line in pty.painted(place, *SIZE)))
        pty.says(b"W", b"WRITE ")
        yield Desk(pty, shell)


def fails(desk: Desk, *said: str) -> None:
    """`e`: the screen comes back with all its panes, its keys and the terminal's modes, and says this."""
    before, attributes = desk.pty.modes(), desk.pty.attributes()
    place = desk.pty.type(b"e")
    for words in said:
        desk.shows(words, place)
    desk.is_back(place, "● live")
    assert desk.pty.modes() == before
    assert desk.pty.attributes() == attributes


def kept(folder: Path) -> list[Path]:
    return list(folder.glob("clusterview-*/*.yaml"))


@pytest.mark.parametrize("what", ["missing", "not executable"])
def test_an_editor_that_cannot_be_run(own_sim: SimProcess, tmp_path: Path, kubectl: str, what: str) -> None:
    editor = tmp_path / "my-editor"
    if what == "not executable":
        editor.write_text("#!/bin/sh\n")
        editor.chmod(0o600)
    with desk_with(f"{editor} --wait", own_sim, tmp_path, kubectl) as desk:
        fails(desk, "my-editor", "cannot be run here", "$EDITOR")
        assert kept(tmp_path) == []
        editor.write_text(f"#!/bin/sh\nprintf 'edited %s' \"$1\" > {tmp_path}/ran\n")
        editor.chmod(0o700)
        fails(desk, "nothing was changed")  # as it was read
        assert (tmp_path / "ran").exists(), "once it is there, the same key runs it"


def test_an_editor_that_fails_keeps_what_was_typed(own_sim: SimProcess, tmp_path: Path, kubectl: str) -> None:
    editor = tmp_path / "my-editor"
    editor.write_text("#!/bin/sh\nstty raw -echo\nprintf '\\033[?25l'\necho 'typed: much' >> \"$1\"\nexit 3\n")
    editor.chmod(0o700)
    with desk_with(str(editor), own_sim, tmp_path, kubectl) as desk:
        fails(desk, "my-editor", "ended with 3", "the text is kept", "clusterview-")
        (file,) = kept(tmp_path)
        assert file.read_text().endswith("typed: much\n")
        assert oct(os.stat(file).st_mode & 0o777) == "0o600"
        shown = re.sub(r"[\s│▌]+", "", bytes(desk.pty.output).decode("utf-8", "replace"))
        assert file.parent.name in shown
