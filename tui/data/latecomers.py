"""Containers that join a pod that runs: `kubectl debug` adds ephemeral ones, and no cell of the pod's row tells.

What tells is a row whose version changes and whose cells do not: one is told when such a container is added and again
when it starts. Then the pod is asked for its containers, once for however many changes, so that an ordinary restart or
rollout, which shows in the cells, costs nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from tui.data.runtime import Runtime
from tui.errors import Problem, ProblemKind, SourceError
from tui.waits import Deadline

SETTLES = 1.0
"""Seconds in which further changes of a pod are waited for."""

PodKey = tuple[str, str, str, str]
"""Cluster key, namespace, pod, uid: a pod made anew under the same name has a log of its own. The uid is "" while only
the name is known."""


class Latecomers:
    """ask: the containers that a pod has now; raises SourceError. joined: told of them."""

    def __init__(
        self,
        runtime: Runtime,
        ask: Callable[[PodKey], Awaitable[tuple[str, ...]]],
        joined: Callable[[PodKey, tuple[str, ...]], None],
    ) -> None:
        self._runtime = runtime
        self._ask = ask
        self._joined = joined
        self._rows: dict[PodKey, tuple[str, str]] = {}
        self._looking: dict[PodKey, asyncio.Task[None]] = {}
        self._doubtful: set[PodKey] = set()

    def seen(self, key: PodKey, version: str, words: str) -> None:
        """The row of a pod that runs. words: what of it changes in the ordinary course of things."""
        before = self._rows.get(key)
        self._rows[key] = (version, words)
        if before is None or before[0] == version:
            return
        told = before[1] != words and key not in self._doubtful
        self._doubtful.discard(key)
        if told or key in self._looking:
            return
        self._looking[key] = self._runtime.tasks.spawn(
            self._look(key), f"the containers of {key[1]}/{key[2]}", lambda died_of: self._over(key)
        )

    def gone(self, key: PodKey) -> None:
        """The pod is there no more."""
        self._rows.pop(key, None)

    async def stop(self) -> None:
        """Ask no more. What changes until a pod's next `seen`, in whatever way, is looked into then."""
        self._doubtful = set(self._rows)
        for key in self._looking.keys() & self._doubtful:
            self._rows[key] = ("", "")
        tasks = list(self._looking.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _look(self, key: PodKey) -> None:
        backoff = self._runtime.backoff()
        wait = SETTLES
        asked = ""
        while key in self._rows and asked != self._rows[key][0]:
            await self._runtime.clock.sleep(wait)
            asked = self._rows.get(key, ("", ""))[0]
            try:
                with Deadline(self._runtime.clock, self._runtime.timeout):
                    names = await self._ask(key)
            except SourceError as error:
                if error.problem.kind in (ProblemKind.NOT_FOUND, ProblemKind.FORBIDDEN):
                    return
                asked, wait = "", backoff.failed(error.problem)
            except TimeoutError:
                asked, wait = "", backoff.failed(Problem(ProblemKind.TIMEOUT, "no answer"))
            else:
                wait = SETTLES
                self._joined(key, names)

    def _over(self, key: PodKey) -> None:
        del self._looking[key]
