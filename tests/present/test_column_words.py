"""`status:!Running age:<1h`: words of a filter that ask a column, over rows as a server prints them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from tui.errors import UsageError
from tui.model.cluster import ClusterRef, Via
from tui.model.feed import Feed
from tui.model.kube import PODS, ClusterTable, Column, ResourceQuery, ResourceView, Row, Table
from tui.present.fields import fields_of, stamp
from tui.present.filters import parse_filter
from tui.present.resources import entries
from tui.present.search import Search, admitted

NOW = datetime(2026, 11, 22, 14, 2, 12, tzinfo=UTC).timestamp()
COLUMNS = tuple(
    Column(name, priority=priority)
    for name, priority in [
        ("Name", 0), ("Ready", 0), ("Status", 0), ("Restarts", 0), ("Age", 0), ("CPU", 0), ("Version", 1),
        ("Nominated Node", 1),
    ]
)  # fmt: skip


def row(namespace: str, name: str, age: float, *cells: str | None) -> Row:
    ready, status, restarts, *rest = cells
    return Row(name, name, namespace, (name, ready, status, restarts, "?", *rest), "1", stamp(NOW - age))


EU = (
    row("payments", "api-1", 59 * 60, "1/2", "CrashLoopBackOff", "12 (5m ago)", "900m", "v1.33.4-gke.1", "<none>"),
    row("payments", "api-2", 3 * 86400 + 9, "2/2", "Running", "0", "2", "v1.32.9", "n-1"),
    row("payments", "job-x", 4 * 86400, "0/1", "Completed", "0", "<none>", "<unknown>", "n-2"),
)
US = (row("web", "front end", 30, "1/1", "Running", "3", "50m", "v1.33.0", None),)


def view(namespaced: bool = True) -> ResourceView:
    refs = (ClusterRef("eu", "prod-eu", Via.GATEWAY), ClusterRef("us", "prod-us", Via.GATEWAY))
    kind = PODS if namespaced else replace(PODS, namespaced=False)
    tables = [Feed(Table(kind, COLUMNS, {one.key: one for one in rows}), NOW) for rows in (EU, US)]
    parts = tuple(ClusterTable(ref, feed) for ref, feed in zip(refs, tables, strict=True))
    return ResourceView(ResourceQuery("pods", refs), kind, COLUMNS, parts)


def names(text: str, shown: ResourceView | None = None) -> list[str]:
    """What the filter leaves, asked of the whole list and of each row by itself."""
    shown = shown or view()
    wanted = parse_filter(text, columns=True)
    assert wanted is not None
    clusters = [part.cluster.name for part in shown.parts]
    search, listed, fields = Search(), entries(shown), fields_of(shown)
    found = [entry[1] for entry in search.select(listed, clusters, wanted, fields, NOW)]
    admits = search.judge(clusters, wanted, fields, NOW)
    assert [entry[1] for entry in listed if admits(entry)] == found
    return found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("status:running", ["api-2", "front end"]),
        ("status:!Running", ["api-1", "job-x"]),
        ("status:=run", []),
        ("status:!=running", ["api-1", "job-x"]),
        ("status:^C", ["api-1", "job-x"]),
        ("status:Crash|Comp", ["api-1", "job-x"]),
        ("name:api", ["api-1", "api-2"]),
        ('name:"front end"', ["front end"]),
        ('"front end"', ["front end"]),
        ("ns:payments", ["api-1", "api-2", "job-x"]),
        ("cluster:prod-*", ["api-1", "api-2", "job-x", "front end"]),
        ("cluster:prod-?s", ["front end"]),
        ("cluster:rod-*", []),
        ("age:<1h", ["api-1", "front end"]),
        ("age:>=3d", ["api-2", "job-x"]),
        ("age:3d", ["api-2"]),
        ("age:!3d", ["api-1", "job-x", "front end"]),
        ("restarts:>3", ["api-1"]),
        ("restarts:>=3", ["api-1", "front end"]),
        ("restarts:0", ["api-2", "job-x"]),
        ("ready:<1", ["api-1", "job-x"]),
        ("ready:1", ["api-2", "front end"]),
        ("ready:!1", ["api-1", "job-x"]),
        ("ready:1/2", ["api-1"]),
        ("ready:>0", ["api-1", "api-2", "front end"]),
        ("cpu:>500m", ["api-1", "api-2"]),
        ("cpu:<1", ["api-1", "front end"]),
        ("version:>=1.33", ["api-1", "front end"]),
        ("version:>1.33", []),
        ("version:<=1.33", ["api-1", "api-2", "front end"]),
        ("version:<1.33.1", ["api-2", "front end"]),
        ("version:1.33", ["api-1", "front end"]),
        ("version:gke", ["api-1"]),
        ("nominated-node:n-2", ["job-x"]),
        ("nom:n-2", ["job-x"]),
        ("name:>api-1", ["api-2", "job-x", "front end"]),
        ("status:Running restarts:>0 front", ["front end"]),
        ("!status:Running", ["api-1", "job-x"]),
        ("!status:Running api", ["api-1", "job-x", "front end"]),
        ("-l app!=x status:Running", ["api-2", "front end"]),
        ("status:", ["api-1", "api-2", "job-x", "front end"]),
        ("age:<", ["api-1", "api-2", "job-x", "front end"]),
        ('"status:Running"', []),
        ("http://x", []),
    ],
)
def test_leaves_the_rows_that_are_meant(text: str, found: list[str]) -> None:
    assert names(text) == found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("stats:x", 'no column "stats" here, only cluster, namespace, name'),
        ("re:1", "re: may be ready or restarts"),
        ("age:<soon", "30s, 5m, 2h"),
        ("restarts:>many", "3 or 0.5"),
        ("cpu:>lots", "500m"),
        ("version:>new", "1.33"),
        ("name:a(", "not a valid regular expression"),
    ],
)
def test_what_cannot_be_answered_is_said(text: str, said: str) -> None:
    with pytest.raises(UsageError) as raised:
        names(text)
    assert said in str(raised.value)


def test_a_kind_without_namespaces_has_no_such_column() -> None:
    with pytest.raises(UsageError, match='no column "namespace"'):
        names("namespace:x", view(namespaced=False))


def test_a_column_of_huge_cells_is_looked_at_as_far_as_anybody_could_see_it() -> None:
    shown = view()
    big = Row("u", "big", "a", ("big", "1/1", "x" * 1_000_000 + "end", "0", "1m"))
    table = Table(PODS, COLUMNS, {big.key: big})
    one = ResourceView(shown.query, PODS, COLUMNS, (ClusterTable(shown.parts[0].cluster, Feed(table, NOW)),))
    assert names("status:xxx", one) == ["big"]
    assert names("end", one) == []


def test_small_tables_of_other_panes_are_asked_by_their_headings() -> None:
    rows = [["prod-eu", "1.33.4", "41 ms"], ["plant-7", "1.31.2", "× agent"]]
    labels: list[dict[str, str]] = [{}, {"site": "7"}]

    def left(text: str) -> list[bool]:
        wanted = parse_filter(text, columns=True)
        assert wanted is not None
        return admitted(wanted, ["NAME", "VERSION", "REACH"], rows, labels, NOW)

    assert left("version:<1.33") == [False, True]
    assert left("!version:<1.33") == [True, False]
    assert left("reach:agent plant") == [False, True]
    assert left("-l site=7") == [False, True]
    with pytest.raises(UsageError, match="no column"):
        left("status:x")


def test_logs_have_no_columns_and_quotes_are_text_there() -> None:
    parsed = parse_filter('level:"error"')
    assert parsed is not None
    assert parsed.matches_text('{level:"error"}')
    assert not parsed.matches_text("level:error")
