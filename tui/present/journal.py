"""Rows of the journal: every change that was made or tried, newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tui.model.changes import Entry
from tui.model.cluster import ClusterRef
from tui.present.ages import time_of_day, timestamp
from tui.present.clean import clean
from tui.present.columns import ColumnSpec
from tui.present.details import Details, fields, heading
from tui.present.parts import Cell
from tui.present.plans import diff_lines
from tui.present.problems import Line

COLUMNS = (
    ColumnSpec("TIME", 0, min=8, max=16),
    ColumnSpec("ACTION", 0, min=6, max=14),
    ColumnSpec("CLUSTER", 1, min=7, max=24, flexible=True),
    ColumnSpec("KIND", 2, min=6, max=24, flexible=True),
    ColumnSpec("OBJECT", 0, min=16, max=60, flexible=True, middle=True),
    ColumnSpec("CHANGE", 2, min=12, max=80, flexible=True),
    ColumnSpec("UNDO", 1, min=6, max=12),
    ColumnSpec("WHO", 3, min=6, max=40, flexible=True),
)


def cells(entry: Entry, now: float) -> tuple[Cell, ...]:
    """One row; what failed and what has been undone since is told by words."""
    said = f"× {clean(entry.problem, 300)}" if entry.problem else clean(entry.summary, 300)
    row = (
        time_of_day(entry.at, now),
        entry.action.value,
        clean(entry.cluster, 80),
        clean(entry.kind, 80),
        place_words(entry),
        said,
        undo_words(entry),
        clean(entry.who, 120),
    )
    if entry.undone_by:
        return tuple((text, "dim") for text in row)
    return tuple((text, "bad") if text is said and entry.problem else text for text in row)


def object_words(entry: Entry) -> str:
    """ "deployment payments/api"."""
    return f"{clean(entry.kind, 80)} {place_words(entry)}".strip()


def place_words(entry: Entry) -> str:
    """ "payments/api"."""
    return clean(f"{entry.namespace}/{entry.name}" if entry.namespace else entry.name, 300)


def undo_words(entry: Entry) -> str:
    """Whether `u` takes it back."""
    if entry.problem and entry.undo is None:
        return "failed"
    return "undone" if entry.undone_by else "u undoes" if entry.undo is not None else "–"


def details_of(entry: Entry, entries: Sequence[Entry], now: float) -> Details:
    """What was changed, by whom and how. entries: the whole journal, in which the entry that undid this one is."""
    undone = next((other for other in entries if entry.undone_by and other.id == entry.undone_by), None)
    said = f"at {timestamp(undone.at)}" if undone is not None else "yes" if entry.undone_by else ""
    lines = [
        heading("Change"),
        *fields(
            ("action", entry.action.value),
            ("object", object_words(entry)),
            ("cluster", entry.cluster),
            ("what", entry.summary),
            ("failed", entry.problem),
            ("when", timestamp(entry.at)),
            ("who", entry.who),
            ("undone", said),
            ("undo", "u undoes it" if entry.undo is not None and not entry.undone_by else ""),
        ),
        *_arguments(entry.args),
    ]
    if entry.diff:
        lines += [heading("Differences"), *(Line(line.text, line.style) for line in diff_lines(entry.diff))]
    return Details(f"{entry.action.value} {object_words(entry)}", tuple(lines))


def _arguments(args: Mapping[str, str]) -> list[Line]:
    """A manifest is not repeated here: the differences say more."""
    shown = {name: value for name, value in args.items() if name not in {"manifest", "patch"} and value}
    return [heading("Arguments"), *fields(*shown.items())] if shown else []


def clusters_of(entry: Entry, known: Sequence[ClusterRef]) -> tuple[ClusterRef, ...]:
    """The cluster of an entry, where it is still known; the journal keeps its name."""
    return tuple(cluster for cluster in known if cluster.name == entry.cluster)
