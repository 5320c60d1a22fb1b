"""The rows of one kind of one cluster, as a list and then a watch make them."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from types import MappingProxyType

from msgspec.structs import force_setattr

from tui.data.listwatch import Scope
from tui.data.ports import KubePort
from tui.model.jsonpath import parse_path
from tui.model.kube import Column, EventType, KindRef, Row, RowEvent, RowKey, Table, TablePage

log = logging.getLogger(__name__)


KEPT = 20_000
"""Changes that a log remembers: those of some seconds, in a cluster of which half is restarting."""


class Log:
    """A `RowLog`: the keys of the rows that have changed last."""

    def __init__(self) -> None:
        self.count = 0
        self._keys: deque[RowKey] = deque(maxlen=KEPT)

    def note(self, key: RowKey) -> None:
        """The row of this key has come, changed or gone."""
        self.count += 1
        self._keys.append(key)

    def since(self, count: int) -> Sequence[RowKey] | None:
        new = self.count - count
        if not 0 <= new <= len(self._keys):
            return None
        return [self._keys[-1 - back] for back in range(new)]


class Rows:
    """Applies pages and events. While a list goes on the old rows stay until it is complete (mark and sweep), so that
    nothing disappears from the screen only because it was asked for again. now: gives the wall-clock time, which each
    row is stamped with."""

    def __init__(self, kind: KindRef, now: Callable[[], float]) -> None:
        self._kind = kind
        self._now = now
        self._columns: tuple[Column, ...] = ()
        self._rows: dict[tuple[str, str], Row] = {}
        self._view = MappingProxyType(self._rows)
        self._log = Log()
        self._seen: set[tuple[str, str]] = set()
        self._complete = False
        self._total: int | None = None

    @property
    def complete(self) -> bool:
        """Whether a list has been read to its end."""
        return self._complete

    def value(self) -> Table:
        """The newest state; its rows are a live view."""
        total = None if self._complete else self._total
        return Table(self._kind, self._columns, self._view, self._complete, total, log=self._log)

    def begin(self) -> None:
        """A list begins, or begins anew."""
        self._seen.clear()

    def page(self, page: TablePage) -> None:
        """Take in one page of the list."""
        now = self._now()
        self._columns = page.columns or self._columns
        for row in page.rows:
            force_setattr(row, "printed", now)  # nobody else holds the row yet
            key = row.key
            self._seen.add(key)
            self._rows[key] = row
            self._log.note(key)
        self._total = None if page.remaining is None else len(self._seen) + page.remaining

    def finish(self) -> None:
        """The list is complete: what it did not hold is gone."""
        if len(self._seen) != len(self._rows):
            for key in [key for key in self._rows if key not in self._seen]:
                del self._rows[key]
                self._log.note(key)
        self._seen.clear()
        self._complete = True

    def apply(self, event: RowEvent) -> bool:
        """Take in one watch event; whether anything changed."""
        self._columns = event.columns or self._columns
        row = event.row
        if row is not None:
            force_setattr(row, "printed", self._now())
        match event.type:
            case EventType.ADDED | EventType.MODIFIED if row is not None:
                self._rows[row.key] = row
                self._log.note(row.key)
                return True
            case EventType.DELETED if row is not None:
                self._log.note(row.key)
                return self._rows.pop(row.key, None) is not None
            case EventType.BOOKMARK:
                return False
            case _:
                log.warning("%s: skipped a watch event: %s without a row", self._kind.qualified, event.type)
                return False


class RowsOf:
    """The rows of one kind (`tui.data.listwatch.ListWatch`). No resourceVersion is asked for: with a limit, any but ""
    would mean exactly that version, which may be gone; "" is consistent and never goes back in time."""

    def __init__(self, port: KubePort, kind: KindRef, scope: Scope) -> None:
        self._port = port
        self._kind = kind
        self._scope = scope
        self._paths = [parse_path(path) for path in scope.paths]

    async def version(self) -> str:
        return await self._port.version()

    def pages(self, limit: int) -> AsyncIterator[TablePage]:
        scope = self._scope
        return self._port.list_pages(
            self._kind,
            namespace=scope.namespace,
            labels=scope.labels,
            fields=scope.fields,
            limit=limit,
            paths=self._paths,
        )

    def watch(self, version: str, timeout: int) -> AsyncIterator[list[RowEvent]]:
        scope = self._scope
        return self._port.watch(
            self._kind,
            namespace=scope.namespace,
            labels=scope.labels,
            fields=scope.fields,
            version=version,
            timeout=timeout,
            paths=self._paths,
        )


def reading_rows(
    connect: Callable[[], Awaitable[KubePort]], kind: KindRef, scope: Scope
) -> Callable[[], Awaitable[RowsOf]]:
    """`connect`, for `tui.data.watcher.Watcher`."""

    async def connected() -> RowsOf:
        return RowsOf(await connect(), kind, scope)

    return connected
