"""The beginning of a line with which a stream broke off.

It comes again, whole, where the stream goes on. It is shown as it is only where the rest never comes: at the end of
the container, and before a gap.
"""

from __future__ import annotations

import re

_STAMP_ALONE = re.compile(rb"[-0-9T:.+]*Z? ?")


class Fragment:
    """What is held back of one log."""

    def __init__(self) -> None:
        self._held = b""

    def came(self, lines: list[bytes]) -> None:
        """New lines: the whole may be among them."""
        if self._held and any(line.startswith(self._held) for line in lines):
            self._held = b""

    def keep(self, fragment: bytes, *, all_there_was: bool) -> list[bytes]:
        """A stream ended with `fragment`; the lines to show for it. all_there_was: it ended in good order and brought
        nothing else, so the same fragment for a second time is all that was written."""
        held = self._held
        if not fragment:
            return []
        if held == fragment and all_there_was:
            return self.give_up()
        if held.startswith(fragment):
            return []
        lost = [] if fragment.startswith(held) else self.give_up()
        self._held = fragment
        return lost

    def give_up(self) -> list[bytes]:
        """The rest will not come; the line as far as it is known. A part of a timestamp is no part of a message."""
        held, self._held = self._held, b""
        return [held] if held and not _STAMP_ALONE.fullmatch(held) else []
