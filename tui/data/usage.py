"""What pods and nodes use (metrics.k8s.io), as two more columns beside what the server prints of them.

The metrics API is listed, never watched (it cannot be), every three quarters of a minute and only while somebody looks.
It is asked for the same server-printed table as everything else, which holds the sums of a pod's containers. A cluster
that does not serve it, or refuses it, has no such columns; figures that have become too old are left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from tui.data.reshaped import Cells, Made, Reshaped
from tui.model.feed import Feed
from tui.model.kube import Column, KindRef, Row, Table

GROUP = "metrics.k8s.io"
MEASURED = frozenset({"pods", "nodes"})
COLUMNS = (Column("CPU", "string", 0, "quantity"), Column("MEM", "string", 0, "quantity"))
MOST = 10_000
"""Rows of one list for which usage is asked: beyond, each answer is many megabytes."""
EVERY = 45.0
"""Seconds between two askings: metrics servers measure every 15 to 60 seconds."""
OLD_AFTER = 2 * EVERY
"""Seconds after which figures say nothing of now: two askings have failed since."""

_UNITS = {"n": 1e-9, "u": 1e-6, "m": 1e-3, "": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12} | {
    unit: float(1 << 10 * power) for power, unit in enumerate(("Ki", "Mi", "Gi", "Ti"), 1)
}
_QUANTITY = re.compile(r"([0-9.]+)([A-Za-z]{0,2})")


def measured_by(kind: KindRef, served: Sequence[KindRef]) -> KindRef | None:
    """The kind that tells the usage of `kind`; None where the cluster serves none."""
    if kind.group or kind.plural not in MEASURED:
        return None
    return next(
        (one for one in served if one.group == GROUP and one.plural == kind.plural and "list" in one.verbs), None
    )


def with_usage(listed: Feed[Table], usage: Feed[Table], now: float, made: Made) -> Feed[Table]:
    """`listed` with the columns CPU and MEM; as it is where there are no figures."""
    table, figures = listed.value, usage.value
    if table is None or figures is None:
        return listed
    places = _places(figures.columns)
    if places is None:
        return listed
    at = next((index for index, column in enumerate(table.columns) if column.name.upper() == "AGE"), len(table.columns))
    old = usage.problem is not None and (usage.as_of is None or now - usage.as_of > OLD_AFTER)
    cpu, memory = places
    known: Mapping[tuple[str, str], Row] = {} if old else figures.rows

    def cells(row: Row) -> Cells:
        figure = known.get((row.namespace, row.name))
        used = ("", "") if figure is None else (millicores(figure.cells[cpu]), mebibytes(figure.cells[memory]))
        return (*row.cells[:at], *used, *row.cells[at:])

    made.begin((at, usage.as_of, old), len(table.rows))
    columns = (*table.columns[:at], *COLUMNS, *table.columns[at:])
    return replace(listed, value=replace(table, columns=columns, rows=Reshaped(table.rows, cells, made), log=None))


def _places(columns: Sequence[Column]) -> tuple[int, int] | None:
    at = {column.name.lower(): index for index, column in enumerate(columns)}
    return (at["cpu"], at["memory"]) if "cpu" in at and "memory" in at else None


def amount(quantity: object) -> float | None:
    """A Kubernetes quantity in cores or bytes; None for what is none."""
    found = _QUANTITY.fullmatch(str(quantity))
    if found is None or found[2] not in _UNITS:
        return None
    try:
        return float(found[1]) * _UNITS[found[2]]
    except ValueError:
        return None


def millicores(quantity: object) -> str:
    """ "93310215n" as kubectl top says it: "94m"."""
    cores = amount(quantity)
    return "" if cores is None else f"{-int(-cores * 1000 // 1)}m"


def mebibytes(quantity: object) -> str:
    """ "514032Ki": "501Mi"."""
    size = amount(quantity)
    return "" if size is None else f"{int(size) >> 20}Mi"
