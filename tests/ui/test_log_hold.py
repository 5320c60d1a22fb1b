"""Lines that somebody looks at are kept for him, until he follows the end again."""

from __future__ import annotations

from msgspec.structs import replace

from tests.ui.logviews import Book, LogApp, numbered
from tui.model.logs import YOU, LogStatus
from tui.present.logfilter import parse_log_filter
from widgets.log_paint import Label


async def test_lines_that_are_looked_at_are_kept_until_the_end_is_followed() -> None:
    book = Book()
    app = LogApp(book)
    async with app.run_test(size=(70, 5)) as pilot:
        app.view.focus()
        app.view.advance(book.write(*numbered(100)))
        assert book.readers == []  # who follows wants the newest
        await pilot.press("home")
        (kept,) = book.readers
        assert (kept.name, kept.looks, kept.position) == (YOU, True, 0)
        await pilot.press("down", "down", "down")
        assert kept.position == 3
        await pilot.press("up")
        assert kept.position == 2
        app.view.advance(book.write(*numbered(10, 100)))
        assert kept.position == 2
        await pilot.press("G")
        assert not kept.here
        app.view.following = False
        assert (len(book.readers), book.readers[-1].position) == (2, 105)
        app.view.all_kept(True)  # a file has every line
        app.view.advance(book.write(*numbered(10, 110)))
        assert not book.readers[-1].here
        app.view.all_kept(False)
        assert book.readers[-1].here
        app.view.show_book(None, lambda sources: [])
        assert not book.readers[-1].here


async def test_who_has_gone_down_can_go_back_a_little() -> None:
    book = Book()
    app = LogApp(book)
    async with app.run_test(size=(70, 5)) as pilot:
        app.view.focus()
        book.write(*numbered(100))
        app.view.advance(replace(book.status.feed.value or LogStatus(), capacity=40))
        await pilot.press("home", *["down"] * 25)
        assert book.readers[-1].position == 15


async def test_who_follows_again_lets_lines_come_in_once_that_is_painted() -> None:
    """Those that have waited are many, and come at once."""
    book = Book()
    app = LogApp(book)
    async with app.run_test(size=(70, 5)) as pilot:
        app.view.advance(book.write(*numbered(100)))
        await pilot.pause()
        app.view.following = False
        reader = book.readers[-1]
        assert reader.here
        app.view.following = True
        assert reader.here
        await pilot.pause()
        assert not reader.here


async def test_who_stops_again_before_that_keeps_them() -> None:
    book = Book()
    app = LogApp(book)
    async with app.run_test(size=(70, 5)) as pilot:
        app.view.advance(book.write(*numbered(100)))
        await pilot.pause()
        app.view.following = False
        app.view.following = True
        app.view.following = False
        await pilot.pause()
        assert [reader.here for reader in book.readers] == [True]


async def test_with_a_filter_the_first_line_that_is_shown_is_kept() -> None:
    book = Book()
    app = LogApp(book)
    async with app.run_test(size=(70, 5)) as pilot:
        labels: Label = lambda sources: [("", "") for _ in sources]  # noqa: E731
        app.view.show_book(book, labels, from_top=True)
        app.view.advance(book.write(*numbered(5)))
        assert book.readers[-1].position == 0
        app.view.set_filter(parse_log_filter("line 77"))
        await pilot.pause()
        assert not book.readers[-1].here  # nothing is shown, so nothing can be taken away
        app.view.advance(book.write(*numbered(100, 5)))
        assert (book.readers[-1].here, book.readers[-1].position) == (True, 77)


async def test_who_is_waited_for_is_told_how_to_go_on() -> None:
    book = Book()
    app = LogApp(book)
    async with app.run_test(size=(70, 5)) as pilot:
        app.view.focus()
        app.view.advance(book.write(*numbered(100)))
        await pilot.press("home")
        app.view.advance(replace(book.status.feed.value or LogStatus(), held=YOU))
        assert app.lines()[-1].endswith("full: reading waits for you; G follows, ctrl+s saves all")
        await pilot.press("G")
        assert app.lines()[-1].endswith("line 99")
