"""A list of pods or nodes with what they use beside what the server prints of them, and how much that is of what they
may use.

Figures come from another API than the rows, at other times, and may fail alone: then the rows stand as they are, and
why there are no figures is said once (`Table.unmeasured`). Figures that have become too old are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from msgspec.structs import replace

from tui.data.bounds import MOST, BoundsOf, Known
from tui.data.derived import Read
from tui.data.reshaped import MadeRows
from tui.data.usage import MOST_NAMESPACES, OLD_AFTER, Figures, Usages, measured_by
from tui.errors import Problem, ProblemKind
from tui.model.feed import Feed
from tui.model.kube import ClusterTable, Column, KindRef, ResourceQuery, Row, RowKey, RowLog, Table
from tui.model.usage import Bounds, Usage, mebibytes, millicores, percent

V = TypeVar("V")

USED = (Column("CPU", "string", 0, "quantity"), Column("MEM", "string", 0, "quantity"))
OF_POD = tuple(Column(name, "string", 1) for name in ("%CPU/R", "%CPU/L", "%MEM/R", "%MEM/L"))
OF_NODE = tuple(Column(name) for name in ("%CPU", "%MEM"))
_TOO_MANY = Problem(ProblemKind.MISSING, f"asked for up to {MOST_NAMESPACES} namespaces")
_SPARE = 1_000
"""Rows that may be kept beyond those there are, before the ones that are gone are let go."""
_MARKS = 64
"""Counts of a log that are remembered: one for each look of each who looks."""


class _Measured(Row, frozen=True, gc=False):
    """A row with figures, and what it was made of: it is the same row for as long as these are."""

    of: Row | None = None
    used: Usage | None = None
    bounds: Bounds | None = None


class Memory:
    """What one list keeps between two looks at one of its parts: the rows that were made, and the log that tells of
    them."""

    def __init__(self) -> None:
        self.shape: object = None
        self.made: dict[RowKey, _Measured] = {}
        self.texts: dict[str, str] = {}  # one object for each figure that many rows show
        self.log: RowLog | None = None
        self._of: object = None

    def begin(self, shape: object, count: int) -> None:
        """Rows will be made in this shape, `count` of them."""
        if shape != self.shape or len(self.made) > 2 * count + _SPARE:
            self.made.clear()
            self.texts.clear()
        self.shape = shape

    def log_of(self, rows: RowLog | None, figures: Sequence[RowLog], also: object) -> RowLog | None:
        """The log of rows that are made of these. also: what else they are made of, of which no log tells."""
        of = (rows, tuple(figures), also)
        if of != self._of:
            self._of = of
            self.log = _Logs((rows, *figures)) if rows is not None else None
        return self.log


class _Logs:
    """Several logs as one (`tui.model.kube.RowLog`)."""

    def __init__(self, logs: Sequence[RowLog]) -> None:
        self._logs = logs
        self._marks: dict[int, tuple[int, ...]] = {}

    @property
    def count(self) -> int:
        counts = tuple(log.count for log in self._logs)
        self._marks[sum(counts)] = counts  # none of them ever goes back, so a sum tells them all
        if len(self._marks) > _MARKS:
            del self._marks[min(self._marks)]
        return sum(counts)

    def since(self, count: int) -> Sequence[RowKey] | None:
        counts = self._marks.get(count)
        if counts is None:
            return None
        told = [log.since(at) for log, at in zip(self._logs, counts, strict=True)]
        known = [keys for keys in told if keys is not None]
        return [key for keys in known for key in keys] if len(known) == len(told) else None


class Measuring:
    """Adds what is used to the parts of a list."""

    def __init__(self, usages: Usages, bounds: BoundsOf) -> None:
        self._usages = usages
        self._bounds = bounds

    def part(
        self,
        part: ClusterTable,
        query: ResourceQuery,
        served: Sequence[KindRef],
        read: Read,
        now: float,
        memory: Memory,
    ) -> ClusterTable:
        """`part` with what its pods or nodes use, where `served` has the API that tells it."""
        table = part.feed.value
        kind = measured_by(table.kind, served) if table is not None else None
        if table is None or kind is None or query.fields:  # the metrics API knows no fields
            return part
        names = _namespaces(table, query)
        if len(names) > MOST_NAMESPACES:
            return replace(part, feed=replace(part.feed, value=replace(table, unmeasured=_TOO_MANY)))
        usages, count = self._usages, len(names)
        figures = [read(usages.of(part.cluster, kind, name, query.labels, among=count)) for name in names]
        short = 0 < len(table.rows) <= MOST and any(_fresh(feed, now) for feed in figures)
        wanted = names if short else ()
        bounds = [self._bounds.of(part.cluster, table.kind, one, query.labels, _within(table, one)) for one in wanted]
        known = [read(cell).value or {} for cell in bounds]
        return replace(part, feed=replace(part.feed, value=measured(table, figures, known, now, memory)))


def _namespaces(table: Table, query: ResourceQuery) -> tuple[str, ...]:
    """Those to ask for, one list each: where the whole cluster may not be listed, those that answer."""
    if not table.kind.namespaced:
        return ("",)
    if table.namespaces:
        return table.namespaces
    return tuple(dict.fromkeys(name for name in query.namespace.split(",") if name)) or ("",)


def _within(table: Table, namespace: str) -> Mapping[RowKey, Row]:
    if not namespace:
        return table.rows
    return {key: row for key, row in table.rows.items() if key[0] == namespace}


def _fresh(feed: Feed[Figures], now: float) -> bool:
    if feed.value is None:
        return False
    return feed.problem is None or (feed.as_of is not None and now - feed.as_of <= OLD_AFTER * feed.value.every)


def measured(
    table: Table, feeds: Sequence[Feed[Figures]], bounds: Sequence[Known], now: float, memory: Memory
) -> Table:
    """`table` with the columns of what is used. feeds: one for each namespace that was asked for, or one for all;
    bounds: likewise, () = they are not read."""
    problem = next((feed.problem for feed in feeds if feed.problem is not None and not _fresh(feed, now)), None)
    if problem is not None and problem.kind is ProblemKind.THROTTLED and not problem.status:
        problem = None  # we hold ourselves back, and ask in a moment
    if all(feed.value is None for feed in feeds):
        return replace(table, unmeasured=problem) if problem is not None else table
    fresh = [feed.value for feed in feeds if feed.value is not None and _fresh(feed, now)]
    used = _joined([figures.rows for figures in fresh])
    known = _joined(bounds)
    more = (OF_NODE if table.kind.plural == "nodes" else OF_POD) if known else ()
    at = next((index for index, column in enumerate(table.columns) if column.name.upper() == "AGE"), len(table.columns))
    told = tuple(figures.log for figures in fresh)
    memory.begin((at, more, told), len(table.rows))
    log = memory.log_of(table.log, told, (at, more, tuple(map(id, bounds))))
    rows = MeasuredRows(table.rows, used, known, more, at, memory)
    columns = (*table.columns[:at], *USED, *more, *table.columns[at:])
    return replace(table, columns=columns, rows=rows, log=log, unmeasured=problem)


def _joined(parts: Sequence[Mapping[RowKey, V]]) -> Mapping[RowKey, V]:
    return parts[0] if len(parts) == 1 else {key: value for part in parts for key, value in part.items()}


class MeasuredRows(MadeRows):
    """A live view of rows with what is used in further cells. A row of which nothing has changed is the same row again,
    since everything above tells by that whether it has to be looked at anew."""

    def __init__(
        self,
        rows: Mapping[RowKey, Row],
        used: Mapping[RowKey, Usage],
        bounds: Mapping[RowKey, Bounds],
        more: tuple[Column, ...],
        at: int,
        memory: Memory,
    ) -> None:
        super().__init__(rows, memory.made)
        self._used = used
        self._bounds = bounds
        self._more = more
        self._untold = ("",) * (len(USED) + len(more))
        self._at = at
        self._made = memory.made
        self._texts = memory.texts

    def _row(self, key: RowKey, row: Row) -> Row:
        used, bounds = self._used.get(key), self._bounds.get(key)
        held = self._made.get(key)
        if held is not None and held.of is row and held.used is used and held.bounds is bounds:
            return held
        at, told = self._at, self._untold
        if used is not None:
            figures = (millicores(used.cpu), mebibytes(used.memory), *_shares(self._more, used, bounds))
            told = tuple([self._texts.setdefault(text, text) for text in figures])
        cells = (*row.cells[:at], *told, *row.cells[at:])
        new = self._made[key] = _Measured(
            row.uid, row.name, row.namespace, cells, row.version, row.created, row.deleting, row.labels, row.printed,
            row, used, bounds,
        )  # fmt: skip
        return new


def _shares(more: tuple[Column, ...], used: Usage, bounds: Bounds | None) -> tuple[str, ...]:
    """How much of what may be used that is, for each of the columns `more`."""
    if not more or bounds is None:
        return ("",) * len(more)
    cpu = (percent(used.cpu, bounds.cpu_request), percent(used.cpu, bounds.cpu_limit))
    memory = (percent(used.memory, bounds.memory_request), percent(used.memory, bounds.memory_limit))
    return (*cpu, *memory) if len(more) == len(OF_POD) else (cpu[0], memory[0])[: len(more)]
