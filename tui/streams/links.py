"""What the two forms of port-forward have in common: a way to a pod, on which connections to its ports are opened."""

from __future__ import annotations

from typing import Protocol


class Link(Protocol):
    """The far half of one forwarded connection."""

    async def send(self, data: bytes) -> None:
        """Returns when there is room for more. Raises SourceError where the link is gone."""
        ...

    async def finish(self) -> None:
        """Nothing more will be sent; what comes is still received."""
        ...

    async def receive(self) -> bytes | None:
        """What came; None once the pod will send nothing more. Raises SourceError, with the kubelet's words, where the
        port did not answer or the link broke."""
        ...

    async def close(self) -> None:
        """Both directions are over."""
        ...


class Way(Protocol):
    """An open way to one pod."""

    async def connect(self, port: int) -> Link:
        """Open a connection to `port` in the pod. Raises SourceError."""
        ...
