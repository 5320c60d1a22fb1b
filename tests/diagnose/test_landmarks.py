"""Words without which a pattern finds nothing: never more than the pattern itself demands."""

from __future__ import annotations

import random
import re

import pytest

from tests.diagnose.lines import LINES
from tui.diagnose.known import TABLE, known
from tui.diagnose.landmarks import has_any, landmarks


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("exceeded quota:", ["exceeded quota:"]),
        ("OOMKilled|Out of memory: Kill", ["oomkilled", "out of memory: kill"]),
        (r"gkehub\.gateway\.stream.{0,20}denied", ["gkehub.gateway.stream"]),
        ("Unable to get (?:a )?response from", ["unable to get "]),
        (r"dial tcp [^ ]+: (?:timeout|connect: (?:refused|no route))", ["dial tcp "]),
        (r"\b0/\d+ nodes are available", [" nodes are available"]),
        ("colou?rful", ["colo"]),
        ("long*words", ["words"]),
        ("abcd+efghi", ["efghi"]),
        ("self[- ]signed", ["signed"]),
        ("many{2,3} of them", [" of them"]),
    ],
)
def test_the_longest_plain_part_of_each_alternative(pattern: str, words: list[str]) -> None:
    assert landmarks(pattern) == words


@pytest.mark.parametrize("pattern", [r"\d+", "abc", "fine words|(?:only|groups)", "x?y?z?word?"])
def test_an_alternative_without_any_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="no plain part"):
        landmarks(pattern)


@pytest.mark.parametrize("pattern", [r"\x41bcdefgh", r"\N{BULLET} wanted", "(?x) with blanks", "plain (?i:words)"])
def test_what_is_not_understood_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="not understood"):
        landmarks(pattern)


def test_a_line_is_known_just_where_a_pattern_of_the_table_finds_it() -> None:
    rng = random.Random(5)
    for _ in range(3_000):
        line = rng.choice(LINES)[1]
        for _ in range(rng.randint(0, 4)):
            at = rng.randrange(len(line) + 1)
            line = rng.choice((line[:at], line[at:], line[:at] + "x" + line[at:], line.upper(), line.lower()))
        first = next((one for one in TABLE if re.search(one.pattern, line, re.IGNORECASE)), None)
        assert known(line) is first, line


@pytest.mark.parametrize(("text", "found"), [("a dial failed", True), ("all is well", False), ("", False)])
def test_whether_a_text_has_any_of_some_words(text: str, found: bool) -> None:
    assert has_any(text, ("dial failed", "refused")) is found


def test_no_words_are_in_no_text() -> None:
    assert not has_any("dial failed", ())
