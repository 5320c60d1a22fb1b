"""One table made of the tables of several namespaces: what a person sees who may not list the whole cluster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, ValuesView

from tui.data.merge import gaps_of, worst_of
from tui.errors import Problem
from tui.model.feed import Feed, Gap
from tui.model.kube import OTHER_NAMESPACES, KindRef, Row, Table

Part = tuple[str, Feed[Table]]
"""A namespace and what is known of it."""


def together(kind: KindRef, parts: Sequence[Part], unseen: Problem | None = None) -> Feed[Table]:
    """What `parts` hold together. One that fails is a gap and keeps its old rows; where all fail, so does the whole.

    unseen: there may be other namespaces, which this problem keeps from us.
    """
    failing = [(name, feed) for name, feed in parts if feed.problem is not None]
    known = [(name, feed, feed.value) for name, feed in parts if feed.value is not None]
    live = [feed for _, feed in parts if feed.problem is None and feed.value is not None]
    gaps = gaps_of(failing)
    if not known:
        if len(failing) < len(parts) or not parts:
            return Feed()
        worst = worst_of(failing)
        return Feed(None, None, worst.problem, worst.failures, gaps=gaps, retry_at=_next_try(failing))
    table = Table(
        kind,
        next((table.columns for _, _, table in known if table.columns), ()),
        JoinedRows({name: table.rows for name, _, table in known}),
        complete=len(known) + len(failing) >= len(parts) and all(table.complete for _, _, table in known),
        namespaces=tuple(name for name, feed, _ in known if feed.problem is None),
    )
    counted = live or [feed for _, feed in failing]
    as_of = min((feed.as_of for feed in counted if feed.as_of is not None), default=None)
    if not live and len(failing) == len(parts):
        worst = worst_of(failing)
        return Feed(table, as_of, worst.problem, worst.failures, gaps=gaps, retry_at=_next_try(failing))
    fresh_for = min((feed.fresh_for for feed in live if feed.fresh_for is not None), default=None)
    others = (Gap(OTHER_NAMESPACES, unseen),) if unseen is not None else ()
    return Feed(table, as_of, gaps=gaps + others, fresh_for=fresh_for)


def _next_try(failing: Sequence[Part]) -> float | None:
    return min((feed.retry_at for _, feed in failing if feed.retry_at is not None), default=None)


class JoinedRows(Mapping[tuple[str, str], Row]):
    """A live view of the rows of several namespaces; each row is found by its own."""

    def __init__(self, tables: Mapping[str, Mapping[tuple[str, str], Row]]) -> None:
        self._tables = tables

    def __getitem__(self, key: tuple[str, str]) -> Row:
        return self._tables[key[0]][key]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        for rows in self._tables.values():
            yield from rows

    def __len__(self) -> int:
        return sum(map(len, self._tables.values()))

    def values(self) -> ValuesView[Row]:
        return _Values(self)

    def rows(self) -> Iterator[Row]:
        """All rows, without looking each of them up."""
        for rows in self._tables.values():
            yield from rows.values()


class _Values(ValuesView[Row]):
    def __init__(self, joined: JoinedRows) -> None:
        super().__init__(joined)
        self._joined = joined

    def __iter__(self) -> Iterator[Row]:
        return self._joined.rows()
