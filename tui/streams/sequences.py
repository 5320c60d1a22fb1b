"""Whether what a program writes to a terminal ends within a control sequence: nothing of ours may stand there.

A title or a bell in the middle of one would end it, or be taken for part of it (ECMA-48; xterm ends OSC with BEL too).
"""

from __future__ import annotations

import re

ESCAPE = b"\x1b"
_STRINGS = b"]PX^_"
"""What makes a string of Escape: OSC, DCS, SOS, PM, APC."""
_OPEN = re.compile(rb"\x1b(?:[\]PX^_][^\x07\x18\x1a]*|\[[\x20-\x3f]*|[\x20-\x2f]*)\Z")
MOST_HELD = 256
"""Bytes of a sequence that are kept; a longer one is none."""


class Sequences:
    """Of one program. within: whether the last one is not yet whole."""

    def __init__(self) -> None:
        self._held = b""

    @property
    def within(self) -> bool:
        return bool(self._held)

    def feed(self, data: bytes) -> None:
        """Take what it wrote next, in pieces as they come."""
        seen = self._held + data
        last = seen.rfind(ESCAPE)
        if last < 0:
            return
        tail = seen[last:]
        if len(tail) == 1 and last and (before := self._open(seen[seen.rfind(ESCAPE, 0, last) : last])):
            self._held = before + tail  # it may be the first half of what ends a string
        else:
            self._held = self._open(tail)

    def _open(self, tail: bytes) -> bytes:
        """What is to be kept of a sequence that is not whole, b"" where it is."""
        if not tail.startswith(ESCAPE) or not _OPEN.match(tail):
            return b""
        if tail[1:2] and tail[1:2] in _STRINGS:
            return tail[:2]  # what is in it does not matter
        return tail if len(tail) <= MOST_HELD else b""
