"""A screen that cannot be opened says why where it can still be read: on the terminal's own screen."""

from __future__ import annotations

import os
import pty
import subprocess
from pathlib import Path

import pytest

from tests.main_job.test_commands import COMMAND

LEAVE = b"\x1b[?1049l"


@pytest.mark.parametrize(
    ("arguments", "theme", "words"),
    [
        (("--context", "nope"), "dark", b"the kubeconfig has no context 'nope'"),
        ((), "bogus", b"CLUSTERVIEW_THEME='bogus': expected one of dark, light"),
    ],
)
def test_the_reason_outlives_the_other_screen(
    tmp_path: Path, arguments: tuple[str, ...], theme: str, words: bytes
) -> None:
    near, far = pty.openpty()
    environ = {"HOME": str(tmp_path), "PATH": "", "TERM": "xterm-256color", "CLUSTERVIEW_THEME": theme}
    process = subprocess.Popen([*COMMAND, *arguments], env=environ, stdin=far, stdout=far, stderr=far)
    os.close(far)
    seen = b""
    try:
        while True:
            seen += os.read(near, 65536)
    except OSError:  # all has been read, and nobody writes any more
        pass
    finally:
        os.close(near)
    assert process.wait(timeout=60) == 2
    _, _, after = seen.rpartition(LEAVE)
    assert LEAVE in seen
    assert words in after
