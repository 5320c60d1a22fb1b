"""The line that text is typed into, wherever there is one: keys act in the order in which they came.

Textual looks up what is no letter once the key has come up to the app, and by then the line has taken the letters
behind it. Over a slow line several keys come in one packet, and `abc`, backspace, `d` would become `abc`.
"""

from __future__ import annotations

from textual import events
from textual.widgets import Input


class LineInput(Input):
    """An `Input` that edits at once."""

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
