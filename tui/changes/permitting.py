"""A cluster that may be written to: a client, which writes for nobody without a permit, together with one."""

from __future__ import annotations

from tui.model.kube import KindRef
from tui.model.permits import Permit, Stopped
from tui.model.writes import GuardedPort, Write, Written


class Permitted:
    """`WritePort` of a client and a permit."""

    def __init__(self, port: GuardedPort, permit: Permit) -> None:
        self._port = port
        self._permit = permit

    @property
    def account(self) -> str:
        return self._port.account

    @property
    def names(self) -> frozenset[str]:
        return self._port.names

    @property
    def namespace(self) -> str:
        return self._port.namespace

    async def get(self, path: str, accept: str = "application/json") -> bytes:
        return await self._port.get(path, accept)

    async def discover(self) -> tuple[KindRef, ...]:
        return await self._port.discover()

    async def review(self, path: str, body: bytes) -> bytes:
        return await self._port.review(path, body)

    async def write(self, write: Write, stopped: Stopped | None = None) -> Written:
        return await self._port.write(write, self._permit.until(stopped))
