"""2 Connections: Service Connector's linkers, the extension behind them and the objects they should have made."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, ClassVar

from tui.clock import Clock
from tui.model.connection import Connection
from tui.model.feed import Topic
from tui.present.columns import ColumnSpec
from tui.present.connection import COLUMNS, cells
from tui.present.listing import refusal
from tui.present.navigation import PaneId
from tui.present.parts import Cell, Part, count
from tui.present.problems import Line, explanation, one_line
from tui.present.states import feed_status
from widgets.table_pane import TablePane

if TYPE_CHECKING:
    from tui.present.details import Details


class ConnectionPane(TablePane[tuple[Connection, ...], Connection]):
    """Rows of `tui.present.connection`."""

    PANE = PaneId.CONNECTIONS
    NAME = "Connections"
    FOOTER: ClassVar[tuple[tuple[str, str], ...]] = (
        ("table.open", "objects"),
        ("go.logs", "logs"),
        ("pane.details", "details"),
    )

    def __init__(self, connections: Topic[tuple[Connection, ...]], clock: Clock) -> None:
        super().__init__(clock)
        self._connections = connections

    def on_mount(self) -> None:
        self.follow(self._connections)

    def specs(self) -> Sequence[ColumnSpec]:
        return COLUMNS

    def key(self, item: Connection) -> Hashable:
        return item.linker.id.lower()

    def cells(self, item: Connection) -> Sequence[Cell]:
        return cells(item, self.clock.now())

    def all_items(self) -> Sequence[Connection]:
        return self.feed.value or ()

    def paint(self) -> None:
        self.fill(self.left(lambda: self.pick(self.all_items())))
        self.reframe()

    def reframe(self) -> None:
        now = self.clock.now()
        total, shown = len(self.feed.value or ()), len(self.table.rows)
        counts = count(total, "connection") if shown == total else f"{shown:,} of {count(total, 'connection')}"
        self.frame(
            self.title("faults only" if self.only_faults else ""),
            (Part(counts if self.feed.value is not None else "", "", 3, short=f"{shown:,}"),),
            feed_status(self.feed, now, empty=not self.feed.value),
        )
        self.say(self._instead(now) if not shown else [])
        problem = self.feed.problem or (self.feed.gaps[0].problem if self.feed.gaps else None)
        who = self.feed.gaps[0].who if self.feed.gaps and not self.feed.problem else ""
        self.warn(one_line(problem, who) if problem is not None and shown else "")

    def _instead(self, now: float) -> list[Line]:
        if self.feed.problem is not None:
            return explanation(self.feed.problem, now, self.feed.retry_at)
        if self.refused:
            return refusal(self.refused)
        if self.feed.value is None:
            return [Line("Asking Azure for the connections of your AKS clusters…", "dim")]
        if self.feed.value:
            return [Line(f"Nothing matches; {len(self.feed.value):,} rows are hidden. esc shows them again.", "dim")]
        if self.feed.gaps:
            return [line for gap in self.feed.gaps for line in explanation(gap.problem, now)]
        return [
            Line("Your AKS clusters have no Service Connector connections.", ""),
            Line("az aks connection create storage-blob --workload-identity ID", "accent", "to add one", True),
        ]

    def details(self) -> Details | None:
        from tui.present.details import Details, of_connection, of_feed

        now = self.clock.now()
        if (connection := self.current) is not None:
            details = of_connection(connection, now)
            return Details(details.title, (*details.lines, *of_feed("The list of connections", self.feed, now)))
        lines = of_feed("The list of connections", self.feed, now)
        return Details("Connections", tuple(lines)) if lines else None

    def by_hand(self) -> Details | None:
        from tui.present.by_hand import connection_lines, page

        lines = connection_lines(self.current)
        return page(lines) if lines else None

    def copy_text(self) -> str:
        return self.current.linker.name if self.current is not None else ""
