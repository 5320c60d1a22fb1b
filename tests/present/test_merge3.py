"""Three texts into one, and the comment above an edited text."""

from __future__ import annotations

import pytest

from tui.errors import Problem, ProblemKind
from tui.present.edited import commented, complaint_of, uncommented
from tui.present.merge3 import merge3

BASE = "a\nb\nc\nd\ne\n"


@pytest.mark.parametrize(
    ("ours", "theirs", "merged", "conflicts"),
    [
        (BASE, BASE, BASE, 0),
        ("a\nB\nc\nd\ne\n", BASE, "a\nB\nc\nd\ne\n", 0),
        (BASE, "a\nb\nc\nD\ne\n", "a\nb\nc\nD\ne\n", 0),
        ("a\nB\nc\nd\ne\n", "a\nb\nc\nD\ne\n", "a\nB\nc\nD\ne\n", 0),
        ("a\nB\nc\nd\ne\n", "a\nB\nc\nd\ne\n", "a\nB\nc\nd\ne\n", 0),
        ("b\nc\nd\ne\n", "a\nb\nc\nd\ne\nf\n", "b\nc\nd\ne\nf\n", 0),
        ("a\nx\nc\nd\ne\n", "a\ny\nc\nd\ne\n",
         "a\n<<<<<<< yours\nx\n=======\ny\n>>>>>>> as it is now\nc\nd\ne\n", 1),
        ("", "a\nb\nc\nd\ne\nf\n", "<<<<<<< yours\n=======\na\nb\nc\nd\ne\nf\n>>>>>>> as it is now\n", 1),
    ],
)  # fmt: skip
def test_changes_that_do_not_touch_are_put_together(ours: str, theirs: str, merged: str, conflicts: int) -> None:
    found = merge3(BASE, ours, theirs)
    assert (found.text, found.conflicts) == (merged, conflicts)


def test_the_comment_is_taken_off_again_and_the_users_own_comments_stay() -> None:
    text = "kind: Pod # mine\n# mine too\nspec: {}\n"
    shown = commented(text, "pod web/a in eu", "it was refused\nby the server")
    assert shown.startswith("# pod web/a in eu\n#")
    assert "# × it was refused\n#   by the server\n" in shown
    assert uncommented(shown) == text
    assert uncommented("\n\n# a\n\n" + text) == text
    assert uncommented("# only\n") == ""


def test_a_server_cannot_break_out_of_the_comment() -> None:
    problem = Problem(ProblemKind.INVALID, "no", server_words="a\nkind: Evil\r\n\u2028kind: Evil\x1b[31m")
    shown = commented("kind: Pod\n", "pod", complaint_of(problem))
    assert uncommented(shown) == "kind: Pod\n"
    assert "\x1b" not in shown
