"""The port-forwards of this run, and those that are kept for the next: begun, counted, ended.

Each runs in a task of its own and tells how it fares; the bytes are looked at once a second, and the rates come from
that. A kept one is not begun by itself: it would take one of the ten streams of a fleet that nobody asked for today.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from tui.clock import Clock
from tui.data.runtime import Runtime
from tui.data.tasks import bug
from tui.data.topic import Cell
from tui.errors import Problem, ProblemKind, SourceError, UsageError
from tui.files import read_private, write_private
from tui.model.cluster import ClusterRef
from tui.model.streams import ForwardEntry, ForwardState, ForwardTarget, PortPair, StreamPort

LOOK_EVERY = 1.0
"""Seconds between two looks at the bytes."""
FILE = "forwards.json"
MOST = 100
"""Kept ones that are read."""
ASLEEP = "asleep"
ENDED = "ended"


class ForwardRun(Protocol):
    """One port-forward; `tui.streams.forward.Forward` is the real one."""

    @property
    def state(self) -> ForwardState: ...

    async def run(self) -> None: ...

    def check(self) -> None: ...


class MakeForward(Protocol):
    """Makes a port-forward."""

    def __call__(
        self,
        port: Callable[[], Awaitable[StreamPort]],
        target: ForwardTarget,
        pairs: tuple[PortPair, ...],
        clock: Clock,
        wait: Callable[[Problem], float],
        changed: Callable[[ForwardState], None],
    ) -> ForwardRun: ...


class _Kept(msgspec.Struct):
    """What the file holds."""

    forwards: list[tuple[ForwardTarget, tuple[PortPair, ...]]] = []


class _Held(Struct):
    entry: ForwardEntry
    run: ForwardRun | None = None
    task: asyncio.Task[None] | None = None


class Forwards:
    """folder: where kept ones are remembered; None = nowhere."""

    def __init__(
        self,
        runtime: Runtime,
        connect: Callable[[ClusterRef], Awaitable[StreamPort]],
        make: MakeForward,
        folder: Path | None,
    ) -> None:
        self._runtime = runtime
        self._connect = connect
        self._make = make
        self._folder = folder
        self._held: dict[int, _Held] = {}
        self._next = 1
        self._looking: asyncio.Task[None] | None = None
        self.topic: Cell[tuple[ForwardEntry, ...]] = Cell()
        self.topic.put((), runtime.clock.now())

    async def load(self) -> None:
        """Read the kept ones."""
        if self._folder is None:
            return
        for target, pairs in await asyncio.to_thread(_read, self._folder / FILE):
            entry = ForwardEntry(self._next, target, pairs, ForwardState(state=ASLEEP), kept=True)
            self._held[self._next] = _Held(entry)
            self._next += 1
        self._put()

    def begin(self, target: ForwardTarget, pairs: tuple[PortPair, ...]) -> int:
        """A new one; its id."""
        id, self._next = self._next, self._next + 1
        self._held[id] = _Held(ForwardEntry(id, target, pairs, ForwardState()))
        self._start(id)
        return id

    def wake(self, id: int) -> None:
        """Begin it again, or dial now where it waits."""
        held = self._held.get(id)
        if held is None:
            return
        if held.task is None:
            self._start(id)
        elif held.run is not None:
            held.run.check()

    def end(self, id: int) -> None:
        """End it; where it has ended already, forget it."""
        held = self._held.get(id)
        if held is None:
            return
        if held.task is not None:
            held.task.cancel()
            return
        del self._held[id]
        if held.entry.kept:
            self._save()
        self._put()

    def keep(self, id: int, *, kept: bool) -> None:
        """Remember it for the next run, or no more."""
        held = self._held.get(id)
        if held is not None and held.entry.kept != kept:
            held.entry = replace(held.entry, kept=kept)
            self._save()
            self._put()

    def _start(self, id: int) -> None:
        held = self._held[id]
        target, now = held.entry.target, self._runtime.clock.now()

        def changed(state: ForwardState) -> None:
            if state.state == ENDED:
                return  # `_run` tells it, with the reason
            held.entry = replace(held.entry, state=state)
            self._put()

        held.entry = replace(held.entry, state=ForwardState(since=now), begun=now)
        held.run = self._make(
            lambda: self._connect(target.cluster),
            target,
            held.entry.pairs,
            self._runtime.clock,
            self._runtime.backoff().failed,
            changed,
        )
        held.task = self._runtime.tasks.spawn(
            self._run(held), f"port-forward to {target.title}", lambda died_of: self._over(held, died_of)
        )
        if self._looking is None:
            self._looking = self._runtime.tasks.spawn(self._look(), "forwarded bytes")
        self._put()

    async def _run(self, held: _Held) -> None:
        assert held.run is not None  # it was just made
        problem: Problem | None = None
        try:
            await held.run.run()
        except SourceError as exc:
            problem = exc.problem
        except UsageError as exc:
            problem = Problem(ProblemKind.INVALID, str(exc))
        finally:
            state = replace(held.run.state, state=ENDED, since=self._runtime.clock.now())
            held.entry = replace(
                held.entry, state=replace(state, problem=problem or state.problem), sent_rate=0.0, received_rate=0.0
            )

    def _over(self, held: _Held, died_of: BaseException | None) -> None:
        held.task = held.run = None
        if died_of is not None:
            held.entry = replace(held.entry, state=replace(held.entry.state, state=ENDED, problem=bug(died_of)))
        self._put()

    async def _look(self) -> None:
        """Once a second while any runs: how many bytes since the last look."""
        while any(held.task is not None for held in self._held.values()):
            before = {id: held.entry.state for id, held in self._held.items()}
            await self._runtime.clock.sleep(LOOK_EVERY)
            for id, held in self._held.items():
                if held.run is None or id not in before:
                    continue
                state = held.run.state
                sent, received = state.sent - before[id].sent, state.received - before[id].received
                rates = {"sent_rate": max(0, sent) / LOOK_EVERY, "received_rate": max(0, received) / LOOK_EVERY}
                held.entry = replace(held.entry, state=state, **rates)
            self._put()
        self._looking = None

    def _put(self) -> None:
        entries = tuple(held.entry for held in self._held.values())
        if entries != self.topic.feed.value:
            self.topic.put(entries, self._runtime.clock.now())

    def _save(self) -> None:
        if self._folder is None:
            return
        kept = [(held.entry.target, held.entry.pairs) for held in self._held.values() if held.entry.kept]
        content = msgspec.json.encode(_Kept(kept))
        self._runtime.tasks.spawn(_write(self._folder / FILE, content), "port-forwards kept")


async def _write(path: Path, content: bytes) -> None:
    await asyncio.to_thread(write_private, path, content)


def _read(path: Path) -> list[tuple[ForwardTarget, tuple[PortPair, ...]]]:
    """What is kept; nothing where the file is not what was written."""
    try:
        return msgspec.json.decode(read_private(path) or b"{}", type=_Kept).forwards[:MOST]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return []
