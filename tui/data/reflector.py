"""`Reflector`: keeps a table of server-printed rows true by list and watch."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tui.data.listwatch import Scope
from tui.data.ports import KubePort
from tui.data.rows import Rows, reading_rows
from tui.data.runtime import Runtime
from tui.data.topic import Cell
from tui.data.watcher import UNWATCHED_EVERY, Watcher
from tui.model.kube import KindRef, Table
from tui.waits import Gate


class Reflector(Watcher[Table]):
    """A `Watcher` of server-printed rows."""

    def __init__(
        self,
        name: str,
        cell: Cell[Table],
        connect: Callable[[], Awaitable[KubePort]],
        kind: KindRef,
        scope: Scope,
        runtime: Runtime,
        *,
        group: str = "",
        gate: Gate | None = None,
        every: float = UNWATCHED_EVERY,
        calm: bool = False,
    ) -> None:
        super().__init__(
            name,
            cell,
            reading_rows(connect, kind, scope),
            Rows(kind, runtime.clock.now),
            runtime,
            watchable="watch" in kind.verbs or not kind.verbs,
            group=group,
            gate=gate,
            every=every,
            calm=calm,
        )
