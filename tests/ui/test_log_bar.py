"""The scrollbar of a log: as Textual would draw it, and drawn only when it looks different."""

from __future__ import annotations

import pytest
from rich.color import Color
from rich.segment import Segments
from textual.app import App, ComposeResult
from textual.scrollbar import ScrollBar, ScrollBarRender

from widgets.log_bar import PARTS, handle, move_bar


def drawn(rows: int, window: int, lines: int, position: float) -> list[str]:
    bar = ScrollBarRender.render_bar(
        size=rows,
        window_size=window if window < lines else 0,
        virtual_size=lines,
        position=position,
        back_color=Color.parse("black"),
        bar_color=Color.parse("white"),
    )
    assert isinstance(bar, Segments)
    return [f"{segment.text}{segment.style}" for segment in bar.segments]


@pytest.mark.parametrize(("rows", "lines"), [(10, 25), (35, 1_000), (35, 100_000), (3, 4), (20, 20), (20, 3)])
def test_what_looks_the_same_has_the_same_handle_and_what_does_not_another(rows: int, lines: int) -> None:
    pictures: dict[tuple[int, int], list[str]] = {}
    for step in range(200):
        position = max(0, lines - rows) * step / 199
        picture = drawn(rows, rows, lines, position)
        assert pictures.setdefault(handle(rows, rows, lines, position), picture) == picture
    told_apart = {tuple(picture) for picture in pictures.values()}
    assert len(told_apart) == len(pictures)


def test_at_the_end_the_handle_is_at_the_end() -> None:
    begin, end = handle(10, 10, 100, 90)
    assert (begin, end) == (9 * PARTS, 10 * PARTS)
    assert handle(10, 10, 9, 0) == (0, 0)
    assert handle(0, 10, 100, 90) == (0, 0)


class Bar(ScrollBar):
    painted = 0

    def render_line(self, y: int):
        self.painted += y == 0
        return super().render_line(y)


class BarApp(App[None]):
    CSS = "Bar { width: 1; height: 10; }"

    def compose(self) -> ComposeResult:
        yield Bar()


async def test_it_is_painted_when_the_handle_moves_and_not_when_lines_come() -> None:
    app = BarApp()
    async with app.run_test(size=(20, 12)) as pilot:
        bar = app.query_one(Bar)
        bar.window_size = 10
        move_bar(bar, 1_000, 990)
        await pilot.pause()
        before = bar.painted
        for more in range(0, 500, 10):
            move_bar(bar, 1_000 + more, 990 + more)
            await pilot.pause()
        assert bar.painted == before
        assert (bar.window_virtual_size, bar.position) == (1_490, 1_480)
        move_bar(bar, 1_490, 600)
        await pilot.pause()
        assert bar.painted == before + 1
