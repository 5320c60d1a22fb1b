"""What is removed when a simulator ends: its own folders, and nothing that somebody has put in their place."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tui.sim.kube.streams import guard
from tui.sim.kube.streams.guard import identity, remove


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """A folder that is none of the simulator's."""
    path = tmp_path / "theirs"
    for folder in (path, path / "room", path / "room" / "app"):
        folder.mkdir(mode=0o750)
    (path / "room" / "app" / "letter").write_text("precious")
    return path


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    path = tmp_path / "scratch"
    (path / "room" / "app").mkdir(parents=True)
    (path / "room" / "app" / "file").write_text("")
    return path


def whole(path: Path) -> list[tuple[str, int]]:
    """All that is below, with its modes."""
    return [(str(one.relative_to(path)), one.lstat().st_mode) for one in sorted((path, *path.rglob("*")))]


def moved(path: Path, to: Path) -> None:
    """Somebody moves a folder away, and leaves a link to another one in its place."""
    path.rename(path.with_name(f"{path.name}-moved"))
    path.symlink_to(to)


PLACES: dict[str, Callable[[Path, Path], None]] = {
    "itself": lambda scratch, theirs: moved(scratch / "room", theirs / "room"),
    "above": lambda scratch, theirs: moved(scratch, theirs),
    "below": lambda scratch, theirs: moved(scratch / "room" / "app", theirs),
}
"""Where the link is, seen from the folder that is to be removed."""


def told(*lines: str) -> None:
    """A guard whose simulator has ended after these lines."""
    command, text = [sys.executable, "-I", "-S", guard.__file__], "\n".join(lines) + "\n"
    done = subprocess.run(command, input=text, text=True, check=True, capture_output=True, timeout=60)
    assert (done.stdout, done.stderr) == ("", "")


@pytest.mark.parametrize("where", sorted(PLACES))
def test_the_guard_removes_nothing_behind_a_link(scratch: Path, theirs: Path, where: str) -> None:
    before, room = whole(theirs), scratch / "room"
    line = f"+folder {identity(room)} {room}"
    PLACES[where](scratch, theirs)
    told(line)
    assert whole(theirs) == before
    assert room.exists() == (where != "below")


@pytest.mark.parametrize("where", ["itself", "below"])
def test_nor_does_the_simulator_while_it_runs(scratch: Path, theirs: Path, where: str) -> None:
    before = whole(theirs)
    PLACES[where](scratch, theirs)
    remove(scratch / "room")
    assert whole(theirs) == before


def test_what_is_gone_already_or_has_ended_is_no_matter(scratch: Path) -> None:
    room, ended = scratch / "room", scratch / "ended"
    ended.mkdir()
    line = f"folder {identity(ended)} {ended}"
    told(f"+folder {identity(room)} {room}", f"+folder 1.1 {scratch}/never was", f"+{line}", f"-{line}")
    assert os.listdir(scratch) == ["ended"]


def test_a_folder_whose_name_has_spaces_goes_too_with_what_nobody_may_look_into(tmp_path: Path) -> None:
    room = tmp_path / "a room"
    (room / "closed" / "deeper").mkdir(parents=True)
    (room / "closed" / "deeper").chmod(0)
    (room / "closed").chmod(0)
    told(f"+folder {identity(room)} {room}")
    assert not room.exists()
