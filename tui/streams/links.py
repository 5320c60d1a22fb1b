"""What the two forms of port-forward have in common: a way to a pod, on which connections to its ports are opened, and
the road that leads there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from tui.model.streams import Queued

TellDialled = Callable[[str | Queued], None]
"""Told while a way is dialled what that waits for, its turn for a stream among it; "" once there is nothing."""


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

    async def watch(self, held: Callable[[int], None]) -> None:
        """Tell how many other connections wait since the program here has stopped reading this one, 0 once it goes on.
        Never returns; raises SourceError where it was cut off for their sake."""
        ...

    async def close(self) -> None:
        """Both directions are over."""
        ...


class Way(Protocol):
    """An open way to one pod."""

    async def connect(self, port: int) -> Link:
        """Open a connection to `port` in the pod. Raises SourceError."""
        ...


class Road(Protocol):
    """A way to a pod, and what is known of its end."""

    @property
    def way(self) -> Way: ...

    @property
    def pod(self) -> str: ...

    @property
    def open(self) -> bool:
        """Whether the way has not ended."""
        ...

    @property
    def ports(self) -> Mapping[int | str, int]:
        """The pod's port for each that was asked for."""
        ...

    async def leaving(self) -> None:
        """Return when the pod should be given no new connections: it is going, or the way has ended."""
        ...

    async def over(self) -> None:
        """Return when the way has ended. Raises SourceError where it broke."""
        ...
