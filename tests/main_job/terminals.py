"""A program on a pty, as a person at a terminal has it: what it shows, and in which state it leaves the terminal."""

from __future__ import annotations

import fcntl
import os
import re
import select
import shutil
import signal
import struct
import termios
import threading
import time
from collections.abc import Callable

import pytest

from tests.bench.terminal import Terminal
from tests.main_job.test_commands import COMMAND

PATIENCE = 60.0
"""Seconds after which what must come is held to be missing; much, since all tests share a machine."""

ALONE = 0.6
"""Seconds without another key that make one stand alone, with some to spare."""

TOGETHER = 0.1
"""Seconds for which output is read that does not pause, before it is looked at."""

_PRIVATE_MODES = re.compile(rb"\x1b\[\?([0-9;]+)([hl])")
_KEYBOARD = re.compile(rb"\x1b\[([<>])[0-9]*u")
_TITLES = re.compile(rb"\x1b\[(2[23])(?:;[0-9]+)*t")
_OTHER_KEYS = re.compile(rb"\x1b\[>4;?([0-9]*)m")
_KEYPAD = re.compile(rb"\x1b([=>])")
_SET_FROM_THE_START = {b"7", b"25"}  # lines wrap, and there is a cursor
_PIECE = re.compile(
    r"\x1b\[(?P<row>\d+);(?P<column>\d+)H|\x1b\[[0-9;:?<=>!$]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[=>78]"
    r"|(?P<line>\r\n)|(?P<text>[^\x1b\r\n]+)"
)


class Pty(Terminal):
    """`clusterview` with these arguments. What is waited for has a deadline, and fails with the last that came."""

    def __init__(self, environ: dict[str, str], *arguments: str, columns: int = 100, rows: int = 30) -> None:
        super().__init__([*COMMAND, *arguments], {**environ, "TERM": "xterm-256color"}, columns, rows)

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, keys: bytes) -> int:
        """All of them, reading meanwhile what comes: a terminal takes no more keys than there is room for. Where the
        output was before them."""
        place, left = len(self.output), memoryview(keys)
        os.set_blocking(self.fd, False)
        try:
            while left:
                readable, writable, _ = select.select([self.fd], [self.fd], [], PATIENCE)
                assert readable or writable, f"it takes no keys: {self._last()}"
                if readable:
                    self.read(0.0)
                if writable:
                    try:
                        left = left[os.write(self.fd, left[:4096]) :]
                    except BlockingIOError:
                        pass  # the room has gone meanwhile
        finally:
            os.set_blocking(self.fd, True)
        return place

    def answers(self, key: bytes) -> int:
        """A key that stands alone, as only an answer behind a session does. Where the output was before it."""
        end = time.monotonic() + ALONE
        while self.read(max(0.0, end - time.monotonic())):
            pass
        return self.type(key)

    def shows(self, words: bytes, seconds: float, after: int = 0) -> bool:
        return self.comes_true(lambda: words in self.output[after:], seconds)

    def sees(self, words: bytes, after: int = 0) -> int:
        """Where the output goes on behind these words."""
        assert self.shows(words, PATIENCE, after), f"{words!r} never came: {self._last()}"
        return self.output.index(words, after) + len(words)

    def says(self, keys: bytes, *words: bytes) -> None:
        """What is typed is answered by these words, in their order. The first must not be among the keys, which come
        back as they are."""
        place = self.type(keys)
        for each in words:
            place = self.sees(each, place)

    def comes_true(self, true: Callable[[], bool], seconds: float = PATIENCE) -> bool:
        """Whether `true` holds within so many seconds, looked at when something has come, and what came with it. To
        look may take longer than it takes more to come."""
        end = time.monotonic() + seconds
        while not true():
            if time.monotonic() >= end or not self.read(max(0.0, end - time.monotonic())):
                return true()
            pause = time.monotonic() + TOGETHER
            while time.monotonic() < pause and self.read(0.0):
                pass
        return True

    def code(self) -> int:
        """Its exit code, once it has ended by itself."""
        while self.read(PATIENCE):
            pass
        _, status = os.waitpid(self.pid, 0)
        self.ended = os.waitstatus_to_exitcode(status)
        return self.ended

    def fills(self) -> None:
        """Read nothing, until it takes no more of what the program shows."""
        theirs = os.open(f"/proc/{self.pid}/fd/1", os.O_WRONLY | os.O_NOCTTY)
        try:
            end, full = time.monotonic() + PATIENCE, 0
            while full < 10:  # one that is just being written to looks full for that long
                assert time.monotonic() < end, "it never shows so much"
                full = 0 if select.select([], [theirs], [], 0)[1] else full + 1
                select.select([], [], [], 0.05)
        finally:
            os.close(theirs)

    def stops(self) -> None:
        """Take nothing more that the program shows, as behind ctrl-s."""
        theirs = os.open(f"/proc/{self.pid}/fd/1", os.O_WRONLY | os.O_NOCTTY)
        try:
            termios.tcflow(theirs, termios.TCOOFF)
        finally:
            os.close(theirs)

    def code_unread(self) -> int:
        """Its exit code, while nobody reads what it shows."""
        waiting = threading.Thread(target=self._wait, name="waits for its end", daemon=True)
        waiting.start()
        waiting.join(PATIENCE)
        code = self.ended
        if code is None:
            os.kill(self.pid, signal.SIGKILL)
            waiting.join()
        assert code is not None, "it has not ended"
        return code

    def _wait(self) -> None:
        _, status = os.waitpid(self.pid, 0)
        self.ended = os.waitstatus_to_exitcode(status)

    ended: int | None = None

    def __exit__(self, *error: object) -> None:
        if self.ended is None:
            super().__exit__(*error)
        else:
            os.close(self.fd)

    # The state of the terminal -------------------------------------------------------------------------------------

    def attributes(self) -> list[object]:
        """What the kernel does with keys and output (termios)."""
        return termios.tcgetattr(self.fd)

    def modes(self) -> dict[bytes, object]:
        """What an emulator would now be told to do otherwise than at first: private modes (the alternate screen, mouse,
        cursor, pastes …), the levels of the keyboard's protocol, and the keypad."""
        said: dict[bytes, object] = {}
        for numbers, letter in _PRIVATE_MODES.findall(self.output):
            for number in numbers.split(b";"):
                if (letter == b"h") == (number in _SET_FROM_THE_START):
                    said.pop(number, None)
                else:
                    said[number] = letter
        said[b"keyboard"] = sum(1 if one == b">" else -1 for one in _KEYBOARD.findall(self.output))
        said[b"keypad"] = (_KEYPAD.findall(self.output) or [b">"])[-1]
        said[b"other keys"] = (_OTHER_KEYS.findall(self.output) or [b""])[-1]
        return said

    def kept_titles(self) -> int:
        """How many of the window's titles have been put by and not taken back."""
        return sum(1 if one == b"22" else -1 for one in _TITLES.findall(self.output))

    def painted(self, after: int, columns: int, rows: int) -> list[str]:
        """The lines of the screen of which every cell was painted after that place of the output, as far as it was; ""
        elsewhere. Of what paints as the screens of this product do: at places that are named, nothing of double width.
        """
        cells = [[""] * columns for _ in range(rows)]
        row = column = 0
        for piece in _PIECE.finditer(self.output[after:].decode("utf-8", "replace")):
            if piece["row"]:
                row, column = int(piece["row"]) - 1, int(piece["column"]) - 1
            elif piece["line"]:
                row, column = row + 1, 0
            for one in piece["text"] or "":
                if row < rows and column < columns:
                    cells[row][column] = one
                column += 1
        return ["".join(line) for line in cells]

    def _last(self) -> str:
        return repr(bytes(self.output[-800:]))


def needs(program: str) -> None:
    """Skip where this machine has no such program: simulated containers have the machine's."""
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
