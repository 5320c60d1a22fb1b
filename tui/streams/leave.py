"""Who ended a session: the person in it, or somebody else, so that what is typed on for it was not meant for whatever
is there afterwards.

A container that is killed, runs out of memory or is deleted takes the shell along, and its end looks as any other, with
an exit code of its own. Signals that come from keys say nothing; of the others a shell tells as well where the last
command before `exit` died of one, so what was typed last counts too.
"""

from __future__ import annotations

import re
import signal

from tui.wire.status import Ended

_FROM_KEYS = frozenset({signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP, signal.SIGPIPE})
_MOST = 256
_REPORT = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z~]")
"""Arrows, and what a terminal says by itself: that it has the focus, where the cursor is."""
_TAKEN_BACK = re.compile(rb"[^\r\n\x7f\x08][\x7f\x08]")
_LEAVE = re.compile(rb"\x04\Z|(?:^|[\r\n;&|])[ \t]*(?:exit|logout)(?:[ \t;][^\r\n|&]*)?[\r\n]+\Z")
"""ctrl-d, or the line that ends a shell, whatever it ends with."""


class LeaveWatch:
    """Sees what is typed into a session. taken: whether it may end by the last of it."""

    def __init__(self) -> None:
        self._last = b""

    def feed(self, typed: bytes) -> None:
        self._last = (self._last + typed[-_MOST:])[-_MOST:]

    @property
    def taken(self) -> bool:
        last = _REPORT.sub(b"", self._last)
        while (shorter := _TAKEN_BACK.sub(b"", last)) != last:
            last = shorter
        return _LEAVE.search(last) is not None


def was_killed(ended: Ended, *, spoke: bool, leave_taken: bool) -> bool:
    """Whether a session ended by somebody else's doing. spoke: it had shown something, so that it did run.
    leave_taken: see `LeaveWatch`."""
    code = ended.exit_code
    if leave_taken:
        return False
    if code is None:
        return spoke
    return 128 < code < 128 + signal.NSIG and code - 128 not in _FROM_KEYS
