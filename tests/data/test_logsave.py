"""A log in a file: all that the ring held, then every new line, and nothing silently missing."""

from __future__ import annotations

import asyncio
import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.data.fakekube import FakeKube
from tests.data.helpers import ONE, TWO
from tests.data.logbench import Bench, viewing
from tui.clock import ManualClock
from tui.data.logsave import TRY_AGAIN, LogSave
from tui.errors import ProblemKind
from tui.model.logs import LogQuery, Saved

QUERY = LogQuery((ONE,), namespace="default")


def texts(path: Path) -> list[str]:
    return [line.split(" ", 1)[1] for line in path.read_text().splitlines()]


async def until(saving: LogSave, wanted: Callable[[Saved], bool]) -> Saved:
    """Wait for the thread that writes."""
    async with asyncio.timeout(20):
        async for feed in saving.status.follow():
            if feed.value is not None and wanted(feed.value):
                return feed.value
    raise AssertionError


def begin(bench: Bench, path: Path) -> tuple[LogSave, asyncio.Task[None]]:
    saving = LogSave(bench.view, path)
    return saving, asyncio.create_task(saving.run())


async def test_what_is_there_and_then_each_new_line(clock: ManualClock, one: FakeKube, tmp_path: Path) -> None:
    log = one.add_log("a")
    one.pod("a")
    log.write("old 1", "old 2")
    async with viewing(QUERY, clock, one, FakeKube(clock)) as bench:
        await clock.advance(2)
        saving, task = begin(bench, tmp_path / "a.log")
        await until(saving, lambda value: value.lines >= 2)
        log.write("new")
        await clock.advance(1)
        saved = await until(saving, lambda value: value.lines >= 3)
        assert texts(tmp_path / "a.log") == ["old 1", "old 2", "new"]
        assert saved.bytes == (tmp_path / "a.log").stat().st_size
        assert stat.S_IMODE((tmp_path / "a.log").stat().st_mode) == 0o600
        await asyncio.gather(saving.stop(), clock.advance(1), task)
        assert saving.status.feed.value is not None
        assert saving.status.feed.value.over
        log.write("after the end")
        await clock.advance(1)
        assert len(texts(tmp_path / "a.log")) == 3


async def test_several_sources_are_named_and_an_old_file_goes_on(
    clock: ManualClock, one: FakeKube, tmp_path: Path
) -> None:
    two = FakeKube(clock)
    for kube, text in ((one, "from one"), (two, "from two")):
        kube.add_log("a").write(text)
        kube.pod("a")
    (tmp_path / "a.log").write_text("before\n")
    async with viewing(LogQuery((ONE, TWO), namespace="default"), clock, one, two) as bench:
        await clock.advance(3)
        saving, task = begin(bench, tmp_path / "a.log")
        await until(saving, lambda value: value.lines >= 2)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    lines = (tmp_path / "a.log").read_text().splitlines()
    assert lines[0] == "before"
    assert sorted((line.split()[0], line.split(" ", 2)[2]) for line in lines[1:]) == [
        ("one/default/a/", "from one"),
        ("two/default/a/", "from two"),
    ]


async def test_a_ring_that_is_too_small_waits_for_the_file(clock: ManualClock, one: FakeKube, tmp_path: Path) -> None:
    log = one.add_log("a")
    one.pod("a")
    async with viewing(QUERY, clock, one, FakeKube(clock), lines=200) as bench:
        await clock.advance(2)
        saving, task = begin(bench, tmp_path / "a.log")
        for number in range(100):
            log.write(*[f"{number}-{part}" for part in range(40)])
        while (value := saving.status.feed.value) is None or value.lines < 4000:
            await clock.advance(0.1)
            await asyncio.to_thread(int)  # let the thread that writes have its turn
        assert texts(tmp_path / "a.log") == [f"{number}-{part}" for number in range(100) for part in range(40)]
        assert value.missing == 0
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert bench.status.evicted > 0


async def test_a_full_disk_is_said_and_waited_out(
    clock: ManualClock, one: FakeKube, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = one.add_log("a")
    one.pod("a")
    log.write("one", "two")
    real, full = os.write, True

    def write(fd: int, data: bytes) -> int:
        if full and b"two" in data:
            if len(data) > 10:
                return real(fd, data[:10])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if full and data[:4] != b"2023":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(fd, data)

    monkeypatch.setattr(os, "write", write)
    async with viewing(QUERY, clock, one, FakeKube(clock)) as bench:
        await clock.advance(2)
        saving, task = begin(bench, tmp_path / "a.log")
        found = await until(saving, lambda value: value.problem is not None)
        assert found.problem is not None
        assert (found.problem.kind, found.over) == (ProblemKind.THROTTLED, False)
        assert "the disk is full" in found.problem.summary
        full = False
        await clock.advance(TRY_AGAIN + 1)
        saved = await until(saving, lambda value: value.lines >= 2)
        assert saved.problem is None
        assert texts(tmp_path / "a.log") == ["one", "two"]
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_file_that_cannot_be_made_is_the_end_of_it(clock: ManualClock, one: FakeKube, tmp_path: Path) -> None:
    one.add_log("a").write("one")
    one.pod("a")
    (tmp_path / "no").write_text("a file")
    async with viewing(QUERY, clock, one, FakeKube(clock)) as bench:
        await clock.advance(2)
        saving, task = begin(bench, tmp_path / "no" / "such" / "folder")
        await task
        assert saving.status.feed.value is not None
        assert saving.status.feed.value.over
        assert saving.status.feed.value.problem is not None
        assert "cannot be written" in saving.status.feed.value.problem.summary
        one.logs["default", "a", "c"].write("more")  # and nobody waits for it
        await clock.advance(1)
        assert bench.status.received == 2
