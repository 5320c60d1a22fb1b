"""How streams look: the form, the five lights, the list of port-forwards; at both sizes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from screens.copying import Copying
from screens.locked import Locked
from screens.question import Question
from screens.streaming import AGAIN, LOCKED_MEANWHILE
from tests.ui import streams_world as sw
from tests.ui.run import BIG, SMALL, keys
from tui.app import ClusterviewApp
from tui.errors import Problem, ProblemKind
from tui.model.streams import Copied, Tick
from tui.present.streams import cut_words
from tui.streams.modebits import NOT_HERE, lost_words

Compare = Callable[..., bool]
SIZES = pytest.mark.parametrize("size", [BIG, SMALL], ids=["120x40", "80x24"])

STATES = {
    "shell": (("3", "s"), sw.FakeFacts(), ("api", "proxy")),
    "form": (("3", "F"), sw.FakeFacts(), ("api",)),
    "copy": (("3", "t"), sw.FakeFacts(), ("api", "proxy")),
    "looking": (("3", "F", "enter"), sw.FakeFacts(hangs=True), ("api",)),
    "refused": (("3", "F", "enter"), sw.FakeFacts(granted=False, create=False), ("api",)),
    "waits": (("3", "F", "enter"), sw.FakeFacts(slots=(0, 5)), ("api",)),
}


@SIZES
@pytest.mark.parametrize("state", STATES)
def test_before_a_stream(snap_compare: Compare, size: tuple[int, int], state: str) -> None:
    pressed, facts, containers = STATES[state]
    hub = sw.hub(*containers, facts=facts)
    app = ClusterviewApp(hub, hub.clock)
    assert snap_compare(app, terminal_size=size, run_before=keys(hub, *pressed))


@SIZES
def test_writing_is_locked_when_a_session_would_be_opened_again(snap_compare: Compare, size: tuple[int, int]) -> None:
    hub = sw.hub(unlocked=False)

    async def show(pilot: Pilot[None]) -> None:
        words = f"shell in pod api-7c9d-x2f1p of prod-eu: {LOCKED_MEANWHILE}"
        pilot.app.push_screen(Locked(words, hub.changes.unlock, hub.clock))
        await keys(hub)(pilot)

    assert snap_compare(ClusterviewApp(hub, hub.clock), terminal_size=size, run_before=show)


@SIZES
def test_a_session_that_broke_is_offered_again(snap_compare: Compare, size: tuple[int, int]) -> None:
    hub = sw.hub()

    async def show(pilot: Pilot[None]) -> None:
        dropped = Problem(ProblemKind.UNREACHABLE, "the connection was dropped without a word")
        pilot.app.push_screen(Question(cut_words(dropped, 700, limited=True), AGAIN, hub.clock))
        await keys(hub)(pilot)

    assert snap_compare(ClusterviewApp(hub, hub.clock), terminal_size=size, run_before=show)


COPIES = {
    "up": Copied("data/ledger-2026-11.parquet", 12, 84_000_000, 210_000_000),
    "down": Copied("data/ledger-2026-11.parquet", 12, 84_000_000),
    "cut": Copied("data/a", 12, 84_000_000, cuts=1, waits="the connection was lost"),
    "queued": Copied(),
    "left out": Copied(
        "data/a",
        12,
        84_000_000,
        left_out=["data/link: it is a link to /etc/passwd, outside of it"],
        bits=[lost_words("data/bin/sudo", "u", NOT_HERE)],
    ),
}


@SIZES
@pytest.mark.parametrize("state", COPIES)
def test_a_copy(snap_compare: Compare, size: tuple[int, int], state: str) -> None:
    hub = sw.hub()
    done = COPIES[state]

    async def run(tick: Tick) -> Copied:
        tick(done)
        if not done.left_out:
            await asyncio.Event().wait()
        return done

    async def show(pilot: Pilot[None]) -> None:
        title = "copy with payments/api-7c9d-x2f1p of prod-eu"
        copying = Copying(title, "./here", run, hub.clock)
        pilot.app.push_screen(copying)
        await pilot.pause()
        copying.queued(sw.QUEUED if state == "queued" else None)
        copying._began -= 7  # pyright: ignore[reportPrivateUsage]
        copying._paint()  # pyright: ignore[reportPrivateUsage]  # not when its timer comes to it
        await pilot.pause()

    app = ClusterviewApp(hub, hub.clock)
    assert snap_compare(app, terminal_size=size, run_before=show)


FORWARDS = {"some": 0, "failing": 1, "cut": 2, "asleep": 4, "unready": 5, "queued": 6, "held up": 7, "none": 0}
"""The row that is told below the list."""


@SIZES
@pytest.mark.parametrize("state", FORWARDS)
def test_the_port_forwards(snap_compare: Compare, size: tuple[int, int], state: str) -> None:
    hub = sw.hub()
    if state != "none":
        hub.streams.forwards.put(sw.forwards(), sw.NOW)
    app = ClusterviewApp(hub, hub.clock)
    pressed = ("f", *["down"] * FORWARDS[state])
    assert snap_compare(app, terminal_size=size, run_before=keys(hub, *pressed))
