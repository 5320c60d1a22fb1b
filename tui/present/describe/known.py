"""What a description is made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from msgspec import Struct

from tui.errors import Problem
from tui.model.objects import Beside, Body
from tui.present.describe.page import Block


class Known(Struct, frozen=True):
    """body: the object. beside: what was found around it, None while that is being asked for. now: wall-clock seconds.
    shown: secret values may be said."""

    body: Body
    now: float
    beside: Beside | None = None
    shown: bool = False

    def found(self, question: str) -> tuple[Body, ...] | None:
        """The answer to one of `tui.data.beside.questions`; None where there is none (yet)."""
        return None if self.beside is None else self.beside.found.get(question)

    def refused(self, question: str) -> Problem | None:
        """Why there is no answer."""
        gaps = self.beside.gaps if self.beside is not None else ()
        return next((gap.problem for gap in gaps if gap.who == question), None)


Describer: TypeAlias = Callable[[Known], list[Block]]
