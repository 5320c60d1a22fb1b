"""Where a log view looks, and which lines it has found: held against the plainest way to reckon the same."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from tests.ui.logbooks import BookOfLines
from tui.data.topic import Cell
from tui.model.gapline import gap_line, gap_places
from tui.model.logs import LogGap, LogLine, LogStatus
from tui.present.logfilter import parse_log_filter, smart
from widgets.log_matches import SCAN_LINES, LogMatches, Wanted
from widgets.log_place import Place
from widgets.log_search import LogSearch


@pytest.mark.parametrize("seed", range(20))
def test_wherever_one_goes_the_screen_shows_a_piece_of_the_whole(seed: int) -> None:
    chance = random.Random(seed)
    heights = [chance.choice((1, 1, 2, 5, 30)) for _ in range(chance.randrange(1, 60))]
    rows = [(index, row) for index, height in enumerate(heights) for row in range(height)]
    place, screen = Place(), chance.randrange(3, 25)
    for _ in range(60):
        if chance.random() < 0.1:
            place.following = True
        shown = place.layout(len(heights), screen, heights.__getitem__)
        start = rows.index(shown[0])
        assert shown == rows[start : start + screen]
        if place.following:
            assert shown[-1] == rows[-1]
        step = chance.choice((-40, -7, -1, 1, 7, 40))
        place.move(step, len(heights), screen, heights.__getitem__)
        wanted = max(0, min(max(0, len(rows) - screen), start + step))
        assert place.layout(len(heights), screen, heights.__getitem__)[0] == rows[wanted]


def test_lines_that_go_take_the_place_along_and_those_not_yet_read_are_counted() -> None:
    place = Place()
    place.following = False
    place.top = 10
    assert place.gone(4) == 0
    assert place.top == 6
    assert place.gone(9) == 3
    assert place.top == 0


class Book(BookOfLines):
    """Numbered lines, of which the oldest are forgotten."""

    def __init__(self, keep: int) -> None:
        super().__init__()
        self.next = 0
        self.keep = keep

    @property
    def status(self) -> Cell[LogStatus]:
        return Cell()

    @property
    def now(self) -> LogStatus:
        return LogStatus(first_seq=max(0, self.next - self.keep), next_seq=self.next)

    def since(self, seq: int, limit: int = 10_000) -> tuple[Sequence[LogLine], int]:
        first = max(seq, self.now.first_seq)
        return [LogLine(n, 0, 0, b"%d" % n) for n in range(first, min(self.next, first + limit))], first - seq


@pytest.mark.parametrize("seed", range(20))
def test_lines_around_matches_are_those_that_a_whole_search_would_show(seed: int) -> None:
    chance = random.Random(seed)
    hits = {n for n in range(3_000) if chance.random() < 0.05}
    around, book = chance.choice((1, 2, 5)), Book(400)
    matches = LogMatches(lambda lines: [place for place, raw in enumerate(lines) if int(raw) in hits], around)
    while book.next < 3_000:
        book.next += chance.randrange(1, 60)
        matches.scan(book, book.now)
    now = book.now
    seen = set(range(now.first_seq, now.next_seq))
    assert list(matches.hits) == sorted(hits & seen)
    near = {n for hit in hits for n in range(hit - around, hit + around + 1)} & seen
    first = min(hits & seen) - around  # a match that has left the ring may leave lines behind that were around it
    assert [n for n in matches.seqs if n >= first] == sorted(n for n in near if n >= first)
    assert matches.missed == 0


def test_what_left_the_ring_before_it_could_be_searched_is_counted() -> None:
    book = Book(SCAN_LINES)
    matches = LogMatches(lambda lines: range(len(lines)))
    book.next = 10
    matches.scan(book, book.now)
    book.next = SCAN_LINES + 60
    assert matches.behind(book.now) == SCAN_LINES
    matches.scan(book, book.now)
    assert matches.missed == 50


def test_what_left_the_ring_since_its_status_was_told_is_counted_too() -> None:
    book = Book(100)
    matches = LogMatches(lambda lines: range(len(lines)))
    book.next = 10
    matches.scan(book, book.now)
    book.next = 50
    told = book.now
    book.next = 500
    matches.scan(book, told)
    assert matches.missed == 390
    matches.scan(book, book.now)
    assert (matches.missed, list(matches.hits)) == (390, list(range(400, 500)))


class Merged(Book):
    """Lines of several logs, with a line of the second's between them that no container wrote."""

    def __init__(self, sources: Sequence[int], gap: int = -1) -> None:
        super().__init__(len(sources))
        self.sources = sources
        self.gap = gap

    def raw(self, seq: int, limit: int = 10_000) -> tuple[list[bytes], list[int], int]:
        lines = [b"2023-11-15T12:00:00.000000000Z %d" % n for n in range(seq, min(self.next, seq + limit))]
        if seq <= self.gap < seq + len(lines):
            lines[self.gap - seq] = gap_line(LogGap(1, 1, 2, "rotated"))
        return lines, list(self.sources[seq : seq + len(lines)]), 0


def wanting(*hits: bytes) -> Wanted:
    return lambda lines: [place for place, line in enumerate(lines) if line in hits]


@pytest.mark.parametrize("step", [1, 3, 100])
def test_lines_around_matches_are_of_the_same_log(step: int) -> None:
    sources = (0, 1, 0, ~1, 2, 0, 2, 1, 0, 0, 1)
    book, matches = Merged(sources), LogMatches(wanting(b"5"), 1)
    while book.next < len(sources):
        book.next = min(book.next + step, len(sources))
        matches.scan(book, book.now)
    assert list(matches.seqs) == [2, 5, 8]
    assert matches.begins(2), "0 is left out"
    assert not matches.begins(5)
    assert list(matches.hits) == [5]


@pytest.mark.parametrize("seed", range(20))
def test_lines_of_many_logs_are_those_that_each_log_alone_would_show(seed: int) -> None:
    chance = random.Random(seed)
    sources = [chance.randrange(5) for _ in range(600)]
    hits = {n for n in range(600) if chance.random() < 0.05}
    book, around = Merged(sources), chance.choice((1, 2, 5))
    matches = LogMatches(wanting(*(b"%d" % n for n in hits)), around)
    while book.next < 600:
        book.next = min(600, book.next + chance.randrange(1, 60))
        matches.scan(book, book.now)
    near: set[int] = set()
    for source in range(5):
        own = [n for n in range(600) if sources[n] == source]
        for place, n in enumerate(own):
            if n in hits:
                near |= set(own[max(0, place - around) : place + around + 1])
    assert list(matches.seqs) == sorted(near)


@pytest.mark.parametrize("context", [0, 2])
def test_no_filter_hides_where_lines_may_be_missing_and_no_line_of_a_container_passes_for_such(context: int) -> None:
    book = Merged((0, 1, 1, 1, 0), gap=2)
    forged = bytes(gap_line(LogGap(1, 1, 2, "rotated"))).partition(b" ")[2]
    matches = LogMatches(wanting(b"1", b"3"), context, gaps=True)
    book.next = 5
    matches.scan(book, book.now)
    assert (list(matches.hits), list(matches.seqs)) == ([1, 3], [1, 2, 3])
    search = LogSearch()
    search.begin(parse_log_filter("nowhere"), context)
    search.scan(book, book.now)
    assert [search.seq(index, book.now) for index in range(search.count(book.now))] == [2]
    search.find(smart("missing"))
    search.scan(book, book.now)
    assert search.finding.counts == (0, 1), "and it can be found"
    assert gap_places([forged, gap_line(LogGap(1, 1, 2, "rotated")), b"x"]) == [1]
