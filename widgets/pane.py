"""`FeedPane`: what the keys of all panes ask for, and what screens may ask of any pane."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive

from tui.present.scope import Selection
from widgets.framed import Framed

if TYPE_CHECKING:
    from tui.present.details import Details
    from tui.present.fields import Field

T = TypeVar("T")


class FeedPane(Framed[T], Generic[T]):
    """A `Framed` with keys. Sub-classes answer for what their rows are."""

    FOOTER: ClassVar[tuple[tuple[str, str], ...]] = ()
    """What the footer says while the focus is here: binding ids in order, with the words for them in this pane."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "details", "Details of the row, and what stands in its way", id="pane.details"),
        Binding("c", "copy", "Copy the row's name", id="pane.copy"),
        Binding("K", "by_hand", "The same by hand: kubectl, gcloud, az", id="pane.by_hand"),
    ]

    refused: reactive[str] = reactive("", repaint=False)
    """Why what is typed is not looked for, where only the looking shows it; "" else."""

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
