"""Lines beside their like: nothing is lost, nothing is out of order, and what differs is found."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

import pytest

from tui.present.pairing import Pair, changed, differences, paired, stretches
from tui.present.pairrows import PairRows, entries
from tui.present.width import text_width
from tui.present.yamltext import YamlLine, written


def lines(*texts: str) -> list[YamlLine]:
    return [YamlLine(text, text.find(":") + 1) for text in texts]


def shown(pairs: Sequence[Pair]) -> list[tuple[str, str, str]]:
    return [
        (pair.left.text if pair.left else "", "=" if pair.same else "≠", pair.right.text if pair.right else "")
        for pair in pairs
    ]


def test_lines_of_the_same_key_stand_beside_each_other() -> None:
    left = lines("a: 1", "image: x:1", "pull: Always", "z: 0")
    right = lines("a: 1", "command: go", "image: x:2", "z: 0")
    assert shown(paired(left, right)) == [
        ("a: 1", "=", "a: 1"),
        ("", "≠", "command: go"),
        ("image: x:1", "≠", "image: x:2"),
        ("pull: Always", "≠", ""),
        ("z: 0", "=", "z: 0"),
    ]


@pytest.mark.parametrize("seed", range(40))
def test_nothing_is_lost_and_what_is_told_the_same_is(seed: int) -> None:
    rng = random.Random(seed)
    size = 3_000 if seed % 10 == 0 else 60
    left, right = (
        lines(*(f"{rng.choice('abc')}: {rng.randint(0, 3)}" for _ in range(rng.randint(0, size)))) for _ in "lr"
    )
    pairs = paired(left, right)
    assert [pair.left for pair in pairs if pair.left] == left
    assert [pair.right for pair in pairs if pair.right] == right
    for pair in pairs:
        alike = pair.left is not None and pair.right is not None and pair.left.text == pair.right.text
        assert pair.same == alike


@pytest.mark.parametrize("inserted", [0, 1])
def test_of_a_long_text_only_what_differs_is_told(inserted: int) -> None:
    left = lines(*(f"key-{at}: value" for at in range(3_000)))
    right = [*lines(*["new: line"] * inserted), *left]
    right[10 + inserted] = lines("key-10: other")[0]
    right[2_990 + inserted] = lines("key-2990: other")[0]
    pairs = paired(left, right)
    assert len(differences(pairs)) == 2 + inserted
    assert sum(not pair.same for pair in pairs) <= 4 + inserted


def test_places_and_what_is_shown_around_them() -> None:
    left = lines(*(f"k{at}: {at}" for at in range(40)))
    right = [YamlLine(f"k{at}: other", 4) if at in (0, 1, 20) else line for at, line in enumerate(left)]
    pairs = paired(left, right)
    places = differences(pairs)
    assert places == [(0, 2), (20, 21)]
    assert stretches(40, places) == [(0, 5, True), (5, 17, False), (17, 24, True), (24, 40, False)]
    assert stretches(40, []) == [(0, 40, False)]
    assert stretches(9, [(4, 5)]) == [(0, 1, True), (1, 8, True), (8, 9, True)], "one line is not worth hiding"


@pytest.mark.parametrize(
    ("mine", "theirs", "part"),
    [
        ("image: a:1", "image: a:2", "1"),
        ("aaa", "aa", "a"),
        ("aa", "aaa", ""),
        ("x" * 500_000 + "1" + "y" * 500_000, "x" * 500_000 + "22" + "y" * 500_000, "1"),
    ],
    ids=["value", "longer", "shorter", "megabyte"],
)
def test_the_part_that_differs(mine: str, theirs: str, part: str) -> None:
    first, last = changed(mine, theirs)
    assert mine[first:last] == part


@pytest.mark.parametrize("columns", [True, False], ids=["beside", "below"])
@pytest.mark.parametrize("width", [24, 61, 118])
def test_no_row_is_wider_than_the_view_and_no_character_is_missing(width: int, columns: bool) -> None:
    nasty = ("日本語" * 50, "e" + "\u0301" * 9, "\x1b[31m", "a\tb" * 30, "\U0001f600" * 40, "x" * 300, "")
    left = written({f"k{at}": value for at, value in enumerate(nasty)})
    right = written({f"k{at}": value + "!" for at, value in enumerate(nasty)})
    made = entries(paired(left, right), columns=columns, everything=True, dim=(False, False))
    rows = PairRows(made, width)
    texts = ["".join(text for text, _ in rows.row(index)) for index in range(len(rows))]
    assert max(map(text_width, texts)) <= width
    if columns:
        middle = (width - 3) // 2 + 1
        for text in texts:
            at = next(at for at in range(len(text) + 1) if text_width(text[:at]) >= middle)
            assert text[at] in "≠│<>", text
    assert "".join(texts).count("日") == 100
    assert rows.search(re.compile("k5"))


def test_n_goes_into_a_long_line_where_it_differs() -> None:
    left, right = written({"a": "x" * 5_000 + "1"}), written({"a": "x" * 5_000 + "2"})
    rows = PairRows(entries(paired(left, right), columns=False, everything=True, dim=(False, False)), 102)
    assert rows.first_row(0) == (5_000 + len("a: ")) // 100
