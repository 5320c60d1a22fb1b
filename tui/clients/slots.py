"""Our share of the streams that the Connect gateway allows at once, and who waits for one.

Ten exec, attach and port-forward streams may be open in a fleet host project, by everybody together (facts: "What the
gateway documents"). Whoever asks beyond our share waits here, in order, where it can be seen, instead of being refused
there with a bare 400; logs and watches are plain GETs and do not count.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from tui.clock import Clock


@dataclass(frozen=True, slots=True)
class Slot:
    """One stream, open or waiting. what: "exec payments/api". since: wall-clock seconds."""

    id: int
    project: str
    what: str
    since: float
    waiting: bool = False


class Slots:
    """share: streams that each project may have open by us. changed: told when any opens, ends or waits."""

    def __init__(self, clock: Clock, share: int, changed: Callable[[], None] = lambda: None) -> None:
        self._clock = clock
        self._changed = changed
        self._ids = itertools.count(1)
        self._open: dict[int, Slot] = {}
        self._waiting: deque[tuple[Slot, asyncio.Future[None]]] = deque()
        self.share = share

    def held(self) -> tuple[Slot, ...]:
        """Those that are open, oldest first, then those that wait, in their order."""
        return (*self._open.values(), *(slot for slot, _ in self._waiting))

    def free(self, project: str) -> int:
        """How many more may be opened now."""
        return max(0, self.share - sum(slot.project == project for slot in self.held()))

    @asynccontextmanager
    async def hold(self, project: str, what: str) -> AsyncGenerator[Slot]:
        """A slot for the body; waits for one in the order of asking."""
        slot = Slot(next(self._ids), project, what, self._clock.now(), waiting=not self.free(project))
        if slot.waiting:
            await self._turn(slot)
        else:
            self._open[slot.id] = slot
        self._changed()
        try:
            yield self._open[slot.id]
        finally:
            self._leave(slot)

    async def _turn(self, slot: Slot) -> None:
        """Return once `slot` is among the open ones."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((slot, turn))
        self._changed()
        try:
            await turn
        except BaseException:
            self._waiting = deque(held for held in self._waiting if held[0] is not slot)
            self._leave(slot)  # where its turn had just come, the next has it
            raise

    def _leave(self, slot: Slot) -> None:
        if self._open.pop(slot.id, None) is not None:
            entry = next((held for held in self._waiting if held[0].project == slot.project), None)
            if entry is not None:
                self._waiting.remove(entry)
                following, turn = entry
                self._open[following.id] = replace(following, waiting=False, since=self._clock.now())
                turn.set_result(None)
        self._changed()
