"""One line as it is painted: nothing that a container writes may end the screen."""

from __future__ import annotations

import json
import random
from zoneinfo import ZoneInfo

import pytest

from tui.model.logs import LogLine
from tui.model.logstamp import LAST, SECOND, Stamps
from tui.present.logfilter import smart
from tui.present.logjson import TIMES, fields_of
from tui.present.logline import columns_of, line_pieces, time_words
from tui.present.loglook import LogLook

AT = 1_700_049_600 * SECOND
LOOKS = (
    LogLook(fields=True),
    LogLook(fields=True, utc=True, wrap=True, context=5, chosen=("ts", "a.a", "msg", "time")),
    LogLook(times=False, sources=False),
)
NUMBERS = ("9" * 310, "-" + "9" * 310, "9" * 5000, "1e400", "-1e400", "1e308", "NaN", "Infinity", "-0", "1e-400")
VALUES = (
    *NUMBERS,
    "null",
    "true",
    '""',
    '"\\ud800"',
    '"\\udc00\\ud800"',
    '"\\u0000\\u001b]0;x\\u0007\\r\\n\\t\\u009b"',
    "[" * 3000 + "]" * 3000,
    '{"a":' * 3000 + "1" + "}" * 3000,
    '{"a":' * 20 + "9" * 400 + "}" * 20,
    json.dumps("x" * 200_000),
)
NAMES = (*TIMES, "level", "severity", "msg", "message", "a", "", "\\ud800", "\\u001b[31m", "k" * 100_000)


def painted(text: bytes, at: int = AT) -> str:
    said = ""
    for look in LOOKS:
        line = LogLine(0, at, 0, text, late=True)
        pieces = line_pieces(line, look, (smart("x"), smart("err|9+")))
        said = "".join(piece.text for piece in pieces)
        assert said.isprintable()
        columns_of(line, look, smart("9+"))
    return said


@pytest.mark.parametrize("name", [*TIMES, "level", "msg", "a"])
@pytest.mark.parametrize("number", range(len(VALUES)))
def test_no_value_of_a_field_ends_the_screen(name: str, number: int) -> None:
    painted(f'{{"msg":"x","{name}":{VALUES[number]}}}'.encode())


def test_a_number_of_hundreds_of_digits_is_shown() -> None:
    line = LogLine(0, AT, 0, b'{"msg":"x","ts":' + b"9" * 310 + b"}")
    pieces = line_pieces(line, LogLook(fields=True), ())
    assert "".join(piece.text for piece in pieces) == "x ts=" + "9" * 310


def test_no_mixture_of_them_does() -> None:
    chance = random.Random(9999)
    for _ in range(300):
        parts = (f'"{chance.choice(NAMES)}":{chance.choice(VALUES)}' for _ in range(chance.randrange(6)))
        text = bytearray(("{" + ",".join(parts) + "}").encode())
        for _ in range(chance.choice((0, 0, 3))):
            text[chance.randrange(len(text))] = chance.randrange(256)
        painted(bytes(text), chance.choice((0, 1, AT, LAST)))


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Pacific/Kiritimati", "Etc/GMT+12", "UTC"])
@pytest.mark.parametrize("raw", [b"9999-12-31T23:59:59.999999999Z x", b"9999-12-30T23:59:59.000000000Z x"])
def test_the_last_hours_that_there_are(zone: str, raw: bytes) -> None:
    at, _ = Stamps().part(raw)
    for look in LOOKS:
        time_words(at, look, ZoneInfo(zone))
    assert (at == 0) is raw.startswith(b"9999-12-31"), "not known in every zone, so in none"


def test_json_may_end_as_lines_of_windows_do() -> None:
    assert fields_of(b'{"msg":"x"}\r') == {"msg": "x"}
    assert fields_of(b'{"msg":"x"}\r\r') is None
    assert fields_of(b"\r") is None
