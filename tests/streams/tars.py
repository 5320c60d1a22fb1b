"""The tars that a copy sends."""

from __future__ import annotations

from collections.abc import Sequence

from tui.streams.filling import filled
from tui.streams.packing import Closing, Packing, pieces


def tar_of(packing: Packing, numbers: Sequence[int] | None = None, closing: Closing | None = None) -> bytes:
    """Of these entries, of all where none are named."""
    chosen = packing.numbers(0) if numbers is None else numbers
    made = filled(pieces(packing, chosen, lambda number: None, closing))
    return b"".join(bytes(message)[1:] for messages in made for message in messages)
