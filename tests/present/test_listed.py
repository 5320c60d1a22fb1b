"""What is shown of a list: arranged, narrowed, and kept so."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.present.test_column_words import COLUMNS, NOW, view
from tests.present.test_sorting import CLUSTERS
from tui.errors import UsageError
from tui.model.feed import Feed
from tui.model.kube import PODS, ClusterTable, ResourceView, Row, Table
from tui.model.sorting import BY_NAME, SortBy
from tui.present.filters import Filter, parse_filter
from tui.present.listed import AGES_EVERY, Listed


def filter_of(text: str) -> Filter | None:
    return parse_filter(text, columns=True)


def names(listed: Listed, text: str = "", *, faults: bool = False, now: float = NOW) -> list[str]:
    return [entry[1] for entry in listed.chosen(filter_of(text), faults, now)]


def with_rows(*rows: Row) -> ResourceView:
    """The view, with these rows in its first cluster instead of those of the same names."""
    whole = view()
    table = whole.parts[0].feed.value
    assert table is not None
    held = {**table.rows, **{row.key: row for row in rows}}
    part = ClusterTable(whole.parts[0].cluster, Feed(Table(PODS, COLUMNS, held), NOW))
    return replace(whole, parts=(part, *whole.parts[1:]))


def test_filter_faults_and_order_hold_together() -> None:
    listed = Listed()
    listed.take(view(), CLUSTERS, CLUSTERS)
    assert names(listed) == ["api-1", "api-2", "job-x", "front end"]
    listed.sort(SortBy("age", True))
    assert names(listed) == ["job-x", "api-2", "api-1", "front end"]
    assert names(listed, "age:>1m") == ["job-x", "api-2", "api-1"]
    assert names(listed, "age:>1m", faults=True) == ["api-1"]
    assert [entry[1] for entry in listed.rows] == ["job-x", "api-2", "api-1", "front end"]
    assert listed.finder()((CLUSTERS[0], "payments", "api-1")) == 0
    assert listed.finder()((CLUSTERS[0], "payments", "api-2")) is None


def test_a_changed_row_comes_and_goes_with_what_it_says() -> None:
    well = [Row(f"u{n}", f"p{n}", "web", (f"p{n}", "1/1", "Running", "0")) for n in range(40)]
    sick = Row("u7", "p7", "web", ("p7", "0/1", "Error", "1"))
    listed, wanted = Listed(), filter_of("!status:Running")
    for rows, found in ((well, False), ([*well[:7], sick, *well[8:]], True), (well, False)):
        listed.take(with_rows(*rows), CLUSTERS, CLUSTERS)
        assert ("p7" in [entry[1] for entry in listed.chosen(wanted, False, NOW)]) is found


def test_rows_grow_into_a_filter_by_age_without_changing() -> None:
    listed = Listed()
    listed.take(view(), CLUSTERS, CLUSTERS)
    wanted = filter_of("age:<1h")
    assert [entry[1] for entry in listed.chosen(wanted, False, NOW)] == ["api-1", "front end"]
    assert [entry[1] for entry in listed.chosen(wanted, False, NOW + 120)] == ["front end"]
    assert AGES_EVERY <= 1.0


def test_what_the_list_cannot_answer_leaves_nothing_and_is_said_each_time() -> None:
    listed = Listed()
    listed.take(view(), CLUSTERS, CLUSTERS)
    for _ in range(2):
        with pytest.raises(UsageError, match="no column"):
            names(listed, "zone:x")
        assert listed.finder()((CLUSTERS[0], "payments", "api-1")) is None
    assert len(names(listed)) == 4


def test_an_order_by_a_column_that_is_not_there_is_plain_until_it_is() -> None:
    listed = Listed()
    listed.sort(SortBy("restarts", True))
    listed.take(view(), CLUSTERS, CLUSTERS)
    assert names(listed)[0] == "api-1"
    assert listed.by == SortBy("restarts", True)
    other = replace(view(), columns=COLUMNS[:3])
    listed.take(other, CLUSTERS, CLUSTERS)
    assert names(listed) == ["api-1", "api-2", "job-x", "front end"]
    listed.sort(BY_NAME)
    listed.sort(SortBy(inverted=True))
    assert names(listed) == ["front end", "job-x", "api-2", "api-1"]


def test_nothing_is_listed_before_anything_is_known() -> None:
    listed = Listed()
    listed.take(None, (), ())
    assert names(listed, "x", faults=True) == []
    assert listed.fields == ()
