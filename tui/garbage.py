"""Python's search for garbage, at moments of our choosing.

What is painted refers to itself, so only a search frees it; a screen of new lines is thousands of objects. Python
searches whenever so many more objects have been made, which is in the middle of painting the answer to a key, and
through all that lives every few seconds: some 25 ms. Here that is left to moments in which nobody waits.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable
from contextlib import suppress
from time import perf_counter
from typing import Final, TypeVar

T = TypeVar("T", bytes, int)

EVERY: Final = 0.1
"""Seconds between two looks whether it is time."""
_ENOUGH = 2_000
"""Objects, net, that have been made since the last search, before another is worth it."""
_TOO_MANY = 100_000
"""The same, whereupon Python searches by itself, whatever goes on: what reads a great list may make as many at once."""
_OLDER_AFTER, _ALL_AFTER = 20, 10
"""Searches of what is new, before one of what has lived through one; and of these, before one of all."""
_ALL_AT_LATEST = 3 * _ALL_AFTER
_SETTLED = 5.0
"""Seconds after which all that was made at the start is searched for the first time, in the first quiet moment: it
makes the first search of what is older a long one."""
_QUIET = 1.0
"""Seconds without a key before all is searched, which takes longest; at the latest it is in any case."""
_PATIENCE = 10
"""Looks at which a search is put off for a key that is being answered, at most."""
_REST = 50
"""Times as long as a search took, before the next: what lives may be a lot."""

_untrack: Callable[[object], None] | None = None
"""`PyObject_GC_UnTrack` of Python's C API, once a `Collector` is to look; None also where there is none."""


def hold() -> None:
    """Make no search until `release`: while modules are imported, tens of thousands of objects are made that live for
    ever."""
    gc.disable()


def release() -> None:
    """All that there is now is never searched. From now on a `Collector` is to look."""
    global _untrack
    with suppress(ImportError, AttributeError):  # built without ctypes, or not in C
        from ctypes import py_object, pythonapi

        untrack = pythonapi.PyObject_GC_UnTrack
        untrack.argtypes, untrack.restype = (py_object,), None
        _untrack = untrack
    gc.freeze()
    gc.set_threshold(_TOO_MANY, _OLDER_AFTER, _ALL_AFTER)
    gc.enable()


def unsearched(things: Iterable[T]) -> tuple[T, ...]:
    """A tuple of things that refer to nothing, which no search looks at. Python comes to leave such a tuple alone by
    itself, once it has looked at all that is in it: that takes 10 ms for a hundred thousand lines, and in a flood they
    are always new."""
    held = tuple(things)
    if _untrack is not None:
        _untrack(held)
    return held


class Collector:
    """Searches where it is time and nobody waits. `look` is to be called every `EVERY` seconds."""

    def __init__(self) -> None:
        self._began = perf_counter()
        self._settled = False
        self._put_off = 0
        self._rested = 0.0
        self._young = 0
        """Searches of what is new since the last of what is older."""
        self._older = 0
        """The same of what is older, since the last of all."""

    def look(self, quiet: float) -> None:
        """Search, if it is time. quiet: seconds since the last key was answered, 0.0 = one is being answered now."""
        began = perf_counter()
        if not self._settled and quiet >= _QUIET and began - self._began > _SETTLED:
            self._settled = True
            gc.collect()
        if gc.get_count()[0] < _ENOUGH or began < self._rested:
            return
        if quiet <= 0 and self._put_off < _PATIENCE:
            self._put_off += 1
            return
        self._put_off = 0
        gc.collect(self._due(quiet))
        ended = perf_counter()
        self._rested = ended + _REST * (ended - began)

    def _due(self, quiet: float) -> int:
        """Which generation of objects is searched now, with all that are younger."""
        if self._young < _OLDER_AFTER:
            self._young += 1
            return 0
        self._young = 0
        if self._older < (_ALL_AFTER if quiet >= _QUIET else _ALL_AT_LATEST):
            self._older += 1
            return 1
        self._older = 0
        return 2
