"""The way back past others, by tables: what they did in the same list stays, what both changed is named."""

from __future__ import annotations

from typing import Any

import pytest

from tui.changes.merging import merge_patch, merged
from tui.changes.undoing import past_others

A, B, C = {"name": "a", "v": 1}, {"name": "b", "v": 1}, {"name": "c", "v": 1}
A2, A3, B2 = {"name": "a", "v": 2}, {"name": "a", "v": 3}, {"name": "b", "v": 2}


@pytest.mark.parametrize(
    ("before", "after", "live", "back", "contested"),
    [
        ([A], [A2], [A2], [A], ()),
        ([A, B], [A2, B], [A2, B2], [A, B2], ()),
        ([A], [A2], [C, A2], [C, A], ()),
        ([A], [A, B], [A2, B, C], [A2, C], ()),
        ([A, B], [B], [B2, C], [A, B2, C], ()),
        ([A, B], [A2, B], [A2], [A], ()),
        ([A], [A2], [A3], [A], ("l[a].v",)),
        ([A], [A2], [], [A], ("l[a]",)),
        ([A], [A, B], [A, B2], [A], ("l[b]",)),
        ([A], [A2], [{**A2, "w": 1}], [{**A, "w": 1}], ()),
        ([{**A, "w": 1}], [A], [A2], [{**A2, "w": 1}], ()),
        ([{**A, "e": [B]}], [{**A, "e": [B2]}], [{**A, "e": [B2, C]}], [{**A, "e": [B, C]}], ()),
        (["x"], ["y"], ["y", "z"], ["x"], ("l",)),
        (["x"], ["y"], ["x"], ["x"], ()),
        (1, 2, 3, 1, ("l",)),
        (None, [A], [A, C], [C], ()),
        (None, ["x"], ["x", "z"], None, ("l",)),
        ([A], None, [C], [A, C], ()),
        ([B], [{**B, "e": [A]}], [{**B, "e": [A, C]}], [{**B, "e": [C]}], ()),
        ({"m": 1}, {"m": 2}, {"m": 2, "n": 1}, {"m": 1, "n": 1}, ()),
    ],
)
def test_past_others(before: Any, after: Any, live: Any, back: Any, contested: tuple[str, ...]) -> None:
    old, new, now, wanted = ({} if one is None else {"l": one} for one in (before, after, live, back))
    patch, named = past_others(merge_patch(new, old), merge_patch(old, new), now)
    assert merged(now, patch) == wanted
    assert named == contested
