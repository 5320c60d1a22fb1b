"""A search of a long log goes by turns: keys come first, and what is found is painted together with what came."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.message import Message

from tests.ui.logviews import Book, LogApp, numbered
from tui.present.logfilter import parse_log_filter, smart
from widgets.log_matches import SCAN_LINES
from widgets.log_sight import GIVES_WAY, LogSight
from widgets.log_view import LogView

Timers = list[Callable[[], None]]


def timers_of(view: LogView, monkeypatch: pytest.MonkeyPatch) -> Timers:
    timers: Timers = []
    monkeypatch.setattr("widgets.log_matches.SCAN_SECONDS", 3600.0)  # however slow this machine is now
    monkeypatch.setattr(view, "set_timer", lambda rest, then: timers.append(then))
    return timers


async def test_turns_are_left_out_while_a_key_is_answered_but_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(keep=100_000)
    app = LogApp(book)
    async with app.run_test(size=(60, 10)):
        app.view.advance(book.write(*numbered(SCAN_LINES * 3)))
        timers = timers_of(app.view, monkeypatch)
        app.view.set_filter(parse_log_filter("9"))
        assert app.view.unsearched[0] == SCAN_LINES * 2
        monkeypatch.setattr("widgets.log_sight.key_under_way", lambda view: True)
        for left in (2, 1):
            for _ in range(GIVES_WAY):
                timers.pop()()
                assert app.view.unsearched[0] == SCAN_LINES * left
            timers.pop()()
            assert app.view.unsearched[0] == SCAN_LINES * (left - 1)
        monkeypatch.undo()


@pytest.mark.parametrize("look", ["filter", "find"])
async def test_what_comes_while_a_search_goes_on_is_shown_and_told_with_what_it_finds(
    monkeypatch: pytest.MonkeyPatch, look: str
) -> None:
    monkeypatch.setattr("widgets.log_sight.PROGRESS", 3600.0)
    book = Book(keep=100_000)
    app = LogApp(book)
    async with app.run_test(size=(60, 10)) as pilot:
        assert app.view.go_on(book.write(*numbered(SCAN_LINES * 3)))
        timers, told = timers_of(app.view, monkeypatch), list[Message]()
        if look == "filter":
            app.view.set_filter(parse_log_filter("9"))
        else:
            app.view.find(smart("9"))
        monkeypatch.setattr(app.view, "post_message", told.append)
        assert not app.view.go_on(book.write(b"line 9 of those that came"))
        assert told == []
        while timers:
            timers.pop()()
        assert [type(message) for message in told if isinstance(message, LogSight.Sought)] == [LogSight.Sought]
        assert app.view.go_on(book.write(b"line 9 and no search"))
        monkeypatch.undo()
        await pilot.pause()
        assert app.lines()[-1].endswith("line 9 and no search")


async def test_the_border_is_told_though_somebody_moved_before_the_search_was_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("widgets.log_sight.PROGRESS", 3600.0)
    book = Book(keep=100_000)
    app = LogApp(book)
    async with app.run_test(size=(60, 10)):
        app.view.go_on(book.write(*numbered(SCAN_LINES * 2)))
        timers, told = timers_of(app.view, monkeypatch), list[Message]()
        app.view.set_filter(parse_log_filter("9"))
        timers.pop()()
        assert app.view.unsearched == (0, 0)
        app.view.action_rows(-1)
        monkeypatch.setattr(app.view, "post_message", told.append)
        timers.pop()()
        assert [type(message) for message in told] == [LogSight.Sought]
        monkeypatch.undo()
