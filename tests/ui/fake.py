"""A data layer of plain cells: what a test puts into them is what the screen shows. No job, no network, no time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from tests.ui.fakedesk import FakeDesk
from tests.ui.logbooks import BookOfLines
from tui.clock import ManualClock
from tui.data.topic import Cell
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.cluster import ClusterRef
from tui.model.connection import Connection
from tui.model.feed import Topic
from tui.model.fleet import FleetMember
from tui.model.kube import KindRef, ResourceQuery, ResourceView
from tui.model.logs import LogBook, LogLine, LogQuery, LogStatus, Saved
from tui.model.objects import Beside, Happening, Held, ObjectRef, Related
from tui.model.session import Identity, Meter
from tui.model.sorting import BY_NAME, SortBy
from tui.model.streams import ForwardEntry, ForwardTarget, PortPair, StreamFacts, StreamPort


class FakeBook(BookOfLines):
    """A `LogBook` over a list."""

    def __init__(self) -> None:
        super().__init__()
        self.cell: Cell[LogStatus] = Cell()
        self.lines: list[LogLine] = []

    @property
    def status(self) -> Topic[LogStatus]:
        return self.cell

    def since(self, seq: int, limit: int = 10_000) -> tuple[Sequence[LogLine], int]:
        first = self.lines[0].seq if self.lines else 0
        found = [line for line in self.lines if line.seq >= seq][:limit]
        return found, max(0, first - seq)


class FakeSaving:
    """A `LogSaving` that writes nothing."""

    def __init__(self, path: Path) -> None:
        self.cell: Cell[Saved] = Cell()
        self.cell.put(Saved(path), 0.0)
        self.stopped = False

    @property
    def status(self) -> Topic[Saved]:
        return self.cell

    async def stop(self) -> None:
        self.stopped = True


class FakeSortings:
    """`Sortings` for one test."""

    def __init__(self) -> None:
        self.chosen: dict[str, SortBy] = {}

    def of(self, kind: str) -> SortBy:
        return self.chosen.get(kind, BY_NAME)

    def remember(self, kind: str, by: SortBy) -> None:
        self.chosen[kind] = by


class FakeStreams:
    """`Streams` for one test. begun, stopped, woken, kept: what was asked for. port, known: what is entered, and what
    is known before. entered: how often. refusal: the desk's."""

    def __init__(self, refusal: Callable[[ClusterRef], Problem | None]) -> None:
        self.refusal = refusal
        self.entered = 0
        self.forwards: Cell[tuple[ForwardEntry, ...]] = Cell()
        self.begun: list[tuple[ForwardTarget, tuple[PortPair, ...]]] = []
        self.stopped: list[int] = []
        self.woken: list[int] = []
        self.kept: list[tuple[int, bool]] = []
        self.port: StreamPort | SourceError = SourceError(Problem(ProblemKind.MISSING, "no port"))
        self.known: StreamFacts | SourceError = SourceError(Problem(ProblemKind.MISSING, "no road"))

    def forward(self, target: ForwardTarget, pairs: tuple[PortPair, ...]) -> int:
        self.begun.append((target, pairs))
        return len(self.begun)

    def stop(self, id: int) -> None:
        self.stopped.append(id)

    def wake(self, id: int) -> None:
        self.woken.append(id)

    def keep(self, id: int, *, kept: bool) -> None:
        self.kept.append((id, kept))

    async def road(self, cluster: ClusterRef) -> StreamPort:
        if isinstance(self.port, SourceError):
            raise self.port
        return self.port

    async def enter(self, cluster: ClusterRef) -> StreamPort:
        problem = self.refusal(cluster)
        if problem is not None:
            raise SourceError(problem)
        self.entered += 1
        return await self.road(cluster)

    async def facts(self, cluster: ClusterRef) -> StreamFacts:
        if isinstance(self.known, SourceError):
            raise self.known
        return self.known


class FakeHub:
    """A `DataLayer`; `asked` and `followed` tell which lists and logs the screen wanted."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.fleet: Cell[tuple[FleetMember, ...]] = Cell()
        self.connections: Cell[tuple[Connection, ...]] = Cell()
        self.clusters: Cell[tuple[ClusterRef, ...]] = Cell()
        self.identity: Cell[Identity] = Cell()
        self.meter: Cell[Meter] = Cell()
        self.ticker: Cell[float] = Cell()
        self.changes = FakeDesk(clock)
        self.lists: dict[ResourceQuery, Cell[ResourceView]] = {}
        self.books: dict[LogQuery, FakeBook] = {}
        self.served: dict[str, Cell[tuple[KindRef, ...]]] = {}
        self.asked: list[ResourceQuery] = []
        self.followed: list[LogQuery] = []
        self.saved: list[tuple[LogBook, Path]] = []
        self.savings: list[FakeSaving] = []
        self.refreshed = 0
        self.sortings = FakeSortings()
        self.streams = FakeStreams(self.changes.refusal)
        self.objects: dict[ObjectRef, Cell[Held]] = {}
        self.happenings: dict[ObjectRef, Cell[tuple[Happening, ...]]] = {}
        self.around: dict[ObjectRef, Cell[Beside]] = {}
        self.relatives: dict[ObjectRef, Cell[Related]] = {}
        self.opened: list[ObjectRef] = []
        self.lifecycle: list[str] = []
        self.ways: list[float] = []

    def give_way(self, seconds: float) -> None:
        self.ways.append(seconds)

    def resources(self, query: ResourceQuery) -> Cell[ResourceView]:
        self.asked.append(query)
        return self.lists.setdefault(query, Cell())

    def kinds(self, cluster: ClusterRef) -> Cell[tuple[KindRef, ...]]:
        return self.served.setdefault(cluster.key, Cell())

    def object(self, ref: ObjectRef) -> Cell[Held]:
        self.opened.append(ref)
        return self.objects.setdefault(ref, Cell())

    def events(self, ref: ObjectRef) -> Cell[tuple[Happening, ...]]:
        return self.happenings.setdefault(ref, Cell())

    def beside(self, ref: ObjectRef) -> Cell[Beside]:
        return self.around.setdefault(ref, Cell())

    def related(self, ref: ObjectRef) -> Cell[Related]:
        return self.relatives.setdefault(ref, Cell())

    def logs(self, query: LogQuery) -> FakeBook:
        self.followed.append(query)
        return self.books.setdefault(query, FakeBook())

    def save_logs(self, book: LogBook, path: Path) -> FakeSaving:
        self.saved.append((book, path))
        self.savings.append(FakeSaving(path))
        return self.savings[-1]

    def counted(self, quota: str) -> str:
        return quota

    def shown(self, quota: str) -> str:
        return quota

    def refresh(self) -> None:
        self.refreshed += 1

    async def start(self) -> None:
        self.lifecycle.append("started")

    async def stop(self) -> None:
        self.lifecycle.append("stopped")

    def tick(self) -> None:
        """What the ticker does once a second."""
        self.ticker.put(self.clock.now(), self.clock.now())
