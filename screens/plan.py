"""What a change would do, the question whether to do it, and how it goes: one modal from plan to result.

No single key changes anything: the focus is on Cancel at first, `y` only moves it to the button that names the action,
the count and the clusters, and enter there begins. Clusters configured as production want their names typed.
"""

from __future__ import annotations

from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.widgets import Input

from screens.plan_frame import PlanEnd, PlanFrame
from tui.clock import Clock
from tui.errors import SourceError
from tui.model.changes import ChangeDesk, Plan, Run, Wish
from tui.present.clean import clean
from tui.present.plans import confirm_words, typed_right
from widgets.ink import ink
from widgets.pane import FeedPane
from widgets.push_button import PushButton
from widgets.reading import reading


class PlanScreen(PlanFrame):
    """A `PlanFrame` with keys, and the run that they begin."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Cancel, stop, or close", id="plan.leave"),
        Binding("y", "aim", "To the button that does it; enter there begins", id="plan.aim"),
        Binding("o", "options", "Change the arguments", id="plan.options"),
        Binding("d", "fold", "Fold the differences, or show them", id="plan.fold"),
        Binding("W", "unlock", "Unlock writing again", id="plan.unlock"),
        Binding("K", "by_hand", "The same by hand", id="plan.by_hand"),
    ]

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
        super().__init__(desk, wish, clock, plan=plan, options=options, note=note)
        self._run: Run | None = None

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
