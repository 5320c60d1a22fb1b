"""The data layer over real clients and sockets, while the simulated clouds are killed and started again."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.data.fakeworld import followed
from tests.data.helpers import Reader
from tui.clock import SystemClock
from tui.config.settings import Settings
from tui.data.hub import Hub
from tui.model.feed import FeedState
from tui.model.kube import ResourceQuery
from tui.model.logs import LogQuery
from tui.wiring import build_hub

if TYPE_CHECKING:
    from tests.conftest import SimProcess

CLOCK = SystemClock()


async def until(readers: list[Reader], state: FeedState, seconds: float) -> list[FeedState]:
    """The states of `readers`, as soon as all are `state`, or after `seconds`."""
    end = CLOCK.monotonic() + seconds
    while True:
        now = [reader.last.state(CLOCK.now()) if reader.feeds else FeedState.LOADING for reader in readers]
        if all(one is state for one in now) or CLOCK.monotonic() > end:
            return now
        await CLOCK.sleep(0.05)


async def test_killed_all_panes_go_stale_with_their_rows_and_come_back_within_ten_seconds(
    simulate: Callable[..., AbstractContextManager[SimProcess]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    flags = ("--port", port, "--state", str(tmp_path / "state"))
    first = simulate(tmp_path, *flags)
    sim = await asyncio.to_thread(first.__enter__)
    environ = sim.environ(tmp_path)
    for name, value in environ.items():  # azure-identity reads the process's own
        monkeypatch.setenv(name, value)
    hub = build_hub(Settings(projects=tuple(environ["CLUSTERVIEW_PROJECTS"].split(","))), environ, CLOCK)
    await hub.start()
    try:
        await kill_and_start_again(hub, sim, simulate(tmp_path, *flags))
    finally:
        await hub.stop()
        first.__exit__(None, None, None)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def kill_and_start_again(hub: Hub, sim: SimProcess, again: AbstractContextManager[SimProcess]) -> None:
    async with followed(hub.fleet, hub.connections) as panes:
        assert await until(panes, FeedState.LIVE, 30) == [FeedState.LIVE] * 2
        refs = tuple(row.cluster for row in panes[0].value if row.cluster.name in ("plant-7", "plant-9"))
        assert len(refs) == 2
        book = hub.logs(LogQuery(refs, agents=True))
        async with followed(hub.resources(ResourceQuery("pods", refs)), book.status) as more:
            readers = [*panes, *more]
            assert await until(readers, FeedState.LIVE, 30) == [FeedState.LIVE] * 4
            end = CLOCK.monotonic() + 30  # a view is live as soon as its pods are known: its first lines come later
            while more[1].value.received == 0 and CLOCK.monotonic() < end:
                await CLOCK.sleep(0.05)
            received = more[1].value.received
            assert received > 0
            rows = len(panes[0].value), len(panes[1].value)
            sim.stop(signal.SIGKILL)
            assert await until(readers, FeedState.STALE, 5) == [FeedState.STALE] * 4
            assert (len(panes[0].value), len(panes[1].value)) == rows
            assert more[1].value.received >= received
            await asyncio.to_thread(again.__enter__)
            try:
                assert await until(readers, FeedState.LIVE, 10) == [FeedState.LIVE] * 4
            finally:
                again.__exit__(None, None, None)
