"""The bits of a mode that do more than let somebody read, write or run: setuid, setgid and sticky. Most copies lose
them on one side or the other, which is said."""

from __future__ import annotations

SPECIAL = 0o7000
_BITS = ((0o4000, "u", "setuid"), (0o2000, "g", "setgid"), (0o1000, "k", "sticky"))
"""Bit, the letter by which `test` asks for it, and its name."""
DROPPED = "tar there keeps such bits for root alone"
NOT_HERE = "such bits are not taken over from a container"


def letters_of(mode: int) -> str:
    """ "ug": the letters of those in `mode`."""
    return "".join(letter for bit, letter, _ in _BITS if mode & bit)


def lost_words(path: str, letters: str, why: str) -> str:
    """ "bin/su: without its setuid bit: …"."""
    return f"{path}: without its {_named(letters)}: {why}"


def unsure_words(path: str, mode: int) -> str:
    """The same where nobody knows."""
    return f"{path}: perhaps without its {_named(letters_of(mode))}: the container could not be asked"


def _named(letters: str) -> str:
    names = [name for _, letter, name in _BITS if letter in letters]
    *first, last = names
    return f"{', '.join(first)} and {last} bits" if first else f"{last} bit"
