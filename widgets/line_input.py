"""The line that text is typed into, wherever there is one: keys act in the order in which they came.

Textual looks up what is no letter once the key has come up to the app, and by then the line has taken the letters
behind it. Over a slow line several keys come in one packet, and `abc`, backspace, `d` would become `abc`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.widgets import Input


def _named(binding: Binding) -> Binding:
    """With an id, by which a keymap can give it other keys: "line.home", "line.home_select"."""
    return replace(binding, id=f"line.{binding.action.replace('(True)', '_select')}")


class LineInput(Input, inherit_bindings=False):
    """An `Input` that edits at once, and whose keys can be chosen as all others."""

    BINDINGS: ClassVar[list[BindingType]] = [*map(_named, Binding.make_bindings(Input.BINDINGS))]

    async def on_key(self, event: events.Key) -> None:
        """Run what the key means for the text."""
        if not event.is_printable and (action := self._action_of(event.key)):
            event.stop()
            event.prevent_default()
            await self.run_action(action)

    def _action_of(self, key: str) -> str:
        """As the user has bound it. Not asked of the screen, which answers for whatever has the focus by now."""
        bindings = self._bindings.copy()
        bindings.apply_keymap(self.app._keymap)  # pyright: ignore[reportPrivateUsage, reportUnknownMemberType]  # as Screen does
        return next((binding.action for binding in bindings.key_to_bindings.get(key, ())), "")
