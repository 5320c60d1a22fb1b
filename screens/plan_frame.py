"""The plan modal, up to the question: what a change would do is found out, and shown as it stands now."""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from textual import work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from tui.clock import Clock
from tui.errors import SourceError, UsageError
from tui.model.changes import ChangeDesk, Plan, Progress, Wish
from tui.present.clean import clean
from tui.present.planning import Planning, body, hints, leave_words, notes, title
from tui.present.plans import DESTRUCTIVE, FOLD_FROM, confirm_words
from widgets.ink import block_of, ink
from widgets.line_input import LineInput
from widgets.line_list import ScrollingScreen
from widgets.push_button import PushButton
from widgets.reading import reading


class PlanEnd(Struct, frozen=True):
    """How the modal was left. progress: None where nothing was begun. again: the arguments (or the text) are to be
    changed, and the wish planned anew."""

    plan: Plan | None = None
    progress: Progress | None = None
    again: bool = False


class PlanFrame(ScrollingScreen[PlanEnd]):
    """plan: made already; else it is made when the screen opens. options: what `o` leads back to, "" = nothing. note:
    what is to be known beside the plan. Keys, and what they begin, are `screens.plan`'s."""

    DEFAULT_CSS = """
    PlanFrame {
        #frame { width: 94%; max-width: 116; height: 90%; padding: 0 1; }
        #notes { height: auto; margin-bottom: 1; }
        #ask { height: auto; margin-top: 1; }
        #typing { height: auto; display: none; }
        #typed { border: none; height: 1; padding: 0 1; background: $surface; }
        #typed:focus { border: none; }
        #buttons { height: 1; }
        &.-typed #typing { display: block; }
        &.-typed #go, &.-idle #go { display: none; }
    }
    """

    def __init__(
        self,
        desk: ChangeDesk,
        wish: Wish,
        clock: Clock,
        *,
        plan: Plan | None = None,
        options: str = "",
        note: str = "",
    ) -> None:
        super().__init__(classes="-idle")
        self._desk = desk
        self._clock = clock
        self._state = Planning(wish, plan, options=options, note=note)
        self._notes = Static(id="notes", markup=False)
        self._want = Static(id="want", markup=False)
        self._leave = PushButton("Cancel", id="leave")
        self._go = PushButton("", id="go")

    def compose(self) -> ComposeResult:
        with Vertical(id="frame"):
            yield self._notes
            yield self.lines
            with Vertical(id="ask"):
                with Vertical(id="typing"):
                    yield self._want
                    yield LineInput(id="typed", select_on_focus=False)
                with Horizontal(id="buttons"):
                    yield self._leave
                    yield self._go

    def on_mount(self) -> None:
        self._leave.focus()
        if self._state.plan is not None:
            self._take(self._state.plan)
        else:
            self._ask()
            self.repaint()

        self._follow_lock()

    @work(exclusive=True, group="lock")
    async def _follow_lock(self) -> None:
        async with reading(self._desk.lock) as feeds:
            async for feed in feeds:
                locked = feed.value is None or feed.value.until is None
                if locked is not self._state.locked:
                    self._become(locked=locked)

    # Planning ------------------------------------------------------------------------------------------------------

    @work(exclusive=True, group="plan")
    async def _ask(self) -> None:
        try:
            plan = await self._desk.plan(self._state.wish, self._planned)
        except SourceError as error:
            self._become(problem=error.problem)
        except UsageError as error:
            self._become(words=str(error))
        else:
            self._take(plan)

    def _planned(self, done: int, of: int) -> None:
        """Only the notes are painted: a plan of a thousand objects tells this a thousand times."""
        self._state = replace(self._state, so_far=(done, of))
        self._paint_notes()

    def _take(self, plan: Plan) -> None:
        """A plan is there: show it, and ask."""
        if plan.ready:
            words = confirm_words(plan)
            self._go.say(words[:1].upper() + words[1:], danger=plan.wish.action in DESTRUCTIVE)
            names = " ".join(clean(name, 60) for name in plan.typed)
            self._want.update(ink(f"! To {words}, type {names}", "warn"))
            self.remove_class("-idle")
            self.set_class(bool(plan.typed), "-typed")
        self._become(plan=plan, folded=len(plan.steps) >= FOLD_FROM)

    # Painting ------------------------------------------------------------------------------------------------------

    def _become(self, **changed: Any) -> None:
        self._state = replace(self._state, **changed)
        self.repaint()

    def on_resize(self) -> None:
        self.repaint()

    def repaint(self) -> None:
        """Everything as of now."""
        state = self._state
        frame = self.query_one("#frame", Vertical)
        frame.border_title = ink(title(state))  # pyright: ignore[reportAttributeAccessIssue]
        frame.border_subtitle = ink(hints(state))  # pyright: ignore[reportAttributeAccessIssue]
        self._paint_notes()
        self.lines.show(body(state, self._clock.now()))
        self._leave.say(leave_words(state))

    def _paint_notes(self) -> None:
        width = self.query_one("#frame", Vertical).size.width
        self._notes.update(block_of(notes(self._state), max(20, width - 4)))
