"""Several kinds in one list: the columns that mean the same to all of them, and each row's kind in front."""

from __future__ import annotations

from collections.abc import Sequence

from tui.model.kube import Column, Table

KIND = Column("Kind")
SHARED = ("NAME", "READY", "STATUS", "AGE", "SELECTOR")
"""Shown where any of the kinds prints them; the selector (wide) is the way from a workload to its pods."""
_SAME_AS = {"READY": ("READY", "COMPLETIONS")}
"""A job's completions are to it what ready pods are to a deployment."""
_SPELLINGS = frozenset({*SHARED, "COMPLETIONS"})


def common_columns(tables: Sequence[Table]) -> tuple[Column, ...]:
    """The columns of a list of these kinds, in the order of the first table that has each; the kind first, the age
    last of those that are always shown."""
    if not tables:
        return ()
    by_name = [{column.name.upper(): column for column in table.columns} for table in tables]
    everywhere = set(by_name[0]).intersection(*by_name)
    found: dict[str, Column] = {}  # by heading, in order
    for name in SHARED[:3]:
        first = next((named[spelling] for named in by_name for spelling in _spellings(name) if spelling in named), None)
        if first is not None:
            found[name] = Column(name.capitalize(), first.type, 0, first.format)
    for column in tables[0].columns:
        name = column.name.upper()
        if name in everywhere and name not in _SPELLINGS:
            found[name] = column
    for name in SHARED[3:]:
        first = next((named[name] for named in by_name if name in named), None)
        if first is not None:
            found[name] = first
    always = [column for column in found.values() if column.priority == 0]
    return (KIND, *always, *(column for column in found.values() if column.priority))


def places(table: Table, columns: Sequence[Column]) -> tuple[int, ...]:
    """Where each of `columns` (without the kind) is in the cells of `table`; -1 where it is not printed."""
    at = {column.name.upper(): index for index, column in enumerate(table.columns)}
    return tuple(next((at[name] for name in _spellings(column.name.upper()) if name in at), -1) for column in columns)


def _spellings(name: str) -> tuple[str, ...]:
    return _SAME_AS.get(name, (name,))
