"""The line that text is typed into, wherever there is one: keys act in the order in which they came.

Textual looks up what is no letter once the key has come up to the app, and by then the line has taken the letters
behind it. Over a slow line several keys come in one packet, and `abc`, backspace, `d` would become `abc`.
"""

from __future__ import annotations

from textual import events
from textual.binding import Binding
from textual.widgets import Input

_EDITS = {key: binding.action for binding in Binding.make_bindings(Input.BINDINGS) for key in binding.key.split(",")}


class LineInput(Input):
    """An `Input` that edits at once."""

    async def on_key(self, event: events.Key) -> None:
        """Run what the key means for the text."""
        action = None if event.is_printable else _EDITS.get(event.key)
        if action is not None:
            event.stop()
            event.prevent_default()
            await self.run_action(action)
