"""The log view follows, stays where it was put, filters, and paints hostile bytes harmlessly."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta, timezone
from typing import Any

import pytest
from msgspec.structs import replace
from textual.strip import Strip

from tests.ui.logviews import NOON, SOURCE, Book, LogApp, numbered
from tui.data.ring import Ring
from tui.model.gapline import gap_line
from tui.model.logs import LogGap, LogLine
from tui.model.turnline import TurnLine
from tui.present.logfilter import parse_log_filter, smart
from widgets.log_matches import SCAN_LINES
from widgets.log_paint import LABEL_MAX, Labels, LogPaint
from widgets.log_sight import REST


async def test_shows_time_source_and_text_and_follows_the_end() -> None:
    book = Book()
    app = LogApp(book)
    async with app.run_test(size=(60, 5)) as pilot:
        app.view.advance(book.write(*numbered(20)))
        await pilot.pause()
        assert app.lines()[-1] == "12:00:19.000 prod-eu line 19"
        app.view.advance(book.write(b"newest"))
        await pilot.pause()
        assert app.lines()[-1].endswith("newest")


async def test_where_lines_may_be_missing_is_told_in_the_zone_of_the_times_on_screen() -> None:
    book, ring = Book(), Ring()
    app = LogApp(book, timezone(timedelta(hours=5, minutes=30)))
    ring.append([gap_line(LogGap(0, NOON - 8 * 10**9, NOON, "rotated"))], [0])
    async with app.run_test(size=(110, 5)) as pilot:
        app.view.advance(book.write(ring.since(0)[0][0].text))
        await pilot.pause()
        why = "the log was rotated ──"
        local = f"17:30:00.000 prod-eu ── lines may be missing, 2023-11-15 17:29:52 to 17:30:00: {why}"
        assert (app.lines()[0], app.view.visible_text()) == (local, local)
        app.view.set_look(app.view.look.turned("utc"))
        await pilot.pause()
        utc = f"12:00:00.000Z prod-eu ── lines may be missing, 2023-11-15 11:59:52Z to 12:00:00Z: {why}"
        assert (app.lines()[0], app.view.visible_text()) == (utc, utc)


async def test_a_source_that_gets_its_name_later_is_called_by_it() -> None:
    """The first container of a pod is known before its name is."""
    labels = Labels(lambda sources: [(source.container, "") for source in sources])
    labels.learn((replace(SOURCE, container=""),))
    assert labels.width == 0
    labels.learn(
        (replace(SOURCE, container="api"), replace(SOURCE, index=1, container="proxy-of-a-very-long-long-name"))
    )
    assert labels.of(0)[0] == "api"
    assert labels.of(1)[0].startswith("proxy-")
    assert labels.of(1)[0].endswith("-long-name")
    assert labels.width == LABEL_MAX


async def test_scrolling_up_stops_following_and_the_place_is_kept() -> None:
    book = Book(keep=30)
    app = LogApp(book)
    async with app.run_test(size=(60, 5)) as pilot:
        app.view.focus()
        app.view.advance(book.write(*numbered(30)))
        await pilot.press("up", "up")
        await pilot.pause()
        assert not app.view.following
        before = app.lines()
        assert before[-1].endswith("line 27")
        app.view.advance(book.write(*numbered(10, 30)))  # ten of the oldest leave the ring meanwhile
        await pilot.pause()
        assert app.lines()[:-1] == before[:-1]
        assert app.lines()[-1].startswith(before[-1])
        assert app.lines()[-1].endswith("+10 new · G follows")
        await pilot.press("G")
        await pilot.pause()
        assert app.view.following
        assert app.lines()[-1].endswith("line 39")


async def test_scrolling_down_to_the_end_follows_again() -> None:
    book = Book()
    app = LogApp(book)
    async with app.run_test(size=(60, 5)) as pilot:
        app.view.focus()
        app.view.advance(book.write(*numbered(30)))
        await pilot.press("pageup", "pagedown")
        await pilot.pause()
        assert app.view.following


async def test_filter_shows_matching_lines_only_and_takes_in_new_ones() -> None:
    book = Book(keep=50)
    app = LogApp(book)
    async with app.run_test(size=(60, 5)) as pilot:
        app.view.advance(book.write(*numbered(40)))
        app.view.set_filter(parse_log_filter("line.*3$"))
        await pilot.pause()
        assert app.view.line_count == 4
        app.view.advance(book.write(*numbered(20, 40)))  # evicts lines 0-9, and with them line 3
        await pilot.pause()
        assert app.view.line_count == 5
        assert app.lines()[-1].endswith("line 53")
        app.view.set_filter(None)
        await pilot.pause()
        assert app.view.line_count == 50


async def test_a_huge_ring_is_not_walked_to_paint_a_screen() -> None:
    book = Book(keep=200_000)
    book.write(*numbered(200_000))
    app = LogApp(book)
    async with app.run_test(size=(80, 20)) as pilot:
        await pilot.pause()
        await pilot.press("pageup", "pageup", "home")
        await pilot.pause()
        assert app.lines()[0].endswith("line 0")
        assert book.asked < 2_000


async def test_hostile_bytes_are_made_visible() -> None:
    book = Book()
    app = LogApp(book)
    async with app.run_test(size=(80, 5)) as pilot:
        app.view.advance(book.write(b"\x1b]0;owned\x07 [bold]x[/bold] \xff"))
        await pilot.pause()
        assert app.lines()[0].endswith("␛]0;owned␇ [bold]x[/bold] \ufffd")


async def test_says_why_it_is_empty() -> None:
    app = LogApp(Book())
    async with app.run_test(size=(60, 5)) as pilot:
        app.view.empty_text = "no connect agents in prod-eu"
        app.view.refresh()
        await pilot.pause()
        assert app.lines()[0] == "no connect agents in prod-eu"


async def test_find_marks_without_hiding_and_goes_from_one_to_the_next() -> None:
    book = Book()
    app = LogApp(book)
    async with app.run_test(size=(60, 5)) as pilot:
        app.view.focus()
        app.view.advance(book.write(*numbered(50)))
        app.view.find(re.compile("line .*3$"))
        await pilot.pause()
        assert app.view.line_count == 50
        assert app.view.search.finding.counts == (0, 5)
        await pilot.press("N")
        assert app.view.search.finding.counts == (5, 5)
        assert any(line.endswith("line 43") for line in app.lines())
        assert not app.view.following
        await pilot.press("N", "N")
        assert app.view.search.finding.counts == (3, 5)
        assert any("line 23" in line for line in app.lines())
        await pilot.press("n", "n", "n")  # past the last it begins again
        assert app.view.search.finding.counts == (1, 5)
        app.view.advance(book.write(b"line 3 at last 3"))
        assert app.view.search.finding.counts == (1, 6)


async def test_what_was_found_far_to_the_right_is_moved_into_sight() -> None:
    book = Book()
    app = LogApp(book)
    async with app.run_test(size=(60, 5)) as pilot:
        app.view.focus()
        app.view.advance(book.write(b"near declined", b"x" * 300 + b" card declined " + b"y" * 300))
        app.view.find(smart("declined"))
        await pilot.press("N")
        assert any("card declined yy" in line for line in app.lines())
        await pilot.press("N")
        assert any("near declined" in line for line in app.lines())


async def test_lines_are_copied_whole() -> None:
    book = Book()
    app = LogApp(book)
    async with app.run_test(size=(40, 5)):
        app.view.advance(book.write(b"short", b"x" * 3_000 + b" the end"))
        copied = app.view.visible_text().split("\n")
        assert [line.endswith(end) for line, end in zip(copied, ("prod-eu short", "x the end"), strict=True)] == [
            True,
            True,
        ]
        meant = app.view.line_meant()
        assert meant is not None
        assert meant.text.endswith(b"the end")


async def test_a_find_looks_only_where_the_filter_lets_lines_through() -> None:
    book = Book()
    app = LogApp(book)
    async with app.run_test(size=(60, 5)):
        app.view.advance(book.write(*numbered(50)))
        app.view.set_filter(parse_log_filter("!4"))
        app.view.find(re.compile("3$"))
        assert app.view.search.finding.counts == (0, 4)


async def test_lines_around_a_match_are_shown_and_told_from_it() -> None:
    book = Book()
    app = LogApp(book)
    async with app.run_test(size=(60, 12)) as pilot:
        app.view.advance(book.write(*numbered(40)))
        app.view.set_filter(parse_log_filter("line.(20|23|39)"))
        app.view.set_look(app.view.look.wider())
        await pilot.pause()
        shown = [line.split(" prod-eu ")[1] for line in app.lines() if line]
        assert shown == [
            *("  line 18", "  line 19", "› line 20", "  line 21", "  line 22", "› line 23", "  line 24", "  line 25"),
            *("┌ line 37", "  line 38", "› line 39"),
        ]
        app.view.advance(book.write(*numbered(5, 40)))  # what belongs behind the last match comes later
        await pilot.pause()
        assert [line.split(" prod-eu ")[1] for line in app.lines()][-2:] == ["  line 40", "  line 41"]


async def test_long_lines_go_on_below_when_wrapped() -> None:
    book = Book()
    app = LogApp(book)
    async with app.run_test(size=(42, 6)) as pilot:
        app.view.focus()
        app.view.set_look(app.view.look.turned("wrap"))
        app.view.advance(book.write(b"first", b"a" * 20 + b"b" * 20 + b"c" * 5, b"last"))
        await pilot.pause()
        texts = [line.split(" ")[-1] for line in app.lines()]
        assert texts == ["first", "a" * 20, "b" * 20, "ccccc", "last", ""]
        assert app.lines()[2].startswith(" " * 21)
        app.view.advance(book.write(*numbered(5)))
        await pilot.press("up", "up", "up")
        assert [line.split(" prod-eu ")[-1].strip() for line in app.lines()[:3]] == ["a" * 20, "b" * 20, "ccccc"]
        assert not app.view.following
        await pilot.press("down", "down", "down")
        assert app.view.following


async def test_columns_can_be_left_out_and_times_be_those_of_utc() -> None:
    book = Book()
    app = LogApp(book)
    async with app.run_test(size=(60, 3)):
        app.view.advance(book.write(b"text"))
        app.view.set_look(app.view.look.turned("utc"))
        assert app.lines()[0] == "12:00:00.000Z prod-eu text"
        app.view.set_look(app.view.look.turned("times"))
        assert app.lines()[0] == "prod-eu text"
        app.view.set_look(app.view.look.turned("sources"))
        assert app.lines()[0] == "text"


async def test_a_view_that_was_moved_sideways_stays_so_while_it_follows() -> None:
    book = Book()
    app = LogApp(book)
    async with app.run_test(size=(40, 3)) as pilot:
        app.view.focus()
        app.view.advance(book.write(b"0123456789" * 5))
        await pilot.press("right")
        app.view.advance(book.write(b"abcdefghijklmnop"))
        await pilot.pause()
        assert [line.split(" prod-eu ")[1] for line in app.lines()[:2]] == ["890123456789012345", "ijklmnop"]


async def test_json_is_shown_as_fields_and_known_lines_have_a_badge() -> None:
    book = Book()
    app = LogApp(book)
    async with app.run_test(size=(90, 3)):
        app.view.set_look(app.view.look.turned("fields"))
        said = b'{"ts":"2023-11-15T12:00:00Z","level":"error","msg":"no luck","code":7,"who":"a b\\u001b"}'
        app.view.advance(book.write(said, b"failed to create the websocket connection: 403"))
        assert app.lines()[0].endswith(' prod-eu ERROR no luck code=7 who="a b␛"')
        assert "[CV107] failed to create the websocket" in app.lines()[1]


async def test_what_leaves_a_full_ring_unread_is_said() -> None:
    book = Book(keep=20)
    app = LogApp(book)
    async with app.run_test(size=(70, 5)) as pilot:
        app.view.focus()
        app.view.advance(book.write(*numbered(20)))
        await pilot.press("home")
        app.view.advance(book.write(*numbered(12, 20)))
        await pilot.pause()
        assert app.lines()[-1].endswith("+12 new · 12 left the full ring unread · G follows")


async def test_a_view_from_the_beginning_stays_there_and_calls_nothing_new() -> None:
    book = Book()
    app = LogApp(book)
    async with app.run_test(size=(60, 5)) as pilot:
        app.view.show_book(
            book, lambda sources: [(source.cluster.name, "source-0") for source in sources], from_top=True
        )
        app.view.set_look(app.view.look.wider())  # no filter, so there is nothing to be around
        app.view.advance(book.write(*numbered(30)))
        await pilot.pause()
        assert app.lines()[0] == "12:00:00.000 prod-eu line 0"
        assert app.view.unseen == 0
        assert app.lines()[-1] == "12:00:04.000 prod-eu line 4"


async def test_the_streams_wait_for_a_search_and_for_nothing_else() -> None:
    book = Book(keep=100_000)
    app = LogApp(book)
    async with app.run_test() as pilot:
        app.view.reader = reader = book.reader("the screen")
        app.view.advance(book.write(*numbered(3 * SCAN_LINES)))
        assert reader.position == 3 * SCAN_LINES
        app.view.following = False
        app.view.find(smart("line 8999"))
        app.view.advance(book.write(*numbered(10, 3 * SCAN_LINES)))
        assert reader.position < 3 * SCAN_LINES
        while app.view.unsearched[0]:
            await pilot.pause()
        assert reader.position == 3 * SCAN_LINES + 10
        assert app.view.search.finding.counts == (0, 1)


@pytest.mark.parametrize("stop", ["pause", "up", "home"])
async def test_whoever_stops_in_a_flood_has_lines_before_him(stop: str) -> None:
    """All that was on the screen has left the ring since it was painted."""
    book = Book(keep=50)
    app = LogApp(book)
    async with app.run_test(size=(70, 5)) as pilot:
        app.view.focus()
        app.view.advance(book.write(*numbered(100)))
        await pilot.pause()
        assert app.lines()[-1].endswith("line 99")
        book.write(*numbered(300, 100))
        if stop == "pause":
            app.view.following = False
        else:
            await pilot.press(stop)
        await pilot.pause()
        first = {"pause": 395, "up": 394, "home": 350}[stop]
        assert [line.split()[-1] for line in app.lines()[:-1]] == [str(first + row) for row in range(4)]
        assert app.view.unseen == 0


async def test_what_a_filter_let_through_and_has_left_the_ring_is_gone_from_the_screen_while_it_is_behind() -> None:
    book = Book(keep=SCAN_LINES * 2)
    app = LogApp(book)
    async with app.run_test(size=(70, 5)) as pilot:
        app.view.advance(book.write(*(b"match %d" % number for number in range(40))))
        app.view.set_filter(parse_log_filter("match"))
        await pilot.pause()
        app.view.advance(book.write(*numbered(SCAN_LINES * 2 - 50)))
        app.view.advance(book.write(*numbered(30)))
        assert app.view.unsearched[0], "a search is under way"
        app.view.advance(book.write(*numbered(SCAN_LINES)))
        assert app.view.line_count == 0
        assert app.view.search.matching(app.view.rows.status) == (0, SCAN_LINES * 2)


async def test_what_was_found_and_has_left_the_ring_is_not_gone_to() -> None:
    book = Book(keep=1_000)
    app = LogApp(book)
    async with app.run_test(size=(70, 6)) as pilot:
        app.view.focus()
        app.view.advance(book.write(*numbered(1_000)))
        app.view.find(smart("line 1"))
        await pilot.pause()
        book.write(*numbered(500, 1_000))
        await pilot.press("n")
        await pilot.pause()
        assert all(line.strip() for line in app.lines())
        here = app.view.search.finding.here
        assert here >= 500
        assert any(line.endswith(f"line {here}") for line in app.lines())


async def test_the_place_is_kept_when_lines_around_a_match_belong_above_it() -> None:
    book = Book()
    app = LogApp(book)
    async with app.run_test(size=(60, 8)) as pilot:
        app.view.focus()
        app.view.set_filter(parse_log_filter("match"))
        app.view.set_look(replace(app.view.look, context=1))
        book.write(*(b"match %d" % number for number in range(40)))
        book.lines[3] = LogLine(3, NOON, 1, b"quiet before")
        app.view.advance(book.write())
        await pilot.press(*["up"] * 12)
        assert not app.view.following
        before = app.lines()
        assert before[0].endswith("match 20")
        book.lines.append(LogLine(40, NOON, 1, b"match of the quiet one"))
        app.view.advance(book.write())
        await pilot.pause()
        assert app.view.line_count == 41, "39 matches, the new one, and the line before it of its own log"
        assert app.lines()[:-1] == before[:-1]


@pytest.mark.parametrize(("progress", "paints"), [(3600.0, 2), (0.0, 10)])
async def test_a_search_is_painted_once_in_a_while_and_at_its_end(
    monkeypatch: pytest.MonkeyPatch, progress: float, paints: int
) -> None:
    """Each of its turns would cost a paint else, for which keys wait."""
    monkeypatch.setattr("widgets.log_sight.PROGRESS", progress)
    monkeypatch.setattr("widgets.log_matches.SCAN_SECONDS", 3600.0)  # however slow this machine is now
    book = Book(keep=100_000)
    app = LogApp(book)
    async with app.run_test(size=(60, 10)) as pilot:
        app.view.advance(book.write(*numbered(SCAN_LINES * 9 + 100)))
        await pilot.pause()
        painted: list[int] = []
        timers: list[tuple[float, Callable[[], None]]] = []
        monkeypatch.setattr(app.view, "refresh", lambda *regions: painted.append(app.view.line_count))
        monkeypatch.setattr(app.view, "set_timer", lambda rest, then: timers.append((rest, then)))
        app.view.set_filter(parse_log_filter("9"))
        while timers:
            rest, then = timers.pop()
            assert rest <= max(REST, progress)
            then()
        monkeypatch.undo()
        assert app.view.unsearched == (0, 0)
        assert len(set(painted)) == paints
        assert painted[-1] == app.view.line_count


async def test_a_line_is_made_into_rows_once_for_as_long_as_it_is_on_the_screen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[int] = []
    rows = LogPaint.rows

    def counted(self: LogPaint, line: LogLine, *rest: Any, **how: Any) -> list[Strip]:
        made.append(line.seq)
        return rows(self, line, *rest, **how)

    monkeypatch.setattr(LogPaint, "rows", counted)
    book = Book()
    app = LogApp(book)
    async with app.run_test(size=(60, 5)) as pilot:
        app.view.advance(book.write(*numbered(20)))
        await pilot.pause()
        assert app.lines()[-1].endswith("line 19")
        made.clear()
        book.asked = 0
        app.view.advance(book.write(b"newest", b"and its next"))
        await pilot.pause()
        assert [line.split(" ", 2)[2] for line in app.lines()] == [
            "line 17",
            "line 18",
            "line 19",
            "newest",
            "and its next",
        ]
        assert made == [20, 21]
        assert book.asked == 5, "they are fetched a screenful at a time"


async def test_a_line_that_stays_on_the_screen_looks_as_one_that_comes() -> None:
    """Whatever else is asked for, what is kept of a line is what would be made of it now."""
    book = Book()
    app = LogApp(book)
    view = app.view
    changes: list[Callable[[], object]] = [
        lambda: view.advance(book.write(b"line 3 is here", b'{"level": "info", "msg": "line 3"}')),
        lambda: view.find(re.compile("line 3")),
        lambda: view.action_found(-1),
        lambda: view.action_found(-1),
        lambda: view.find(re.compile("is here")),
        lambda: view.find(None),
        lambda: view.set_look(view.look.turned("fields")),
        lambda: view.set_look(view.look.turned("times")),
        lambda: view.action_sideways(3),
        lambda: view.action_sideways(-3),
        lambda: view.set_look(view.look.turned("wrap")),
        lambda: view.set_filter(parse_log_filter("line 3")),
        lambda: view.set_look(view.look.wider()),
        lambda: view.advance(book.write(b"another")),
        lambda: view.set_filter(None),
        lambda: setattr(app, "theme", "textual-light"),
        lambda: view.advance(replace(book.write(b"x"), sources=(SOURCE, replace(SOURCE, index=1, container="two")))),
        lambda: view.advance(book.write(*numbered(40))),
        lambda: setattr(app.screen.styles, "background", "darkblue") or setattr(view.styles, "background", "darkred"),
        lambda: view.advance(book.write(b"y")),
        lambda: view.set_look(replace(view.look, context=1)),
        lambda: view.set_filter(parse_log_filter("y")),
        lambda: view.advance(book.write(b"between", b"y", b"z", b"y")),
        lambda: view.advance(book.write(b"y but x", b"y")),
        lambda: view.set_filter(parse_log_filter("y !x")),  # what was a match stands beside one now
        lambda: view.set_filter(parse_log_filter("match")),
        lambda: view.advance(book.write(b"match", *numbered(10), b"match", b"behind it")),
        lambda: view.advance(book.write(*numbered(book.keep - 5))),  # nothing is left out before the second any more
    ]
    async with app.run_test(size=(60, 6)) as pilot:
        view.advance(book.write(*numbered(30)))
        for change in changes:
            await pilot.pause()
            change()
            await pilot.pause()
            kept = [view.render_line(y) for y in range(view.size.height)]
            view.rows.paint_anew()
            assert [view.render_line(y) for y in range(view.size.height)] == kept
        await pilot.resize_terminal(40, 9)
        await pilot.pause()
        kept = [view.render_line(y) for y in range(view.size.height)]
        view.rows.paint_anew()
        assert [view.render_line(y) for y in range(view.size.height)] == kept


async def test_lines_of_another_book_are_not_taken_for_those_of_the_one_before() -> None:
    """A line that tells of a turn is the same bytes as one that says so itself."""
    books = [Book(), Book()]
    books[0].lines = [LogLine(0, NOON, 0, TurnLine(b"same"), late=True)]
    books[1].lines = [LogLine(0, NOON, 0, b"same", late=True)]
    app = LogApp(books[0])
    shown: list[str] = []
    async with app.run_test(size=(60, 5)) as pilot:
        for book in books:
            book.write()
            app.view.show_book(book, lambda sources: [(source.cluster.name, "source-0") for source in sources])
            await pilot.pause()
            shown.append(app.lines()[0])
    assert "[turn] same" in shown[0]
    assert "[late] same" in shown[1]
