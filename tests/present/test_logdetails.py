"""What is told of a log view when it is read: the ring, the gaps with their spans, the files."""

from __future__ import annotations

from datetime import timedelta, timezone
from pathlib import Path

import pytest
from msgspec.structs import replace

from tui.model.cluster import ClusterRef, Via
from tui.model.feed import Feed
from tui.model.gapline import gap_line, gap_words
from tui.model.logs import LogGap, LogSource, LogStatus, Saved
from tui.model.logstamp import LAST, SECOND, parse_stamp, text_of
from tui.model.turnline import with_turns
from tui.present.logdetails import of_logs

SOURCE = LogSource(0, ClusterRef("k", "c", Via.AKS), "ns", "pod", "app", "following", received=9, gaps=3)
BEGAN = 1_790_000_000 * SECOND


def said(status: LogStatus, *files: Saved) -> list[str]:
    return [f"{line.label} {line.text}" for line in of_logs(None, Feed(status, 0.0), 0.0, files).lines]


def test_the_size_of_the_ring_is_told() -> None:
    status = LogStatus(first_seq=87_733, next_seq=172_408, bytes=12 << 20, capacity=100_000, max_bytes=256 << 20)
    assert "ring 84,675 of 100,000 lines, 12 MiB of 256 MiB" in said(status)


def test_each_gap_is_told_with_its_span_and_its_reason() -> None:
    gaps = (
        LogGap(0, BEGAN, BEGAN + 8 * SECOND, "rotated"),
        LogGap(1, BEGAN, BEGAN + 8 * SECOND, "rotated"),
        LogGap(0, BEGAN, BEGAN - SECOND, "restarted"),
    )
    told = [line for line in said(LogStatus((SOURCE,), gaps=3, lately=gaps)) if line.startswith("gap ")]
    assert len(told) == 2
    assert "14:13:20" in told[0]
    assert "14:13:28" in told[0]
    assert told[0].endswith("(8s): the log was rotated")
    assert told[1].endswith("the container restarted more than once")
    assert "(" not in told[1], "a clock that was put back makes no span"
    assert any("1 older" in line for line in said(LogStatus((SOURCE,), gaps=3, lately=gaps)))


def test_what_came_late_by_turns_is_told_apart() -> None:
    lines = said(LogStatus((with_turns(replace(SOURCE, late=40), 34), replace(SOURCE, index=1, late=2)), late=42))
    assert "late 8 came after newer ones of another stream were shown" in lines
    assert "by turns 34 did because their logs waited for their turns, marked [turn]" in lines
    assert "counted 9 received, 6 late, 34 late by turns, 3 gaps" in lines
    assert "counted 9 received, 2 late, 3 gaps" in lines
    assert not any("turn" in line for line in said(LogStatus((replace(SOURCE, late=2),), late=2)))


def test_a_file_is_told_with_its_path() -> None:
    lines = said(LogStatus(), Saved(Path("/home/ana/a.log"), 837, 2048))
    assert "this log /home/ana/a.log  837 lines, 2 KiB" in lines


def test_the_line_at_a_gap_bears_the_time_of_the_line_after_it() -> None:
    line = gap_line(LogGap(0, BEGAN, BEGAN + 8 * SECOND + 5, "rotated"))
    assert parse_stamp(line)[0] == BEGAN + 8 * SECOND + 5
    words = "── lines may be missing, 2026-09-21 14:13:20Z to 14:13:28Z: the log was rotated ──"
    assert text_of(line).decode() == words


@pytest.mark.parametrize("hours", [-23, 0, 23])
def test_the_span_of_a_gap_is_told_in_any_zone_whatever_its_times(hours: int) -> None:
    zone = timezone(timedelta(hours=hours))
    assert gap_words(LogGap(0, 0, LAST, "cut"), zone).startswith("── lines may be missing, 19")
    assert gap_words(LogGap(0, BEGAN, BEGAN + 8 * SECOND), timezone(timedelta(hours=12))) == (
        "── lines may be missing, 2026-09-22 02:13:20 to 02:13:28 ──"
    )
