"""The plan modal as a value: what it says at each moment between the wish and the result. Pure;
`screens.plan_frame` paints it and asks the desk."""

from __future__ import annotations

from msgspec import Struct

from tui.errors import Problem
from tui.model.changes import Plan, Progress, Wish
from tui.present.clean import clean
from tui.present.plans import all_well, plan_lines, plan_notes, plan_title, progress_lines, progress_words, wish_words
from tui.present.problems import Line, explanation


class Planning(Struct, frozen=True):
    """plan: None while it is made. progress: once it has begun. problem / words: why there is no plan, or why it could
    not begin. options: what the arguments are called that could be changed, "" = there are none. note: what is to be
    known beside the plan. so_far: how many objects of how many are planned. locked: writing has been locked since."""

    wish: Wish
    plan: Plan | None = None
    progress: Progress | None = None
    problem: Problem | None = None
    words: str = ""
    running: bool = False
    cancelled: bool = False
    folded: bool = False
    options: str = ""
    note: str = ""
    so_far: tuple[int, int] = (0, 0)
    locked: bool = False

    @property
    def failed(self) -> bool:
        return self.problem is not None or bool(self.words)

    @property
    def asking(self) -> bool:
        """Whether it waits for a yes."""
        return self.plan is not None and bool(self.plan.ready) and not self.running and not self.failed

    @property
    def shut(self) -> bool:
        """Whether a yes would come too late, until writing is unlocked again."""
        return self.asking and self.locked

    @property
    def finished(self) -> bool:
        return self.progress is not None and self.progress.finished

    @property
    def closing(self) -> bool:
        """Whether there is nothing left that could be cancelled."""
        return self.finished or self.failed or (self.plan is not None and not self.plan.ready)

    @property
    def foldable(self) -> bool:
        return not self.running and self.plan is not None and any(step.diff for step in self.plan.steps)

    @property
    def adjustable(self) -> bool:
        """Whether other arguments could be chosen."""
        return bool(self.options) and (not self.running or self.finished)


def title(state: Planning) -> str:
    return plan_title(state.plan) if state.plan is not None else wish_words(state.wish)


def notes(state: Planning) -> list[Line]:
    """Above the objects: where it stands, and what must not be overlooked."""
    if state.progress is not None:
        words = progress_words(state.progress)
        if not state.progress.finished:
            stopping = " · stopping: no further one is begun" if state.cancelled else ""
            return [Line(f"▸ {words}{stopping}", "accent")]
        return [Line(f"✓ {words}", "good") if all_well(state.progress) else Line(f"× {words}", "bad")]
    if state.failed:
        return [Line("× not possible; nothing was changed", "bad")]
    if state.plan is None:
        return [Line("… reading, and trying each request with the server's dry-run", "dim"), *_so_far(*state.so_far)]
    said = [*([Line(f"! {state.note}", "warn")] if state.note else []), *plan_notes(state.plan)]
    if not state.plan.ready:
        return [Line("Nothing is left to do.", "bold"), *said]
    if state.shut:
        return [Line("! writing has been locked meanwhile: W unlocks it", "warn"), *said]
    return said or [Line("✓ accepted by the server's dry-run", "dim")]


def _so_far(done: int, of: int) -> list[Line]:
    """One object needs no counting."""
    return [Line(f"▸ {done} of {of} planned", "accent")] if of > 1 else []


def body(state: Planning, now: float) -> list[Line]:
    """The objects, or what failed."""
    if state.problem is not None:
        return explanation(state.problem, now)
    if state.words:
        return [Line(f"× {clean(state.words, 2000)}", "bad")]
    if state.progress is not None:
        return progress_lines(state.progress, now)
    return plan_lines(state.plan, now, folded=state.folded) if state.plan is not None else []


def hints(state: Planning) -> str:
    """The keys that do something now."""
    said = [f"esc {leave_words(state).lower()}"]
    if state.shut:
        said.append("W unlock")
    elif state.asking and state.plan is not None:
        said.append("y, the name, enter" if state.plan.typed else "y, then enter: do it")
    if state.adjustable:
        said.append(f"o {state.options}")
    if state.foldable:
        said.append("d show" if state.folded else "d fold")
    if state.plan is not None and state.plan.commands:
        said.append("K by hand")
    return " · ".join(said)


def leave_words(state: Planning) -> str:
    """What esc and the first button do."""
    return "Close" if state.closing else "Stop" if state.running else "Cancel"
