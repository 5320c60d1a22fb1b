"""What a road to a cluster can be asked before a stream is opened on it: `tui.streams.preflight.Facts`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.clients.kube import KubeClient
    from tui.clients.slots import Slots


class StreamFacts:
    """project, slots, granted, quota: of the gateway; "" and None on any other road. project: to ask for and to name in
    commands. granted: which of some IAM permissions the caller holds on a project. quota: whose slots they are."""

    def __init__(
        self,
        client: KubeClient,
        project: str = "",
        slots: Slots | None = None,
        granted: Callable[[str, tuple[str, ...]], Awaitable[frozenset[str]]] | None = None,
        quota: str = "",
    ) -> None:
        self._client = client
        self._slots = slots
        self._granted = granted
        self._quota = quota
        self.project = project

    @property
    def account(self) -> str:
        return self._client.account

    async def slots(self) -> tuple[int, int] | None:
        return None if self._slots is None else (await self._slots.free(self._quota), self._slots.share)

    async def version(self) -> str:
        return await self._client.version()

    async def granted(self, permission: str) -> bool:
        assert self._granted is not None  # it is asked on the gateway's road only
        return permission in await self._granted(self.project, (permission,))

    async def may(self, verb: str, subresource: str, namespace: str) -> bool:
        return await self._client.may(verb, "pods", subresource, namespace)
