"""The scripts of a staged copy, by the shells of this machine: at work twice at a time, after one that died, and where
something is in the way."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.streams.test_copying import told
from tui.streams.stagescripts import DISCARD, FINISH, PREPARE

SHELLS = [found for name in ("dash", "bash", "busybox") if (found := shutil.which(name))]
TOOLS = ("mv", "rm", "tar", "cat", "head", "wc", "mkdir")


@pytest.fixture(params=SHELLS, ids=os.path.basename)
def shell(request: pytest.FixtureRequest) -> list[str]:
    return [request.param, "sh"] if request.param.endswith("busybox") else [request.param]


@pytest.fixture
def hurried(tmp_path: Path) -> dict[str, str]:
    """An environment in which nobody sleeps."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, called in [*((tool, tool) for tool in TOOLS), ("true", "sleep")]:
        found = shutil.which(name)
        assert found is not None
        (folder / called).symlink_to(found)
    return {"PATH": str(folder)}


@pytest.fixture
def somebody() -> Iterator[int]:
    """The number of a process that lives."""
    with subprocess.Popen(["sleep", "1000"]) as process:
        yield process.pid
        process.kill()


def nobody() -> int:
    """The number of a process that has died."""
    with subprocess.Popen(["true"]) as process:
        pass
    return process.pid


def start(shell: list[str], script: str, *arguments: str, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    command = [*shell, "-c", script.strip(), "sh", *arguments]
    return subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def run(shell: list[str], script: str, *arguments: str, environment: dict[str, str]) -> tuple[int, str]:
    process = start(shell, script, *arguments, environment=environment)
    _, said = process.communicate(timeout=60)
    return process.returncode, said.decode()


def staged(target: Path, files: int) -> Path:
    """A folder "tree", staged in one of its name that is there."""
    stage = target / "tree" / ".staged"
    for number in range(files):
        file = stage / "tree" / f"d{number % 7}" / f"f{number}"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"new {number}")
        there = target / "tree" / f"d{number % 7}" / f"f{number}"
        there.parent.mkdir(exist_ok=True)
        there.write_text("old")
    return stage


def turn_of(stage: Path) -> Path:
    return stage / stage.name


def test_several_at_work_at_a_time_do_it_once(tmp_path: Path, shell: list[str], hurried: dict[str, str]) -> None:
    stage = staged(tmp_path, 300)
    arguments = (str(stage), str(tmp_path), "tree", "0", "ends")
    (Path(hurried["PATH"]) / "sleep").unlink()
    (Path(hurried["PATH"]) / "sleep").symlink_to(shutil.which("sleep") or "")
    processes = [start(shell, FINISH, *arguments, environment=hurried) for _ in range(6)]
    ended = [(process.communicate(timeout=60)[1], process.returncode) for process in processes]
    assert ended == [(b"", 0)] * 6
    assert not stage.exists()
    files = [file for file in (tmp_path / "tree").rglob("*") if file.is_file()]
    assert len(files) == 300
    assert {file.read_text() for file in files} == {f"new {number}" for number in range(300)}


def test_one_that_died_keeps_nobody_out(tmp_path: Path, shell: list[str], hurried: dict[str, str]) -> None:
    stage = staged(tmp_path, 3)
    turn_of(stage).write_text(f"{nobody()}\n")
    assert run(shell, FINISH, str(stage), str(tmp_path), "tree", "0", "ends", environment=hurried) == (0, "")
    assert not stage.exists()
    assert (tmp_path / "tree" / "d0" / "f0").read_text() == "new 0"


@pytest.mark.parametrize("holder", ["lives", "has not written its number yet"])
def test_nothing_is_moved_or_removed_under_one_at_work(
    tmp_path: Path, shell: list[str], hurried: dict[str, str], somebody: int, holder: str
) -> None:
    stage = staged(tmp_path, 3)
    turn_of(stage).write_text(f"{somebody}\n" if holder == "lives" else "")
    before = told(tmp_path / "tree")
    code, said = run(shell, FINISH, str(stage), str(tmp_path), "tree", "0", "ends", environment=hurried)
    assert (code, said) == (1, f"{stage}: another command is at work on it\n")
    assert run(shell, DISCARD, str(stage), environment=hurried)[0] == 1
    assert told(tmp_path / "tree") == before


def test_one_folder_by_several_names_is_removed(tmp_path: Path, shell: list[str], hurried: dict[str, str]) -> None:
    stage = staged(tmp_path, 3)
    several = (str(stage), f"{tmp_path}/./tree/.staged", str(tmp_path / "nowhere" / ".staged"))
    assert run(shell, DISCARD, *several, environment=hurried) == (0, "")
    assert not stage.exists()


def test_a_folder_in_the_way_stops_it_before_anything_is_moved(
    tmp_path: Path, shell: list[str], hurried: dict[str, str]
) -> None:
    stage = staged(tmp_path, 20)
    inner = tmp_path / "tree" / "d6" / "f13"
    inner.unlink()
    (inner / "kept").mkdir(parents=True)
    before = told(tmp_path)
    code, said = run(shell, FINISH, str(stage), str(tmp_path), "tree", "0", "ends", environment=hurried)
    assert (code, said) == (1, f"{inner}: Is a directory\n")
    assert told(tmp_path) == before


def test_links_are_replaced_and_not_gone_through(tmp_path: Path, shell: list[str], hurried: dict[str, str]) -> None:
    stage = staged(tmp_path, 3)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "f").write_text("not ours")
    tree = tmp_path / "tree"
    (tree / "d0" / "f0").unlink()
    (tree / "d0" / "f0").symlink_to(tmp_path / "outside")
    (tree / "d1" / "f1").unlink()
    (tree / "d1" / "f1").symlink_to(tmp_path / "outside" / "f")
    shutil.rmtree(tree / "d2")
    (tree / "d2").symlink_to(tmp_path / "outside")
    assert run(shell, FINISH, str(stage), str(tmp_path), "tree", "0", "ends", environment=hurried) == (0, "")
    assert told(tmp_path / "outside") == {"f": told(tmp_path / "outside")["f"]}
    assert (tmp_path / "outside" / "f").read_text() == "not ours"
    assert [(tree / f"d{n}" / f"f{n}").read_text() for n in range(3)] == ["new 0", "new 1", "new 2"]
    assert not any((tree / name).is_symlink() for name in ("d0/f0", "d1/f1", "d2"))


@pytest.mark.parametrize("end", ["ends", "goes on"])
@pytest.mark.parametrize("lacks", [0, 1, 512, 10240 - 700])
def test_modes_that_are_cut_move_nothing(
    tmp_path: Path, shell: list[str], hurried: dict[str, str], lacks: int, end: str
) -> None:
    stage = staged(tmp_path, 3)
    (stage / "tree").chmod(0o711)
    packing = ["tar", "cf", "-", "--no-recursion", "-C", str(stage), "tree"]
    packed = subprocess.run(packing, capture_output=True, check=True).stdout
    assert len(packed) == 10240
    ended = subprocess.run(
        [*shell, "-c", FINISH.strip(), "sh", str(stage), str(tmp_path), "tree", str(len(packed)), end],
        input=packed[: len(packed) - lacks], env=hurried, capture_output=True, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (1 if lacks else 0, b"")
    assert stage.exists() == bool(lacks)
    assert (tmp_path / "tree" / "d0" / "f0").read_text() == ("old" if lacks else "new 0")
    assert lacks or (tmp_path / "tree").stat().st_mode & 0o777 == 0o711


def test_a_staging_folder_is_never_one_that_is_there(tmp_path: Path, shell: list[str], hurried: dict[str, str]) -> None:
    (tmp_path / ".unused").mkdir()
    arguments = (str(tmp_path), "f", "/", "x", ".unused", "file")
    assert run(shell, PREPARE, *arguments, environment=hurried)[0] != 0
