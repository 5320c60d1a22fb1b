"""A session that was cut is offered again for as long as what is in its way may pass."""

from __future__ import annotations

import pytest

from screens import streaming
from tests.ui import streams_world as sw
from tests.ui.handed import CUT, Handed, answered
from tests.ui.run import running
from tui.errors import Problem, ProblemKind
from tui.model.cluster import ClusterRef
from tui.model.streams import StreamPort
from tui.streams.troubles import PASSING


@pytest.mark.parametrize("kind", sorted(PASSING))
async def test_what_may_pass_ends_no_offer(kind: ProblemKind, monkeypatch: pytest.MonkeyPatch) -> None:
    down = Problem(kind, "the agent is not connected", remedy="wait for it")
    handed = Handed(monkeypatch, CUT, refusals=[None, down, down])
    async with running(sw.hub()) as story:
        await story.press("3", "s")
        for _ in range(2):
            await answered(story, "enter")
            assert story.shows("not opened again, which may pass: the agent is not connected", streaming.AGAIN)
        await answered(story, "enter")
        assert handed.opened == 2
        assert story.app.screen is story.overview


async def test_nor_does_a_road_that_is_not_there_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = sw.hub()
    handed = Handed(monkeypatch, CUT)
    enter, left = hub.streams.enter, [sw.no_port()]

    async def entering(cluster: ClusterRef) -> StreamPort:
        if handed.opened and left:
            raise left.pop()
        return await enter(cluster)

    monkeypatch.setattr(hub.streams, "enter", entering)
    async with running(hub) as story:
        await story.press("3", "s")
        await answered(story, "enter")
        assert story.shows("not opened again, which may pass", "no route to the host", streaming.AGAIN)
        await answered(story, "enter")
        assert handed.opened == 2


async def test_one_that_was_never_open_is_not_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    Handed(monkeypatch, refusals=[Problem(ProblemKind.UNREACHABLE, "the agent is not connected")])
    async with running(sw.hub()) as story:
        await story.press("3", "s")
        assert story.shows("it was refused", "the agent is not connected")
        assert not story.shows(streaming.AGAIN)
