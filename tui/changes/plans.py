"""Plans: wishes read, tried and remembered until they are carried out.

All that a change needs is imported with this module, which the desk does when somebody first wants one: the first frame
waits for none of it.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence

from msgspec.structs import replace

from tui.changes.bases import Bases
from tui.changes.commands import commands
from tui.changes.drafts import Draft, merge
from tui.changes.journal import Journal
from tui.changes.lock import WriteLock
from tui.changes.merging import way_forth
from tui.changes.patience import patiently
from tui.changes.permitting import Permitted
from tui.changes.planning import Planner, check, clusters_of
from tui.changes.preparing import Prepared, Preparing, hopeless
from tui.changes.reading import read_object
from tui.changes.revisions import remembered, told
from tui.changes.running import ChangeRun
from tui.changes.settings import Connect, Rules
from tui.changes.trimming import editable
from tui.changes.whoami import Whoami
from tui.changes.yamltext import dump
from tui.clock import Clock
from tui.errors import SourceError, UsageError
from tui.model.bodies import obj, text
from tui.model.changes import Action, Plan, Revision, Tell, Wish
from tui.model.cluster import ClusterRef
from tui.model.objects import ObjectRef
from tui.model.permits import Permit
from tui.model.secrets import of_secrets
from tui.model.writes import WritePort

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

    async def plan(self, wish: Wish, tell: Tell | None = None) -> Plan:
        """Read, diff and dry-run. tell: how many objects of how many are planned. Raises SourceError (and sends
        nothing) where a cluster is read-only or writing is locked; UsageError where the wish makes no sense."""
        await asyncio.to_thread(check, wish)
        clusters = clusters_of(wish)
        for cluster in clusters:
            self._lock.check(cluster)
        every = await asyncio.to_thread(lambda: sum(len(self._planner.refs(wish, cluster)) for cluster in clusters))
        done = itertools.count(1)

        def planned() -> None:
            if tell is not None:
                tell(next(done), every)

        by_cluster = await asyncio.gather(*(self._of_cluster(wish, cluster, planned) for cluster in clusters))
        found = [pair for pairs in by_cluster for pair in pairs]
        steps = [replace(step, token=token) for token, (step, _) in enumerate(found)]
        production = dict.fromkeys(step.ref.cluster for step in steps if step.problem is None and not step.unchanged)
        typed = tuple(cluster.name for cluster in production if self._rules.production(cluster))
        said = commands(_as_sent(wish, found), _jobs(wish, found), _forced(wish, found), _awaited(found))
        plan = Plan(next(self._numbers), wish, tuple(steps), typed, said)
        self._remember(plan, tuple(draft for _, draft in found))
        return plan

    async def _of_cluster(self, wish: Wish, cluster: ClusterRef, planned: Callable[[], None]) -> list[Prepared]:
        try:
            port = await self._connect(cluster)
            # On the way there it may have turned out which cluster it is: no permit is given for one that is read-only.
            preparing = Preparing(wish, cluster, port, self._planner, self._lock, self._clock, planned)
        except SourceError as error:
            refs = self._planner.refs(wish, cluster)
            for _ in refs:
                planned()
            return [hopeless(ref, error.problem) for ref in refs]
        return await preparing.steps()

    def _remember(self, plan: Plan, drafts: tuple[Draft | None, ...]) -> None:
        self._drafts[plan.id] = drafts
        while len(self._drafts) > PLANS_KEPT:
            del self._drafts[next(iter(self._drafts))]

    def carry_out(self, plan: Plan) -> ChangeRun:
        """The run, to be started. Raises SourceError where writing has been locked again meanwhile, UsageError for a
        plan that is not known (any more), or has been carried out."""
        permits = {cluster: self._lock.permit(cluster) for cluster in {step.ref.cluster for step in plan.ready}}
        drafts = self._drafts.pop(plan.id, None)
        if drafts is None:
            raise UsageError("this plan is no longer at hand, or has been carried out: plan it again")
        refusal = self._lock.refusal if plan.wish.action is Action.DRAIN else _none
        return ChangeRun(plan, drafts, self._permitted(permits), self._journal, self._whoami, self._clock, refusal)

    def _permitted(self, permits: Mapping[ClusterRef, Permit]) -> Callable[[ClusterRef], Awaitable[WritePort]]:
        async def connect(cluster: ClusterRef) -> WritePort:
            return Permitted(await self._connect(cluster), permits[cluster])

        return connect

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


def _none(cluster: ClusterRef) -> None:
    """Any other step takes no longer than its request, so all of a plan is carried to its end once it is begun."""


def _as_sent(wish: Wish, found: Sequence[Prepared]) -> Wish:
    """A RESTORE with the patch that is sent, which spares what others have changed since; an EDIT with one that leads
    to what is sent, which is what `kubectl edit` sends (not of a Secret, whose values are shown to nobody). In ASCII:
    it is to be copied, and what is painted has nothing in it that would be made visible."""
    if wish.action not in (Action.EDIT, Action.RESTORE) or len(found) != 1:
        return wish
    ((step, draft),) = found
    if draft is None or draft.write is None:
        return wish
    if wish.action is Action.EDIT:
        if draft.before is None or not isinstance(draft.write.body, dict) or of_secrets(step.ref.kind):
            return wish
        patch = merge(step.ref, draft.before, way_forth(draft.before, draft.write.body)).body
        return replace(wish, args={**wish.args, "patch": json.dumps(patch)})
    body = draft.write.body if isinstance(draft.write.body, dict) else {}
    metadata = {key: value for key, value in obj(body, "metadata").items() if key != "resourceVersion"}
    return replace(wish, args={**wish.args, "patch": json.dumps({**body, "metadata": metadata})})


def _forced(wish: Wish, found: Sequence[Prepared]) -> set[ClusterRef]:
    """Where an apply by hand would need force, and force would take nothing from anybody else."""
    refused = {step.ref.cluster for step, _ in found if step.problem is not None}
    pins = {step.ref.cluster for step, draft in found if draft is not None and draft.pinned}
    return pins - refused if wish.action is Action.APPLY else set()


def _awaited(found: Sequence[Prepared]) -> dict[ClusterRef, list[str]]:
    """The definitions that later steps wait for, by cluster."""
    names: dict[ClusterRef, list[str]] = {}
    for step, draft in found:
        if draft is not None and draft.awaits is not None and draft.awaits.name not in names.get(step.ref.cluster, []):
            names.setdefault(step.ref.cluster, []).append(draft.awaits.name)
    return names


def _jobs(wish: Wish, found: Sequence[Prepared]) -> dict[ObjectRef, str]:
    """The names of the jobs that a TRIGGER would start."""
    if wish.action is not Action.TRIGGER:
        return {}
    writes = ((step.ref, draft.write) for step, draft in found if draft is not None and draft.write is not None)
    return {ref: text(write.body, "metadata", "name") for ref, write in writes}
