"""One cluster's part of a plan: every object read, its draft tried, a few at a time.

An object is tried as soon as it has been read, so that what can be told of a long plan (so many of so many are planned)
is true from the beginning. A manifest is read as a whole first: what its documents make tells which of them cannot be
tried yet.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from functools import partial
from itertools import compress
from operator import not_

from msgspec.structs import replace

from tui.changes.defining import DEFINITIONS
from tui.changes.drafts import Draft, Made
from tui.changes.lock import WriteLock
from tui.changes.patience import patiently
from tui.changes.permitting import Permitted
from tui.changes.pinning import pinned
from tui.changes.planning import AT_ONCE, Drafted, Planner
from tui.changes.reading import read_object
from tui.changes.trying import Send, past_ourselves, tried
from tui.clock import Clock
from tui.errors import Problem
from tui.model.changes import Action, Step, Wish
from tui.model.cluster import ClusterRef
from tui.model.objects import ObjectRef
from tui.model.writes import GuardedPort

Prepared = tuple[Step, Draft | None]

NAMESPACES = "namespaces"
_GROUNDS = frozenset({NAMESPACES, DEFINITIONS.qualified})
"""What other documents of a manifest stand on, so that it is tried before them."""


class Preparing:
    """One wish in one cluster. lock: asked before each dry-run. planned: called for each object that is done with.
    Raises SourceError where nothing may be written to the cluster."""

    def __init__(
        self,
        wish: Wish,
        cluster: ClusterRef,
        port: GuardedPort,
        planner: Planner,
        lock: WriteLock,
        clock: Clock,
        planned: Callable[[], None],
    ) -> None:
        self._wish = wish
        self._cluster = cluster
        self._port = Permitted(port, lock.permit(cluster, dry=True))
        self._planner = planner
        self._clock = clock
        self._planned = planned
        self._places = asyncio.Semaphore(AT_ONCE)

    async def steps(self) -> list[Prepared]:
        """In the order of the wish."""
        if self._wish.action is Action.APPLY:
            return await self._manifest()

        async def one(ref: ObjectRef) -> Prepared:
            async with self._places:
                return await self._tried(await self._planner.drafted(self._wish, self._port, ref), Made())

        return list(await asyncio.gather(*map(one, self._planner.refs(self._wish, self._cluster))))

    async def _manifest(self) -> list[Prepared]:
        drafted = await self._planner.applies(self._wish, self._cluster, self._port)

        async def every(pairs: Iterable[Drafted], made: Made) -> list[Prepared]:
            async def one(pair: Drafted) -> Prepared:
                async with self._places:
                    return await self._tried(pair, made)

            return list(await asyncio.gather(*map(one, pairs)))

        grounds = [ref.kind.qualified in _GROUNDS for ref, _ in drafted]
        first = await every(compress(drafted, grounds), Made())
        rest = await every(compress(drafted, map(not_, grounds)), _made(first))
        turns = (iter(rest), iter(first))
        return [next(turns[is_ground]) for is_ground in grounds]

    async def _tried(self, pair: Drafted, made: Made) -> Prepared:
        ref, draft = pair
        prepared = hopeless(ref, draft) if isinstance(draft, Problem) else await self._sent(ref, draft, made)
        self._planned()
        return prepared

    async def _sent(self, ref: ObjectRef, draft: Draft, made: Made) -> Prepared:
        draft = pinned(draft) if _is_pinned(self._wish) else await past_ourselves(draft, self._send)
        if draft.redefined not in made.changed:
            draft = replace(draft, redefined="")
        look = partial(read_object, self._port, ref)
        return await tried(draft, 0, self._send, look, made), draft

    @property
    def _send(self) -> Send:
        """How a dry-run is sent: again only where the server had no time."""
        return lambda write: patiently(self._clock, lambda: self._port.write(write))


def _made(first: list[Prepared]) -> Made:
    """What the rest of a manifest stands on."""
    definitions = [step for step, _ in first if step.ref.kind.qualified == DEFINITIONS.qualified]
    spaces = [step for step, draft in first if step.ref.kind.qualified == NAMESPACES and _is_new(draft)]
    return Made(
        namespaces=frozenset(step.ref.name for step in spaces if step.problem is None),
        changed=frozenset(step.ref.name for step in definitions if step.problem is None and not step.unchanged),
        refused=frozenset(step.ref.name for step in definitions if step.problem is not None),
        refused_namespaces=frozenset(step.ref.name for step in spaces if step.problem is not None),
    )


def _is_new(draft: Draft | None) -> bool:
    """Whether there is no such object yet, as far as anybody could tell."""
    return draft is None or draft.before is None


def hopeless(ref: ObjectRef, problem: Problem) -> Prepared:
    """The step of what cannot even be drafted."""
    return Step(0, ref, "", problem=problem), None


def _is_pinned(wish: Wish) -> bool:
    """What puts back an earlier state, or a whole object, may not overwrite what came between."""
    return wish.action in (Action.EDIT, Action.RESTORE) or "undoes" in wish.args
