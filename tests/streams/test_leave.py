"""Who ended a session, as far as its end and what was typed last tell."""

from __future__ import annotations

import pytest

from tui.streams.leave import LeaveWatch, was_killed
from tui.wire.status import Ended


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        ((b"\x04",), True),
        ((b"ls\r", b"\x04"), True),
        ((b"exit\r",), True),
        ((b"e", b"x", b"i", b"t", b" ", b"3", b"\r"), True),
        ((b"cd /; exit\r",), True),
        ((b"logout\n",), True),
        ((b"x" * 5000 + b"\rexit \r",), True),
        ((b"exit",), False),
        ((b"exit\r", b"ls"), False),
        ((b"exit $?\r",), True),
        ((b"exit;\r",), True),
        ((b"make && exit\r",), True),
        ((b"exitt\x7f\r",), True),
        ((b"lx\x7f\x7fexit\r",), True),
        ((b"exit\r", b"\x1b[I", b"\x1b[24;80R"), True),
        ((b"grep -n exit\r",), False),
        ((b"cat exit\r",), False),
        ((b"echo how to exit\r",), False),
        ((b"exit\x7f\x7f\x7f\x7fls\r",), False),
        ((b"exit || true\r",), False),
        ((b"no-exit\r",), False),
        ((b"reexit\r",), False),
        ((b"\x04j",), False),
        ((b"ls -l\r",), False),
        ((), False),
    ],
)
def test_what_was_typed_last_may_be_how_a_session_is_left(typed: tuple[bytes, ...], taken: bool) -> None:
    watch = LeaveWatch()
    for one in typed:
        watch.feed(one)
    assert watch.taken is taken


@pytest.mark.parametrize("code", [129, 134, 137, 139, 143])
def test_a_signal_that_no_key_sends_is_somebody_else_s_unless_it_was_left(code: int) -> None:
    assert was_killed(Ended(code), spoke=True, leave_taken=False)
    assert not was_killed(Ended(code), spoke=True, leave_taken=True)


@pytest.mark.parametrize("code", [0, 1, 2, 127, 128, 130, 131, 141, 255])
def test_codes_of_its_own_and_signals_of_keys_are_ends_as_any(code: int) -> None:
    assert not was_killed(Ended(code), spoke=True, leave_taken=False)


def test_what_broke_inside_is_told_from_what_never_ran() -> None:
    assert was_killed(Ended(None, "container is not running"), spoke=True, leave_taken=False)
    assert not was_killed(Ended(None, "no such file"), spoke=False, leave_taken=False)
