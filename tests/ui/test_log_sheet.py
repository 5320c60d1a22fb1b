"""Rows of a log are painted past Textual's own way of doing it, and look as if they had gone it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.geometry import Region
from textual.screen import Screen
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tests.ui.logviews import Book, LogApp, numbered
from tui.present.logfilter import parse_log_filter, smart
from widgets.log_sheet import LogSheet
from widgets.log_view import LogView


def cells(strips: list[Strip]) -> list[list[tuple[str, str]]]:
    """Each character with its style."""
    return [[(char, str(segment.style)) for segment in strip for char in segment.text] for strip in strips]


def screen_of(app: LogApp) -> list[list[tuple[str, str]]]:
    """Each character on the screen with its style."""
    return cells(app.screen._compositor.render_strips())  # pyright: ignore[reportPrivateUsage]


def narrow(view: LogView) -> None:
    view.styles.width = 31


def paused(view: LogView) -> None:
    view.action_rows(-3)


def dimmed(view: LogView) -> None:
    view.styles.text_opacity = 0.5


def filtered(view: LogView) -> None:
    view.set_filter(parse_log_filter("1|wide"))


def folded(view: LogView) -> None:
    view.set_look(view.look.turned("wrap"))


def found(view: LogView) -> None:
    view.find(smart("9"))


@pytest.mark.parametrize("lines", [0, 3, 12, 400])
@pytest.mark.parametrize("look", [narrow, paused, dimmed, filtered, folded, found])
@pytest.mark.parametrize("without_colour", [False, True])
async def test_rows_are_those_that_textual_would_paint(
    monkeypatch: pytest.MonkeyPatch, lines: int, look: Callable[[LogView], None], without_colour: bool
) -> None:
    if without_colour:
        monkeypatch.setenv("NO_COLOR", "1")
    book = Book()
    app = LogApp(book)
    async with app.run_test(size=(45, 12)) as pilot:
        app.view.advance(book.write(*numbered(lines), "wide 世界 and more of it than fits on one row".encode()))
        look(app.view)
        await pilot.pause()
        ours = screen_of(app)
        monkeypatch.setattr(LogSheet, "render_lines", ScrollView.render_lines)
        assert ours == screen_of(app)
        assert len(ours) == 12
        assert "".join(char for row in ours for char, _ in row).strip()


async def test_rows_are_there_in_every_paint_also_where_the_scrollbar_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked for before it has its place."""
    book = Book()
    app = LogApp(book)
    looked: list[list[str]] = []
    refresh = Screen._compositor_refresh  # pyright: ignore[reportPrivateUsage]

    def look(screen: Screen[None]) -> None:
        refresh(screen)
        looked.append([strip.text.strip() for strip in screen._compositor.render_strips()])  # pyright: ignore[reportPrivateUsage]

    async with app.run_test(size=(45, 6)) as pilot:
        app.view.advance(book.write(*numbered(6)))
        await pilot.pause()
        monkeypatch.setattr(Screen, "_compositor_refresh", look)
        for begin in range(6, 30, 3):
            app.view.advance(book.write(*numbered(begin + 3, begin)))
            await pilot.pause()
    assert len(looked) > 8
    assert all(all(rows) for rows in looked)


async def test_the_scrollbar_stands_for_what_there_is_and_where_one_is() -> None:
    book = Book(keep=200)
    app = LogApp(book)
    async with app.run_test(size=(45, 12)) as pilot:
        view, bar = app.view, app.view.vertical_scrollbar
        view.advance(book.write(*numbered(100)))
        await pilot.pause()
        assert (bar.window_virtual_size, bar.window_size, bar.position) == (100, 12, 88)
        view.advance(book.write(*numbered(300, 100)))
        await pilot.pause()
        assert (bar.window_virtual_size, bar.position) == (200, 188)
        view.action_rows(-20)
        await pilot.pause()
        assert (bar.window_virtual_size, bar.position) == (200, 168)
        view.action_ends(-1)
        await pilot.pause()
        assert bar.position == 0
        view.action_ends(1)
        view.set_filter(parse_log_filter("3"))
        await pilot.pause()
        assert (bar.window_virtual_size, bar.position) == (view.line_count, view.line_count - 12)


async def test_what_has_not_changed_is_not_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The border of the pane is painted anew for every word in it, and Textual asks for the rows each time."""
    book = Book()
    app = LogApp(book)
    async with app.run_test(size=(45, 12)) as pilot:
        app.view.advance(book.write(*numbered(50)))
        await pilot.pause()
        made: list[int] = []
        render_line = LogSheet.render_line

        def counted(self: LogSheet, y: int) -> Strip:
            made.append(y)
            return render_line(self, y)

        monkeypatch.setattr(LogSheet, "render_line", counted)
        whole = Region(0, 0, *app.view.outer_size)
        app.view.render_lines(whole)
        assert made == []
        app.view.advance(book.write(b"one more"))
        app.view.render_lines(whole)
        assert len(made) == 12
        app.theme = "textual-light"
        await pilot.pause()
        light = screen_of(app)
        monkeypatch.setattr(LogSheet, "render_lines", ScrollView.render_lines)
        assert light == screen_of(app)
