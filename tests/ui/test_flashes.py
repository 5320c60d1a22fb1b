"""What has just changed stands out for a moment: not by colour alone, only where somebody looks, and only news."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import pytest
from msgspec.structs import replace
from rich.segment import Segment

from tests.ui import states, world
from tests.ui.fake import FakeHub
from tests.ui.run import Story, running
from tests.ui.test_sort_stories import change
from tui.model.feed import Feed
from tui.present.parts import Cell
from widgets.flashes import LASTS, Flashes

COLUMNS = ("NAME", "STATUS", "")
LEDGER = world.PODS_EU[2]


def test_only_what_a_row_says_anew_stands_out_until_it_fades() -> None:
    flashes = Flashes()
    before: dict[Hashable, Sequence[Cell]] = {"a": ("a", ("Running", "good"), "3d"), "b": ("b", "Running", "3d")}
    after = [("a", ("a", ("Running", "dim"), "4d")), ("b", ("b", "Error", "4d")), ("new", ("new", "x", "1s"))]
    flashes.compare(before, after, COLUMNS, 10.0)
    assert [set(flashes.lit(key)) for key in ("a", "b", "new")] == [set(), {"STATUS"}, set()]
    assert flashes.fade(10.0 + LASTS - 0.1) == set()
    assert flashes.fade(10.0 + LASTS) == {"b"}
    assert len(flashes) == 0


def test_a_cell_that_changes_again_stands_out_from_then_on() -> None:
    flashes = Flashes()
    flashes.compare({"a": ("a", "1", "")}, [("a", ("a", "2", ""))], COLUMNS, 10.0)
    flashes.compare({"a": ("a", "2", "")}, [("a", ("b", "3", ""))], COLUMNS, 11.0)
    assert flashes.fade(10.0 + LASTS) == set()
    assert set(flashes.lit("a")) == {"NAME", "STATUS"}
    flashes.clear()
    assert not flashes.lit("a")


def lit(story: Story) -> list[str]:
    """The texts of the cells that stand out, told by what needs no colour."""
    table = story.overview.resources.table
    segments: list[Segment] = [segment for y in range(1, table.size.height) for segment in table.render_line(y)]
    return [segment.text.strip() for segment in segments if segment.style and segment.style.underline]


def restarted(count: str) -> object:
    return replace(LEDGER, cells=(*LEDGER.cells[:3], count, *LEDGER.cells[4:]))


async def test_a_changed_cell_stands_out_and_fades_by_the_clock() -> None:
    hub = states.live()
    async with running(hub) as story:
        await story.press("3")
        assert lit(story) == []
        change(hub, restarted("1 (2s ago)"))  # type: ignore[arg-type]
        await story.settle()
        assert lit(story) == ["1 (2s ago)"]
        await story.advance(0.5)
        assert lit(story) == ["1 (2s ago)"], "ages that tick are no news"
        await story.advance(LASTS)
        assert lit(story) == []


@pytest.mark.parametrize("pressed", [("i",), ("w",), ("slash", "l"), ("ctrl+z", "ctrl+z")])
async def test_looking_at_it_in_another_way_is_no_change(pressed: tuple[str, ...]) -> None:
    async with running(states.live()) as story:
        await story.press("3", *pressed)
        assert lit(story) == []


async def test_nothing_stands_out_while_a_list_is_being_read_nor_where_it_is_not_wanted() -> None:
    hub = states.live()
    async with running(hub) as story:
        await story.press("3")
        for complete in (False, True):
            partly(hub, complete=complete, count="5" if complete else "4")
            await story.settle()
            assert lit(story) == [], "what a list that is read again says is no news"
        change(hub, restarted("6"))  # type: ignore[arg-type]
        await story.settle()
        assert lit(story) == ["6"]
    hub = states.live()
    async with running(hub, flash=False) as story:
        await story.press("3")
        change(hub, restarted("1"))  # type: ignore[arg-type]
        await story.settle()
        assert lit(story) == []
        assert story.shows("ledger-0")


def partly(hub: FakeHub, *, complete: bool, count: str) -> None:
    for query, cell in hub.lists.items():
        if len(query.clusters) == 1 and query.clusters[0].name == "prod-eu" and query.kind == "pods":
            table = replace(world.table((*world.PODS_EU[:2], restarted(count))), complete=complete)  # type: ignore[arg-type]
            cell.put(world.view_of(query, Feed(table, world.NOW)), world.NOW)


async def test_what_is_counted_on_from_what_a_server_printed_is_no_news() -> None:
    hub = states.live()
    async with running(hub) as story:
        await story.press("3")
        said = replace(restarted("1 (2m ago)"), printed=world.NOW)  # type: ignore[type-var]
        change(hub, said)  # type: ignore[arg-type]
        await story.advance(2 * LASTS)
        assert story.shows("1 (2m")
        await hub.clock.advance(300)
        change(hub, said, world.pod("zz", "another", "1/1", "Running", 5))  # type: ignore[arg-type]
        await story.settle()
        assert story.shows("1 (7m")
        assert lit(story) == []
