"""Which columns are shown where not all have room: the least important go, whole, and come back with the room."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from tui.present.width import text_width


class ColumnSpec(Struct, frozen=True):
    """importance: 0 is never dropped, the highest goes first. max bounds the width; a flexible column may be shown as
    narrow as min (cut with an ellipsis) before any column is dropped for it. middle: cut there, since both ends of a
    name tell it from its neighbours ("ledger-sync-6…-drxdk")."""

    name: str
    importance: int = 0
    min: int = 4
    max: int = 40
    align: str = "left"
    flexible: bool = False
    middle: bool = False


def kept(specs: Sequence[ColumnSpec], widths: Sequence[int], room: int, gap: int = 1) -> tuple[int, ...]:
    """Indices, in order, of the columns to show in `room` cells. widths: what each column needs for its widest text."""
    least = [_least(spec, width) for spec, width in zip(specs, widths, strict=True)]
    shown = list(range(len(specs)))
    while sum(least[index] + gap for index in shown) - gap > room:
        droppable = [index for index in shown if specs[index].importance > 0]
        if not droppable:
            break
        shown.remove(max(droppable, key=lambda index: (specs[index].importance, index)))
    return tuple(shown)


def _least(spec: ColumnSpec, width: int) -> int:
    heading = text_width(spec.name)
    natural = max(heading, min(width, spec.max))
    return min(natural, max(spec.min, heading)) if spec.flexible else natural
