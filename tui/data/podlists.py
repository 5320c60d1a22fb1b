"""Which containers many pods have, asked for in lists: a question for each of them would cost what their logs need.

A gateway counts requests, and a view of six hundred pods has as many to ask before it can read. So those that want to
know at the same time share a list of their pods. Few are asked about one by one, by whoever wants to know, and so are
those that a list did not have, or that may not be listed.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress

from msgspec import Struct

from tui.data.podparts import containers_of, done
from tui.data.ports import BodyPort
from tui.data.runtime import Runtime
from tui.errors import ProblemKind, SourceError
from tui.model.bodies import name_of, namespace_of
from tui.model.cluster import ClusterRef
from tui.model.kube import PODS
from tui.model.logs import LogPick, LogQuery
from tui.model.objects import Body
from tui.waits import Deadline, finishing

MANY = 20
"""Pods that are worth a page of a list: it costs a request, and may bring some hundreds of whole pods."""
FRESH = 30.0
"""Seconds for which what a list said is believed: a pod may get another container."""

_Place = tuple[str, str]
"""Namespace and pod."""


class PodContainers(Struct, frozen=True):
    """names: as `containers_of`. done: all have run for the last time."""

    names: tuple[str, ...]
    done: bool


def pod_containers(pod: Body) -> PodContainers:
    return PodContainers(containers_of(pod), done(pod))


class PodLists:
    """The lists that the questions of one view share. connect: gives a cluster's client; raises SourceError."""

    def __init__(self, query: LogQuery, runtime: Runtime, connect: Callable[[ClusterRef], Awaitable[BodyPort]]) -> None:
        self._query = query
        self._runtime = runtime
        self._connect = connect
        self._wanted: dict[ClusterRef, dict[_Place, asyncio.Future[PodContainers | None]]] = {}
        self._asking: dict[ClusterRef, asyncio.Task[None]] = {}
        self._known: dict[ClusterRef, dict[_Place, tuple[float, PodContainers]]] = {}

    async def of(self, ref: ClusterRef, namespace: str, pod: str) -> PodContainers | None:
        """What one pod has; None = it is to be asked about by itself."""
        place = (namespace, pod)
        at, known = self._known.get(ref, {}).pop(place, (0.0, None))
        if known is not None and self._runtime.clock.monotonic() - at <= FRESH:
            return known
        if ref not in self._wanted:
            # All those that are started now are asked for before its task begins.
            self._wanted[ref] = {}
            self._asking[ref] = self._runtime.tasks.spawn(
                self._ask(ref), f"the containers of pods on {ref.name}", lambda died_of: self._answered(ref)
            )
        wanted = self._wanted[ref]
        answer = wanted.get(place)
        if answer is None:
            answer = wanted[place] = asyncio.get_running_loop().create_future()
        return await asyncio.shield(answer)

    async def _ask(self, ref: ClusterRef) -> None:
        wanted = self._wanted[ref]
        if len(wanted) >= MANY:
            with suppress(SourceError, TimeoutError):
                await self._list(ref, wanted)

    def _answered(self, ref: ClusterRef) -> None:
        """Whoever has no answer asks himself."""
        del self._asking[ref]
        for answer in self._wanted.pop(ref).values():
            if not answer.done():
                answer.set_result(None)

    async def stop(self) -> None:
        """Ask no more."""
        tasks = list(self._asking.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._known.clear()

    async def _list(self, ref: ClusterRef, wanted: dict[_Place, asyncio.Future[PodContainers | None]]) -> None:
        """Answer those of `wanted` that lists have. Raises SourceError, TimeoutError."""
        picks = self._query.of(ref)
        port = await self._connect(ref)
        crowded = [space for space, pods in Counter(space for space, _ in wanted).items() if pods >= MANY]
        everywhere = len({space for space, _ in wanted}) > 1 and any(not pick.namespace for pick in picks)
        if everywhere:
            try:
                await self._read(ref, port, "", picks, wanted)
            except SourceError as error:
                if error.problem.kind is not ProblemKind.FORBIDDEN:
                    raise
            else:
                return
        for space in crowded:
            await self._read(ref, port, space, picks, wanted)

    async def _read(
        self,
        ref: ClusterRef,
        port: BodyPort,
        namespace: str,
        picks: tuple[LogPick, ...],
        wanted: dict[_Place, asyncio.Future[PodContainers | None]],
    ) -> None:
        """Read a list for as long as its pages are worth it."""
        labels = picks[0].labels if len(picks) == 1 else ""
        known = self._known[ref] = {}
        pages = brought = 0
        with Deadline(self._runtime.clock, self._runtime.timeout) as deadline:
            async with finishing(port.body_pages(PODS, namespace=namespace, labels=labels)) as listed:
                async for page in listed:
                    deadline.extend(self._runtime.timeout)
                    pages += 1
                    for pod in page.items:
                        place = (namespace_of(pod), name_of(pod))
                        answer = wanted.pop(place, None)
                        if answer is not None and not answer.done():
                            answer.set_result(pod_containers(pod))
                        elif answer is None and any(_means(pick, place) for pick in picks):
                            # Its row is yet to come.
                            known[place] = (self._runtime.clock.monotonic(), pod_containers(pod))
                        else:
                            continue
                        brought += 1
                    if brought < MANY * pages:
                        return


def _means(pick: LogPick, place: _Place) -> bool:
    """Whether a pod is followed, as far as its name tells."""
    namespace, pod = place
    if pick.workloads or (pick.namespace and namespace not in pick.namespace.split(",")):
        return False
    return pick.means(pod)
