"""Simulated clouds for a benchmark: a process of their own, so that their work is nobody's but theirs."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.programs import CLUSTERVIEW

CROWDED = "prod-eu"
"""The membership in whose cluster `--scale` puts the pods: the scenario's first one on GKE."""


@contextmanager
def clouds(folder: Path, *arguments: str) -> Generator[dict[str, str]]:
    """The whole environment, from scratch, for any client of a simulator started with `arguments`."""
    base = bare(folder)
    child = subprocess.Popen(
        [CLUSTERVIEW, "sim", "--state", str(folder / "state"), "--with-parent", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=base,
    )
    try:
        assert child.stdout is not None
        found: dict[str, str] = {}
        for line in child.stdout:
            if line.strip() == "# ready":
                break
            words = shlex.split(line, comments=True)
            if len(words) == 2:
                name, _, value = words[1].partition("=")
                found[name] = value
        if not found:
            raise RuntimeError(f"the simulator did not start: {arguments}")
        yield base | found
    finally:
        child.communicate()


def bare(folder: Path) -> dict[str, str]:
    """An empty home and nothing inherited but the path."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LANG": "C.UTF-8",
        "TEXTUAL_SPEEDUPS": "0",
    }
