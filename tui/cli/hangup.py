"""The end of the UI where its terminal ends, or somebody asks it to end from outside.

SIGHUP alone is not enough: the kernel sends it to the leader of the session, which may be a `make` or a script that
waits for us, and whoever started us may have it ignored. A terminal that has gone is then only seen by looking at it;
Textual reads its end for ever, with a whole core, and its writer dies of the first byte that nobody takes.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType, TracebackType

GRACE = 5.0
"""Seconds for an orderly end; a program that nobody can see or stop any more must not live on."""
ASK_EVERY = 0.25
HUNG_UP = 128 + signal.SIGHUP


class Watch:
    """A context that calls `end` from a thread of its own, more than once if need be, when the terminal is gone or a
    signal asks for the end. code: then the exit code, as a shell would report it; else 0."""

    def __init__(self, end: Callable[[], None]) -> None:
        self.code = 0
        self._end = end
        self._over = threading.Event()
        self._woken, self._wake = os.pipe()
        self._handled: list[signal.Signals] = []

    def __enter__(self) -> Watch:
        for number in (signal.SIGHUP, signal.SIGTERM):
            if signal.getsignal(number) is signal.SIG_DFL:  # one that is ignored stays so (nohup)
                signal.signal(number, self._signalled)
                self._handled.append(number)
        threading.Thread(target=self._run, name="hangup", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        for number in self._handled:
            signal.signal(number, signal.SIG_DFL)

    def _signalled(self, number: int, frame: FrameType | None) -> None:
        self.code = 128 + number
        os.write(self._wake, b"!")

    def _run(self) -> None:
        if self._terminal_gone():
            self.code = self.code or HUNG_UP
            _let_go()
        until = time.monotonic() + GRACE
        while time.monotonic() < until:
            self._end()
            if self._over.wait(ASK_EVERY):
                return
        os._exit(self.code)

    def _terminal_gone(self) -> bool:
        """Wait, which costs nothing, for the end of the terminal (True) or for a signal (False)."""
        waiting = select.poll()
        waiting.register(self._woken, select.POLLIN)
        waiting.register(0, 0)  # reports nothing but its end
        while True:
            for descriptor, event in waiting.poll():
                if descriptor == self._woken:
                    return False
                if event & (select.POLLHUP | select.POLLERR):
                    return True
                waiting.unregister(descriptor)  # a system whose poll knows no terminals


def _let_go() -> None:
    """What is written from here on goes nowhere, instead of failing where nobody expects it."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (sys.__stdin__, sys.__stdout__, sys.__stderr__):
        if stream is not None and stream.isatty():
            os.dup2(nowhere, stream.fileno())
