"""How long ago something was goes on between two words of the server."""

from __future__ import annotations

import pytest

from tui.model.cluster import ClusterRef, Via
from tui.model.feed import Feed
from tui.model.kube import ClusterTable, Column, KindRef, ResourceQuery, ResourceView, Row, Table
from tui.present.resources import cells, entries, layout
from tui.present.ticking import ticked, ticking

NOW = 1_800_000_000.0


@pytest.mark.parametrize(
    ("text", "elapsed", "whole", "now"),
    [
        ("2s", 0, True, "2s"),
        ("2s", 70, True, "72s"),
        ("48m", 70, True, "49m"),
        ("5m (x12 over 3h)", 70, True, "5m (x12 over 3h)"),  # no age alone: left as it was said
        ("<unknown>", 70, True, "<unknown>"),
        ("3 (5m ago)", 60, False, "3 (6m ago)"),
        ("3 (5m ago)", 0, False, "3 (5m ago)"),
        ("0", 900, False, "0"),
        ("(soon ago)", 900, False, "(soon ago)"),
    ],
)
def test_times_go_on(text: str, elapsed: float, whole: bool, now: str) -> None:
    assert ticked(text, elapsed, whole=whole) == now


def test_dates_of_custom_kinds_tick_and_durations_do_not() -> None:
    assert [ticking("LAST BACKUP", "date"), ticking("LAST SEEN", "string"), ticking("DURATION", "string")] == [
        True,
        True,
        False,
    ]


def test_a_row_is_painted_as_of_now_and_its_age_by_its_creation() -> None:
    cluster = ClusterRef("a", "a", Via.CONTEXT)
    columns = (Column("Last Seen"), Column("Name", format="name"), Column("Restarts"), Column("Age"))
    row = Row("1", "web", "", ("2s", "web", "1 (4m ago)", "9d"), created="2027-01-15T07:00:00Z", printed=NOW - 120)
    kind = KindRef("", "v1", "things", "Thing", namespaced=False)
    table = Table(kind, columns, {row.key: row})
    view = ResourceView(ResourceQuery("things", (cluster,)), kind, columns, (ClusterTable(cluster, Feed(table, NOW)),))
    assert cells(entries(view)[0], view, layout(view, wide=False), NOW, frozenset()) == (
        "2m2s",
        "web",
        "1 (6m ago)",
        "60m",
    )
