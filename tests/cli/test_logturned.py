"""How lines are printed that come late because their log waited for its turn."""

from __future__ import annotations

import json

from tests.cli.test_logprint import AT, SOURCES, TIME
from tests.streams.fakelog import raw
from tui.cli.follow import summary
from tui.cli.lognames import Naming
from tui.cli.logprint import Form, checked
from tui.cli.logturned import TurnPrinter
from tui.model.logs import LogStatus
from tui.model.turnline import TurnLine, with_turns

BOTH = [TurnLine(raw(AT, b"a [late] b")), raw(AT, b"a [late] b")]


def printed(form: Form, *, prefix: bool = True) -> list[str]:
    printer = TurnPrinter(form, Naming(prefix=prefix))
    printer.know(SOURCES)
    return printer.lines((BOTH, [~1, ~0])).decode().splitlines()


def test_each_says_why_it_is_late() -> None:
    assert printed(Form()) == ["one/api-1/app [turn] a [late] b", "one/api-0/app [late] a [late] b"]
    timed, _ = printed(Form(timestamps=True, colours=True))
    assert timed.endswith(f"one/api-1/app \x1b[0m{TIME} [turn] a [late] b")
    assert printed(Form(), prefix=False) == ["a [late] b"] * 2
    assert printed(Form(timestamps=True), prefix=False) == [f"{TIME} a [late] b"] * 2


def test_in_other_forms_too() -> None:
    turned, late = (json.loads(line) for line in printed(Form(json=True)))
    assert (turned["late"], turned.pop("turn")) == (True, True)
    assert turned | {"pod": "api-0"} == late
    assert printed(Form(template=checked("{late} {pod}"))) == ["turn api-1", "late api-0"]


def test_the_summary_counts_them_by_themselves() -> None:
    status = LogStatus((with_turns(SOURCES[0], 34), SOURCES[1]), late=40)
    assert summary(status, 9).endswith(", 0 gaps, 6 late, 34 late by turns")
    assert summary(LogStatus(SOURCES, late=40), 9).endswith(", 0 gaps, 40 late")
