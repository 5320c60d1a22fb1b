"""What the simulated clouds ask of the world behind them, so that each is tested without the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from aiohttp import web

from tui.sim.kube.identity import User


class Cluster(Protocol):
    """A Kubernetes API server. user None: the cluster itself looks at the bearer token, which may be one of its own
    service accounts'."""

    async def handle(
        self, request: web.Request, path: str, user: User | None, *, impersonate: User | None = None
    ) -> web.StreamResponse:
        """Answer the request as if it had come for `path` from `user`, who may act for `impersonate`."""
        ...


class Estate(Protocol):
    """The clusters by name, and the links of their connect agents."""

    @property
    def speed(self) -> float:
        """How fast simulated time runs."""
        ...

    def version(self, cluster: str) -> str:
        """Of its API server: "v1.33.4"."""
        ...

    def agent_says(self, membership_id: str, words: str) -> None:
        """Put a line into the log of the membership's connect agent, now."""
        ...

    @property
    def clusters(self) -> Mapping[str, Cluster]: ...

    def connected(self, membership_id: str) -> bool:
        """Whether the membership's agent holds a connection."""
        ...

    def last_connection(self, membership_id: str) -> float | None:
        """When its agent was last heard of, seconds since the epoch; None = never."""
        ...
