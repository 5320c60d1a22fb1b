"""A staged copy to a disk that is full at any point of it: whichever tool or shell finds that out, the kernel's words
for it are in what is said, by which `tui.streams.farend` knows it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.streams.test_stage_modes import sent
from tests.streams.test_stage_mounts import OWN_MOUNTS, mounting
from tests.streams.test_stage_scripts import hurried, shell
from tui.streams.stagescripts import BEGIN

__all__ = ["hurried", "shell"]

FILLING = """
import json, os, subprocess, sys
place, environment, command = json.loads(sys.argv[1])
typed, found = sys.stdin.buffer.read(), []
for kind in ("nr_inodes", "nr_blocks"):
    for number in range(1, 14):
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"{kind}={number}", "none", place], check=True)
        done = subprocess.run(command, env=environment, input=typed, capture_output=True)
        found.append([f"{kind}={number}", done.returncode, done.stderr.decode()])
        subprocess.run(["umount", place], check=True)
print(json.dumps(found))
"""
"""Runs a command on file systems of that size, and tells how each run ended."""


@mounting
def test_a_full_disk_is_named_by_whoever_meets_it(tmp_path: Path, shell: list[str], hurried: dict[str, str]) -> None:
    tree, far = tmp_path / "tree", tmp_path / "far"
    (tree / "d").mkdir(parents=True)
    far.mkdir()
    for name in ("a", "b", "d/c"):
        (tree / name).write_bytes(b"x" * 5000)
    typed, size = sent(tree)
    script = BEGIN.replace("sleep 1", "sleep 0").strip()
    command = [*shell, "-c", script, "sh", str(far), "tree", "/", "x", ".unused", "folder", size]
    watch = [*OWN_MOUNTS, sys.executable, "-c", FILLING, json.dumps([str(far), hurried, command])]
    done = subprocess.run(watch, input=typed, capture_output=True, check=True, timeout=120)
    found: list[Any] = json.loads(done.stdout)
    assert {code == 0 for _, code, _ in found} == {True, False}
    assert [(where, said) for where, code, said in found if code != 0 and "No space left on device" not in said] == []
