"""1 Fleets: memberships with their reachability and agents, and every other cluster that can be reached."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import work

from tui.clock import Clock
from tui.errors import ProblemKind
from tui.model.cluster import ClusterRef
from tui.model.feed import Topic
from tui.model.fleet import FleetMember
from tui.present.columns import ColumnSpec
from tui.present.fleet import COLUMNS, FleetEntry, cells, counted, entries
from tui.present.listing import refusal
from tui.present.navigation import PaneId
from tui.present.parts import Cell, Part
from tui.present.problems import Line, explanation, one_line
from tui.present.states import feed_status
from widgets.reading import reading
from widgets.table_pane import TablePane

if TYPE_CHECKING:
    from tui.present.details import Details


class FleetPane(TablePane[tuple[FleetMember, ...], FleetEntry]):
    """Rows of `tui.present.fleet`."""

    PANE = PaneId.FLEETS
    NAME = "Fleets"
    FOOTER: ClassVar[tuple[tuple[str, str], ...]] = (
        ("table.mark", "mark"),
        ("table.open", "pods"),
        ("go.logs", "logs"),
        ("pane.details", "details"),
    )

    def __init__(
        self, fleet: Topic[tuple[FleetMember, ...]], clusters: Topic[tuple[ClusterRef, ...]], clock: Clock
    ) -> None:
        super().__init__(clock)
        self._fleet = fleet
        self._clusters = clusters
        self.rows: list[FleetEntry] = []
        """All rows, filtered or not."""

    def on_mount(self) -> None:
        self.follow(self._fleet)
        self._follow_clusters()

    @work(exclusive=True, group="clusters")
    async def _follow_clusters(self) -> None:
        async with reading(self._clusters) as feeds:
            async for _ in feeds:
                self.paint()

    def specs(self) -> Sequence[ColumnSpec]:
        return COLUMNS

    def key(self, item: FleetEntry) -> Hashable:
        return item.cluster.key

    def cells(self, item: FleetEntry) -> Sequence[Cell]:
        return cells(item, self.clock.now(), self.feed.as_of)

    def labels(self, item: FleetEntry) -> dict[str, str]:
        return dict(item.labels)

    def all_items(self) -> Sequence[FleetEntry]:
        return self.rows

    def paint(self) -> None:
        self.rows = entries(self.feed.value or (), self._clusters.feed.value or ())
        self.fill(self.left(lambda: self.pick(self.rows)))
        self.reframe()

    def reframe(self) -> None:
        now = self.clock.now()
        shown = len(self.table.rows)
        known = self.feed.value is not None or bool(self.rows)
        counts = counted(self.rows) if shown == len(self.rows) else f"{shown:,} of {counted(self.rows)}"
        lead = (Part(counts if known else "", "", 3, short=f"{shown:,}"),)
        self.frame(
            self.title("faults only" if self.only_faults else ""),
            lead,
            feed_status(self.feed, now, empty=not self.feed.value),
        )
        self.say(self._instead(now) if not shown else [])
        problem = self.feed.problem or (self.feed.gaps[0].problem if self.feed.gaps else None)
        who = self.feed.gaps[0].who if self.feed.gaps and not self.feed.problem else ""
        told = problem is not None and problem.kind is not ProblemKind.MISSING  # what was never set up is no failure
        self.warn(one_line(problem, who) if problem is not None and told and shown else "")

    def _instead(self, now: float) -> list[Line]:
        """What stands in the pane while it has no rows."""
        if self.feed.problem is not None:
            return explanation(self.feed.problem, now, self.feed.retry_at)
        if self.feed.value is None:
            return [Line("Asking GKE Hub for the memberships of your projects…", "dim")]
        if self.refused:
            return refusal(self.refused)
        if self.rows:
            hidden = f"{len(self.rows):,} rows are hidden"
            return [Line(f"Nothing matches; {hidden}. esc shows them again.", "dim")]
        if self.feed.gaps:
            return [line for gap in self.feed.gaps for line in explanation(gap.problem, now)]
        return [
            Line("Your projects have no fleet memberships.", ""),
            Line("gcloud container fleet memberships register NAME", "accent", "to add one", True),
        ]

    def details(self) -> Details | None:
        from tui.present.details import Details, of_entry, of_feed

        now = self.clock.now()
        if (entry := self.current) is not None:
            details = of_entry(entry, now)
            return Details(details.title, (*details.lines, *of_feed("The list of memberships", self.feed, now)))
        lines = of_feed("The list of memberships", self.feed, now)
        return Details("Fleets", tuple(lines)) if lines else None

    def by_hand(self) -> Details | None:
        from tui.present.by_hand import fleet_lines, page

        entry = self.current
        member = entry.member.membership if entry is not None and entry.member is not None else None
        return page(fleet_lines(member))

    def copy_text(self) -> str:
        chosen = self.marked or ([self.current] if self.current is not None else [])
        return "\n".join(entry.cluster.name for entry in chosen)
