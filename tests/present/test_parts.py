"""Lines and lists lose the least important first, and never half a word."""

from __future__ import annotations

import pytest

from tui.present.columns import ColumnSpec, kept
from tui.present.parts import Part, count, fit, folded, joined

BORDER = (
    Part("12 memberships", "", 3, short="12"),
    Part("○ stale since 14:01:02"),
    Part("throttled", "", 1),
    Part("retry in 9s", "", 2),
)


@pytest.mark.parametrize(
    ("room", "said"),
    [
        (80, "12 memberships · ○ stale since 14:01:02 · throttled · retry in 9s"),
        (55, "12 · ○ stale since 14:01:02 · throttled · retry in 9s"),
        (50, "12 · ○ stale since 14:01:02 · throttled"),
        (36, "12 · ○ stale since 14:01:02"),
        (24, "○ stale since 14:01:02"),
        (3, "○ stale since 14:01:02"),
    ],
)
def test_a_border_shortens_then_drops_by_importance(room: int, said: str) -> None:
    assert joined(fit(BORDER, room)) == said


def test_empty_parts_take_no_room() -> None:
    assert fit((Part(""), Part("a"), Part("")), 80) == (Part("a"),)


SPECS = (
    ColumnSpec("NAME", 0, min=10, flexible=True),
    ColumnSpec("PROJECT", 2),
    ColumnSpec("REACH", 0),
    ColumnSpec("LOCATION", 3),
)


@pytest.mark.parametrize(
    ("room", "shown"),
    [(100, (0, 1, 2, 3)), (40, (0, 1, 2, 3)), (33, (0, 1, 2)), (20, (0, 2)), (5, (0, 2))],
)
def test_columns_go_whole_and_names_stay(room: int, shown: tuple[int, ...]) -> None:
    assert kept(SPECS, [30, 7, 8, 12], room) == shown


def test_a_flexible_column_gives_way_before_any_is_dropped() -> None:
    assert kept(SPECS[:3], [60, 7, 8], 10 + 1 + 7 + 1 + 8) == (0, 1, 2)


@pytest.mark.parametrize(("number", "said"), [(0, "0 pods"), (1, "1 pod"), (2310, "2,310 pods")])
def test_numbers_agree_with_their_nouns(number: int, said: str) -> None:
    assert count(number, "pod") == said


def test_folding_keeps_every_word() -> None:
    text = "gcloud projects add-iam-policy-binding acme-1 --member=user:ana@example.com"
    lines = folded(text, 30)
    assert max(map(len, lines)) <= 50
    assert " ".join(lines) == text
    assert folded("", 30) == [""]
