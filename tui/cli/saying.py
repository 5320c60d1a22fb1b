"""What is said behind a session. Its terminal may have been stopped, or be at the end of a line that has died, and
write(2) then waits for as long as that lasts; so it waits in a thread, with which the end of the program has little
patience.
"""

from __future__ import annotations

import atexit
import threading
from contextlib import suppress
from queue import SimpleQueue

from tui.cli import output
from tui.streams.outlet import write_all

PATIENCE = 2.0
"""Seconds for which a terminal that takes nothing is waited for at the end."""


class Aside:
    """Writes on a descriptor in a thread of its own, in order, for as long as the program lasts."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._texts: SimpleQueue[bytes | threading.Event] = SimpleQueue()
        threading.Thread(target=self._run, name=f"says on {fd}", daemon=True).start()

    def write(self, text: str) -> None:
        """Have it written, and do not wait."""
        self._texts.put(text.encode("utf-8", "replace"))

    def written(self, seconds: float = PATIENCE) -> bool:
        """Whether all of it has been, waited for as long as that."""
        done = threading.Event()
        self._texts.put(done)
        return done.wait(seconds)

    def _run(self) -> None:
        while True:
            text = self._texts.get()
            if isinstance(text, threading.Event):
                text.set()
            else:
                with suppress(OSError):  # nobody is there any more
                    write_all(self._fd, [text])


_aside: Aside | None = None


def say_aside() -> Aside:
    """From now on what is said goes to stderr aside, and the end of the program waits for it, but not for ever."""
    global _aside
    if _aside is None:
        _aside = Aside(2)
        atexit.register(_aside.written)
        output.say_by(_aside.write)
    return _aside


def all_said() -> None:
    """Return once what was said aside stands there, or nobody takes it."""
    if _aside is not None:
        _aside.written()
