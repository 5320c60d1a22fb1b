"""Reading JSON that others wrote: whatever it is, nothing raises and nothing untyped comes out."""

from __future__ import annotations

from typing import Any

import pytest

from tui.clients.json_fields import child, children, flag, integer, parse_object, string_map, text, texts
from tui.clients.timestamps import epoch

OBJ: dict[str, Any] = {
    "s": "x",
    "n": 7,
    "f": 1.5,
    "int64": "42",
    "yes": True,
    "YES": "True",
    "null": None,
    "o": {"deep": {"er": "here"}, "odd": 7},
    "l": ["a", 1, None, {"k": "v"}, {"k": None}],
}


def test_what_is_there_is_read() -> None:
    assert text(OBJ, "s") == "x"
    assert text(OBJ, "n") == "7"
    assert text(OBJ, "o", "deep", "er") == "here"
    assert integer(OBJ, "n") == 7
    assert integer(OBJ, "int64") == 42
    assert integer({"n": "-3"}, "n") == -3
    assert flag(OBJ, "yes")
    assert flag(OBJ, "YES")
    assert texts(OBJ, "l") == ("a",)
    assert children(OBJ, "l") == [{"k": "v"}, {"k": None}]
    assert string_map(OBJ, "o") == {}
    assert string_map(OBJ) == {"s": "x", "int64": "42", "YES": "True"}


@pytest.mark.parametrize("path", [("nope",), ("null",), ("s", "x"), ("o", "odd", "x"), ("l", "k"), ("f", "x")])
def test_what_is_not_there_is_empty_of_its_type(path: tuple[str, ...]) -> None:
    assert text(OBJ, *path) == ""
    assert integer(OBJ, *path) is None
    assert flag(OBJ, *path) is False
    assert child(OBJ, *path) == {}
    assert children(OBJ, *path) == []
    assert texts(OBJ, *path) == ()
    assert string_map(OBJ, *path) == {}


def test_a_truth_value_is_no_number_and_no_text() -> None:
    assert integer(OBJ, "yes") is None
    assert text(OBJ, "yes") == ""


@pytest.mark.parametrize("body", [b"", b"[]", b"7", b"null", b"{", b"\xff", b'{"a":' * 5000, '"text"'])
def test_what_is_no_object_is_none(body: bytes | str) -> None:
    assert parse_object(body) is None


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("1970-01-01T00:00:01Z", 1.0),
        ("1970-01-01T00:00:01.123456789Z", 1.123456),
        ("1970-01-01T01:00:01.1234567+01:00", 1.123456),
        ("1970-01-01T00:00:01", 1.0),
        ("", None),
        ("yesterday", None),
    ],
)
def test_timestamps(written: str, seconds: float | None) -> None:
    assert epoch(written) == seconds
