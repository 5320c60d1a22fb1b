"""Stretches of time that are typed, and what of a line is chosen to be shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from tui.errors import UsageError
from tui.model.logs import LogLine
from tui.model.turnline import TurnLine
from tui.present.logline import LATE, TURN, line_pieces
from tui.present.loglook import TAIL, LogLook, window_beside, window_typed

NOW = datetime(2026, 11, 28, 14, 10, tzinfo=UTC).timestamp()
BERLIN = timezone(timedelta(hours=1))


def told(nanoseconds: int) -> str:
    return f"{datetime.fromtimestamp(nanoseconds // 10**9, UTC):%m-%d %H:%M:%S}" if nanoseconds else ""


@pytest.mark.parametrize(
    ("typed", "zone", "since", "until"),
    [
        ("14:00", UTC, "11-28 14:00:00", ""),
        ("14:00", BERLIN, "11-28 13:00:00", ""),
        ("9:05:30 9:10", UTC, "11-28 09:05:30", "11-28 09:10:00"),
        ("23:50 0:10", UTC, "11-27 23:50:00", "11-28 00:10:00"),
        ("2026-11-20T08:00Z 09:30", BERLIN, "11-20 08:00:00", "11-20 09:30:00"),
        ("2026-11-20T08:00", BERLIN, "11-20 07:00:00", ""),
        ("2026-11-20T08:00+02:00 2026-11-21T00:00Z", UTC, "11-20 06:00:00", "11-21 00:00:00"),
    ],
)
def test_a_stretch_that_is_typed(typed: str, zone: timezone, since: str, until: str) -> None:
    window = window_typed(typed, NOW, zone)
    assert (told(window.since), told(window.until)) == (since, until)
    assert window.from_top
    assert window_beside(window, 1) is TAIL


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "from when"),
        ("1 2 3", "from when"),
        ("25:00", "25:00 is no time"),
        ("noon", "noon is no time"),
        ("2027-01-01T00:00Z", "has not been yet"),
        ("2026-11-20T08:00Z 2026-11-19T08:00Z", "is not after"),
    ],
)
def test_what_is_no_stretch_is_said(typed: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        window_typed(typed, NOW, UTC)


def said(text: bytes, look: LogLook, *, late: bool = False) -> str:
    return "".join(piece.text for piece in line_pieces(LogLine(0, 0, 0, text, late), look, ()))


def test_chosen_fields_are_shown_in_their_order_and_no_others() -> None:
    line = b'{"level":"error","msg":"order refused","order":4711,"user":{"id":7,"name":"a b"}}'
    look = LogLook(fields=True, chosen=("order", "user.name", "level", "nothing"))
    assert said(line, look) == 'order=4711 user.name="a b" level=error'
    assert said(b'{"a":1}', look) == "none of the chosen fields"
    assert said(b"no JSON", look) == "no JSON"


def test_a_late_line_says_so() -> None:
    assert said(b"hello", LogLook(), late=True) == f"{LATE}hello"
    assert said(TurnLine(b"hello"), LogLook(), late=True) == f"{TURN}hello"
    assert said(b"hello", LogLook()) == "hello"
