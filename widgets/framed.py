"""`Framed`: what all panes look like. It follows a topic, and never lets old rows look alive: its bottom border tells
count, state and age; a stale pane is dimmed; loading, failed and empty are three different texts in its middle."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, Generic, Self, TypeVar

from textual.app import ComposeResult
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from tui.clock import Clock
from tui.present.guarded import TOO_SLOW
from tui.present.navigation import PaneId
from tui.present.parts import Part, fit
from tui.present.problems import Line
from tui.present.states import MARKS, Shown, Status
from widgets.followed import Followed
from widgets.ink import block_of, ink, line_of

T = TypeVar("T")

UNKNOWN = 1_000
"""A width to fold at before the pane has one: folds nothing."""
NOTE_PADDING = 4
"""Columns left and right of the text in the middle of a pane."""


class Framed(Followed[T], Generic[T]):
    """A framed part of the screen over one topic at a time. What its keys do is `widgets.pane`'s."""

    PANE: ClassVar[PaneId]
    NAME: ClassVar[str]

    DEFAULT_CSS = """
    Framed {
        layout: vertical;
        border: round $border-blurred;
        border-title-color: $foreground;
        border-title-style: none;
        border-subtitle-color: $text-muted;
        &:focus-within { border: round $border; border-title-color: $text-primary; border-title-style: bold; }
        &.-stale RowTable, &.-stale LogView { text-opacity: 65%; }
        #note { display: none; padding: 0 2; }
        #strip { display: none; height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
        &.-noted #note { display: block; height: 1fr; }
        &.-noted > ScrollView { height: 1; }
        &.-troubled #strip { display: block; }
        & > ScrollView { height: 1fr; }
    }
    """

    class Painted(Message):
        """The pane says something else now; for the tabs of a small screen."""

        def __init__(self, pane: Framed[Any]) -> None:
            super().__init__()
            self.pane = pane

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, Framed.Painted) and message.pane is self.pane

    def __init__(self, clock: Clock) -> None:
        # Born with what it will say first: each change of classes has Textual style the pane anew.
        super().__init__(clock, id=self.PANE.value, classes="-noted")
        self.status = Status(Shown.LOADING, "loading")
        self.count_words = ""
        self.filter_text = ""
        self._frame: tuple[object, ...] = ()
        self._framing: int | None = None
        self._noted: tuple[tuple[Line, ...], int] = ((), 0)
        self._warned = ""
        self._note = Static(id="note", markup=False)
        self._strip = Static(id="strip", markup=False)

    def body(self) -> Widget:
        """The widget that holds the rows and the focus."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        yield self.body()
        yield self._note
        yield self._strip

    # Painting ------------------------------------------------------------------------------------------------------

    def tick(self) -> None:
        """A second has passed: repaint what depends on the time."""
        raise NotImplementedError

    def frame(self, title: Content, lead: Sequence[Part], status: Status) -> None:
        """Title above; count, state and age below; each only touched when it says something else."""
        self.status = status
        self.count_words = (lead[0].text and (lead[0].short or lead[0].text)) if lead else ""
        parts = fit((*lead, *status.parts()), max(8, self.size.width - 4))
        wanted = (title, parts)
        if wanted == self._frame:
            return
        self._frame = wanted
        with self._framing_at(0):
            self.border_title = title  # pyright: ignore[reportAttributeAccessIssue]
        with self._framing_at(-1):
            self.border_subtitle = line_of(parts)  # pyright: ignore[reportAttributeAccessIssue]
        self.set_class(status.shown is Shown.STALE, "-stale")
        self.post_message(self.Painted(self))

    @contextmanager
    def _framing_at(self, row: int) -> Generator[None]:
        """What the body has painted anew is this row of the border, 0 or -1."""
        self._framing = row
        try:
            yield
        finally:
            self._framing = None

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """As that of every widget. Where it is for words in the border, only their line is painted anew: the rows
        between would take as long as all else that a key asks for."""
        if self._framing is not None and not (regions or layout or recompose):
            wide, high = self.outer_size
            left, top = self.content_offset
            regions = (Region(-left, self._framing % max(1, high) - top, wide, 1),)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def title(self, *more: str) -> Content:
        """ "3 Pods  prod-eu  /filter"."""
        pieces = [ink(f"{self.PANE.number} {self.name_words}")]
        pieces += [ink(f"  {text}", "dim") for text in more if text]
        return Content.assemble(*pieces, *self.looked_for())

    def looked_for(self) -> list[Content]:
        """The part of a title that tells of the filter."""
        pieces = [ink(f"  /{self.filter_text}", "accent")] if self.filter_text else []
        return [*pieces, ink(f"  {TOO_SLOW}", "bad")] if self.gave_up else pieces

    @property
    def gave_up(self) -> bool:
        """Whether what is looked for took too long, and finds nothing any more."""
        return False

    def say(self, lines: Sequence[Line]) -> None:
        """A text in the middle of the pane, in place of rows; none when there are rows."""
        self.set_class(bool(lines), "-noted")
        wanted = (tuple(lines), self.size.width)
        if wanted != self._noted:
            self._noted = wanted
            width = self.size.width - NOTE_PADDING if self.size.width else UNKNOWN
            self._note.update(block_of(lines, width), layout=False)  # its height is the pane's, whatever it says

    def warn(self, text: str) -> None:
        """One line at the bottom of the rows: why they are old or not complete; "" for none."""
        if text == self._warned:
            return
        self._warned = text
        self.set_class(bool(text), "-troubled")
        self._strip.update(ink(text, "warn"), layout=False)

    @property
    def name_words(self) -> str:
        """What the pane is called in its title and in the tabs."""
        return self.NAME

    @property
    def tab_words(self) -> str:
        """Count and mark, for a tab."""
        return f"{self.count_words.split(' ')[0]} {MARKS[self.status.shown]}".strip()

    def on_resize(self) -> None:
        self.paint()
