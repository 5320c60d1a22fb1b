"""A staged copy into a folder in which others are mounted, by the shells of this machine: whoever reads there finds a
file as it was, or as it is in the end."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.streams.test_copying import told
from tests.streams.test_stage_scripts import hurried, landing, run, shell, staged, the_end
from tui.streams.stagescripts import CLAIM, GO_ON

__all__ = ["hurried", "shell"]

OWN_MOUNTS = ("unshare", "--mount", "--map-root-user")
mounting = pytest.mark.skipif(
    subprocess.run([*OWN_MOUNTS, "true"], capture_output=True, check=False).returncode != 0,
    reason="nothing can be mounted here",
)
SIZE = 64 << 20
WATCHING = """
import json, os, subprocess, sys
mount, place, watched, environment, command = json.loads(sys.argv[1])
subprocess.run([*mount, place], check=True)
for name in watched:
    os.makedirs(os.path.dirname(name), exist_ok=True)
    with open(name, "w") as file:
        file.write("old")
seen = {name: {3} for name in watched}
pipes = {"stdin": sys.stdin, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
with subprocess.Popen(command, env=environment, **pipes) as process:
    while process.poll() is None:
        for name in watched:
            try:
                seen[name].add(os.stat(name).st_size)
            except FileNotFoundError:
                seen[name].add(-1)
    said = process.stderr.read().decode()
seen = {name: sorted(sizes | {os.stat(name).st_size}) for name, sizes in seen.items()}
there = sorted(os.path.join(folder, name) for folder, _, names in os.walk(place) for name in names)
print(json.dumps({"code": process.returncode, "said": said, "seen": seen, "there": there}))
"""
"""Mounts a folder of its own, looks at the sizes of files there while a command runs, and tells what it saw; -1: a
file was not there."""


def watched(
    mount: list[str], place: Path, names: list[Path], command: list[str], environment: dict[str, str], typed: bytes
) -> dict[str, Any]:
    told_of = json.dumps([mount, str(place), [str(name) for name in names], environment, command])
    watch = [*OWN_MOUNTS, sys.executable, "-c", WATCHING, told_of]
    done = subprocess.run(watch, input=typed, capture_output=True, check=True, timeout=120)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@mounting
@pytest.mark.parametrize("kind", ["another file system", "the same once more"])
@pytest.mark.parametrize("at", ["d1", "d1/deeper/mnt"])
def test_nobody_finds_half_a_file_where_another_folder_is_mounted(
    tmp_path: Path, shell: list[str], hurried: dict[str, str], kind: str, at: str
) -> None:
    stage = staged(tmp_path, 21)
    tree = tmp_path / "tree"
    (tmp_path / "mounted").mkdir()
    mount = ["mount", "-t", "tmpfs", "none"] if kind == "another file system" else ["mount", "--bind"]
    if kind != "another file system":
        mount.append(str(tmp_path / "mounted"))
    new = stage / "tree" / at
    for name in ("big", "inner/big"):
        (new / name).parent.mkdir(parents=True, exist_ok=True)
        with (new / name).open("wb") as file:
            for _ in range(SIZE >> 20):
                file.write(b"x" * (1 << 20))
    (new / ".hidden").write_text("h")
    (new / "whole" / "of it").mkdir(parents=True)
    (new / "whole" / "of it" / "f").write_text("f")
    (tree / at).mkdir(parents=True, exist_ok=True)
    expected = {str(tree / at / name.relative_to(new)) for name in new.rglob("*") if name.is_file()}
    names = [tree / at / "big", tree / at / "inner" / "big"]
    command = [*shell, "-c", GO_ON.strip(), "sh", *landing(stage)]
    found = watched(mount, tree / at, names, command, hurried, the_end(stage))
    assert (found["code"], found["said"]) == (0, "")
    assert found["seen"] == {str(name): [3, SIZE] for name in names}
    assert set(found["there"]) == expected
    assert not stage.exists()
    assert (tree / "d0" / "f0").read_text() == "new 0"


@mounting
def test_a_file_that_is_mounted_stops_it_before_anything_is_moved(
    tmp_path: Path, shell: list[str], hurried: dict[str, str]
) -> None:
    stage = staged(tmp_path, 21)
    (stage / f"{stage.name}.end").touch()
    (tmp_path / "mounted").write_text("mounted")
    before = told(tmp_path)
    mount = ["mount", "--bind", str(tmp_path / "mounted")]
    file = tmp_path / "tree" / "d1" / "f15"
    command = [*shell, "-c", GO_ON.strip(), "sh", *landing(stage)]
    found = watched(mount, file, [], command, hurried, the_end(stage))
    assert (found["code"], found["said"]) == (1, f"{file}: is mounted there, and cannot be replaced\n")
    assert told(tmp_path) == before


@pytest.mark.parametrize("name", ["tree", "with space", "a\\b"])
def test_where_nobody_tells_what_is_mounted_all_comes_to_its_place(
    tmp_path: Path, shell: list[str], hurried: dict[str, str], name: str
) -> None:
    (tmp_path / name).mkdir()
    stage = staged(tmp_path / name, 300)
    (stage / "tree" / "d1" / "more" / "in it").mkdir(parents=True)
    (stage / "tree" / "d1" / "more" / "in it" / "f").write_text("f")
    (tmp_path / name / "tree" / "d1" / "more").mkdir()
    script = GO_ON.replace("/proc/self/mounts", "/nowhere/mounts")
    assert run(shell, script, *landing(stage), environment=hurried, typed=the_end(stage)) == (0, "")
    files = [file for file in (tmp_path / name / "tree").rglob("*") if file.is_file()]
    assert len(files) == 301
    assert {file.read_text() for file in files} == {"f", *(f"new {number}" for number in range(300))}
    assert not list(tmp_path.rglob(".staged"))


def test_what_does_not_fit_into_a_mount_leaves_no_part_there(
    tmp_path: Path, shell: list[str], hurried: dict[str, str]
) -> None:
    if shell[0].endswith("busybox"):
        pytest.skip("a busybox has its own mv")
    stage = staged(tmp_path, 7)
    failing = Path(hurried["PATH"]) / "mv"
    sh, real = shutil.which("sh"), shutil.which("mv")
    failing.unlink()
    failing.write_text(f'#!{sh}\ncase $* in */it) echo "mv: full" >&2; exit 1 ;; esac\nexec {real} "$@"\n')
    failing.chmod(0o755)
    script = GO_ON.replace("/proc/self/mounts", "/nowhere/mounts")
    code, said = run(shell, script, *landing(stage), environment=hurried, typed=the_end(stage))
    assert (code, said) == (1, "mv: full\n")
    assert {file.read_text() for file in (tmp_path / "tree").glob("d*/f*")} == {"old"}
    assert [path.name for path in (tmp_path / "tree").glob("d*/*") if path.name == ".staged"] == []


def test_of_one_that_died_while_it_moved_all_is_to_come_again(
    tmp_path: Path, shell: list[str], hurried: dict[str, str]
) -> None:
    """A part of it may be in a place that nobody else knows."""
    stage = staged(tmp_path, 3)
    (stage / f"{stage.name}.put").touch()
    assert run(shell, CLAIM, str(stage), "1", environment=hurried) == (0, "")
    assert not stage.exists()
