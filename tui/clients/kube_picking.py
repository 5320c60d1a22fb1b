"""Rows with cells that the server does not print: whole objects come with the rows (includeObject=Object), and of each
only what was asked for is kept.

Twice decoded, since such a list is asked for by the few who have chosen columns of their own; pages are decoded in a
thread, so that keys are answered meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import msgspec
from msgspec.structs import replace

from tui.clients.json_fields import JsonObject, as_list, as_object
from tui.clients.kube_decode import decode_page
from tui.clients.kube_watch import WatchDecoder
from tui.model.jsonpath import Path
from tui.model.kube import Column, EventType, Row, RowEvent, TablePage

_ANY = msgspec.json.Decoder()


def picked_page(body: bytes, target: str, paths: Sequence[Path]) -> TablePage:
    """As `decode_page`, with a further cell for each path. Blocks for as long as the page is large."""
    page = decode_page(body, target)
    rows = _with_cells(page.rows, as_object(cast("object", _ANY.decode(body))) or {}, paths)
    return replace(page, columns=(*page.columns, *columns_of(paths)), rows=rows)


def columns_of(paths: Sequence[Path]) -> tuple[Column, ...]:
    """Each called by its path."""
    return tuple(Column(path.text) for path in paths)


def _with_cells(rows: Sequence[Row], answer: JsonObject, paths: Sequence[Path]) -> list[Row]:
    """answer: a Table, or a plain list or object."""
    if "rows" in answer:
        objects = [(as_object(row) or {}).get("object") for row in as_list(answer.get("rows"))]
    else:
        objects = as_list(answer.get("items")) if "items" in answer else [answer]
    return [
        replace(row, cells=(*row.cells, *(path.cell(held) for path in paths)))
        for row, held in zip(rows, objects, strict=True)
    ]


class PickingDecoder(WatchDecoder):
    """As `WatchDecoder`, with a further cell for each path."""

    def __init__(self, target: str, paths: Sequence[Path]) -> None:
        super().__init__(target)
        self._paths = paths

    def _decode(self, whole: bytes) -> list[RowEvent]:
        events: list[RowEvent] = []
        for raw in whole.split(b"\n"):
            if raw.strip():
                events += self._picked(super()._one_by_one(raw), raw)
        return events

    def _picked(self, events: list[RowEvent], raw: bytes) -> list[RowEvent]:
        rows = [event.row for event in events if event.row is not None and event.type is not EventType.BOOKMARK]
        if not rows:
            return events
        held = (as_object(cast("object", _ANY.decode(raw))) or {}).get("object")
        made = dict(zip(map(id, rows), _with_cells(rows, as_object(held) or {}, self._paths), strict=True))
        return [
            replace(
                event,
                row=made.get(id(event.row), event.row),
                columns=(*event.columns, *columns_of(self._paths)) if event.columns else (),
            )
            for event in events
        ]
