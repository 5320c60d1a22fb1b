"""Rows with figures are made a slice at a time, before anybody looks at the list, and a row stays the same row."""

from __future__ import annotations

from itertools import pairwise

from tests.data.fakekube import METRICS
from tests.data.fakeworld import World, followed, ref_of, running
from tui.clock import ManualClock
from tui.data.measured import Memory, measured
from tui.data.reshaped import SLICE, Made, Reshaped, picked
from tui.data.resources import ready
from tui.data.rows import Log
from tui.data.usage import EVERY, Figures
from tui.model.feed import Feed
from tui.model.kube import PODS, ClusterTable, Column, ResourceQuery, ResourceView, Row, Table
from tui.model.usage import Usage

COUNT = 2 * SLICE + 500
ONE = ref_of("context:one", "one")
COLUMNS = (Column("Name", format="name"), Column("Age"))
NAMES = [f"pod-{number}" for number in range(COUNT)]
TABLE = Table(PODS, COLUMNS, {("default", name): Row(name, name, "default", (name, "1d")) for name in NAMES}, log=Log())


def figures(milli: int) -> Feed[Figures]:
    used = {("default", name): Usage("default", name, milli / 1000, 2.0**20) for name in NAMES}
    return Feed(Figures(used, Log()), 1.0)


def view_of(table: Table) -> Feed[ResourceView]:
    query = ResourceQuery("pods", (ONE,))
    return Feed(ResourceView(query, PODS, table.columns, (ClusterTable(ONE, Feed(table, 1.0)),)), 1.0)


def test_no_step_makes_more_than_a_slice_and_nothing_is_left_for_who_looks_first() -> None:
    memory = Memory()
    table = measured(TABLE, [figures(5)], (), 1.0, memory)
    made = [0]
    for _ in ready(view_of(table)):
        made.append(len(memory.made))
    assert max(after - before for before, after in pairwise(made)) <= SLICE
    assert made[-1] == COUNT
    rows = list(table.rows.values())
    assert rows[7].cells == ("pod-7", "5m", "1Mi", "1d")
    assert rows == [memory.made[key] for key in table.rows]
    assert all(row is memory.made[key] for key, row in table.rows.items())


def test_the_same_holds_for_a_choice_of_columns_over_figures() -> None:
    memory, made = Memory(), Made()
    table = measured(TABLE, [figures(5)], (), 1.0, memory)
    rows = Reshaped(table.rows, picked((1,)), made)
    counts = [(0, 0)]
    for _ in rows.make():
        counts.append((len(memory.made), len(made.rows)))
    steps = [(now[0] - was[0], now[1] - was[1]) for was, now in pairwise(counts)]
    assert max(sum(step) for step in steps) <= SLICE
    assert counts[-1] == (COUNT, COUNT)
    assert rows["default", "pod-7"].cells == ("5m",)


def test_figures_of_another_source_are_made_in_slices_again() -> None:
    memory = Memory()
    for _ in ready(view_of(measured(TABLE, [figures(5)], (), 1.0, memory))):
        pass
    again = measured(TABLE, [figures(6)], (), 1.0, memory)
    assert len(list(ready(view_of(again)))) == COUNT // SLICE + 1


def test_what_many_rows_show_is_one_text() -> None:
    table = measured(TABLE, [figures(5)], (), 1.0, Memory())
    first, second = table.rows["default", "pod-1"].cells, table.rows["default", "pod-2"].cells
    assert first[1] is second[1]
    assert first[2] is second[2]


async def test_new_figures_take_the_names_that_are_there() -> None:
    """Those of fifty thousand pods, sent again with each answer, would be held twice."""
    clock = ManualClock()
    world = World(clock)
    kube = world.kube(ONE.key)
    kube.columns[METRICS.qualified] = (Column("Name", format="name"), Column("cpu"), Column("memory"))
    kube.pod("web")
    async with running(world) as hub, followed(hub.resources(ResourceQuery("pods", (ONE,)))) as (reader,):
        named: list[Usage] = []
        for cpu in ("1m", "2m"):
            name = "".join(["w", "eb"])  # another object each time
            kube.rows[METRICS.qualified]["default", "web"] = Row("", name, "default", (name, cpu, "1Mi"))
            await clock.advance(EVERY + 1)
            row = reader.value.parts[0].feed.value.rows["default", "web"]
            assert cpu in row.cells
            named.append(row.used)
        assert named[0].name is named[1].name
