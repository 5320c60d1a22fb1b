"""`m`: everything that can be done with the rows under cursor and marks, and why some of it cannot.

Whether the server would allow it is asked only for the lines that are on screen, and only while the menu is open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from tui.clock import Clock
from tui.errors import Problem, SourceError
from tui.model.changes import ChangeDesk, Permission, Question
from tui.model.cluster import ClusterRef
from tui.model.feed import Topic
from tui.present.actions import (
    DO,
    UNLOCK,
    Deed,
    MenuItem,
    closed_reason,
    deed_items,
    forbidden,
    matching,
    questions,
)
from tui.present.clean import clean
from tui.present.scope import Selection
from widgets.ink import ink
from widgets.line_input import LineInput
from widgets.modal import Modal
from widgets.reading import reading

KEY_WIDTH = 8
"""Columns of the keys."""
FRAME = 7
"""Lines of border, input, reason, and what separates them."""
HINT = "type to find · enter do it · esc close"


class Menu(Modal[str]):
    """Dismissed with the id of what was chosen, "" for nothing. looks: what reads only, in order."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close", id="menu.close"),
        Binding("up", "move(-1)", "Up", show=False, id="menu.up", priority=True),
        Binding("down", "move(1)", "Down", show=False, id="menu.down", priority=True),
        Binding("pageup", "move(-8)", "Page up", show=False, id="menu.page_up", priority=True),
        Binding("pagedown", "move(8)", "Page down", show=False, id="menu.page_down", priority=True),
    ]

    DEFAULT_CSS = """
    Menu {
        #frame { width: 92%; max-width: 96; max-height: 92%; padding: 0 1; }
        Input { border: none; height: 1; padding: 0; background: $background; }
        Input:focus { border: none; }
        #items { height: auto; margin-top: 1; }
        #why { height: auto; max-height: 2; margin-top: 1; }
    }
    """

    def __init__(
        self,
        desk: ChangeDesk,
        clock: Clock,
        *,
        title: str,
        looks: Sequence[MenuItem],
        deeds: Sequence[Deed],
        selection: Selection,
        keys: Mapping[str, str],
    ) -> None:
        super().__init__()
        self._desk = desk
        self._clock = clock
        self._title = title
        self._looks = looks
        self._deeds = deeds
        self._keys = keys
        self._questions = {deed.action: questions(deed, selection.targets) for deed in deeds}
        self._clusters = tuple(dict.fromkeys(target.cluster for target in selection.targets)) or selection.clusters
        self._answers: dict[Question, Topic[Permission]] = {}
        self._found: list[MenuItem] = []
        self._chosen = 0
        self._top = 0
        self._list = Static(id="items", markup=False)
        self._why = Static(id="why", markup=False)

    def compose(self) -> ComposeResult:
        with Vertical(id="frame") as frame:
            frame.border_title = ink(self._title)  # pyright: ignore[reportAttributeAccessIssue]
            yield LineInput(placeholder="type to find", select_on_focus=False)
            yield self._list
            yield self._why

    def on_mount(self) -> None:
        self.query_one(Input).focus()
        self._follow_lock()
        self.repaint()

    def on_resize(self) -> None:
        self.repaint()

    @work(exclusive=True, group="lock")
    async def _follow_lock(self) -> None:
        async with reading(self._desk.lock) as feeds:
            async for _ in feeds:
                self.repaint()

    # What is shown -------------------------------------------------------------------------------------------------

    def _why_closed(self) -> str:
        said = ((cluster, self._desk.refusal(cluster)) for cluster in self._clusters)
        refusals: dict[ClusterRef, Problem] = {cluster: problem for cluster, problem in said if problem is not None}
        return closed_reason(self._desk.lock.feed.value, refusals, self._clock.now())

    def _items(self) -> list[MenuItem]:
        answers = {
            action: forbidden((question, self._answer(question)) for question in asked)
            for action, asked in self._questions.items()
        }
        return [*self._looks, *deed_items(self._deeds, self._keys, self._why_closed(), answers)]

    def _answer(self, question: Question) -> Permission | None:
        topic = self._answers.get(question)
        if topic is None:
            return None
        # An answer that cannot be had is none: the dry-run will tell.
        return topic.feed.value or (Permission(allowed=True) if topic.feed.problem is not None else None)

    def repaint(self) -> None:
        """The list as of now, its cursor kept on the same line where that is still there."""
        before = self._found[self._chosen].id if self._found else ""
        self._found = matching(self._items(), self.query_one(Input).value)
        places = [index for index, item in enumerate(self._found) if item.id == before]
        self._chosen = places[0] if places else 0
        self._paint()

    def _paint(self) -> None:
        lines = _lines(self._found, headed=not self.query_one(Input).value.strip())
        cursor = lines.index(self._chosen) if self._found else 0
        room = max(4, self.size.height * 92 // 100 - FRAME)
        self._top = max(0, min(max(cursor - room + 1, min(self._top, cursor - 1)), len(lines) - room))
        shown = lines[self._top : self._top + room]
        below = len(lines) - self._top - len(shown)
        frame = self.query_one("#frame", Vertical)
        more = f"↓ {below} more · " if below > 0 else ""
        frame.border_subtitle = ink(f"{more}{HINT}")  # pyright: ignore[reportAttributeAccessIssue]
        self._list.update(Content("\n").join([self._line(entry) for entry in shown]))
        reason = self._found[self._chosen].reason if self._found else "Nothing is called so."
        self._why.update(ink(f"× {reason}" if reason and self._found else reason, "dim"))
        self._ask([self._found[entry] for entry in shown if isinstance(entry, int)])

    def _line(self, entry: int | str) -> Content:
        if isinstance(entry, str):
            return ink(entry, "heading")
        item, chosen = self._found[entry], entry == self._chosen
        room = max(20, self.query_one("#frame").size.width - 4)
        width = min(40, room // 2)
        bar = ink("▌ " if chosen else "  ", "accent")
        style = "dim" if item.reason else "bold" if chosen else ""
        words = ink(_cut(item.words, width - 1).ljust(width), style)
        key = ink(item.key.ljust(KEY_WIDTH), "dim" if item.reason else "accent")
        left = max(0, room - width - KEY_WIDTH - 2)
        said = "…" if item.pending else item.reason
        return Content.assemble(bar, words, key, ink(_cut(said, left), "dim"))

    # Permissions ---------------------------------------------------------------------------------------------------

    def _ask(self, shown: Sequence[MenuItem]) -> None:
        """Follow what the server says of the lines on screen, and of no others."""
        for item in shown:
            if not item.pending:
                continue
            for action, asked in self._questions.items():
                for question in asked if item.id == DO + action.value else ():
                    if question not in self._answers:
                        self._answers[question] = self._desk.may(question)
                        self._follow(self._answers[question])

    @work(group="may")
    async def _follow(self, topic: Topic[Permission]) -> None:
        async with reading(topic) as feeds:
            async for _ in feeds:
                self.repaint()

    # Keys ----------------------------------------------------------------------------------------------------------

    def action_move(self, step: int) -> None:
        if self._found:
            last = len(self._found) - 1
            target = self._chosen + step
            self._chosen = target % len(self._found) if abs(step) == 1 else max(0, min(target, last))
            self._paint()

    def action_close(self) -> None:
        self.dismiss("")

    @on(Input.Changed)
    def look(self, event: Input.Changed) -> None:
        event.stop()
        self._found = []
        self.repaint()

    @on(Input.Submitted)
    def enter(self, event: Input.Submitted) -> None:
        event.stop()
        item = self._found[self._chosen] if self._found else None
        if item is None or item.reason:
            return
        if item.id == UNLOCK:
            self._unlock()
        else:
            self.dismiss(item.id)

    def _unlock(self) -> None:
        try:
            self._desk.unlock()
        except SourceError as error:
            self._why.update(ink(f"× {clean(error.problem.summary, 300)}", "bad"))
        else:
            self.query_one(Input).value = ""  # what led here leads nowhere now


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: max(0, width - 1)] + "…"


def _lines(items: Sequence[MenuItem], *, headed: bool) -> list[int | str]:
    """Each item's place, with the headings between them; none where the best match comes first."""
    if not headed:
        return list(range(len(items)))
    lines: list[int | str] = []
    section = ""
    for place, item in enumerate(items):
        if item.section != section:
            section = item.section
            lines += ["", section] if lines else [section]
        lines.append(place)
    return lines
