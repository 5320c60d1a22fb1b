"""`:journal`: what was changed, and the way back."""

from __future__ import annotations

import pytest

from tests.ui import changes_world as cw
from tests.ui import world
from tests.ui.change_steps import journal
from tests.ui.run import running


async def test_the_journal_is_live_newest_first_and_filtered() -> None:
    hub = cw.hub()
    async with running(hub) as story:
        await journal(story)
        assert story.shows("No change has been made yet.")
        hub.changes.journal.put(cw.entries(), world.NOW)
        await story.settle()
        rows = [line for line in story.lines() if "web/" in line]
        assert ["web/api" in rows[0], "web/front" in rows[1], "undone" in rows[2]] == [True, True, True]
        assert story.shows("14:01:32", "prod-eu", "× deployments.apps", "ana@example.com", "5 changes")
        await story.press("slash")
        await story.type("delete")
        await story.press("enter")
        assert story.shows("1 of 5 changes", "web/old")
        await story.press("escape", "escape")
        assert story.app.screen is story.overview


async def test_enter_shows_the_difference_and_u_plans_the_way_back() -> None:
    hub = cw.unlocked()
    hub.changes.journal.put(cw.entries(), world.NOW)
    async with running(hub) as story:
        await journal(story)
        await story.press("enter")
        assert story.shows("scale deployment web/api", "+   replicas: 5", "replicas", "ana@example.com")
        await story.press("escape", "u")
        assert hub.changes.planned[-1] == cw.entries()[0].undo
        await story.press("y", "enter")
        assert len(hub.changes.carried) == 1


@pytest.mark.parametrize(("row", "said"), [(2, "it has been undone already"), (3, "nothing takes this back")])
async def test_what_cannot_be_undone_says_so(row: int, said: str) -> None:
    hub = cw.unlocked()
    hub.changes.journal.put(cw.entries(), world.NOW)
    async with running(hub) as story:
        await journal(story)
        await story.press(*["down"] * row, "u")
        assert story.shows(said)
        assert hub.changes.planned == []


async def test_a_filter_by_column_is_completed_and_one_that_is_refused_outlasts_news() -> None:
    hub = cw.hub()
    hub.changes.journal.put(cw.entries(), world.NOW)
    async with running(hub) as story:
        await journal(story)
        await story.press("slash")
        await story.type("action:sc")
        assert story.shows("▌ scale", "2 rows")
        await story.press("ctrl+u")
        await story.type("nothere:x")
        assert story.shows('no column "nothere" here')
        hub.changes.journal.put(cw.entries()[1:], world.NOW)
        await story.settle()
        assert story.shows("0 of 4 changes", 'no column "nothere" here')
        await story.press("escape")
        assert story.shows("4 changes", "web/front")
