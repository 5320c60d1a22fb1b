"""The keys that change something, on every screen that shows objects: menu, edit, delete, the lock.

What happens behind them is imported with the first of these keys; the first frame does not wait for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import ActiveBinding, Binding, BindingType

from screens.framed_screen import FramedScreen
from tui.clock import Clock
from tui.errors import SourceError
from tui.model.changes import Action
from tui.model.datalayer import DataLayer
from tui.model.objects import ObjectRef
from tui.present.clean import clean
from tui.present.scope import Selection
from widgets.key_names import key_name

if TYPE_CHECKING:
    from screens.changing import Changing
    from tui.present.actions import MenuItem

LOOKS = {
    "table.open": "Open",
    "pane.details": "Describe",
    "pane.yaml": "YAML",
    "pane.related": "Related",
    "object.describe": "Describe",
    "object.yaml": "YAML",
    "object.events": "Events",
    "object.related": "Related",
    "go.logs": "Logs",
    "go.previous_logs": "Logs of the previous run",
    "stream.shell": "Shell in a container",
    "stream.choose": "Shell: choose…",
    "stream.attach": "Attach to what a container writes",
    "stream.copy": "Transfer files (cp)",
    "stream.forward": "Port-forward",
    "pane.by_hand": "The same by hand",
    "object.by_hand": "The same by hand",
    "pane.copy": "Copy the name",
    "object.copy": "Copy the text",
}
"""Keys that only look at the row, in the order of the menu, and how it says them."""


class ChangeKeys(FramedScreen):
    """A screen whose rows or object may be changed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "menu", "Menu of everything possible with the row", id="change.menu"),
        Binding("e", "change('edit')", "Edit in your editor", id="change.edit"),
        Binding("ctrl+d", "change('delete')", "Delete, after a question", id="change.delete"),
        Binding("W", "lock", "Unlock writing for a while, or lock it", id="change.lock"),
    ]

    def __init__(self, hub: DataLayer, clock: Clock) -> None:
        super().__init__(hub, clock)
        self._desk = hub.changes
        self._way: Changing | None = None

    @property
    def changing(self) -> Changing:
        if self._way is None:
            from screens.changing import Changing

            self._way = Changing(self, self._desk, self._clock, self.settled)
        return self._way

    def selection(self) -> Selection:
        """What the keys are about now."""
        raise NotImplementedError

    def settled(self, refs: Sequence[ObjectRef]) -> None:
        """A change was carried out, and of these nothing is left to do."""

    @property
    def subject(self) -> str:
        """What the menu is about where no object is."""
        return ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        match action:
            case "change" if parameters in {("edit",), ("delete",)}:
                return bool(self.selection().targets)
            case _:
                return True

    # The menu ------------------------------------------------------------------------------------------------------

    def action_menu(self) -> None:
        self.run_worker(self._menu(), group="menu", exclusive=True)

    async def _menu(self) -> None:
        from screens.menu import Menu
        from tui.present.actions import APPLY, DO, deeds_for, menu_title

        selection = self.selection()
        active = self.active()
        looks = {name: active[name] for name in LOOKS if name in active}
        deeds = deeds_for(selection.targets)
        chosen = await self.app.push_screen_wait(  # pyright: ignore[reportUnknownMemberType]
            Menu(
                self._desk,
                self._clock,
                title=menu_title(selection) or self.subject,
                looks=[_look(name, found, objects=bool(selection.targets)) for name, found in looks.items()],
                deeds=(*deeds, APPLY) if selection.clusters else deeds,
                selection=selection,
                keys={name: key_name(found.binding.key) for name, found in active.items() if name},
            )
        )
        if chosen in looks:
            await self.run_hinted(looks[chosen].node, looks[chosen].binding.action)
        elif chosen.startswith(DO):
            self.changing.begin(Action(chosen.removeprefix(DO)), selection)

    def palette(self) -> Iterator[tuple[str, str, Callable[[], None]]]:
        """What can be changed, for the app's palette: words, of what, and how it is begun."""
        from tui.present.actions import deeds_for
        from tui.present.plans import objects_words

        selection = self.selection()
        for deed in deeds_for(selection.targets):
            of = objects_words(selection.targets)
            yield deed.words, of, lambda action=deed.action: self.changing.begin(action, selection)

    # Keys ----------------------------------------------------------------------------------------------------------

    def action_change(self, name: str) -> None:
        """Begin the action of this name with what the keys are about."""
        self.changing.begin(Action(name), self.selection())

    def action_journal(self) -> None:
        from screens.journal import JournalScreen

        self.app.push_screen(JournalScreen(self._hub, self._clock))  # pyright: ignore[reportUnknownMemberType]

    def action_lock(self, locked: bool | None = None) -> None:
        """Lock or unlock writing; None: the other of the two."""
        lock = self._desk.lock.feed.value
        open_now = lock is not None and lock.until is not None and lock.until > self._clock.now()
        if open_now if locked is None else locked:
            self._desk.relock()
            return
        try:
            self._desk.unlock()
        except SourceError as error:
            self.notify(clean(error.problem.summary, 300), severity="warning", markup=False)
        self.header.tick()


def _look(name: str, found: ActiveBinding, *, objects: bool) -> MenuItem:
    """objects: the rows are Kubernetes objects, which are described; others have details."""
    from tui.present.actions import LOOK, MenuItem

    words = "Details" if name == "pane.details" and not objects else LOOKS[name]
    return MenuItem(name, words, key_name(found.binding.key), LOOK)
