"""What a conversation needs of the connection it is held over, be it a WebSocket or SPDY."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from tui.sim.kube.streams.ending import Ending


@dataclass(frozen=True, slots=True)
class Said:
    """What the client sent on one channel (numbers of `tui.wire.channels`). ended: it will send no more on it."""

    channel: int
    data: bytes
    ended: bool = False


class Link(Protocol):
    """An accepted stream. One task receives; others may send meanwhile."""

    async def send(self, channel: int, data: bytes) -> None:
        """Returns when there is room for more. Raises ConnectionError where the client is gone."""
        ...

    async def receive(self) -> Said | None:
        """What the client says next; None where it has left, or said what nobody can understand."""
        ...

    async def probe(self) -> None:
        """Say something that means nothing, so that it shows whether anybody is there. Raises ConnectionError."""
        ...

    async def finish(self, ending: Ending) -> None:
        """Tell how it ended, and leave."""
        ...
