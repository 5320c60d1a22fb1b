"""A row is cut as Textual cuts any, and is gone when nobody has it any more."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest
from rich.segment import Segment
from textual.strip import Strip

from widgets.row_strip import RowStrip

SEGMENTS = [Segment("abc"), Segment("世界"), Segment("de")]


class Held(RowStrip):
    """One that can be watched."""

    __slots__ = ("__weakref__",)


@pytest.fixture
def without_searches() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize("cuts", [[9], [9, 12], [3, 9], [1, 2, 3], [20], [], [5, 9, 9]])
def test_it_is_cut_as_any_other(cuts: list[int]) -> None:
    ours, textuals = RowStrip(SEGMENTS, 9).divide(cuts), Strip(SEGMENTS, 9).divide(cuts)
    assert [(strip.text, strip.cell_length) for strip in ours] == [(one.text, one.cell_length) for one in textuals]


@pytest.mark.usefixtures("without_searches")
def test_one_that_stayed_whole_is_freed_without_a_search() -> None:
    row = Held(SEGMENTS, 9)
    assert row.divide([9, 10]) == [row]
    seen = weakref.ref(row)
    del row
    assert seen() is None
