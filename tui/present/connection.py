"""Rows of the Connections pane: a linker joined with the extension's health and the objects it should have made."""

from __future__ import annotations

from collections.abc import Sequence

from tui.errors import ProblemKind
from tui.model.cluster import AgentHealth
from tui.model.connection import Connection, ExpectedObject, Extension
from tui.model.feed import Feed, FeedState
from tui.present.clean import clean
from tui.present.columns import ColumnSpec
from tui.present.parts import Cell

COLUMNS = (
    ColumnSpec("NAME", 0, min=11, max=32, flexible=True, middle=True),
    ColumnSpec("CLUSTER", 2, max=24),
    ColumnSpec("TARGET", 3, min=6, max=20, flexible=True),
    ColumnSpec("AUTH", 4, max=8),
    ColumnSpec("NAMESPACE", 6, max=24),
    ColumnSpec("STATE", 5, max=14),
    ColumnSpec("EXTENSION", 0, max=16),
    ColumnSpec("OBJECTS", 1, max=10),
)

_GOOD = frozenset({"succeeded"})
_BAD = frozenset({"failed", "canceled", "cancelled"})


def cells(connection: Connection, now: float) -> tuple[Cell, ...]:
    """In the order of `COLUMNS`."""
    linker = connection.linker
    return (
        clean(linker.name, 80),
        clean(connection.cluster.name, 80),
        clean(linker.target_type, 80) or "–",
        clean(linker.auth_label, 40) or "none",
        (clean(linker.namespace, 80), "dim"),
        provisioning(linker.provisioning_state),
        extension(connection.extension, connection.operator, now),
        objects(connection.objects, now),
    )


def provisioning(text: str) -> Cell:
    """An ARM provisioning state: free text by contract, so an unknown word is shown as it is, as in progress."""
    known = clean(text, 40)
    if not known:
        return ("–", "dim")
    if known.lower() in _GOOD:
        return (known, "good")
    return (f"× {known}", "bad") if known.lower() in _BAD else (f"! {known}", "warn")


def extension(feed: Feed[Extension], operator: Feed[AgentHealth], now: float) -> Cell:
    """The extension's provisioning state; when ARM says Succeeded and its pods say otherwise, the pods are believed."""
    shown = feed.state(now)
    if shown is FeedState.LOADING:
        return ("…", "dim")
    if feed.value is None:
        missing = feed.problem is not None and feed.problem.kind is ProblemKind.NOT_FOUND
        return ("× none", "bad") if missing else ("?", "warn")
    text = provisioning("Failed" if feed.value.error else feed.value.provisioning_state)
    health = operator.value
    if health is not None and health.ready < health.total and isinstance(text, tuple) and text[1] == "good":
        text = (f"! pods {health.ready}/{health.total}", "warn")
    if shown is FeedState.STALE:
        return (f"○ {text if isinstance(text, str) else text[0]}", "dim")
    return text


def objects(feed: Feed[tuple[ExpectedObject, ...]], now: float) -> Cell:
    """ "2 of 2", "! 1 of 2", "× 0 of 2"; "? of 2" while it is not known whether they are there."""
    shown = feed.state(now)
    if feed.value is None:
        return ("…", "dim") if shown is FeedState.LOADING else ("?", "warn")
    if not feed.value:
        return ("none due", "dim")
    text = _present(feed.value)
    return (f"○ {text[0]}", "dim") if shown is FeedState.STALE else text


def _present(expected: Sequence[ExpectedObject]) -> tuple[str, str]:
    total = len(expected)
    present = sum(thing.present is True for thing in expected)
    if any(thing.present is None for thing in expected):
        return (f"? of {total}", "dim") if present == 0 else (f"? {present}+ of {total}", "dim")
    if present == total:
        return (f"{present} of {total}", "good")
    return (f"× {present} of {total}", "bad") if present == 0 else (f"! {present} of {total}", "warn")
