"""What every whole screen has: the header above, the keys that work below, and ages that go on with the time."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on, work
from textual.binding import ActiveBinding
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget

from tui.clock import Clock
from tui.model.datalayer import DataLayer
from widgets.header import Header
from widgets.key_bar import KeyBar
from widgets.key_names import key_name
from widgets.prompt import Prompt
from widgets.reading import reading


class FramedScreen(Screen[None]):
    """Sub-classes put `header` and `key_bar` around what they show."""

    def __init__(self, hub: DataLayer, clock: Clock) -> None:
        super().__init__()
        self.header = Header(hub.identity, hub.meter, hub.changes.lock, clock)
        self.key_bar = KeyBar()
        self._hub = hub
        self._clock = clock
        self._hinted: list[ActiveBinding] = []
        self._prompt: Prompt | None = None

    def on_mount(self) -> None:
        self._follow_time()

    @work(exclusive=True, group="time")
    async def _follow_time(self) -> None:
        async with reading(self._hub.ticker) as ticks:
            async for _ in ticks:
                self.header.tick()
                self.tick()

    def tick(self) -> None:
        """A second has passed."""
        raise NotImplementedError

    @property
    def keyed(self) -> Widget:
        """What the keys are for while no line is typed."""
        raise NotImplementedError

    # The key bar ---------------------------------------------------------------------------------------------------

    def active(self) -> dict[str | None, ActiveBinding]:
        """The keys that would do something now, by the id of their binding."""
        return {found.binding.id: found for found in reversed(self.active_bindings.values()) if found.enabled}

    def hint(self, wanted: Sequence[tuple[str, str]]) -> None:
        """Offer these in the key bar, as far as they work here. wanted: ids of bindings, with what each does."""
        active = self.active()
        hints = [(active[name], words) for name, words in wanted if name in active]
        self._hinted = [found for found, _ in hints]
        self.key_bar.show([(key_name(found.binding.key), words) for found, words in hints])

    @on(KeyBar.Pressed)
    async def key_bar_pressed(self, message: KeyBar.Pressed) -> None:
        message.stop()
        found = self._hinted[message.hint]
        await self.run_hinted(found.node, found.binding.action)

    async def run_hinted(self, node: DOMNode, action: str) -> None:
        """What a binding of this node does, as if its key had been pressed."""
        if isinstance(node, Widget):
            await node.run_action(action)
        else:
            await self.run_action(f"app.{action}")

    # A line to type into -------------------------------------------------------------------------------------------

    @property
    def prompting(self) -> bool:
        """Whether keys are text now."""
        return self._prompt is not None

    async def open_prompt(self, prompt: Prompt) -> None:
        """A line to type into, over the key bar; what had the keys gets them back when it closes. It has the focus when
        this returns: what is typed behind the key that opened it is meant for it."""
        self._prompt = prompt
        await self.mount(prompt)
        self.set_focus(prompt.input)

    @on(Prompt.Closed)
    async def prompt_closed(self, message: Prompt.Closed) -> None:
        message.stop()
        if self._prompt is not None:
            self.prompt_done(self._prompt)
        self.set_focus(self.keyed)
        self._prompt = None
        await self.query(Prompt).remove()

    def prompt_done(self, prompt: Prompt) -> None:
        """A line is about to close; for sub-classes."""
