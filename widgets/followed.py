"""`Followed`: a widget that reads one topic for as long as it is on screen, and not a moment longer."""

from __future__ import annotations

from typing import ClassVar, Generic, TypeVar

from textual import events, work
from textual.widget import Widget
from textual.worker import Worker

from tui.clock import Clock
from tui.model.feed import Feed, Topic
from widgets.reading import reading

T = TypeVar("T")


class Followed(Widget, Generic[T]):
    """Sub-classes paint `feed` in `paint`, which is called for the newest feed and never for one in between."""

    PACE: ClassVar[float] = 0.0
    """Seconds to wait after a repaint before the next (on the injected clock)."""

    def __init__(self, clock: Clock, *, id: str, classes: str = "") -> None:
        super().__init__(id=id, classes=classes)
        self.clock = clock
        self.feed: Feed[T] = Feed()
        self._topic: Topic[T] | None = None
        self._reader: Worker[None] | None = None

    def paint(self) -> None:
        """Put the feed on screen."""
        raise NotImplementedError

    def follow(self, topic: Topic[T] | None) -> None:
        """Show this topic from now on (None: nothing), as long as the widget is on screen."""
        if topic is self._topic:
            return
        self._topic = topic
        self.feed = topic.feed if topic is not None else Feed()
        self.resume()

    def resume(self) -> None:
        """Follow (again); without effect while hidden, so that nothing is asked for what nobody sees."""
        self.suspend()
        if self.is_attached and self.display:
            if self._topic is not None:
                self._reader = self._follow(self._topic)
            self.paint()

    def suspend(self) -> None:
        """Stop following; the topic lets its work end a while after."""
        if self._reader is not None:
            self._reader.cancel()
            self._reader = None

    def on_show(self) -> None:
        self.resume()

    def on_hide(self, _: events.Hide) -> None:
        self.suspend()

    @work(exclusive=True, group="follow")
    async def _follow(self, topic: Topic[T]) -> None:
        async with reading(topic) as feeds:
            async for feed in feeds:
                self.feed = feed
                self.paint()
                if (rest := self.pace()) > 0:
                    await self.clock.sleep(rest)

    def pace(self) -> float:
        """Seconds to wait after this repaint before the next. Asked once for each."""
        return self.PACE
