"""Amounts of bytes as people read them."""

from __future__ import annotations

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


def size_text(count: float) -> str:
    """ "0 B", "1.4 KiB", "12 MiB": two digits or three, and never a thousand of a unit."""
    for unit in _UNITS[:-1]:
        if count < 1000:
            return _number(count, unit)
        count /= 1024
    return _number(count, _UNITS[-1])


def _number(count: float, unit: str) -> str:
    return f"{count:.0f} {unit}" if count >= 10 or count == int(count) else f"{count:.1f} {unit}"
