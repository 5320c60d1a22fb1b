"""exec and attach as a raw client sees them, and a pod that runs to try them on."""

from __future__ import annotations

import asyncio
import base64
import json
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp
from yarl import URL

from tests.sim.kube.conftest import PODS, Api
from tui.sim.kube.cluster import KubeCluster
from tui.wire.channels import RESIZE, STATUS, STDERR, STDIN, STDOUT, V5

ID = "containerd://" + "ab" * 32


def run_pod(cluster: KubeCluster, name: str = "p", *, running: bool = True, **spec: Any) -> dict[str, Any]:
    """A pod whose one container, `c`, runs. spec: more of that container."""
    container = {"name": "c", "image": "debian:12", **spec}
    state = {"running": {"startedAt": "2026-09-21T14:13:20Z"}} if running else {"waiting": {"reason": "ErrImagePull"}}
    status = {"name": "c", "image": container["image"], "imageID": "", "ready": running, "restartCount": 0}
    return cluster.apply_manifest(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "namespace": "default"},
            "spec": {"containers": [container], "nodeName": "n1"},
            "status": {
                "phase": "Running" if running else "Pending",
                "podIP": "10.1.2.3",
                "containerStatuses": [{**status, "state": state, **({"containerID": ID} if running else {})}],
            },
        }
    )


@dataclass
class Heard:
    """What a server said: bytes by channel, in messages as they came."""

    frames: list[tuple[int, bytes]] = field(default_factory=list[tuple[int, bytes]])
    code: int | None = None

    def on(self, channel: int) -> bytes:
        return b"".join(data for each, data in self.frames if each == channel)

    @property
    def out(self) -> bytes:
        return self.on(STDOUT)

    @property
    def err(self) -> bytes:
        return self.on(STDERR)

    @property
    def status(self) -> Any:
        return json.loads(self.on(STATUS))

    @property
    def exit_code(self) -> int:
        """Of the command; 0 for success."""
        told = self.status
        return 0 if told["status"] == "Success" else int(told["details"]["causes"][0]["message"])


class Talk:
    """An open WebSocket. heard: all so far."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.heard = Heard()

    async def say(self, data: bytes, channel: int = STDIN) -> None:
        await self.socket.send_bytes(bytes((channel,)) + data)

    async def resize(self, columns: int, rows: int) -> None:
        await self.say(json.dumps({"Width": columns, "Height": rows}).encode() + b"\n", RESIZE)

    async def half_close(self) -> None:
        await self.socket.send_bytes(b"\xff\x00")

    async def next(self) -> bool:
        """Hear one message more; False at the end."""
        try:
            message = await asyncio.wait_for(self.socket.receive(), 20)
        except TimeoutError:
            raise AssertionError(f"nothing more came: {self.heard.frames[-5:]}") from None
        if message.type is aiohttp.WSMsgType.BINARY:
            self.heard.frames.append((message.data[0], message.data[1:]))
        elif message.type is aiohttp.WSMsgType.TEXT:
            self.heard.frames.append((int(message.data[0]), base64.b64decode(message.data[1:])))
        else:
            self.heard.code = self.socket.close_code
            return False
        return True

    async def until(self, wanted: bytes, after: bytes = b"") -> bytes:
        """Everything heard on stdout behind `after`, once `wanted` is in it."""
        while wanted not in self.heard.out.partition(after)[2] if after else wanted not in self.heard.out:
            assert await self.next(), f"the end came before {wanted!r}: {self.heard}"
        return self.heard.out.partition(after)[2] if after else self.heard.out

    async def rest(self) -> Heard:
        while await self.next():
            pass
        return self.heard


def query(*command: str, **flags: bool | str) -> str:
    """ "command=ls&stdout=true"; stdout and stderr are asked for unless told otherwise."""
    asked: dict[str, bool | str] = {"stdout": True, "stderr": not flags.get("tty"), **flags}
    given = [(name, "true" if value is True else value) for name, value in asked.items() if value]
    return urlencode([*(("command", word) for word in command), *given])


@asynccontextmanager
async def talking(
    api: Api, asked: str, protocols: Sequence[str] = (V5,), pod: str = "p", what: str = "exec"
) -> AsyncIterator[Talk]:
    """An accepted stream, as admin."""
    path = URL(f"{PODS}/{pod}/{what}?{asked}", encoded=True)
    headers = {"Authorization": "Bearer admin"}
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(api.url(path), protocols=protocols, headers=headers, max_msg_size=0) as socket,
    ):
        yield Talk(socket)


async def hear(api: Api, *command: str, protocols: Sequence[str] = (V5,), pod: str = "p", **flags: bool | str) -> Heard:
    """All that comes of a command that is told nothing."""
    async with talking(api, query(*command, **flags), protocols, pod) as talk:
        return await talk.rest()


async def ended(number: int) -> None:
    """Until the process of that number has ended."""
    try:
        process = os.pidfd_open(number)
    except ProcessLookupError:
        return
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(process, over.set)
    try:
        await asyncio.wait_for(over.wait(), 20)
    finally:
        loop.remove_reader(process)
        os.close(process)
