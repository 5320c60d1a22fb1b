"""attach: a look at what the container itself writes, from now on (recorded: ws-attach-v5)."""

from __future__ import annotations

import asyncio

from tui.sim.kube.logs import PodLogs
from tui.sim.kube.status import Obj
from tui.sim.kube.streams.asked import Asked, container_spec
from tui.sim.kube.streams.ending import Ending
from tui.sim.kube.streams.link import Link
from tui.wire.channels import STDIN, STDOUT


async def watch(link: Link, logs: PodLogs, pod: Obj, asked: Asked) -> None:
    """Until the container ends, or the client leaves.

    What is typed goes to the container's program, which here has no use for it; but a terminal shows it, where the
    container has one.
    """
    spec = container_spec(pod, asked.container)
    tty, reads = spec.get("tty") is True, spec.get("stdin") is True
    writing = asyncio.create_task(_write(link, logs, pod, asked, tty=tty), name="to who is attached")
    listening = asyncio.create_task(_listen(link, echo=tty and reads), name="from who is attached")
    try:
        await asyncio.wait((writing, listening), return_when=asyncio.FIRST_COMPLETED)
        ended = writing.done() and writing.exception() is None
    finally:
        writing.cancel()
        listening.cancel()
        await asyncio.gather(writing, listening, return_exceptions=True)
    if ended:
        try:
            await link.finish(Ending())
        except ConnectionError:
            pass  # it has left meanwhile


async def _write(link: Link, logs: PodLogs, pod: Obj, asked: Asked, *, tty: bool) -> None:
    async for lines in logs.follow(pod, asked.container):
        if asked.stdout:
            await link.send(STDOUT, lines.replace(b"\n", b"\r\n") if tty else lines)


async def _listen(link: Link, *, echo: bool) -> None:
    while (said := await link.receive()) is not None:
        if echo and said.channel == STDIN and said.data:
            await link.send(STDOUT, said.data.replace(b"\r", b"\r\n"))
