"""The first line: where we are on the left, who we are and what we use of the shared quota on the right."""

from __future__ import annotations

from collections.abc import Sequence

from textual import work
from textual.content import Content
from textual.widget import Widget

from tui.clock import Clock
from tui.model.changes import Lock
from tui.model.feed import Topic
from tui.model.session import Identity, Meter
from tui.present.header import session_parts
from tui.present.parts import Part, fit
from widgets.ink import ink, line_of
from widgets.reading import reading

NAME = " clusterview "
CRUMB = " › "
GAP = 2
SESSION_GAP = "  "


class Header(Widget):
    """One line, repainted only when it says something else."""

    DEFAULT_CSS = """
    Header { height: 1; width: 100%; }
    """

    def __init__(self, identity: Topic[Identity], meter: Topic[Meter], lock: Topic[Lock], clock: Clock) -> None:
        super().__init__()
        self._identity = identity
        self._meter = meter
        self._clock = clock
        self._lock = lock
        self._crumbs: Sequence[Part] = ()
        self._said = Content()
        self._width = -1

    def on_mount(self) -> None:
        self._follow_identity()
        self._follow_meter()
        self._follow_lock()

    @work(exclusive=True, group="identity")
    async def _follow_identity(self) -> None:
        async with reading(self._identity) as feeds:
            async for _ in feeds:
                self.tick()

    @work(exclusive=True, group="meter")
    async def _follow_meter(self) -> None:
        async with reading(self._meter) as feeds:
            async for _ in feeds:
                pass  # it goes on each second, and is said with the time

    @work(exclusive=True, group="lock")
    async def _follow_lock(self) -> None:
        async with reading(self._lock) as feeds:
            async for _ in feeds:
                self.tick()

    def show_path(self, crumbs: Sequence[Part]) -> None:
        self._crumbs = crumbs
        self.tick()

    def tick(self) -> None:
        """Say it anew, if it is something else by now."""
        if self._renew():
            self.refresh()

    def _renew(self) -> bool:
        line, before = self._line(self.size.width), self._said
        self._said, self._width = line, self.size.width
        return line != before

    def render(self) -> Content:
        if self._width != self.size.width:
            self._renew()
        return self._said

    def _line(self, width: int) -> Content:
        now = self._clock.now()
        right = session_parts(self._identity.feed, self._meter.feed, self._lock.feed.value, now)
        name = Content.styled(NAME, "bold $background on $primary")
        room = width - len(NAME) - 2 * GAP
        crumbs = fit(self._crumbs, max(10, room // 2), len(CRUMB))
        left = Content.assemble(name, " " * GAP, line_of(crumbs, CRUMB))
        session = line_of(fit(right, max(8, width - left.cell_length - GAP - 1), len(SESSION_GAP)), SESSION_GAP)
        space = max(1, width - left.cell_length - session.cell_length - 1)
        return Content.assemble(left, ink(" " * space), session)
