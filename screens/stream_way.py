"""What every stream meets on its way through modals: what stands in its way, and why it was refused."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from textual.app import App
from textual.screen import Screen

from screens.preflight import Lights
from screens.waiting import Unhurried
from tui.clock import Clock
from tui.errors import Problem, SourceError
from tui.model.datalayer import DataLayer
from tui.model.objects import ObjectRef
from tui.model.preflight import Light, Preflight, Shade
from tui.model.streamrules import CALLED
from tui.present.scope import Selection
from tui.streams.preflight import look


class StreamWay:
    """closed: why nothing may be written to what is chosen, "" where it may."""

    def __init__(self, screen: Screen[Any], hub: DataLayer, clock: Clock, closed: Callable[[Selection], str]) -> None:
        self._screen = screen
        self._hub = hub
        self._clock = clock
        self._closed = closed
        self._handed = asyncio.Lock()
        """Held while a container has the terminal: nothing is told then, since nobody would see it."""

    @property
    def _app(self) -> App[Any]:
        return self._screen.app  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]

    def _say(self, words: str) -> None:
        self._app.notify(words, markup=False)

    async def _refused(self, problem: Problem, why: Callable[[Problem], Awaitable[Problem]] | None = None) -> None:
        """Show why a stream was not opened, and what cures it. why: asks what the refusal does not tell."""

        async def refused() -> None:
            raise SourceError(problem if why is None else await why(problem))

        await self._app.push_screen_wait(Unhurried("it was refused", "looking why", refused, self._clock))

    async def _lit(self, target: ObjectRef, stream: str) -> bool:
        """Whether nothing stands in the way of a stream through the gateway, or it is to be tried all the same."""
        if not target.cluster.limited:
            return True

        async def find() -> Preflight:
            try:
                facts = await self._hub.streams.facts(target.cluster)
            except SourceError as exc:
                return Preflight(stream, (Light("version", Shade.UNKNOWN, str(exc.problem)),))
            return await look(facts, stream, target.namespace)

        return bool(await self._app.push_screen_wait(Lights(f"{CALLED[stream]} through the gateway", find)))
