"""`FeedPane`: what all panes share. It follows a topic, and never lets old rows look alive: its bottom border tells
count, state and age; a stale pane is dimmed; loading, failed and empty are three different texts in its middle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from tui.clock import Clock
from tui.present.navigation import PaneId
from tui.present.parts import Part, fit
from tui.present.problems import Line
from tui.present.scope import Selection
from tui.present.states import MARKS, Shown, Status
from widgets.followed import Followed
from widgets.ink import block_of, ink, line_of

if TYPE_CHECKING:
    from tui.present.details import Details
    from tui.present.fields import Field

T = TypeVar("T")

UNKNOWN = 1_000
"""A width to fold at before the pane has one: folds nothing."""
NOTE_PADDING = 4
"""Columns left and right of the text in the middle of a pane."""


class FeedPane(Followed[T], Generic[T]):
    """A framed part of the screen over one topic at a time."""

    PANE: ClassVar[PaneId]
    NAME: ClassVar[str]
    FOOTER: ClassVar[tuple[tuple[str, str], ...]] = ()
    """What the footer says while the focus is here: binding ids in order, with the words for them in this pane."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "details", "Details of the row, and what stands in its way", id="pane.details"),
        Binding("c", "copy", "Copy the row's name", id="pane.copy"),
        Binding("K", "by_hand", "The same by hand: kubectl, gcloud, az", id="pane.by_hand"),
    ]

    DEFAULT_CSS = """
    FeedPane {
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

    class DetailsWanted(Message):
        """`d` was pressed."""

        def __init__(self, details: Details) -> None:
            super().__init__()
            self.details = details

    class CopyWanted(Message):
        """`c` was pressed."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Painted(Message):
        """The pane says something else now; for the tabs of a small screen."""

        def __init__(self, pane: FeedPane[Any]) -> None:
            super().__init__()
            self.pane = pane

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, FeedPane.Painted) and message.pane is self.pane

    def __init__(self, clock: Clock) -> None:
        # Born with what it will say first: each change of classes has Textual style the pane anew.
        super().__init__(clock, id=self.PANE.value, classes="-noted")
        self.status = Status(Shown.LOADING, "loading")
        self.count_words = ""
        self.filter_text = ""
        self._frame: tuple[object, ...] = ()
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
        self.border_title = title  # pyright: ignore[reportAttributeAccessIssue]
        self.border_subtitle = line_of(parts)  # pyright: ignore[reportAttributeAccessIssue]
        self.set_class(status.shown is Shown.STALE, "-stale")
        self.post_message(self.Painted(self))

    def title(self, *more: str) -> Content:
        """ "3 Pods  prod-eu  /filter"."""
        pieces = [ink(f"{self.PANE.number} {self.name_words}")]
        pieces += [ink(f"  {text}", "dim") for text in more if text]
        if self.filter_text:
            pieces.append(ink(f"  /{self.filter_text}", "accent"))
        return Content.assemble(*pieces)

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

    # Keys ----------------------------------------------------------------------------------------------------------

    def set_filter(self, text: str) -> None:
        """Show only what matches. Raises UsageError saying what is wrong with the text."""
        raise NotImplementedError

    @property
    def narrowed(self) -> bool:
        """Whether something hides rows."""
        return bool(self.filter_text)

    @property
    def hints(self) -> Sequence[tuple[str, str]]:
        """`FOOTER`, without what needs a row while there is none."""
        return self.FOOTER

    def widen(self) -> None:
        """Show all rows again."""
        self.set_filter("")

    def details(self) -> Details | None:
        """Of the row under the cursor; of the pane where there is none."""
        raise NotImplementedError

    def by_hand(self) -> Details | None:
        """The commands that show the same, and for the row under the cursor those that show it."""
        raise NotImplementedError

    def selection(self) -> Selection:
        """The objects that a change would be about; none in panes whose rows are no Kubernetes objects."""
        return Selection()

    def copy_text(self) -> str:
        raise NotImplementedError

    def filter_fields(self) -> Sequence[Field]:
        """The columns that a filter may ask; none where rows have none."""
        return ()

    def filter_values(self, field: Field) -> Mapping[str, int]:
        """The texts in a column, with the number of rows that have them."""
        return {}

    def prepare_filter(self) -> None:
        """A filter is about to be typed; for panes that can use the time until the first key."""

    def action_details(self) -> None:
        details = self.details()
        if details is not None:
            self.post_message(self.DetailsWanted(details))

    def action_by_hand(self) -> None:
        details = self.by_hand()
        if details is not None:
            self.post_message(self.DetailsWanted(details))

    def action_copy(self) -> None:
        text = self.copy_text()
        if text:
            self.post_message(self.CopyWanted(text))
