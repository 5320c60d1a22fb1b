"""Rows of the Resources pane: server-printed cells of one or many clusters in one list.

Fifty thousand rows are sorted and filtered here, so an entry is the decoded row itself with its cluster's position;
cells are made only for the rows that are looked at.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeAlias, cast

from tui.model.kube import ClusterTable, Column, KindRef, ResourceView, Row, RowKey
from tui.model.objects import ObjectRef
from tui.model.times import parse_time
from tui.present.ages import age
from tui.present.clean import clean
from tui.present.columns import ColumnSpec
from tui.present.parts import Cell
from tui.present.ticking import ticked, ticking
from tui.present.tone import JUDGED, tone

_IMPORTANCE = {"NAME": 0, "KIND": 1, "READY": 1, "STATUS": 1, "AGE": 3, "RESTARTS": 4} | dict.fromkeys(
    ("CPU", "MEM", "%CPU", "%MEM"), 4
)
_ELSEWHERE = 5
_FLEXIBLE = {"NAME": 20, "STATUS": 9, "MESSAGE": 20, "IMAGES": 12, "CONTAINERS": 10, "SELECTOR": 12}
"""Columns that may be cut, and to how little: a name must still be told from its neighbours."""


Entry: TypeAlias = tuple[str, str, int, Row]
"""One row of a merged list: namespace, name, the place of its cluster in `ResourceView.parts`, and the row. A plain
tuple, since fifty thousand of them are made and sorted within one frame (a NamedTuple takes eight times as long)."""


class Layout(NamedTuple):
    """Which columns a list has. cells: for each column after `lead`, the index of its cell in `Row.cells`. ticking: the
    cells that hold other ages than the object's own."""

    specs: tuple[ColumnSpec, ...]
    cluster: bool
    namespace: bool
    cells: tuple[int, ...]
    age: int | None
    ticking: frozenset[int] = frozenset()

    @property
    def lead(self) -> int:
        """How many columns of our own stand before the server's."""
        return self.cluster + self.namespace


def layout(view: ResourceView, *, wide: bool) -> Layout:
    """The columns of `view`: the cluster where there are several, the namespace where all are shown, then the server's
    own; those of priority above 0 only when wide."""
    cluster = len(view.query.clusters) > 1
    namespace = view.namespaced and (not view.query.namespace or "," in view.query.namespace)
    specs: list[ColumnSpec] = []
    if cluster:
        specs.append(ColumnSpec("CLUSTER", 0 if wide else 1, min=7, max=24))
    if namespace:
        specs.append(ColumnSpec("NAMESPACE", 0 if wide else 2, min=9, max=24, flexible=True))
    indices = [index for index, column in enumerate(view.columns) if wide or column.priority == 0]
    specs.extend(_spec(view.columns[index], wide) for index in indices)
    ages = next((index for index in indices if view.columns[index].name.upper() == "AGE"), None)
    told = ((index, view.columns[index]) for index in indices if index != ages)
    others = frozenset(index for index, column in told if ticking(column.name.upper(), column.type))
    return Layout(tuple(specs), cluster, namespace, tuple(indices), ages, others)


def _spec(column: Column, wide: bool) -> ColumnSpec:
    name = clean(column.name, 40).upper()
    importance = 0 if wide or column.format == "name" else _IMPORTANCE.get(name, _ELSEWHERE)
    least = _FLEXIBLE.get(name, 20 if column.format == "name" else 0)
    right = column.type in {"integer", "number"}
    return ColumnSpec(
        name,
        importance,
        least or 4,
        80 if least else 32,
        align="right" if right else "left",
        flexible=bool(least),
        middle=column.format == "name",
    )


def entries(view: ResourceView) -> list[Entry]:
    """All rows of `view`, ordered."""
    return by_name([part.feed.value.rows if part.feed.value is not None else {} for part in view.parts])


def by_name(parts: Sequence[Mapping[RowKey, Row]]) -> list[Entry]:
    """All rows by namespace and name, then in the order of the clusters, so that the same thing stands together."""
    listed = [(row.namespace, row.name, index, row) for index, rows in enumerate(parts) for row in rows.values()]
    listed.sort()  # never compares the rows themselves: the first three make each entry unique
    return listed


def cells(entry: Entry, view: ResourceView, plan: Layout, now: float, stale: frozenset[int]) -> tuple[Cell, ...]:
    """One painted row. stale: the parts whose rows are old news: dimmed, and marked ○ in front."""
    _, _, part, row = entry
    old = part in stale
    done = _done(row.cells, [(index, column.name.upper()) for index, column in enumerate(view.columns)])
    made: list[Cell] = []
    if plan.cluster:
        name = clean(view.parts[part].cluster.name, 80)
        made.append((f"○ {name}" if old else name, "dim"))
    if plan.namespace:
        namespace = clean(row.namespace, 80)
        made.append((namespace, "dim") if old else namespace)
    for position, index in enumerate(plan.cells, plan.lead):
        text = printed(row, index, plan, now)
        style = "dim" if done else tone(plan.specs[position].name, text)
        made.append((text, "dim") if old else (text, style) if style else text)
    if row.deleting and not old:
        made = [(cell if isinstance(cell, str) else cell[0], "dim") for cell in made]
    return tuple(made)


def printed(row: Row, index: int, plan: Layout, now: float) -> str:
    """A cell as the server printed it, with the times that it tells counted on: its age from the creation time, others
    from when they were printed."""
    if index == plan.age and (created := parse_time(row.created)) is not None:
        return age(now - created)
    value = row.cells[index] if index < len(row.cells) else None
    if not isinstance(value, str):
        return "" if value is None else clean(str(value), 400)
    text = clean(value, 400)
    if row.printed and text and (index in plan.ticking or text.endswith(" ago)")):
        return ticked(text, now - row.printed, whole=index in plan.ticking)
    return text


def faults(rows: Sequence[Entry], view: ResourceView) -> list[Entry]:
    """Only the rows that need a person: those with a cell that is neither good nor over (k9s' ctrl+z)."""
    names = [column.name.upper() for column in view.columns]
    judged = [(index, name) for index, name in enumerate(names) if name in JUDGED]
    places = [index for index, _ in judged]
    verdicts: dict[_Cells, bool] = {}  # there are few different states among thousands of rows
    found: list[Entry] = []
    for entry in rows:
        values = entry[3].cells
        told = tuple([values[at] for at in places if at < len(values)])
        verdict = verdicts.get(told)
        if verdict is None:
            verdict = verdicts[told] = _faulty(values, judged)
        if verdict:
            found.append(entry)
    return found


_Cells: TypeAlias = tuple[str | int | float | bool | None, ...]


def _faulty(values: _Cells, judged: Sequence[tuple[int, str]]) -> bool:
    found = [tone(name, str(values[index])) for index, name in judged if index < len(values)]
    return ("warn" in found or "bad" in found) and not _done(values, judged)


def _done(values: _Cells, judged: Sequence[tuple[int, str]]) -> bool:
    """A finished pod is "0/1" ready and nothing is wrong with it."""
    return any(
        name == "STATUS" and index < len(values) and values[index] in {"Completed", "Succeeded"}
        for index, name in judged
    )


def selector_of(entry: Entry, view: ResourceView) -> str:
    """The label selector printed in the wide column SELECTOR: the way from a workload to its pods."""
    for index, column in enumerate(view.columns):
        if column.name.upper() == "SELECTOR" and index < len(entry[3].cells):
            text = entry[3].cells[index]
            return text if isinstance(text, str) and not text.startswith("<") else ""
    return ""


def part_key(part: ClusterTable) -> str:
    """What tells the rows of a part from those of others: its cluster, and its kind, since a deployment and its service
    may share a name."""
    return f"{part.cluster.key} {part.asked}"


def part_names(view: ResourceView, plan: Layout) -> list[str]:
    """What the cluster of each part is called, "" where that is not shown."""
    return [part.cluster.name if plan.cluster else "" for part in view.parts]


def kind_of(entry: Entry, view: ResourceView) -> KindRef | None:
    """What the row is: in a list of several kinds each row has its own."""
    return view.parts[entry[2]].kind


def marked_entries(view: ResourceView, keys: Sequence[str], marks: Iterable[Hashable]) -> list[Entry]:
    """The rows with these keys, by namespace and name, whether or not a filter hides them. keys: of the view's parts;
    a row's key is its part's, its namespace and its name."""
    places = {key: place for place, key in enumerate(keys)}
    found: list[Entry] = []
    for mark in marks:
        part, namespace, name = cast("tuple[str, str, str]", mark)
        table = view.parts[places[part]].feed.value if part in places else None
        row = table.rows.get((namespace, name)) if table is not None else None
        if row is not None:
            found.append((namespace, name, places[part], row))
    return sorted(found, key=lambda entry: entry[:3])


def marks_of(view: ResourceView, marks: Iterable[Hashable], refs: Iterable[ObjectRef]) -> list[Hashable]:
    """Those of the marks that stand for these objects, also where they are in the list no more."""
    parts = {(part.cluster.key, part.kind.qualified): part_key(part) for part in view.parts if part.kind is not None}
    meant = {(parts.get((ref.cluster.key, ref.kind.qualified)), ref.namespace, ref.name) for ref in refs}
    return [mark for mark in marks if mark in meant]


def object_of(entry: Entry, view: ResourceView) -> ObjectRef | None:
    """The address of the row's object; None where its kind is not known."""
    kind = kind_of(entry, view)
    if kind is None:
        return None
    namespace, name, part, row = entry
    return ObjectRef(view.parts[part].cluster, kind, namespace, name, row.uid)


def about_pods(entry: Entry | None, view: ResourceView | None) -> bool:
    """Whether the row is a pod's; without a row, whether the list is one of pods."""
    if view is None:
        return False
    return is_pods(view.kind if entry is None else kind_of(entry, view))


def is_pods(kind: KindRef | None) -> bool:
    return kind is not None and kind.plural == "pods" and kind.group == ""
