"""Custom resources: the columns their CRD asks for (`additionalPrinterColumns`), found by JSONPath.

A kind carries its own columns, so two clusters may serve the same group, version and plural with different ones.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from tui.sim.kube import jsonpath
from tui.sim.kube.durations import INVALID, UNKNOWN, elapsed, epoch
from tui.sim.kube.kinds import Kind
from tui.sim.kube.printers.base import AGE_DATE, NAME, Column, Printing, name_of
from tui.sim.kube.status import Obj


@dataclass(frozen=True, slots=True)
class PrinterColumn:
    """One column of a CRD version: its definition and where its value is."""

    column: Column
    path: str


DEFAULT_COLUMNS = (PrinterColumn(AGE_DATE, ".metadata.creationTimestamp"),)
"""Of a version that names none."""


@dataclass(frozen=True, slots=True)
class CustomKind(Kind):
    """A kind that a CRD defines."""

    columns: tuple[PrinterColumn, ...] = DEFAULT_COLUMNS


@lru_cache(maxsize=1024)
def printing(columns: tuple[PrinterColumn, ...]) -> Printing:
    """How objects of a custom kind with these columns are printed."""
    paths = [(each.column.type, _parse(each.path)) for each in columns]

    def cells(obj: Obj, now: float) -> list[Any]:
        return [name_of(obj), *(_cell(column_type, path, obj, now) for column_type, path in paths)]

    return Printing((NAME, *(each.column for each in columns)), cells)


def _parse(path: str) -> jsonpath.Path | None:
    try:
        return jsonpath.parse(path)
    except ValueError:  # an unreadable path prints empty cells and spoils no list
        return None


def _cell(column_type: str, path: jsonpath.Path | None, obj: Obj, now: float) -> Any:
    """The first value found, as its type is written; None (an empty cell) for nothing, and for a value of another."""
    found = path.find(obj) if path else []
    if not found:
        return None
    value = found[0]
    match column_type:
        case "string":
            return _printed(value)
        case "integer" if isinstance(value, int | float) and not isinstance(value, bool):
            return int(value)
        case "number" if isinstance(value, int | float) and not isinstance(value, bool):
            return value
        case "boolean" if isinstance(value, bool):
            return value
        case "date" if isinstance(value, str):
            return _age(value, now)
        case _:
            return None


def _printed(value: Any) -> str:
    """As client-go's jsonpath prints a value: text bare, objects and lists as compact JSON with sorted keys."""
    if isinstance(value, str):
        return value
    if value is None:
        return "<no value>"
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _age(value: str, now: float) -> str:
    if not value:
        return UNKNOWN
    moment = epoch(value)
    return INVALID if moment is None else elapsed(moment, now)
