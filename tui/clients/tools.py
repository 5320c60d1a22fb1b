"""Running another program for its answer: gcloud, and the exec plugins of kubeconfig files.

It gets no terminal, not even by the name of /dev/tty (a session of its own has none): a plugin that asked a question
would read the keys meant for the screen, and one that printed would draw over it. What it says on stderr is kept and
shown.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence

from msgspec import Struct


class Ran(Struct, frozen=True):
    """How a program ended. code: its exit status."""

    code: int
    out: bytes
    err: str


async def run_tool(command: Sequence[str], *, environ: Mapping[str, str], timeout: float) -> Ran:
    """Run `command` to its end. Raises OSError where it cannot be started, TimeoutError after `timeout` seconds (it is
    killed then, as it is when the caller is cancelled)."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=dict(environ),
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(timeout):
            out, err = await process.communicate()
    except BaseException:
        if process.returncode is None:
            _kill(process.pid)
            await process.wait()
        raise
    return Ran(process.returncode or 0, out, err.decode("utf-8", "replace").strip())


def _kill(pid: int) -> None:
    """End the program and what it has started, which would otherwise go on in the background."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
