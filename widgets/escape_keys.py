"""Escape and the key typed behind it, where both arrive in one packet.

A terminal sends alt and a key as Escape and the key, so Textual takes the two for one, and of a sign makes the sign
alone: the Escape is lost, and who typed `esc :` over a slow line finds the screen still there that esc should have
closed. No sign is bound with alt here, so for signs and digits the two are what was typed. Letters stay alt's, and so
do the signs with which a terminal's own sequences begin (ECMA-48: CSI, OSC, DCS, PM, APC, ST).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

from textual import events
from textual._xterm_parser import XTermParser
from textual.driver import Driver

ESCAPE = "\x1b"
APART = frozenset("!\"#$%&'()*+,-./0123456789:;<=>?@`{|}~")
"""What is typed behind Escape and not with alt."""


class TypedParser(XTermParser):
    """Textual's, which hears both keys."""

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[events.Key]:
        if len(sequence) == 2 and sequence[0] == ESCAPE and sequence[1] in APART:
            yield events.Key("escape", ESCAPE)
            yield from super()._sequence_to_key_events(sequence[1])
        else:
            yield from super()._sequence_to_key_events(sequence, alt)


def hear_escape(driver: type[Driver]) -> None:
    """Have this driver read keys so. Textual has no place to say it, so the name is exchanged that the driver's module
    makes its parser by; a driver that has none (of a test, of Windows) stays as it is."""
    module = sys.modules[driver.__module__]
    if getattr(module, "XTermParser", None) is XTermParser:
        module.XTermParser = TypedParser  # type: ignore[attr-defined]
