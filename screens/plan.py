"""What a change would do, the question whether to do it, and how it goes: one modal from plan to result.

No single key changes anything: the focus is on Cancel at first, `y` only moves it to the button that names the action,
the count and the clusters, and enter there begins. Clusters configured as production want their names typed.
"""

from __future__ import annotations

from typing import Any, ClassVar

from msgspec import Struct
from msgspec.structs import replace
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Static

from tui.clock import Clock
from tui.errors import SourceError, UsageError
from tui.model.changes import ChangeDesk, Plan, Progress, Run, Wish
from tui.present.clean import clean
from tui.present.planning import Planning, body, hints, leave_words, notes, title
from tui.present.plans import DESTRUCTIVE, FOLD_FROM, confirm_words, typed_right
from widgets.ink import block_of, ink
from widgets.line_input import LineInput
from widgets.line_list import ScrollingScreen
from widgets.pane import FeedPane
from widgets.push_button import PushButton
from widgets.reading import reading


class PlanEnd(Struct, frozen=True):
    """How the modal was left. progress: None where nothing was begun. again: the arguments (or the text) are to be
    changed, and the wish planned anew."""

    plan: Plan | None = None
    progress: Progress | None = None
    again: bool = False


class PlanScreen(ScrollingScreen[PlanEnd]):
    """plan: made already; else it is made when the screen opens. options: what `o` leads back to, "" = nothing. note:
    what is to be known beside the plan."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Cancel, stop, or close", id="plan.leave"),
        Binding("y", "aim", "To the button that does it; enter there begins", id="plan.aim"),
        Binding("o", "options", "Change the arguments", id="plan.options"),
        Binding("d", "fold", "Fold the differences, or show them", id="plan.fold"),
        Binding("W", "unlock", "Unlock writing again", id="plan.unlock"),
        Binding("K", "by_hand", "The same by hand", id="plan.by_hand"),
    ]

    DEFAULT_CSS = """
    PlanScreen {
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
        self._run: Run | None = None
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

    # Keys ----------------------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        match action:
            case "aim":
                return self._state.asking and not self._state.shut
            case "unlock":
                return self._state.shut
            case "options":
                return self._state.adjustable
            case "fold":
                return self._state.foldable
            case "by_hand":
                return self._state.plan is not None and bool(self._state.plan.commands)
            case _:
                return True

    def action_aim(self) -> None:
        typed = self._state.plan is not None and bool(self._state.plan.typed)
        self.query_one("#typed" if typed else "#go").focus()

    def action_unlock(self) -> None:
        try:
            self._desk.unlock()
        except SourceError as error:
            self.notify(clean(error.problem.summary, 300), severity="warning", markup=False)

    def action_fold(self) -> None:
        self._become(folded=not self._state.folded)

    def action_options(self) -> None:
        self.dismiss(PlanEnd(self._state.plan, self._state.progress, again=True))

    def action_by_hand(self) -> None:
        from tui.present.by_hand import page, plan_lines

        plan = self._state.plan
        if plan is not None:
            clusters = [step.ref.cluster for step in plan.steps]
            self.post_message(FeedPane.DetailsWanted(page(plan_lines(plan), clusters)))

    def action_leave(self) -> None:
        if self._run is not None and not self._state.closing:
            self._run.cancel()
            self._become(cancelled=True)
        else:
            self.dismiss(PlanEnd(self._state.plan, self._state.progress))

    @on(PushButton.Pressed)
    def pressed(self, message: PushButton.Pressed) -> None:
        message.stop()
        if message.button is self._go:
            self._begin()
        else:
            self.action_leave()

    @on(Input.Submitted)
    def typed(self, message: Input.Submitted) -> None:
        message.stop()
        plan = self._state.plan
        if plan is None or not self._state.asking:
            return
        if typed_right(plan, message.value):
            self._begin()
        else:
            names = " ".join(clean(name, 60) for name in plan.typed)
            self._want.update(ink(f"× That is not it. To {confirm_words(plan)}, type {names}", "bad"))

    # Carrying out --------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        if self._state.plan is None or not self._state.asking or self._state.shut:
            return
        self.remove_class("-typed")
        self.add_class("-idle")
        self._leave.focus()
        try:
            self._run = self._desk.carry_out(self._state.plan)
        except SourceError as error:
            self._become(problem=error.problem)
        else:
            self._become(running=True)
            self._watch(self._run)

    @work(exclusive=True, group="run")
    async def _watch(self, run: Run) -> None:
        async with reading(run.progress) as feeds:
            async for feed in feeds:
                self._become(progress=feed.value)
                if self._state.finished:
                    return
