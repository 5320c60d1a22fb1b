"""Rows that are kept as bytes are those that would be printed now."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import pytest

from tests.sim.kube.printing import NOW, kind_of
from tui.sim.kube import tables
from tui.sim.kube.durations import Moment, elapsed, human
from tui.sim.kube.objects import timestamp
from tui.sim.kube.printed import PrintedRows

Obj = dict[str, Any]
PODS = kind_of("pods")
MINUTE, HOUR, DAY = 60, 3600, 86400


def pod(name: str, age: float = 0.0, restarted: float | None = None) -> Obj:
    container: Obj = {"name": "main", "ready": True, "restartCount": 0, "state": {"running": {}}}
    if restarted is not None:
        ended = {"terminated": {"exitCode": 1, "finishedAt": timestamp(NOW - restarted)}}
        container |= {"restartCount": 2, "lastState": ended}
    return {
        "apiVersion": "v1",
        "metadata": {"name": name, "uid": f"uid-{name}", "creationTimestamp": timestamp(NOW - age)},
        "spec": {"containers": [{"name": "main"}]},
        "status": {"phase": "Running", "containerStatuses": [container]},
    }


def printed(obj: Obj, now: float) -> bytes:
    return msgspec.json.encode(tables.row(PODS, obj, now=now))


@pytest.mark.parametrize("age", [0, 5, 119, 120, 599, 600, 3 * HOUR - 1, 3 * HOUR, 7.5 * HOUR, 8 * HOUR, 30 * HOUR])
@pytest.mark.parametrize("days", [0, 2, 7, 8, 100, 729, 730, 8 * 365 - 1, 8 * 365])
def test_an_age_is_the_same_until_the_moment_it_was_said_to_change(age: float, days: float) -> None:
    now = Moment(NOW)
    text = elapsed(NOW - age - days * DAY, now)
    assert now.until > NOW
    assert human(now.until - 0.01 - (NOW - age - days * DAY)) == text


def test_a_row_is_printed_again_when_one_of_its_ages_changes() -> None:
    """The pod is three hours old and so changes each minute; its restart does each second."""
    rows, old = PrintedRows(), pod("a", 3 * HOUR, restarted=30)
    now = NOW
    for _ in range(200):
        assert rows.rows(PODS, [old], now, "Metadata") == [printed(old, now)]
        now += 1.7


def test_a_row_that_says_the_same_is_not_printed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, old = PrintedRows(), pod("a", 9 * HOUR)
    first = rows.rows(PODS, [old], NOW, "Metadata")
    monkeypatch.setattr(tables, "row", None)
    assert rows.rows(PODS, [old], NOW + HOUR - 1, "Metadata")[0] is first[0]


def test_another_object_of_the_same_name_has_its_own_row() -> None:
    rows, old, new = PrintedRows(), pod("a", HOUR), pod("a", HOUR, restarted=10)
    assert rows.rows(PODS, [old], NOW, "Metadata") == [printed(old, NOW)]
    assert rows.rows(PODS, [new], NOW, "Metadata") == [printed(new, NOW)]
    assert rows.rows(PODS, [old], NOW, "Metadata") == [printed(old, NOW)]


def test_a_clock_that_is_set_back_makes_no_row_older_than_it_is() -> None:
    rows, old = PrintedRows(), pod("a", HOUR)
    rows.rows(PODS, [old], NOW, "Metadata")
    assert rows.rows(PODS, [old], NOW - HOUR / 2, "Metadata") == [printed(old, NOW - HOUR / 2)]


def test_what_a_row_carries_is_kept_apart() -> None:
    rows, one = PrintedRows(), pod("a")
    kept = {include: rows.rows(PODS, [one], NOW, include)[0] for include in ("Metadata", "Object", "None", "Metadata")}
    assert {include: msgspec.json.decode(row)["object"] for include, row in kept.items()} == {
        include: tables.row(PODS, one, now=NOW, include_object=include)["object"] for include in kept
    }


def test_no_more_is_kept_than_the_limit() -> None:
    size = len(printed(pod("000"), NOW))
    rows = PrintedRows(limit=10 * size)
    for number in range(100):
        one = pod(f"{number:03}")
        assert rows.rows(PODS, [one], NOW, "Metadata") == [printed(one, NOW)]
        assert rows.size <= 10 * size


def test_what_is_printed_again_counts_once() -> None:
    rows, one = PrintedRows(), pod("a")
    for second in range(50):
        rows.rows(PODS, [one], NOW + second, "Metadata")
    assert rows.size == len(printed(one, NOW + 49))


def test_an_age_that_nobody_knows_lasts() -> None:
    now = Moment(NOW)
    tables.row(PODS, {"metadata": {"name": "x"}}, now=now)
    assert math.isinf(now.until)
