"""Hostile names, columns and annotations: shown harmlessly, and every column still stands in line."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rich.cells import cell_len

from tests.ui import hostile
from tests.ui.run import BIG, SMALL, Story, keys, running
from tui.app import ClusterviewApp
from tui.present.parts import cell_text
from widgets.column_widths import GAP
from widgets.row_paint import GUTTER
from widgets.row_table import RowTable

SIZES = pytest.mark.parametrize("size", [BIG, SMALL], ids=["120x40", "80x24"])


def harmless(text: str) -> bool:
    return not any(ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0 or 0x202A <= ord(char) <= 0x202E for char in text)


def in_line(table: RowTable) -> None:
    """Each line is as wide as the table, and each cell begins at the place of its column."""
    width = table.scrollable_content_region.width
    starts = [GUTTER]
    for size in table._widths.fitted:
        starts.append(starts[-1] + size + GAP)
    for y in range(table.size.height):
        strip = table.render_line(y)
        assert strip.cell_length == width
        assert cell_len(strip.text) == width
        assert harmless(strip.text)
        if 0 < y <= len(table.rows):
            at = 0
            edges = {0}
            for segment in strip:
                at += cell_len(segment.text)
                edges.add(at)
            assert set(starts[:-1]) - edges <= {start for start in starts if start > width}


@SIZES
@pytest.mark.parametrize("pressed", [(), ("w",), ("w", "right", "right"), ("less_than_sign", "i"), ("G",)])
async def test_lists_of_hostile_objects_are_harmless_and_in_line(
    size: tuple[int, int], pressed: tuple[str, ...]
) -> None:
    async with running(hostile.hub(), size) as story:
        await story.press("3", *pressed)
        table = story.overview.resources.table
        assert len(table.rows) == len(hostile.TEXTS)
        if "right" not in pressed:
            in_line(table)
        assert all(harmless(line) for line in story.lines())
        assert {cell_len(line) <= size[0] for line in story.lines()} == {True}


@SIZES
async def test_completions_and_titles_over_hostile_values_are_harmless(size: tuple[int, int]) -> None:
    async with running(hostile.hub(), size) as story:
        await story.press("3", "slash")
        for text in ("status:", "name:", "ns:"):
            await story.type(text)
            assert all(harmless(line) for line in story.lines())
            assert "▌" in story.text()
            await story.press("down", "down", "down", "tab")
            assert all(harmless(line) for line in story.lines())
            await story.press("ctrl+u")


async def test_what_is_completed_of_a_hostile_value_finds_its_row() -> None:
    async with running(hostile.hub()) as story:
        await story.press("3", "slash")
        await story.type("status:日本")
        await story.press("tab", "enter")
        assert shown(story) == ["wide"]


def shown(story: Story) -> list[str]:
    rows = story.overview.resources.table.rows
    return [next(cell_text(cell) for cell in row.cells if "wide" in cell_text(cell))[:4] for row in rows]


async def test_details_and_copies_of_hostile_objects_are_harmless() -> None:
    async with running(hostile.hub()) as story:
        await story.press("3")
        for _ in hostile.TEXTS:
            await story.press("d")
            assert all(harmless(line) for line in story.lines())
            await story.press("escape")
            await story.press("down")


@SIZES
@pytest.mark.parametrize("wide", [False, True], ids=["narrow", "wide"])
def test_hostile_list(snap_compare: Callable[..., bool], size: tuple[int, int], wide: bool) -> None:
    hub = hostile.hub()
    app = ClusterviewApp(hub, hub.clock)
    assert snap_compare(app, run_before=keys(hub, "3", "z", *(("w",) if wide else ())), terminal_size=size)
