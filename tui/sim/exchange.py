"""One request and its answer, as the server, the request log and the faults see it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from aiohttp import web

from tui.sim.requestlog import Entry


@dataclass(slots=True, eq=False)
class Exchange:
    """surface: whose voice answers: "google", "gateway", "kubernetes", "azure" or "control".
    cluster, membership: what the path points at, or ""."""

    request: web.Request
    entry: Entry
    surface: str
    cluster: str = ""
    membership: str = ""
    user: str = ""
    response: web.StreamResponse | None = None
    _task: asyncio.Task[object] | None = field(default_factory=asyncio.current_task)
    _ending: bool = False

    @property
    def watch(self) -> bool:
        return self.request.query.get("watch", "") in ("1", "true", "True")

    @property
    def upgrades(self) -> bool:
        """Whether more than an answer is asked for: a WebSocket."""
        return "Upgrade" in self.request.headers

    @property
    def kubernetes(self) -> bool:
        """Whether an API server is asked, by whatever road."""
        return bool(self.cluster)

    def cut(self) -> None:
        """Drop the connection as a pulled cable does: no last chunk, no TLS farewell."""
        if self.entry.ended is None and self.request.transport is not None:
            self.request.transport.abort()

    def end(self) -> None:
        """Stop answering and say so properly: what was sent is complete, there is just no more of it."""
        if self.entry.ended is None and self._task is not None and not self._task.done():
            self._ending = True
            self._task.cancel()

    def ended(self) -> bool:
        """True once, to the handler that `end` cancelled; forgets the cancellation."""
        if not self._ending:
            return False
        self._ending = False
        if self._task is not None:
            self._task.uncancel()
        return True
