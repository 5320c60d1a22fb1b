"""The way out of a session that hangs: Enter, then `~.`, as in ssh, whose users' fingers know it. Pure.

`~~` at the beginning of a line sends one `~`; anything else goes through as it was typed.
"""

from __future__ import annotations

_ENTER = (0x0D, 0x0A)
_TILDE, _DOT = 0x7E, 0x2E


class EscapeWatch:
    """Feed it what is typed; it gives what is to be sent. escaped: the way out was typed; nothing after it counts."""

    def __init__(self) -> None:
        self._line_begins = True
        self._held = False
        self.escaped = False

    def feed(self, typed: bytes) -> bytes:
        if not self._held and b"~" not in typed:
            if typed:
                self._line_begins = typed[-1] in _ENTER
            return typed
        passed = bytearray()
        for byte in typed:
            if self._held:
                self._held = False
                if byte == _DOT:
                    self.escaped = True
                    return bytes(passed)
                if byte != _TILDE:
                    passed.append(_TILDE)
            elif byte == _TILDE and self._line_begins:
                self._held, self._line_begins = True, False
                continue
            passed.append(byte)
            self._line_begins = byte in _ENTER
        return bytes(passed)
