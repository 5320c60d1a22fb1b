"""A terminal that was handed over, and what becomes of the sessions in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext

import pytest

from screens import streaming
from tests.ui.run import Story
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.streams import SocketPort
from tui.streams.paths import Command
from tui.wire.status import Ended
from widgets.lone_keys import QUIET

KILLED = Ended(137, "command terminated with exit code 137", "NonZeroExitCode", killed=True)
CUT = Problem(ProblemKind.UNREACHABLE, "the connection was dropped without a word")


class Handed:
    """Stands for the terminal: each session opens the socket and then ends as `ends` says, in order; after them, well.
    opened: how often a session was open. before: done while a session is open, so that the world may change. refusals:
    why one was not opened, in order, None = it was."""

    def __init__(
        self,
        monkeypatch: pytest.MonkeyPatch,
        *ends: Problem | Ended,
        before: Callable[[], None] = lambda: None,
        refusals: Sequence[Problem | None] = (),
    ) -> None:
        self.opened = 0
        self._refusals = list(refusals)
        self._ends = list(ends)
        self._before = before
        monkeypatch.setattr(streaming, "in_terminal", self._session)
        monkeypatch.setattr(streaming, "suspended", lambda app: nullcontext())  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]

    async def _session(self, port: SocketPort, command: Command, *args: object, **named: object) -> Ended:
        if self._refusals and (refusal := self._refusals.pop(0)) is not None:
            raise SourceError(refusal)
        async with port.socket("", (), ()):
            self.opened += 1
            self._before()
            if self._ends:
                end = self._ends.pop(0)
                if isinstance(end, Ended):
                    return end
                raise SourceError(end)
        return Ended(0, "")


async def answered(story: Story, key: str) -> None:
    """The key, with nothing typed around it."""
    await story.advance(QUIET)
    await story.press(key)
    await story.advance(QUIET)
