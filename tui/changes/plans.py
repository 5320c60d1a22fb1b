"""Plans: wishes read, tried and remembered until they are carried out.

All that a change needs is imported with this module, which the desk does when somebody first wants one: the first frame
waits for none of it.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Sequence
from functools import partial
from itertools import compress
from operator import not_

from msgspec.structs import replace

from tui.changes.bases import Bases
from tui.changes.commands import commands
from tui.changes.defining import DEFINITIONS
from tui.changes.drafts import Draft
from tui.changes.journal import Journal
from tui.changes.lock import WriteLock
from tui.changes.patience import patiently
from tui.changes.pinning import pinned
from tui.changes.planning import AT_ONCE, Drafted, Planner, check, clusters_of
from tui.changes.reading import read_object
from tui.changes.revisions import remembered, told
from tui.changes.running import ChangeRun
from tui.changes.settings import Connect, Rules
from tui.changes.trimming import editable
from tui.changes.trying import Send, made_namespace, past_ourselves, tried
from tui.changes.whoami import Whoami
from tui.changes.yamltext import dump
from tui.clock import Clock
from tui.errors import Problem, SourceError, UsageError
from tui.model.bodies import obj, text
from tui.model.changes import Action, Plan, Revision, Step, Wish
from tui.model.cluster import ClusterRef
from tui.model.objects import ObjectRef
from tui.model.writes import Write, WritePort, Written

PLANS_KEPT = 16
"""Plans that may still be carried out, the newest."""


class Plans:
    """lock: asked before anything is sent. journal: where what was carried out is written down."""

    def __init__(self, connect: Connect, clock: Clock, lock: WriteLock, rules: Rules, journal: Journal) -> None:
        self._connect = connect
        self._clock = clock
        self._lock = lock
        self._rules = rules
        self._journal = journal
        self._bases = Bases()
        self._whoami = Whoami()
        self._planner = Planner(clock, self._bases)
        self._numbers = itertools.count(1)
        self._drafts: dict[int, tuple[Draft | None, ...]] = {}

    async def plan(self, wish: Wish) -> Plan:
        """Read, diff and dry-run. Raises SourceError (and sends nothing) where a cluster is read-only or writing is
        locked; UsageError where the wish makes no sense."""
        await asyncio.to_thread(check, wish)
        clusters = clusters_of(wish)
        for cluster in clusters:
            self._lock.check(cluster)
        by_cluster = await asyncio.gather(*(self._of_cluster(wish, cluster) for cluster in clusters))
        found = [pair for pairs in by_cluster for pair in pairs]
        steps = [replace(step, token=token) for token, (step, _) in enumerate(found)]
        production = dict.fromkeys(step.ref.cluster for step in steps if step.problem is None and not step.unchanged)
        typed = tuple(cluster.name for cluster in production if self._rules.production(cluster))
        said = commands(_as_sent(wish, found), _jobs(wish, found), _forced(wish, found), _awaited(found))
        plan = Plan(next(self._numbers), wish, tuple(steps), typed, said)
        self._remember(plan, tuple(draft for _, draft in found))
        return plan

    async def _of_cluster(self, wish: Wish, cluster: ClusterRef) -> list[tuple[Step, Draft | None]]:
        try:
            port = await self._connect(cluster)
            self._lock.check(cluster)  # on the way there it may have turned out which cluster it is
        except SourceError as error:
            return [_hopeless(ref, error.problem) for ref in self._planner.refs(wish, cluster)]
        drafted = await self._planner.drafts(wish, cluster, port)
        ready = [draft for _, draft in drafted if isinstance(draft, Draft)]
        awaited = frozenset(made for draft in ready if (made := made_namespace(draft)))
        send = self._send(port, cluster)
        places = asyncio.Semaphore(AT_ONCE)

        async def one(pair: Drafted, refused: frozenset[str]) -> tuple[Step, Draft | None]:
            ref, draft = pair
            if isinstance(draft, Problem):
                return _hopeless(ref, draft)
            async with places:
                draft = pinned(draft) if _is_pinned(wish) else await past_ourselves(draft, send)
                look = partial(read_object, port, ref)
                return await tried(draft, 0, send, look, awaited=awaited, refused=refused), draft

        definitions = [_is_definition(ref) for ref, _ in drafted]
        first = await asyncio.gather(*(one(pair, frozenset()) for pair in compress(drafted, definitions)))
        refused = frozenset(step.ref.name for step, _ in first if step.problem is not None)
        rest = await asyncio.gather(*(one(pair, refused) for pair in compress(drafted, map(not_, definitions))))
        turns = (iter(rest), iter(first))
        return [next(turns[is_definition]) for is_definition in definitions]

    def _send(self, port: WritePort, cluster: ClusterRef) -> Send:
        """How a dry-run is sent: never while writing is locked, and again only where the server had no time."""

        async def once(write: Write) -> Written:
            self._lock.check(cluster)
            return await port.write(write)

        return lambda write: patiently(self._clock, lambda: once(write))

    def _remember(self, plan: Plan, drafts: tuple[Draft | None, ...]) -> None:
        self._drafts[plan.id] = drafts
        while len(self._drafts) > PLANS_KEPT:
            del self._drafts[next(iter(self._drafts))]

    def carry_out(self, plan: Plan) -> ChangeRun:
        """The run, to be started. Raises SourceError where writing has been locked again meanwhile, UsageError for a
        plan that is not known (any more), or has been carried out."""
        for step in plan.ready:
            self._lock.check(step.ref.cluster)
        drafts = self._drafts.pop(plan.id, None)
        if drafts is None:
            raise UsageError("this plan is no longer at hand, or has been carried out: plan it again")
        return ChangeRun(plan, drafts, self._connect, self._journal, self._whoami, self._clock)

    async def manifest(self, ref: ObjectRef) -> str:
        """The object as YAML for an editor: whole, without managed fields and status. Raises SourceError."""
        port = await self._connect(ref.cluster)
        body = await patiently(self._clock, lambda: read_object(port, ref))
        self._bases.opens(ref, body)
        return await asyncio.to_thread(dump, editable(body))

    async def revisions(self, ref: ObjectRef) -> tuple[Revision, ...]:
        """What its rollout can go back to, the oldest first. Raises SourceError."""
        port = await self._connect(ref.cluster)
        _, held = await patiently(self._clock, lambda: remembered(port, ref))
        return tuple(told(ref.kind, held))


def _is_definition(ref: ObjectRef) -> bool:
    return ref.kind.qualified == DEFINITIONS.qualified


def _is_pinned(wish: Wish) -> bool:
    """What puts back an earlier state, or a whole object, may not overwrite what came between."""
    return wish.action in (Action.EDIT, Action.RESTORE) or "undoes" in wish.args


def _as_sent(wish: Wish, found: Sequence[tuple[Step, Draft | None]]) -> Wish:
    """A RESTORE with the patch that is sent, which spares what others have changed since."""
    if wish.action is not Action.RESTORE or len(found) != 1:
        return wish
    ((_, draft),) = found
    if draft is None or draft.write is None:
        return wish
    body = draft.write.body if isinstance(draft.write.body, dict) else {}
    metadata = {key: value for key, value in obj(body, "metadata").items() if key != "resourceVersion"}
    return replace(wish, args={**wish.args, "patch": json.dumps({**body, "metadata": metadata}, ensure_ascii=False)})


def _forced(wish: Wish, found: Sequence[tuple[Step, Draft | None]]) -> set[ClusterRef]:
    """Where an apply by hand would need force, and force would take nothing from anybody else."""
    refused = {step.ref.cluster for step, _ in found if step.problem is not None}
    pins = {step.ref.cluster for step, draft in found if draft is not None and draft.pinned}
    return pins - refused if wish.action is Action.APPLY else set()


def _awaited(found: Sequence[tuple[Step, Draft | None]]) -> dict[ClusterRef, list[str]]:
    """The definitions that later steps wait for, by cluster."""
    names: dict[ClusterRef, list[str]] = {}
    for step, draft in found:
        if draft is not None and draft.awaits is not None and draft.awaits.name not in names.get(step.ref.cluster, []):
            names.setdefault(step.ref.cluster, []).append(draft.awaits.name)
    return names


def _jobs(wish: Wish, found: Sequence[tuple[Step, Draft | None]]) -> dict[ObjectRef, str]:
    """The names of the jobs that a TRIGGER would start."""
    if wish.action is not Action.TRIGGER:
        return {}
    writes = ((step.ref, draft.write) for step, draft in found if draft is not None and draft.write is not None)
    return {ref: text(write.body, "metadata", "name") for ref, write in writes}


def _hopeless(ref: ObjectRef, problem: Problem) -> tuple[Step, Draft | None]:
    return Step(0, ref, "", problem=problem), None
