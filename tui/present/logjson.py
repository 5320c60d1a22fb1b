"""Lines that are JSON objects, as people read them: how bad, what, and then the rest."""

from __future__ import annotations

import re
from typing import Any, cast

import msgspec

from tui.present.clean import clean
from tui.present.logtime import without_time
from tui.present.severity import severity

LEVELS = ("level", "severity", "lvl", "loglevel", "log.level")
MESSAGES = ("msg", "message", "event", "text", "body")
TIMES = ("time", "ts", "timestamp", "@timestamp", "t")
_VALUE = 2_000
"""Characters of one value that are shown."""
_BAD = re.compile(r"(?:err|fatal|crit|panic|alert|emerg)", re.IGNORECASE)
_SLACK = 2.0
_LARGEST = 1e19
"""More nanoseconds than any time that can be told: a number may have hundreds of digits, which no float has."""

Piece = tuple[str, str]
"""Text, and the name of its style."""


def fields_of(text: bytes) -> dict[str, Any] | None:
    """The object that a line is; None where it is none."""
    if text[-1:] == b"\r":  # as whoever writes both line ends leaves it
        text = text[:-1]
    if text[:1] != b"{" or text[-1:] != b"}":
        return None
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def value_text(value: object) -> str:
    """A field's value as one line; what holds others is JSON again. Not cleaned."""
    if isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()


def field_value(fields: dict[str, Any], name: str) -> str | None:
    """The value of `name`; dots lead into objects. None where there is none."""
    if name in fields:
        return value_text(fields[name])
    head, dot, rest = name.partition(".")
    inner = fields.get(head)
    return field_value(cast("dict[str, Any]", inner), rest) if dot and isinstance(inner, dict) else None


def json_pieces(fields: dict[str, Any], at: int, chosen: tuple[str, ...] = ()) -> list[Piece]:
    """ "ERROR the message key=value key=value". at: the kubelet's time, nanoseconds; a field that says the same time
    is left out, as elsewhere. chosen: only these, as "key=value" in this order; dots lead into objects."""
    if chosen:
        return _chosen(fields, chosen)
    left = dict(fields)
    level = _first(left, LEVELS)
    message = _first(left, MESSAGES)
    for name in TIMES:
        if name in left and _same_time(left[name], at):
            del left[name]
            break
    if level:
        tone = "bad" if _BAD.match(level) else "warn" if level.lower().startswith("warn") else ""
    else:
        tone = severity(message)
    pieces: list[Piece] = []
    if level:
        pieces.append((f"{clean(level, 20).upper():<5} ", tone or "dim"))
    pieces.append((clean(message, _VALUE), tone))
    for name, value in left.items():
        pieces.append((f" {clean(name, 100)}=", "dim"))
        pieces.append((_quoted(value_text(value)), "dim"))
    return pieces


def _chosen(fields: dict[str, Any], chosen: tuple[str, ...]) -> list[Piece]:
    pieces: list[Piece] = []
    for name in chosen:
        value = field_value(fields, name)
        if value is not None:
            tone = severity(f"{name}={value}") if name in LEVELS else ""
            pieces.append((f"{' ' if pieces else ''}{clean(name, 100)}=", "dim"))
            pieces.append((_quoted(value), tone))
    return pieces or [("none of the chosen fields", "dim")]


def _quoted(value: str) -> str:
    said = clean(value, _VALUE)
    return f'"{said}"' if not said or " " in said else said


def _first(left: dict[str, Any], names: tuple[str, ...]) -> str:
    """Take the first of these fields that there is."""
    for name in names:
        if isinstance(left.get(name), str | int):
            return value_text(left.pop(name))
    return ""


def _same_time(value: object, at: int) -> bool:
    if isinstance(value, int | float):
        return 0 <= value <= _LARGEST and any(abs(at / 1e9 - value / unit) <= _SLACK for unit in (1, 1e3, 1e6, 1e9))
    return isinstance(value, str) and bool(value) and without_time(f"{value} ", at) == ""
