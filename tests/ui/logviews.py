"""A log view over a ring of lines in memory, and nothing else on the screen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, tzinfo

from textual.app import App, ComposeResult

from tests.ui.logbooks import BookOfLines
from tui.data.topic import Cell
from tui.model.cluster import ClusterRef, Via
from tui.model.logs import LogLine, LogSource, LogStatus
from widgets.log_view import LogView

CLUSTER = ClusterRef("k", "prod-eu", Via.GATEWAY)
SOURCE = LogSource(0, CLUSTER, "gke-connect", "agent-1", "agent", "following")
NOON = 1_700_049_600 * 10**9


class Book(BookOfLines):
    """A ring of lines in memory."""

    def __init__(self, keep: int = 1_000) -> None:
        super().__init__()
        self.lines: list[LogLine] = []
        self.first = 0
        self.keep = keep
        self.asked = 0
        self._status: Cell[LogStatus] = Cell()

    @property
    def status(self) -> Cell[LogStatus]:
        return self._status

    def write(self, *texts: bytes) -> LogStatus:
        for text in texts:
            seq = self.first + len(self.lines)
            self.lines.append(LogLine(seq, NOON + seq * 10**9, 0, text))
        gone = max(0, len(self.lines) - self.keep)
        del self.lines[:gone]
        self.first += gone
        status = LogStatus((SOURCE,), first_seq=self.first, next_seq=self.first + len(self.lines))
        self._status.put(status, 0)
        return status

    def since(self, seq: int, limit: int = 10_000) -> tuple[Sequence[LogLine], int]:
        start = max(0, seq - self.first)
        found = self.lines[start : start + limit]
        self.asked += len(found)
        return found, max(0, self.first - seq)


class LogApp(App[None]):
    def __init__(self, book: Book, zone: tzinfo = UTC) -> None:
        super().__init__()
        self.book = book
        self.view = LogView(timezone=zone)

    def compose(self) -> ComposeResult:
        yield self.view

    def on_mount(self) -> None:
        self.view.show_book(self.book, lambda sources: [(source.cluster.name, "source-0") for source in sources])

    def lines(self) -> list[str]:
        return [self.view.render_line(y).text.rstrip() for y in range(self.view.size.height)]


def numbered(count: int, start: int = 0) -> list[bytes]:
    return [b"line %d" % number for number in range(start, start + count)]
