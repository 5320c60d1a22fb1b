"""What a person does with `<`, `>` and `i`, and what stays where it was."""

from __future__ import annotations

from msgspec.structs import replace

from tests.ui import states, world
from tests.ui.fake import FakeHub
from tests.ui.run import BIG, Story, running
from tui.model.feed import Feed
from tui.model.kube import Row, Table
from tui.model.sorting import BY_NAME, SortBy
from widgets.listed_pane import LARGE


def names(story: Story) -> list[str]:
    return [entry[1] for entry in story.overview.resources._rows.items]  # type: ignore[union-attr]


async def test_a_list_is_sorted_by_the_column_that_is_chosen_and_says_so() -> None:
    async with running(states.live()) as story:
        await story.press("3", "greater_than_sign")
        assert story.shows("NAMESPACE▲")
        await story.press("less_than_sign", "less_than_sign")
        assert story.shows("AGE▲")
        assert names(story)[-1] == "ledger-0"
        await story.press("i")
        assert story.shows("AGE▼")
        assert names(story)[0] == "ledger-0"
        assert story.hub.sortings.chosen == {"pods": SortBy("age", True)}
        await story.press("greater_than_sign", "i")
        assert names(story)[0].startswith("front"), "the plain order, the other way round"
        assert story.shows("NAMESPACE▼")
        await story.press("i")
        assert not story.shows("▲")
        assert story.hub.sortings.chosen == {"pods": BY_NAME}


async def test_the_order_of_a_kind_is_remembered_and_holds_for_the_next_list_of_it() -> None:
    hub = states.live()
    hub.sortings.remember("pods", SortBy("restarts", True))
    async with running(hub) as story:
        await story.press("3")
        assert story.shows("RESTARTS▼")
        await story.press("1", "down", "3")
        assert story.shows("3 Pods  prod-us", "RESTARTS▼")
        assert names(story)[0] == "api-7c9f6d-kk0d2"
        await story.press("z")
        await story.press("z")
        assert story.shows("RESTARTS▼")


async def test_a_column_without_room_is_named_in_the_title() -> None:
    hub = states.live()
    hub.sortings.remember("pods", SortBy("node", False))
    async with running(hub) as story:
        await story.press("3")
        assert story.shows("by node ▲"), "which only the wide list shows"
        await story.press("z", "w")
        assert not story.shows("by node ▲")
        assert story.shows("NODE▲")


def change(hub: FakeHub, *rows: Row) -> None:
    """These rows of prod-eu are news."""
    for query, cell in hub.lists.items():
        if len(query.clusters) == 1 and query.clusters[0].name == "prod-eu" and query.kind == "pods":
            view = cell.feed.value
            assert view is not None
            table = view.parts[0].feed.value
            assert table is not None
            news = {**table.rows, **{row.key: row for row in rows}}
            cell.put(world.view_of(query, Feed(Table(table.kind, table.columns, news), world.NOW)), world.NOW)


async def test_cursor_and_marks_stay_with_their_rows_while_the_sorted_list_churns() -> None:
    hub = states.live()
    hub.sortings.remember("pods", SortBy("restarts", True))
    async with running(hub, BIG) as story:
        await story.press("3", "down", "down", "space")
        table = story.overview.resources.table
        marked, under = next(iter(table.marks)), table.cursor_key
        front = world.PODS_EU[3]
        for restarts in ("9 (1s ago)", "0", "12 (1s ago)"):
            change(hub, replace(front, cells=(*front.cells[:3], restarts, *front.cells[4:])))
            await story.advance(1)
            first = names(story)[0]
            assert (first == front.name) is (restarts != "0")
            assert table.cursor_key == under
            assert table.marks == {marked}
            assert table.rows[table._cursor.index].key == under


async def test_a_long_list_is_put_into_order_in_steps() -> None:
    hub = states.live()
    async with running(hub) as story:
        await story.press("3")
        cells = ("1/1", "Running")
        many = [
            replace(world.PODS_EU[1], name=f"p-{n:05}", cells=(f"p-{n:05}", *cells, str(n % 977), "?", "", ""))
            for n in range(2 * LARGE)
        ]
        change(hub, *many)
        await story.advance(1)
        await story.press("less_than_sign", "less_than_sign", "i")
        await story.advance(1)
        assert story.shows("RESTARTS▼", "976")
        assert names(story)[0] == "p-00976"
