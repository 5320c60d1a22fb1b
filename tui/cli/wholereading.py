"""Which lists of whole objects a command is about, cluster by cluster and kind by kind, and what each of them came to.

A kind that may not be listed in the whole cluster is listed in the namespaces that answer, as the tables are.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Generic, TypeVar

from msgspec.structs import replace

from tui.cli.asked import Asked
from tui.cli.meant import Wanted, is_refused, known_namespaces, namespace_of, resolve, unseen_words
from tui.cli.output import say
from tui.cli.room import Position, Room
from tui.cli.session import AT_ONCE, PARTIAL, Session, exit_code, or_problem, tell
from tui.cli.wholelists import Leaf, Piece, Told, Work, broken_off
from tui.data.namespaces import Known
from tui.errors import Problem, SourceError
from tui.model.cluster import ClusterRef
from tui.model.kube import KindRef
from tui.waits import Gate

if TYPE_CHECKING:
    from tui.clients.kube import KubeClient

T = TypeVar("T")

LISTS_AT_ONCE = 8
"""Of one cluster that are begun ahead."""
EVERY = 500
"""Objects in a piece where the work on one costs next to nothing."""


class Kind(Generic[T]):
    """The lists of one kind in one cluster: one, or one for each namespace that may answer."""

    def __init__(self, about: Piece, reading: Reading[T], position: Position, gate: asyncio.Semaphore) -> None:
        self.about = about
        self._reading = reading
        self._position = position
        self._gate = gate
        self._leaves: list[Leaf[T]] = []
        self._begun = asyncio.create_task(self._begin())

    async def results(self, told: Told) -> AsyncGenerator[T]:
        """What comes of it, in its order. Problems are told, and raised nowhere."""
        try:
            known, refusal = await self._begun
        except SourceError as error:
            told.problems.append((self.about.ref, error.problem))
            return
        begun, number = 0, 0
        gone: list[str] = []
        for leaf in self._leaves:
            problem = await leaf.problem()
            if problem is None:
                begun += 1
                try:
                    async with aclosing(leaf.results()) as results:
                        async for result in results:
                            yield result
                except SourceError as error:
                    problem = broken_off(self.about.kind, leaf.count, error.problem)
            number += leaf.count
            await leaf.close()
            if problem is None:
                continue
            if known is None or leaf.count:
                told.problems.append((self.about.ref, problem))
            else:
                gone.append(leaf.about.wanted.namespace)
        if refusal is not None and not begun:
            told.problems.append((self.about.ref, refusal))
            return
        told.begun += bool(begun)
        if begun and not number:
            told.empty.append((self.about.ref, self.about.kind, self.about.wanted))
        if known is not None and refusal is not None:
            words = unseen_words(known, gone, refusal)
            told.unseen += [(self.about.ref, words)] if words else []

    async def close(self) -> None:
        self._begun.cancel()
        await asyncio.gather(self._begun, return_exceptions=True)
        for leaf in self._leaves:
            await leaf.close()

    async def _begin(self) -> tuple[Known | None, Problem | None]:
        """The namespaces that are asked one by one, and why; None where the cluster answers as a whole."""
        about = self.about
        whole = self._leaf(about, self._position)
        problem = await whole.problem()
        if not is_refused(problem, about.kind, about.wanted):
            return None, None
        known = await known_namespaces(about.client)
        await whole.close()
        self._leaves.clear()
        for number, name in enumerate(known.names):
            self._leaf(replace(about, wanted=replace(about.wanted, namespace=name)), (*self._position, number))
        return known, problem

    def _leaf(self, about: Piece, position: Position) -> Leaf[T]:
        reading = self._reading
        leaf = Leaf(about, reading.work, reading.most, reading.room, position, self._gate)
        self._leaves.append(leaf)
        return leaf


class Reading(Generic[T]):
    """All lists that were asked for. work: what is done with each piece. most: objects of a piece."""

    def __init__(
        self,
        session: Session,
        arguments: argparse.Namespace,
        targets: Sequence[Asked],
        work: Work[T],
        most: int = EVERY,
    ) -> None:
        self.work = work
        self.most = most
        self.room = Room()
        self.told = Told()
        self._session = session
        self._arguments = arguments
        self._targets = targets
        self._gate = Gate(session.clock, AT_ONCE)
        self._kinds: list[Kind[T]] = []

    async def results(self, clusters: Sequence[ClusterRef]) -> AsyncGenerator[tuple[ClusterRef, T]]:
        """What comes of each piece: cluster by cluster, kind by kind, in the order of each list."""
        tasks = [asyncio.create_task(or_problem(self._begin(number, ref))) for number, ref in enumerate(clusters)]
        try:
            for ref, task in zip(clusters, tasks, strict=True):
                kinds = await task
                if isinstance(kinds, Problem):
                    self.told.lost.append((ref, kinds))
                    continue
                self.told.clusters += 1
                for kind in kinds:
                    async with aclosing(kind.results(self.told)) as results:
                        async for result in results:
                            yield ref, result
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for kind in self._kinds:
                await kind.close()

    def finish(self) -> int:
        """Say on stderr what failed and what could not be seen; the exit code for it: 3 where something is out."""
        told = self.told
        tell(told.lost)
        code = exit_code(bool(told.clusters), [problem for _, problem in told.lost])
        tell(told.problems)
        for ref, words in told.unseen:
            say(f"{ref.name}: {words}")
        code = code or exit_code(bool(told.begun), [problem for _, problem in told.problems])
        return code or (PARTIAL if told.unseen else 0)

    async def _begin(self, number: int, ref: ClusterRef) -> list[Kind[T]]:
        async with self._gate.passing():
            client = await self._session.clients.cluster(ref)
            meant = await resolve(client, self._targets)
        gate = asyncio.Semaphore(LISTS_AT_ONCE)
        kinds = [
            Kind(self._about(ref, client, kind, name), self, (number, place), gate)
            for place, (kind, name) in enumerate(meant)
        ]
        self._kinds += kinds
        return kinds

    def _about(self, ref: ClusterRef, client: KubeClient, kind: KindRef, name: str) -> Piece:
        namespace = namespace_of(self._arguments, client) if kind.namespaced else ""
        return Piece(ref, client, kind, Wanted(namespace, name, self._arguments.selector), ())
