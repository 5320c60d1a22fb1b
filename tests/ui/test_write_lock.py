"""`W`: writing is unlocked for a while, and what is said where it is not."""

from __future__ import annotations

from tests.ui import changes_world as cw
from tests.ui.change_steps import deployments
from tests.ui.run import running


async def test_w_unlocks_counts_down_and_locks() -> None:
    async with running(cw.hub()) as story:
        assert story.shows("READ-ONLY")
        await story.press("W")
        assert story.shows("WRITE 5:00")
        await story.advance(28)
        assert story.shows("WRITE 4:32")
        await story.press("W")
        assert story.shows("READ-ONLY")
        await story.press("colon")
        await story.type("write")
        await story.press("enter")
        assert story.shows("WRITE 5:00")
        await story.press("colon")
        await story.type("lock")
        await story.press("enter")
        assert story.shows("READ-ONLY")


async def test_what_cannot_be_unlocked_says_why() -> None:
    hub = cw.closing(cw.hub(), "the configuration says read_only")
    async with running(hub) as story:
        await story.press("W")
        assert story.shows("the configuration says read_only", "READ-ONLY")


async def test_keys_that_write_say_what_unlocks_them() -> None:
    hub = cw.hub()
    async with running(hub) as story:
        await deployments(story)
        await story.press("ctrl+d")
        assert story.shows("read-only: W unlocks")
        assert hub.changes.planned == []
