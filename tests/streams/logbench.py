"""A log that is followed: what may be asked of it, and what it tells."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from tests.streams.fakelog import Asked, FakeLog
from tui.clock import ManualClock, settle
from tui.errors import Problem, ProblemKind
from tui.model.logs import LogStart
from tui.model.logstamp import Stamps
from tui.streams.logs import LogFollow

DOWN = Problem(ProblemKind.UNREACHABLE, "down")


class Port:
    """One container's log, and a road to it that may be closed."""

    def __init__(self, log: FakeLog) -> None:
        self.held = log

    def log(
        self,
        namespace: str,
        pod: str,
        container: str = "",
        *,
        follow: bool = False,
        tail: int | None = None,
        since_time: str = "",
        since_seconds: int | None = None,
        previous: bool = False,
        timestamps: bool = False,
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        assert timestamps
        return self.held.serve(Asked(pod, container, follow, tail, since_time, previous, since_seconds))


class Sink:
    """Keeps everything it is told."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.again = 0
        self.gaps = 0
        self.spans: list[tuple[int, int, str]] = []
        self.inside = 0
        self.run_out = False
        self.states: list[str] = []
        self.problem: Problem | None = None
        self.names: tuple[str, ...] = ()
        self.is_now = "running"

    def lines(self, batch: list[bytes]) -> None:
        self.texts += [Stamps().part(line)[1].decode() for line in batch]

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        self.inside += 1
        yield
        self.inside -= 1

    async def room(self) -> None:
        await asyncio.sleep(0)

    async def over(self) -> bool:
        return self.run_out

    def repeated(self, count: int) -> None:
        self.again += count

    def gap(self, after: int, before: int, why: str) -> None:
        self.gaps += 1
        self.spans.append((after, before, why))

    def state(self, state: str, problem: Problem | None) -> None:
        self.states.append(state)
        self.problem = problem

    def containers(self, names: tuple[str, ...]) -> None:
        self.names = names

    def phase(self) -> str:
        return self.is_now


class Waits:
    """A second after each failure."""

    def failed(self, problem: Problem) -> float:
        return 1.0

    def healed(self) -> None:
        pass


class Bench:
    def __init__(self, clock: ManualClock, log: FakeLog, sink: Sink, follow: LogFollow) -> None:
        self.clock = clock
        self.log = log
        self.sink = sink
        self.follow = follow
        self.task: asyncio.Task[None] | None = None

    @property
    def requests(self) -> int:
        return len(self.log.asked)


@asynccontextmanager
async def following(
    *history: str, tail: int | None = 100, previous: bool = False, container: str = "c", start: LogStart | None = None
) -> AsyncIterator[Bench]:
    clock = ManualClock(1_763_773_449.5)
    log = FakeLog(clock)
    for text in history:
        log.write(text)
        await clock.advance(0.1)
    sink = Sink()
    port = Port(log)

    async def connect() -> Port:
        return port

    start = start or LogStart(tail, previous=previous)
    follow = LogFollow(connect, ("ns", "p", container), sink, clock, Waits(), start)
    bench = Bench(clock, log, sink, follow)
    bench.task = asyncio.create_task(follow.run())
    await settle()
    try:
        yield bench
    finally:
        bench.task.cancel()
        await asyncio.gather(bench.task, return_exceptions=True)
        await settle()
        assert log.open == []
        assert asyncio.all_tasks() == {asyncio.current_task()}
