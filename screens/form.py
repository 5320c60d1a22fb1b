"""The arguments of a change: one modal for all of them. Fields and their rules are `tui.present.forms`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import Input, Static

from tui.present.forms import Field, FieldType
from widgets.choice_field import ChoiceField
from widgets.ink import ink
from widgets.line_input import LineInput
from widgets.list_field import ListField
from widgets.modal import Modal
from widgets.path_suggester import PathSuggester

LABEL_WIDTH = 24


class Form(Modal[dict[str, str] | None]):
    """check: what is wrong, by field, with all that was typed. notes: what is there now. Dismissed with the values by
    field, None where it was left."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close", id="form.close"),
        Binding("enter", "submit", "Go on", id="form.submit"),
        # Before the field hears of it: what was typed right behind it, in one packet, belongs to the next field.
        Binding("tab", "step(1)", "Next field", id="form.next", priority=True),
        Binding("shift+tab", "step(-1)", "Previous field", id="form.previous", priority=True),
        Binding("ctrl+j,f2", "submit", "Go on from a block of text", id="form.submit_block", show=False),
    ]

    DEFAULT_CSS = """
    Form {
        #frame { width: 92%; max-width: 100; max-height: 92%; scrollbar-size-vertical: 1; }
        .field { height: auto; }
        .label { width: 24; color: $text-muted; }
        .hint { height: auto; margin-left: 24; margin-bottom: 1; }
        #notes { height: auto; max-height: 10; }
        Input { border: none; height: 1; padding: 0 1; background: $surface; width: 1fr; }
        Input:focus { border: none; background: $selection; }
        TextArea { border: none; height: 6; width: 1fr; padding: 0 1; background: $surface; }
        TextArea:focus { border: none; }
    }
    """

    def __init__(
        self,
        title: str,
        fields: Sequence[Field],
        check: Callable[[Mapping[str, str]], Mapping[str, str]],
        notes: Sequence[str] = (),
        *,
        enter: str = "the plan, nothing is changed yet",
    ) -> None:
        super().__init__()
        self._enter = enter
        self._title = title
        self._fields = fields
        self._check = check
        self._notes = notes
        self._entries: dict[str, Widget] = {}
        self._hints = {field.name: Static(classes="hint", markup=False) for field in fields}

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="frame", can_focus=False) as frame:
            frame.border_title = ink(self._title)  # pyright: ignore[reportAttributeAccessIssue]
            frame.border_subtitle = f"enter {self._enter} · tab next field · esc close"
            if self._notes:
                yield Static(ink("\n".join([*self._notes, ""]), "dim"), id="notes", markup=False)
            with Vertical(classes="field"):
                for field in self._fields:
                    self._entries[field.name] = _entry(field)
                    with Horizontal(classes="field"):
                        yield Static(ink(field.label), classes="label", markup=False)
                        yield self._entries[field.name]
                    yield self._hints[field.name]

    def on_mount(self) -> None:
        first = next(iter(self._entries.values()))
        first.focus()
        if isinstance(first, Input):
            first.cursor_position = len(first.value)
        self._complain({})

    def _values(self) -> dict[str, str]:
        return {name: _value(entry) for name, entry in self._entries.items()}

    def _complain(self, found: Mapping[str, str]) -> None:
        for field in self._fields:
            words = found.get(field.name, "")
            hint = self._hints[field.name]
            hint.update(ink(f"× {words}", "bad") if words else ink(field.hint, "dim"))
            hint.display = bool(words or field.hint)

    @on(Input.Changed)
    def changed(self, event: Input.Changed) -> None:
        """What has been found wrong is looked at again; what is half typed is not complained of."""
        event.stop()
        self._complain({})

    @on(Input.Submitted)
    def entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_submit()

    def action_submit(self) -> None:
        values = self._values()
        found = self._check(values)
        if not found:
            self.dismiss(values)
            return
        self._complain(found)
        first = next((name for name in self._entries if name in found), None)
        if first is not None:
            self._entries[first].focus()

    def action_step(self, step: int) -> None:
        if step > 0:
            self.focus_next()
        else:
            self.focus_previous()

    def action_close(self) -> None:
        self.dismiss(None)


def _entry(field: Field) -> Widget:
    name = f"field-{abs(hash(field.name))}"  # container names are no identifiers
    match field.type:
        case FieldType.CHOICE:
            return ChoiceField(field.choices, field.value or field.choices[0], id=name)
        case FieldType.LIST:
            return ListField(field.choices, field.lines, field.value, id=name)
        case FieldType.BLOCK:
            from textual.widgets import TextArea

            return TextArea(field.value, id=name)
        case FieldType.PATH:
            return LineInput(field.value, id=name, select_on_focus=False, suggester=PathSuggester())
        case FieldType.LINE:
            return LineInput(field.value, id=name, select_on_focus=False)


def _value(entry: Widget) -> str:
    if isinstance(entry, Input | ChoiceField | ListField):
        return entry.value
    from textual.widgets import TextArea

    return entry.text if isinstance(entry, TextArea) else ""
