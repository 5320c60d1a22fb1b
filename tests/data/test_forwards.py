"""The list of port-forwards: begun, counted, ended, kept."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from tui.clock import Clock, ManualClock, settle
from tui.data.forwards import FILE, Forwards
from tui.data.runtime import Runtime
from tui.errors import Problem, ProblemKind, SourceError, UsageError
from tui.model.cluster import ClusterRef, Via
from tui.model.kube import PODS
from tui.model.streams import Bound, ForwardEntry, ForwardState, ForwardTarget, PortPair, StreamPort

TARGET = ForwardTarget(ClusterRef("context:c", "c", Via.CONTEXT), PODS, "web", "shop-1")
PAIRS = (PortPair(0, 80),)


class FakeForward:
    """Fits `ForwardRun`; ends with what `ends` is told."""

    def __init__(self, changed: Callable[[ForwardState], None]) -> None:
        self._changed = changed
        self._end: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.state = ForwardState()
        self.checked = 0

    async def run(self) -> None:
        await self._end

    def check(self) -> None:
        self.checked += 1

    def becomes(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)
        self._changed(self.state)

    def ends(self, exc: BaseException) -> None:
        self._end.set_exception(exc)


class Stand:
    def __init__(self, folder: Path | None = None) -> None:
        self.clock = ManualClock()
        self.runtime = Runtime(self.clock)
        self.made: list[FakeForward] = []
        self.forwards = Forwards(self.runtime, self._connect, self._make, folder)

    async def _connect(self, ref: ClusterRef) -> StreamPort:
        raise AssertionError("nobody dials here")

    def _make(
        self,
        port: Callable[[], Awaitable[StreamPort]],
        target: ForwardTarget,
        pairs: tuple[PortPair, ...],
        clock: Clock,
        wait: Callable[[Problem], float],
        changed: Callable[[ForwardState], None],
    ) -> FakeForward:
        self.made.append(FakeForward(changed))
        return self.made[-1]

    @property
    def entries(self) -> tuple[ForwardEntry, ...]:
        return self.forwards.topic.feed.value or ()


async def test_a_forward_is_listed_counted_and_ended() -> None:
    stand = Stand()
    id = stand.forwards.begin(TARGET, PAIRS)
    made = stand.made[0]
    await settle()
    made.becomes(state="live", pod="shop-1", ports=(Bound(8080, 80, 80, ("127.0.0.1",)),))
    assert [entry.state.state for entry in stand.entries] == ["live"]
    made.state = replace(made.state, sent=500, received=2000)  # bytes are counted and not told
    await stand.clock.advance(1.0)
    assert (stand.entries[0].sent_rate, stand.entries[0].received_rate) == (500.0, 2000.0)
    await stand.clock.advance(1.0)
    assert (stand.entries[0].sent_rate, stand.entries[0].state.received) == (0.0, 2000)
    stand.forwards.wake(id)
    assert made.checked == 1
    stand.forwards.end(id)
    await settle()
    assert stand.entries[0].state.state == "ended"
    stand.forwards.end(id)
    assert stand.entries == ()
    await stand.runtime.tasks.close()


@pytest.mark.parametrize(
    ("exc", "kind"),
    [
        (SourceError(Problem(ProblemKind.FORBIDDEN, "not allowed")), ProblemKind.FORBIDDEN),
        (UsageError("port 80 is taken"), ProblemKind.INVALID),
        (RuntimeError("oh"), ProblemKind.BUG),
    ],
)
async def test_one_that_fails_stays_in_the_list_with_its_problem(exc: Exception, kind: ProblemKind) -> None:
    stand = Stand()
    id = stand.forwards.begin(TARGET, PAIRS)
    await settle()
    stand.made[0].becomes(state="ended")
    assert stand.entries[0].state.state == "opening", "its end is told once, with the reason"
    stand.made[0].ends(exc)
    await settle()
    state = stand.entries[0].state
    assert state.state == "ended"
    assert state.problem is not None
    assert state.problem.kind is kind
    stand.forwards.wake(id)
    assert len(stand.made) == 2
    assert stand.entries[0].state.state == "opening"
    await stand.runtime.tasks.close()


async def test_kept_ones_are_there_the_next_time_and_are_not_begun_by_themselves(tmp_path: Path) -> None:
    first = Stand(tmp_path)
    id = first.forwards.begin(TARGET, PAIRS)
    first.forwards.begin(replace(TARGET, name="other"), PAIRS)
    first.forwards.keep(id, kept=True)
    await asyncio.gather(*(task for task in asyncio.all_tasks() if task.get_name() == "port-forwards kept"))
    await first.runtime.tasks.close()

    second = Stand(tmp_path)
    await second.forwards.load()
    assert [(entry.target, entry.pairs, entry.state.state, entry.kept) for entry in second.entries] == [
        (TARGET, PAIRS, "asleep", True)
    ]
    assert second.made == []
    second.forwards.wake(second.entries[0].id)
    assert len(second.made) == 1
    await second.runtime.tasks.close()


@pytest.mark.parametrize("content", [b"", b"nonsense", b"[]", b'{"forwards":[1]}', b"\xff"])
async def test_a_file_that_is_not_ours_is_as_good_as_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    stand = Stand(tmp_path)
    await stand.forwards.load()
    assert stand.entries == ()
    await stand.runtime.tasks.close()
