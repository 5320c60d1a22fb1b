"""Which rows have changed is told for as long as it is remembered, and what is kept by it is the table."""

from __future__ import annotations

import random

from tui.data.rows import KEPT, Rows
from tui.model.cluster import ClusterRef, Via
from tui.model.feed import Feed
from tui.model.kube import (
    PODS,
    ClusterTable,
    Column,
    EventType,
    ResourceQuery,
    ResourceView,
    Row,
    RowEvent,
    TablePage,
)
from tui.present.arranging import Arrangement
from tui.present.resources import entries

COLUMNS = (Column("Name"), Column("Status"))
REF = ClusterRef("eu", "eu", Via.GATEWAY)


def row(number: int, status: str = "Running") -> Row:
    return Row(f"u{number}", f"p{number:05}", "web", (f"p{number:05}", status))


def view(rows: Rows) -> ResourceView:
    return ResourceView(ResourceQuery("pods", (REF,)), PODS, COLUMNS, (ClusterTable(REF, Feed(rows.value(), 1.0)),))


def test_a_log_tells_what_came_changed_and_went_and_says_when_it_cannot() -> None:
    rows = Rows(PODS, lambda: 1.0)
    rows.page(TablePage(COLUMNS, [row(1), row(2)], "1"))
    log = rows.value().log
    assert log is not None
    before = log.count
    rows.apply(RowEvent(EventType.MODIFIED, row(1, "Error"), "2"))
    rows.apply(RowEvent(EventType.DELETED, row(2), "3"))
    rows.apply(RowEvent(EventType.BOOKMARK, None, "4"))
    assert sorted(log.since(before) or ()) == [("web", "p00001"), ("web", "p00002")]
    assert log.since(log.count) == []
    assert log.since(log.count + 1) is None
    for number in range(KEPT):
        rows.apply(RowEvent(EventType.ADDED, row(number), "5"))
    assert log.since(before) is None


def test_a_list_kept_by_the_log_is_the_list_made_anew_also_after_it_was_read_again() -> None:
    rng = random.Random(5)
    rows = Rows(PODS, lambda: 1.0)
    rows.page(TablePage(COLUMNS, [row(number) for number in range(0, 1000, 2)], "1"))
    rows.finish()
    kept = Arrangement()
    kept.take(view(rows), ["eu"])
    for step in range(40):
        if step % 10 == 9:
            rows.begin()
            rows.page(TablePage((), [row(number, "Again") for number in range(step, 1000, 2)], "2"))
            rows.finish()
        for _ in range(rng.randrange(30)):
            change = rng.choice([EventType.ADDED, EventType.MODIFIED, EventType.DELETED])
            rows.apply(RowEvent(change, row(rng.randrange(1000), f"s{step}"), "3"))
        kept.take(view(rows), ["eu"])
        assert kept.rows == entries(view(rows))


def test_rows_that_are_made_of_others_are_compared_where_no_log_tells() -> None:
    rows = Rows(PODS, lambda: 1.0)
    rows.page(TablePage(COLUMNS, [row(number) for number in range(100)], "1"))
    kept, silent = Arrangement(), view(rows)
    table = silent.parts[0].feed.value
    assert table is not None
    kept.take(silent, ["eu"])
    rows.apply(RowEvent(EventType.MODIFIED, row(7, "Error"), "2"))
    no_log = type(table)(PODS, COLUMNS, dict(table.rows))
    kept.take(ResourceView(silent.query, PODS, COLUMNS, (ClusterTable(REF, Feed(no_log, 1.0)),)), ["eu"])
    assert [entry[3].cells[1] for entry in kept.rows if entry[1] == "p00007"] == ["Error"]
