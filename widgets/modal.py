"""What stands in front of a screen and takes all its keys: one frame, which looks the same around everything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from textual.screen import ModalScreen

if TYPE_CHECKING:
    from widgets.lone_keys import LoneKeys

T = TypeVar("T")


class Modal(ModalScreen[T], Generic[T]):
    """Sub-classes put what they show into `#frame`, and say how large that may get. A text alone in it is `#text`."""

    DEFAULT_CSS = """
    Modal {
        align: center middle;
        background: $background 60%;
        #frame {
            height: auto;
            background: $background;
            border: round $border;
            border-title-color: $text-primary;
            border-title-style: bold;
            border-subtitle-color: $text-muted;
            padding: 1 2;
        }
        #text { height: auto; }
    }
    """

    lone_keys: LoneKeys | None = None
    """Where somebody may be typing for what was there before: which keys count. None = all do."""
