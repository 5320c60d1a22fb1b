"""The keys that open streams, on every screen that shows objects: shell, attach, copy, port-forward, and the list of
these.

What happens behind them is imported with the first of these keys; the first frame does not wait for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from screens.change_keys import ChangeKeys
from tui.clock import Clock
from tui.model.datalayer import DataLayer
from tui.model.objects import ObjectRef
from tui.present.streams import streams_to

if TYPE_CHECKING:
    from screens.streaming import Streaming


class StreamKeys(ChangeKeys):
    """A screen whose rows or object may lead to a container."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "stream('shell')", "Shell in a container", id="stream.shell"),
        Binding("S,shift+s", "stream('choose')", "Shell: choose bash, sh or a command", id="stream.choose"),
        Binding("a", "stream('attach')", "Attach to what a container writes", id="stream.attach"),
        Binding("t", "stream('copy')", "Transfer files to or from a container", id="stream.copy"),
        Binding("F,shift+f", "stream('forward')", "Port-forward to it", id="stream.forward"),
        Binding("f", "forwards", "The port-forwards", id="stream.forwards"),
    ]

    def __init__(self, hub: DataLayer, clock: Clock) -> None:
        super().__init__(hub, clock)
        self._streaming: Streaming | None = None

    @property
    def streaming(self) -> Streaming:
        if self._streaming is None:
            from screens.streaming import Streaming

            self._streaming = Streaming(self, self._hub, self._clock, self.changing.closed)
        return self._streaming

    def _target(self) -> ObjectRef | None:
        """The one object that a stream would go to."""
        targets = self.selection().targets
        return targets[0] if len(targets) == 1 and streams_to(targets[0].kind) else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        match action:
            case "stream":
                return self._target() is not None
            case _:
                return super().check_action(action, parameters)

    def action_stream(self, what: str) -> None:
        target = self._target()
        if target is not None:
            self.streaming.begin(what, target)

    def action_forwards(self) -> None:
        from screens.forwards import ForwardScreen

        self.app.push_screen(ForwardScreen(self._hub, self._clock))  # pyright: ignore[reportUnknownMemberType]
