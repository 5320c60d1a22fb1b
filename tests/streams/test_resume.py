"""What is remembered of a log's past is bounded, whatever the log does."""

from __future__ import annotations

from tests.streams.fakelog import raw
from tui.model.logstamp import SECOND
from tui.streams.resume import Resume


def lines(start: int, count: int) -> list[bytes]:
    return [raw(start + number, b"%d" % number) for number in range(count)]


def test_only_the_newest_second_is_remembered() -> None:
    resume = Resume()
    for second in range(100):
        resume.note(lines(second * SECOND, 50))
    assert len(resume._batches) <= 3
    assert resume.since == 98  # the newest is the first of its second, so an older one may still come
    replay = resume.replay()
    again = [*lines(98 * SECOND, 50), *lines(99 * SECOND, 51)]
    assert list(replay.fresh(again)) == [raw(99 * SECOND + 50, b"50")]
    resume.note(lines(99 * SECOND + SECOND // 2, 1))
    assert resume.since == 99


def test_a_second_with_too_many_lines_is_known_by_time_at_its_beginning() -> None:
    resume = Resume(remembered=100)
    starts = range(5 * SECOND, 5 * SECOND + 1000, 50)
    for start in starts:
        resume.note(lines(start, 50))
    assert sum(len(batch) for _, _, batch in resume._batches) <= 100
    again = [line for start in starts for line in lines(start, 50)]
    replay = resume.replay()
    assert list(replay.fresh([*again, raw(6 * SECOND, b"new")])) == [raw(6 * SECOND, b"new")]
    assert replay.anchored


def test_a_replay_may_come_in_pieces() -> None:
    resume = Resume()
    resume.note(lines(5 * SECOND, 10))
    replay = resume.replay()
    assert [list(replay.fresh([line])) for line in lines(5 * SECOND, 10)] == [[]] * 10
    assert replay.over
    assert list(replay.fresh(lines(5 * SECOND, 1))) == lines(5 * SECOND, 1)


def test_nothing_read_leaves_nothing_to_resume() -> None:
    resume = Resume()
    resume.note([])
    resume.note([b"no time"])
    assert resume.newest == 0
    replay = resume.replay()
    assert replay.fresh([b"no time", b"no time", raw(0, b"a")]) == [b"no time", raw(0, b"a")]
    assert not replay.anchored


def test_the_newest_time_is_found_among_lines_without_one_and_in_other_zones() -> None:
    resume = Resume()
    resume.note([raw(7 * SECOND, b"a"), b"unable to retrieve", b"99 problems"])
    assert resume.newest == 7 * SECOND
    resume.note([b"1970-01-01T02:00:09.5+02:00 later", raw(8 * SECOND, b"b")])
    assert resume.newest == 9_500_000_000


def test_a_clock_that_is_set_right_does_not_hide_what_comes_after() -> None:
    resume = Resume()
    resume.note([raw(5_000_000_000 * SECOND, b"of the future")])
    resume.note([raw(7 * SECOND, b"of today")])
    assert resume.since == 6
    replay = resume.replay()
    again = [raw(5_000_000_000 * SECOND, b"of the future"), raw(7 * SECOND, b"of today")]
    assert replay.fresh([*again, raw(7 * SECOND + 1, b"new")]) == [raw(7 * SECOND + 1, b"new")]


def test_history_that_was_not_wanted_is_not_new() -> None:
    resume = Resume(history=2)
    resume.note([raw(7 * SECOND + 3, b"c"), raw(7 * SECOND + 4, b"d")])
    replay = resume.replay()
    assert replay.fresh([raw(7 * SECOND + number, b"abcde"[number - 1 : number]) for number in range(1, 6)]) == [
        raw(7 * SECOND + 5, b"e")
    ]


def test_a_short_history_was_all_there_was() -> None:
    resume = Resume(history=10)
    resume.note([raw(7 * SECOND + 5, b"b")])
    late = raw(7 * SECOND + 1, b"written later, stamped earlier")
    assert resume.replay().fresh([raw(7 * SECOND + 5, b"b"), late]) == [late]
