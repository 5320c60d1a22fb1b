"""What a fault may be told: types and ranges, checked before it is armed, since it would fail in others' requests."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import cast

from tui.errors import UsageError

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_LINE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


def check_match(match: Mapping[str, object]) -> None:
    """Raises UsageError naming the key whose pattern is no text."""
    for key, pattern in match.items():
        if not isinstance(pattern, str):
            raise UsageError(f"match.{key} must be a text, not {pattern!r}")


def check_options(options: Mapping[str, object]) -> None:
    """Raises UsageError naming the option and what it may be."""
    for name, value in options.items():
        what, holds = _RULES[name]
        if value is not None and not holds(value):
            raise UsageError(f"{name} must be {what}, not {value!r}")


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _from_zero(value: object) -> bool:
    return _number(value) and cast("float", value) >= 0


def _wait(value: object) -> bool:
    """Retry-After: seconds, or a date."""
    return _from_zero(value) or (isinstance(value, str) and bool(value) and _LINE.fullmatch(value) is not None)


def _headers(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    return all(
        isinstance(name, str)
        and _TOKEN.fullmatch(name)
        and (_number(said) or (isinstance(said, str) and _LINE.fullmatch(said)))
        for name, said in cast("dict[object, object]", value).items()
    )


_RULES: dict[str, tuple[str, Callable[[object], bool]]] = {
    "times": ("a whole number above 0", lambda value: _whole(value) and cast("int", value) > 0),
    "status": ("a whole number from 200 to 599", lambda value: _whole(value) and 200 <= cast("int", value) <= 599),
    "seconds": ("a number from 0", _from_zero),
    "rate": ("a number from 0", _from_zero),
    "lines": ("a number from 0", _from_zero),
    "keep": ("a whole number from 0", lambda value: _whole(value) and cast("int", value) >= 0),
    "streams": ("a whole number from 0", lambda value: _whole(value) and cast("int", value) >= 0),
    "exit_code": ("a whole number from 0 to 255", lambda value: _whole(value) and 0 <= cast("int", value) <= 255),
    "unread": ("true or false", lambda value: isinstance(value, bool)),
    "permission": ("a text", lambda value: isinstance(value, str)),
    "resource": ("a text", lambda value: isinstance(value, str)),
    "bytes": ("a whole number from 0", lambda value: _whole(value) and cast("int", value) >= 0),
    "retry_after": ("seconds from 0, or a date", _wait),
    "headers": ("an object of names and texts", _headers),
    "body": ("a text or JSON", lambda value: isinstance(value, str | int | float | list | dict)),
}
