"""What is remembered of a log's past is bounded, whatever the log does."""

from __future__ import annotations

from tui.streams.lines import Line
from tui.streams.resume import SECOND, Resume


def lines(start: int, count: int) -> list[Line]:
    return [(start + number, b"%d" % number) for number in range(count)]


def test_only_the_newest_second_is_remembered() -> None:
    resume = Resume()
    for second in range(100):
        resume.note(lines(second * SECOND, 50))
    assert len(resume._batches) <= 2
    assert resume.since == 99
    replay = resume.replay()
    assert list(replay.fresh(lines(99 * SECOND, 51))) == [(99 * SECOND + 50, b"50")]


def test_a_second_with_too_many_lines_is_known_by_time_at_its_beginning() -> None:
    resume = Resume(remembered=100)
    starts = range(5 * SECOND, 5 * SECOND + 1000, 50)
    for start in starts:
        resume.note(lines(start, 50))
    assert sum(len(batch) for _, batch in resume._batches) <= 100
    again = [line for start in starts for line in lines(start, 50)]
    replay = resume.replay()
    assert list(replay.fresh([*again, (6 * SECOND, b"new")])) == [(6 * SECOND, b"new")]
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
    resume.note([(0, b"no time")])
    assert resume.newest == 0
    assert resume.replay().over
