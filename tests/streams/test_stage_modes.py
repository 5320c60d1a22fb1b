"""Folders that are closed to their owner are so in a container too, once all is in them: whichever tar it has, and
whether or not one is root there."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.streams.tars import tar_of
from tests.streams.test_copying import told
from tests.streams.test_stage_scripts import hurried, run, shell
from tui.streams.packing import closing_of, plan
from tui.streams.stagescripts import BEGIN

__all__ = ["hurried", "shell"]

NOBODY = 65534
MODES = {"c/d/e": 0o511, "c/d": 0o577, "c": 0o400, "many": 0o555, "-x y": 0o600, "a": 0o300, "open": 0o755, ".": 0o555}


@pytest.fixture
def near(tmp_path: Path) -> Iterator[Path]:
    tree = tmp_path / "near" / "tree"
    modes = dict.fromkeys((f"many/{number}" for number in range(150)), 0o555) | MODES
    for name in modes:
        (tree / name).mkdir(parents=True, exist_ok=True)
        (tree / name / "f").write_text("f")
    for name, mode in modes.items():
        (tree / name).chmod(mode)
    yield tree
    for name in reversed(modes):
        (tree / name).chmod(0o700)


def sent(tree: Path) -> tuple[bytes, str]:
    packing = plan(str(tree), "tree")
    closing = closing_of(packing, ".unused")
    tar = tar_of(packing, closing=closing)
    return b"ends\n" + tar, str(closing.size)


def test_a_tar_that_leaves_the_modes_of_folders_that_are_there(
    tmp_path: Path, near: Path, shell: list[str], hurried: dict[str, str]
) -> None:
    """As busybox's does for who is not root."""
    if shell[0].endswith("busybox"):
        pytest.skip("a busybox has its own tar")
    tar = Path(hurried["PATH"]) / "tar"
    sh, real = shutil.which("sh"), shutil.which("tar")
    tar.unlink()
    tar.write_text(f'#!{sh}\nexec {real} --no-overwrite-dir "$@"\n')
    tar.chmod(0o755)
    (tmp_path / "far").mkdir()
    typed, size = sent(near)
    arguments = (str(tmp_path / "far"), "tree", "/", "x", ".unused", "folder", size)
    assert run(shell, BEGIN, *arguments, environment=hurried, typed=typed) == (0, "")
    assert told(tmp_path / "far" / "tree") == told(near)
    assert (tmp_path / "far" / "tree").stat().st_mode == near.stat().st_mode


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
@pytest.mark.parametrize("umask", [0o022, 0o027])
def test_who_is_not_root(near: Path, shell: list[str], umask: int) -> None:
    path = os.environ["PATH"]
    with tempfile.TemporaryDirectory(dir="/tmp") as held:
        far = Path(held)
        os.chown(far, NOBODY, NOBODY)
        typed, size = sent(near)
        command = [*shell, "-c", BEGIN.strip(), "sh", ".", "tree", "/", "x", ".unused", "folder", size]
        done = subprocess.run(
            command, env={"PATH": path}, cwd=far, input=typed, capture_output=True, check=False,
            user=NOBODY, group=NOBODY, extra_groups=[], umask=umask,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, b"")
        found = {name: (far / "tree" / name).stat().st_mode & 0o7777 for name in MODES}
        assert found == {name: mode & ~umask for name, mode in MODES.items()}
        assert (far / "tree" / "many" / "149" / "f").read_text() == "f"
        assert (far / "tree" / "many" / "149").stat().st_mode & 0o222 == 0
        assert os.listdir(far) == ["tree"]
