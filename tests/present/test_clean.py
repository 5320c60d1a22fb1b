"""Hostile text never reaches the terminal as anything but visible characters."""

from __future__ import annotations

import pytest

from tui.present.clean import clean, clean_lines


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain", "plain"),
        ("", ""),
        ("\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
        ("a\x07b", "a␇b"),
        ("a\tb", "a   b"),
        ("line\r\nnext", "line␍␊next"),
        ("\x9b31m", "‹U+009B›31m"),
        ("\u202egpj.exe", "‹U+202E›gpj.exe"),
        ("a\u200bb", "a‹U+200B›b"),
        ("del\x7f", "del␡"),
        ("[bold]not markup[/bold]", "[bold]not markup[/bold]"),
        ("naïve café ✓ 日本語", "naïve café ✓ 日本語"),
        (b"bytes \xff\xfe", "bytes \ufffd\ufffd"),
        ("\ud800", "\ufffd"),
        ("❤\ufe0f", "❤"),
        ("cafe\u0301", "cafe\u0301"),
        ("Z" + "\u0300" * 500 + "algo", "Z" + "\u0300" * 4 + "algo"),
    ],
)
def test_makes_every_unsafe_character_visible(raw: str | bytes, shown: str) -> None:
    assert clean(raw) == shown


def test_cuts_long_text_and_says_so() -> None:
    assert clean("x" * 10, limit=5) == "xxxx…"
    assert len(clean(b"\xe6\x97\xa5" * 1_000_000, limit=100)) == 100


def test_no_output_ever_holds_a_control_character() -> None:
    shown = clean("".join(map(chr, range(0x3000))), limit=1_000_000)
    assert not [char for char in shown if ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0]


def test_splits_lines_before_cleaning() -> None:
    assert clean_lines("one\r\ntwo\x1b\n") == ["one", "two␛", ""]
