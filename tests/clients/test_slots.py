"""Our share of a project's streams: who waits, in which order, and what is told of it."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TypeVar

import pytest

from tui.clients.queuefiles import FileQueue
from tui.clients.slots import DISK_SECONDS, LOOK_EVERY, TRIES, Slots
from tui.clients.streamqueue import Busy, OwnQueue, Queue, Ticket
from tui.clock import ManualClock, settle
from tui.model.streams import Queued

T = TypeVar("T")


async def at_once(work: Callable[[], T]) -> T:
    """In place of a thread, whose end no test can tell."""
    return work()


def told(slots: Slots) -> list[str]:
    return [f"{slot.what}{'?' if slot.waiting else ''}" for slot in slots.held()]


@pytest.fixture(params=["of this process", "of all"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], Queue]:
    """Either form of queue."""
    if request.param == "of all":
        return lambda project: FileQueue(tmp_path / project)
    return lambda project: OwnQueue()


async def test_streams_beyond_the_share_wait_in_order(make: Callable[[str], Queue]) -> None:
    slots = Slots(ManualClock(), 2, queue=make, run=at_once)
    order: list[str] = []
    ends = {name: asyncio.Event() for name in "abcd"}

    async def stream(name: str) -> None:
        async with slots.hold("p", name):
            order.append(name)
            await ends[name].wait()

    tasks = [asyncio.create_task(stream(name)) for name in "abcd"]
    await settle()
    assert told(slots) == ["a", "b", "c?", "d?"]
    assert await slots.free("p") == 0
    ends["b"].set()  # one of this process is followed at once, without a look at the clock
    await settle()
    assert told(slots) == ["a", "c", "d?"]
    for name in "acd":
        ends[name].set()
    await asyncio.gather(*tasks)
    assert order == ["a", "b", "c", "d"]
    assert (told(slots), await slots.free("p")) == ([], 2)


async def test_each_project_has_its_own(make: Callable[[str], Queue]) -> None:
    slots = Slots(ManualClock(), 1, queue=make, run=at_once)
    async with slots.hold("p", "a"), slots.hold("q", "b"):
        assert told(slots) == ["a", "b"]
        assert [await slots.free(project) for project in "pqr"] == [0, 0, 1]


async def test_who_is_cancelled_while_waiting_leaves_the_queue(make: Callable[[str], Queue]) -> None:
    slots = Slots(ManualClock(), 1, queue=make, run=at_once)
    async with slots.hold("p", "a"):

        async def wait() -> None:
            async with slots.hold("p", "b"):
                pass

        task = asyncio.create_task(wait())
        await settle()
        assert told(slots) == ["a", "b?"]
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert told(slots) == ["a"]
    assert await slots.free("p") == 1


async def test_a_turn_that_comes_while_its_owner_is_cancelled_goes_to_the_next(make: Callable[[str], Queue]) -> None:
    slots = Slots(ManualClock(), 1, queue=make, run=at_once)
    stack = AsyncExitStack()
    await stack.enter_async_context(slots.hold("p", "a"))
    ran: list[str] = []

    async def wait(name: str) -> None:
        async with slots.hold("p", name):
            ran.append(name)

    tasks = [asyncio.create_task(wait(name)) for name in "bc"]
    await settle()
    await stack.aclose()  # b's turn has come, and it does not know yet
    tasks[0].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert ran == ["c"]
    assert told(slots) == []


async def test_the_age_begins_when_it_is_opened_and_changes_are_told() -> None:
    clock, changes = ManualClock(1000.0), [0]

    def note() -> None:
        changes[0] += 1

    slots = Slots(clock, 1, note, run=at_once)
    stack = AsyncExitStack()
    await stack.enter_async_context(slots.hold("p", "a"))
    seen: list[float] = []

    async def wait() -> None:
        async with slots.hold("p", "b") as slot:
            seen.append(slot.since)

    task = asyncio.create_task(wait())
    await settle()
    await clock.advance(60)
    await stack.aclose()
    await task
    assert seen == [1060.0]
    assert changes[0] >= 4


async def test_who_waits_is_told_how_the_queue_stands_once_and_when_it_changes() -> None:
    clock = ManualClock()
    slots = Slots(clock, 2, run=at_once)
    ends = [asyncio.Event() for _ in range(4)]
    heard: list[str] = []

    def tell(queued: Queued | None) -> None:
        heard.append(queued.words if queued is not None else "in")

    async def stream(index: int) -> None:
        async with slots.hold("p", str(index), tell if index == 3 else lambda queued: None):
            await ends[index].wait()

    tasks = [asyncio.create_task(stream(index)) for index in range(4)]
    await clock.advance(10 * LOOK_EVERY)
    assert heard == ["waiting for a stream: 1 ahead of you, 2 of 2 in use (p)"]
    ends[0].set()
    await settle()
    assert heard[1:] == ["waiting for a stream: you are next, 2 of 2 in use (p)"]
    ends[1].set()
    await settle()
    assert heard[2:] == ["in"]
    for end in ends:
        end.set()
    await asyncio.gather(*tasks)


async def test_whether_the_share_is_that_of_all_can_be_found_out_without_taking_a_place(tmp_path: Path) -> None:
    slots = Slots(ManualClock(), 1, queue=lambda project: FileQueue(tmp_path / project), run=at_once)
    async with slots.hold("p", "a"):
        assert await slots.tried() == ""
        assert FileQueue(tmp_path / "p").length() == 1


async def test_who_waits_is_told_the_project_by_its_shown_name() -> None:
    heard: list[Queued | None] = []
    slots = Slots(ManualClock(), 1, run=at_once, shown={"7": "acme"}.__getitem__)
    async with slots.hold("7", "a"):
        task = asyncio.create_task(slots.hold("7", "b", heard.append).__aenter__())
        await settle()
        assert heard == [Queued("acme", 0, 1)]
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_who_need_not_wait_is_told_nothing() -> None:
    heard: list[Queued | None] = []
    async with Slots(ManualClock(), 1, run=at_once).hold("p", "a", heard.append):
        pass
    assert heard == []


async def test_two_processes_share_and_the_other_ones_end_is_seen_in_a_moment(tmp_path: Path) -> None:
    clock = ManualClock()
    ours, theirs = (Slots(clock, 1, queue=lambda project: FileQueue(tmp_path / project), run=at_once) for _ in range(2))
    stack = AsyncExitStack()
    await stack.enter_async_context(theirs.hold("p", "a"))
    assert (await ours.free("p"), await ours.used("p")) == (0, 1)
    opened = asyncio.Event()

    async def wait() -> None:
        async with ours.hold("p", "b"):
            opened.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(wait())
    await settle()
    await stack.aclose()
    await settle()
    assert not opened.is_set()
    await clock.advance(LOOK_EVERY)
    assert opened.is_set()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


class Unwritable(OwnQueue):
    """A folder in which nothing can be locked."""

    def join(self) -> Ticket:
        raise OSError("read-only file system")

    def length(self) -> int:
        raise OSError("read-only file system")


async def test_where_nothing_can_be_locked_each_process_counts_by_itself_and_says_so_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO", logger="tui.clients.slots")
    slots = Slots(ManualClock(), 1, queue=lambda project: Unwritable(), run=at_once)
    assert await slots.free("q") == 1
    async with slots.hold("p", "a"), slots.hold("q", "b"):
        assert (told(slots), await slots.free("p")) == (["a", "b"], 0)
    assert await slots.tried() == "read-only file system"
    assert len(caplog.messages) == 1
    assert "in this process alone" in caplog.messages[0]


async def test_a_folder_that_is_swept_away_costs_nobody_his_turn(tmp_path: Path) -> None:
    clock, folder = ManualClock(), tmp_path / "p"
    slots = Slots(clock, 1, queue=lambda project: FileQueue(folder), run=at_once)
    stack = AsyncExitStack()
    await stack.enter_async_context(slots.hold("p", "a"))
    opened = asyncio.Event()

    async def wait() -> None:
        async with slots.hold("p", "b"):
            opened.set()

    task = asyncio.create_task(wait())
    await settle()
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    await clock.advance(3 * LOOK_EVERY)
    await task
    assert opened.is_set()
    await stack.aclose()
    assert await slots.free("p") == 1


async def test_a_folder_that_hangs_holds_nobody_up() -> None:
    clock, hanging, queue = ManualClock(), asyncio.Event(), OwnQueue()

    async def run(work: Callable[[], T]) -> T:
        if work == queue.join:
            await hanging.wait()
        return work()

    slots = Slots(clock, 1, queue=lambda project: queue, run=run)
    opened = asyncio.Event()

    async def hold() -> None:
        async with slots.hold("p", "a"):
            opened.set()

    task = asyncio.create_task(hold())
    await clock.advance(DISK_SECONDS)
    await task
    assert opened.is_set()
    assert "does not answer" in slots.alone
    hanging.set()
    await settle()
    assert queue.length() == 0, "the place that came too late is given back"


class Held(OwnQueue):
    """Its gate is held at first by a process that was stopped."""

    busy = 2

    def join(self) -> Ticket:
        if self.busy:
            self.busy -= 1
            raise Busy
        return super().join()


async def test_a_gate_that_is_held_is_tried_again_and_can_be_left() -> None:
    clock = ManualClock()
    slots = Slots(clock, 1, queue=lambda project: Held(), run=at_once)

    async def hold() -> None:
        async with slots.hold("p", "a"):
            pass

    left = asyncio.create_task(hold())
    await settle()
    left.cancel()
    await asyncio.gather(left, return_exceptions=True)
    assert left.cancelled()
    task = asyncio.create_task(hold())
    await clock.advance(2 * LOOK_EVERY)
    assert task.done()


async def test_a_place_that_is_found_for_somebody_who_has_gone_is_given_back() -> None:
    queue = OwnQueue()
    found = asyncio.Event()

    async def slowly(work: Callable[[], T]) -> T:
        await found.wait()
        return work()

    slots = Slots(ManualClock(), 1, queue=lambda project: queue, run=slowly)

    async def hold() -> None:
        async with slots.hold("p", "a"):
            pass

    task = asyncio.create_task(hold())
    await settle()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    found.set()
    await settle()
    assert queue.length() == 0


class Troubled(OwnQueue):
    """Of which each answer may fail for a while. errors: by what is asked, the next first."""

    def __init__(self) -> None:
        super().__init__()
        self.errors: dict[str, list[OSError]] = {"join": [], "length": []}

    def join(self) -> Ticket:
        if self.errors["join"]:
            raise self.errors["join"].pop(0)
        return super().join()

    def length(self) -> int:
        if self.errors["length"]:
            raise self.errors["length"].pop(0)
        return super().length()


TOO_MANY = OSError(errno.EMFILE, "Too many open files")


async def test_a_passing_trouble_does_not_double_the_share() -> None:
    clock, queue = ManualClock(), Troubled()
    slots = Slots(clock, 2, queue=lambda project: queue, run=at_once)
    async with slots.hold("p", "a"), slots.hold("p", "b"):
        queue.errors["length"] = [TOO_MANY]
        assert await slots.used("p") == 2
        assert slots.alone == ""
        queue.errors["join"] = [TOO_MANY] * 3

        async def wait() -> None:
            async with slots.hold("p", "c"):
                pass

        task = asyncio.create_task(wait())
        await clock.advance(5)
        assert (told(slots), slots.alone) == (["a", "b", "c?"], "")
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize("errors", [[OSError(errno.ENOLCK, "No locks available")], [TOO_MANY] * TRIES])
async def test_what_is_open_when_a_queue_is_given_up_counts_on(errors: list[OSError]) -> None:
    clock, queue = ManualClock(), Troubled()
    slots = Slots(clock, 2, queue=lambda project: queue, run=at_once)
    ends = {name: asyncio.Event() for name in "abcd"}

    async def stream(name: str) -> None:
        async with slots.hold("p", name):
            await ends[name].wait()

    tasks = {name: asyncio.create_task(stream(name)) for name in "ab"}
    await settle()
    queue.errors["join"] = list(errors)
    tasks |= {name: asyncio.create_task(stream(name)) for name in "cd"}
    await clock.advance(10)
    assert slots.alone
    assert told(slots) == ["a", "b", "c?", "d?"]
    ends["a"].set()
    await settle()
    assert told(slots) == ["b", "c", "d?"]
    for end in ends.values():
        end.set()
    await clock.advance(10)
    await asyncio.gather(*tasks.values())
    assert (told(slots), await slots.used("p"), queue.length()) == ([], 0, 0)


async def test_a_disk_that_hangs_while_somebody_waits_is_given_up() -> None:
    clock, queue, hung = ManualClock(), OwnQueue(), asyncio.Event()

    async def run(work: Callable[[], T]) -> T:
        if hung.is_set() and getattr(work, "__name__", "") == "look":
            hung.clear()  # the queue that takes the place of this one is on no disk
            await asyncio.Event().wait()
        return work()

    slots = Slots(clock, 1, queue=lambda project: queue, run=run)
    opened, end = asyncio.Event(), asyncio.Event()

    async def first() -> None:
        async with slots.hold("p", "a"):
            await end.wait()

    async def second() -> None:
        async with slots.hold("p", "b"):
            opened.set()

    tasks = [asyncio.create_task(first())]
    await settle()
    tasks.append(asyncio.create_task(second()))
    await settle()
    hung.set()
    await clock.advance(DISK_SECONDS + 1)
    assert slots.alone
    end.set()
    await clock.advance(2)
    assert opened.is_set()
    await asyncio.gather(*tasks)
