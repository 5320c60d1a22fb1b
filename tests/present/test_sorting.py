"""Lists in the order of any column, and kept in it while they change."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from tests.present.test_column_words import COLUMNS, NOW, view
from tui.model.cluster import ClusterRef, Via
from tui.model.feed import Feed
from tui.model.kube import PODS, ClusterTable, ResourceQuery, ResourceView, Row, Table
from tui.model.sorting import BY_NAME, SortBy
from tui.present import sorting
from tui.present.arranging import Arrangement
from tui.present.fields import field_named, fields_of, stamp, texts_of
from tui.present.filters import parse_filter
from tui.present.resources import Entry, entries
from tui.present.search import Search
from tui.present.sorting import PLAIN, Order, stepped, turned

CLUSTERS = ["prod-eu", "prod-us"]


def order_of(shown: ResourceView, by: SortBy) -> Order:
    return Order(by, field_named(by.column, fields_of(shown)) if by.column else None, CLUSTERS, entries(shown))


@pytest.mark.parametrize(
    ("column", "names"),
    [
        ("", ["api-1", "api-2", "job-x", "front end"]),
        ("name", ["api-1", "api-2", "front end", "job-x"]),
        ("ready", ["job-x", "api-1", "api-2", "front end"]),
        ("restarts", ["api-2", "job-x", "front end", "api-1"]),
        ("age", ["front end", "api-1", "api-2", "job-x"]),
        ("cpu", ["front end", "api-1", "api-2", "job-x"]),
        ("version", ["api-2", "front end", "api-1", "job-x"]),
        ("cluster", ["api-1", "api-2", "job-x", "front end"]),
        ("nominated-node", ["api-2", "job-x", "api-1", "front end"]),
    ],
)
def test_each_column_is_sorted_by_what_it_means(column: str, names: list[str]) -> None:
    assert [entry[1] for entry in order_of(view(), SortBy(column)).arranged(entries(view()))] == names


@pytest.mark.parametrize(
    ("column", "names"),
    [
        ("", ["front end", "job-x", "api-2", "api-1"]),
        ("restarts", ["api-1", "front end", "api-2", "job-x"]),
        ("age", ["job-x", "api-2", "api-1", "front end"]),
        ("cpu", ["api-2", "api-1", "front end", "job-x"]),
        ("nominated-node", ["job-x", "api-2", "api-1", "front end"]),
    ],
)
def test_inverted_what_has_nothing_stays_last_and_equals_stay_by_name(column: str, names: list[str]) -> None:
    listed = entries(view())
    assert [entry[1] for entry in order_of(view(), SortBy(column, True)).arranged(listed)] == names
    upright = order_of(view(), SortBy(column))
    again = Order(turned(upright.by), upright.field, CLUSTERS, listed, like=upright)
    assert [entry[1] for entry in again.arranged(listed)] == names
    assert again.compares(upright)


def test_another_column_is_chosen_to_the_right_and_to_the_left_past_the_plain_order() -> None:
    shown = ["name", "age"]
    by = BY_NAME
    seen = [(by := stepped(by, shown, 1)).column for _ in range(4)]
    assert seen == ["name", "age", "", "name"]
    assert stepped(BY_NAME, shown, -1) == SortBy("age")
    assert stepped(SortBy("gone", True), shown, 1) == SortBy("name")
    assert turned(SortBy("age")).mark == "▼"
    assert SortBy("age").mark == "▲"
    assert not BY_NAME.mark


class World:
    """Two clusters whose pods come, go and change; each change is a new row, as a reflector makes it."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.rows: list[dict[tuple[str, str], Row]] = [{}, {}]
        for _ in range(300):
            self.put()

    def cells(self, name: str) -> tuple[str, ...]:
        draw = self.rng.choice
        ready, status = draw(["1/1", "0/1", "1/2"]), draw(["Running", "Pending", "<none>"])
        return (name, ready, status, draw(["0", "12 (3m ago)", "3"]), "?", draw(["50m", "2", "<none>"]))

    def put(self) -> None:
        name, namespace = f"p-{self.rng.randrange(400)}", f"n{self.rng.randrange(4)}"
        row = Row(name, name, namespace, self.cells(name), "1", stamp(NOW - self.rng.randrange(9000)))
        self.rng.choice(self.rows)[row.key] = row

    def change(self) -> None:
        rng = self.rng
        for _ in range(rng.randrange(12)):
            rows = rng.choice(self.rows)
            key = rng.choice(list(rows))
            match rng.randrange(3):
                case 0:
                    self.put()
                case 1:
                    del rows[key]
                case _:
                    rows[key] = replace(rows[key], cells=self.cells(key[1]))

    def view(self) -> ResourceView:
        refs = tuple(ClusterRef(name, name, Via.GATEWAY) for name in CLUSTERS)
        parts = tuple(
            ClusterTable(ref, Feed(Table(PODS, COLUMNS, rows), NOW)) for ref, rows in zip(refs, self.rows, strict=True)
        )
        return ResourceView(ResourceQuery("pods", refs), PODS, COLUMNS, parts)


@pytest.mark.parametrize("column", ["", "status", "restarts", "age", "cluster", "cpu"])
@pytest.mark.parametrize("inverted", [False, True])
@pytest.mark.parametrize("text", ["", "p-1 status:Running|Pending", "age:<1h", "!restarts:>3"])
def test_a_list_that_is_mended_is_the_list_made_anew(column: str, inverted: bool, text: str) -> None:
    world = World(7)
    wanted = parse_filter(text, columns=True)
    mended, search = Arrangement(), Search()

    def chosen(arrangement: Arrangement, by: Search) -> None:
        if wanted is not None:
            fields = fields_of(shown)
            found = by.select(arrangement.rows, CLUSTERS, wanted, fields, NOW)
            arrangement.narrow(found, by.judge(CLUSTERS, wanted, fields, NOW))

    shown = world.view()
    assert mended.take(shown, CLUSTERS)
    mended.sort(order_of(shown, SortBy(column, inverted)))
    chosen(mended, search)
    anew_at_all = 0
    for _ in range(60):
        world.change()
        shown = world.view()
        if mended.take(shown, CLUSTERS):
            anew_at_all += 1
            chosen(mended, search)
        fresh = Arrangement()
        fresh.take(shown, CLUSTERS)
        fresh.sort(order_of(shown, SortBy(column, inverted)))
        chosen(fresh, Search())
        assert mended.rows == fresh.rows
        assert list(mended.shown) == list(fresh.shown)
        for at, entry in enumerate(mended.shown):
            assert mended.position(*entry[:3]) == at
        assert mended.position("n0", "nobody", 0) is None
    assert anew_at_all == 0, "few changes are mended"


def warmed(order: Order, rows: list[Entry], step: int) -> int:
    """How many steps it took to make the keys of `rows`."""
    at = steps = 0
    while at < len(rows):
        at, steps = order.warm(rows, at, step), steps + 1
    return steps


@pytest.mark.parametrize("column", ["age", "restarts", "status"])
def test_turned_round_a_list_is_in_the_order_of_a_fresh_one_and_no_cell_is_read_again(
    column: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = World(7).view()
    listed, kept = entries(shown), entries(shown)
    field = field_named(column, fields_of(shown))
    by, read = SortBy(column), list[int]()

    def reading(rows: Sequence[Entry], place: int, names: Sequence[str]) -> list[str]:
        read.append(len(rows))
        return texts_of(rows, place, names)

    order = Order(by, field, CLUSTERS, listed)
    monkeypatch.setattr(sorting, "texts_of", reading)
    assert warmed(order, listed, 50) == -(-len(listed) // 50)
    assert max(read) <= 50
    assert order.arranged(listed) == Order(by, field, CLUSTERS, listed).arranged(kept)
    for _ in range(3):
        by = turned(by)
        order, fresh = Order(by, field, CLUSTERS, listed, like=order), Order(by, field, CLUSTERS, listed)
        expected = fresh.arranged(kept)
        read.clear()
        assert warmed(order, listed, 50) == 1
        assert order.arranged(listed) == expected
        assert sum(read) == 0


def test_keys_of_a_list_that_changes_while_they_are_made_are_those_of_the_list_that_is_arranged() -> None:
    shown = World(7).view()
    listed, fewer = entries(shown), entries(shown)[::2]
    order = order_of(shown, SortBy("age"))
    order.warm(listed, 0, 10)
    order.warm(fewer, 10, 10)
    assert order.arranged(fewer) == order_of(shown, SortBy("age")).arranged(fewer)


def test_a_row_that_the_filter_hides_has_no_place() -> None:
    shown = view()
    arrangement = Arrangement()
    arrangement.take(shown, CLUSTERS)
    hidden = arrangement.rows[0]
    arrangement.narrow(arrangement.rows[1:], lambda entry: entry != hidden)
    assert arrangement.position(*hidden[:3]) is None
    assert arrangement.position(*arrangement.rows[1][:3]) == 0
    assert arrangement.position("a", "b", 7) is None


def test_nothing_is_made_anew_where_nothing_has_changed() -> None:
    shown = view()
    arrangement = Arrangement()
    assert arrangement.take(shown, CLUSTERS)
    before = arrangement.rows
    assert not arrangement.take(view(), CLUSTERS)
    assert arrangement.rows is before
    assert arrangement.take(view(), ["other", "clusters"])
    assert arrangement.take(None, ())
    assert arrangement.rows == []
    assert arrangement.order is PLAIN
