"""The `/` filter language."""

from __future__ import annotations

import pytest

from tui.errors import UsageError
from tui.present.filters import parse_filter

ROW = ["payments", "api-7c9f6d-x2f1p", "CrashLoopBackOff"]
LABELS = {"app": "api", "tier": "back"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("api", True),
        ("API", False),  # a capital makes the word case-sensitive
        ("crash", True),
        ("Crash", True),
        ("pay api", True),
        ("pay web", False),
        ("!web", True),
        ("!api", False),
        ("^api-.*p$", True),
        ("^7c9f6d", False),
        ("web|api", True),
        ("-l app=api", True),
        ("-l app==api,tier!=front", True),
        ("-l app!=api", False),
        ("-l tier,!canary", True),
        ("-l canary", False),
        ("-f clb", True),
        ("-f xyz", False),
        ("a.i", False),  # a dot alone is a dot, not a regular expression
    ],
)
def test_decides_which_rows_are_shown(text: str, shown: bool) -> None:
    parsed = parse_filter(text)
    assert parsed is not None
    assert parsed.matches(ROW, LABELS) is shown


def test_empty_is_no_filter() -> None:
    assert parse_filter("  ") is None


@pytest.mark.parametrize("text", ["a(", "[", "!", "-l", "-f", "*"])
def test_names_what_is_wrong(text: str) -> None:
    with pytest.raises(UsageError):
        parse_filter(text)


@pytest.mark.parametrize(("text", "needle"), [("api", "api"), ("a|b", ""), ("!api", ""), ("two words", "")])
def test_knows_what_can_be_highlighted(text: str, needle: str) -> None:
    parsed = parse_filter(text)
    assert parsed is not None
    assert parsed.needle == needle
