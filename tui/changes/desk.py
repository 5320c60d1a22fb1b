"""The desk: the only way by which anything is written to a cluster (`tui.model.changes.ChangeDesk`).

Whatever the screens or the command line ask for, the lock is asked here, before anything is sent; a dry-run counts as
writing, since it is sent with the verb of a write.
"""

from __future__ import annotations

import asyncio
import importlib
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec.structs import replace

from tui.changes.lock import WriteLock
from tui.changes.settings import ChangeSettings, Connect, Names, Rules, unknown
from tui.clock import Clock
from tui.data.runtime import Runtime
from tui.data.topic import Cell
from tui.errors import Problem
from tui.model.changes import Entry, Lock, Permission, Plan, Question, Revision, Run, Tell, Wish
from tui.model.cluster import ClusterRef
from tui.model.objects import ObjectRef
from tui.model.writes import GuardedPort

if TYPE_CHECKING:
    from tui.changes.journal import Journal
    from tui.changes.permissions import Permissions
    from tui.changes.plans import Plans


class Desk:
    """connect: the client of a cluster. names: what clusters are known to go by before that. Made without I/O; belongs
    to one event loop; `stop` it in the end."""

    def __init__(self, connect: Connect, clock: Clock, settings: ChangeSettings, names: Names = unknown) -> None:
        """Raises UsageError for a pattern of the settings that is not valid."""
        self._road = connect
        self._clock = clock
        self._runtime = Runtime(clock)
        self._rules = Rules(settings, names)
        self._lock = WriteLock(settings, self._rules, clock, self._runtime.tasks)
        self._file = settings.journal
        self._plans: Plans | None = None
        self._running: set[Run] = set()

    # Who only asks to be let into a container, as every exec and cp does, needs neither of these two.

    @cached_property
    def _journal(self) -> Journal:
        from tui.changes.journal import Journal

        return Journal(self._file, self._runtime)

    @cached_property
    def _permissions(self) -> Permissions:
        from tui.changes.permissions import Permissions

        return Permissions(self._runtime, self._connect)

    @property
    def lock(self) -> Cell[Lock]:
        return self._lock.topic

    @property
    def journal(self) -> Cell[tuple[Entry, ...]]:
        return self._journal.topic

    async def entries(self) -> tuple[Entry, ...]:
        """The journal as it is now, for who does not follow it. Raises SourceError where it cannot be read."""
        return await self._journal.entries()

    def unlock(self) -> None:
        """Allow writing for a limited time. Raises SourceError where the configuration forbids it."""
        self._lock.unlock()

    def relock(self) -> None:
        """Forbid writing again, now, and cancel what is being carried out."""
        self._lock.relock()
        for run in self._running:
            run.cancel()

    def refusal(self, cluster: ClusterRef) -> Problem | None:
        """Why nothing may be written to `cluster` now."""
        return self._lock.refusal(cluster)

    async def admit(self, cluster: ClusterRef) -> None:
        """Raises SourceError where nobody may enter a container of `cluster`, which counts as writing."""
        self._lock.check(cluster)
        await self._connect(cluster)
        self._lock.check(cluster)  # now by all the names that it goes by

    async def plan(self, wish: Wish, tell: Tell | None = None) -> Plan:
        """Read, diff and dry-run. tell: how many objects of how many are planned. Raises SourceError (and sends
        nothing) where a cluster is read-only or writing is locked; UsageError where the wish makes no sense."""
        return await (await self._at_work()).plan(wish, tell)

    def carry_out(self, plan: Plan) -> Run:
        """Begin. Raises SourceError where writing has been locked again meanwhile, UsageError for a plan that is not
        known (any more), or has been carried out."""
        assert self._plans is not None, "there is a plan, so they are at work"
        run = self._plans.carry_out(plan)
        self._running.add(run)

        def ended(died_of: BaseException | None) -> None:
            self._running.discard(run)
            run.ended(died_of)

        self._runtime.tasks.spawn(run.run(), f"change {plan.id}", ended)
        return run

    def undo_of(self, entry: Entry) -> Wish | None:
        """The wish that takes an entry back; it is planned and confirmed like any other."""
        if entry.undo is None or entry.undone_by:
            return None
        return replace(entry.undo, args={**entry.undo.args, "undoes": entry.id})

    def may(self, question: Question) -> Cell[Permission]:
        """Asked when first read, and cached."""
        return self._permissions.may(question)

    async def manifest(self, ref: ObjectRef) -> str:
        """The object as YAML for an editor: whole, without managed fields and status. Raises SourceError."""
        return await (await self._at_work()).manifest(ref)

    async def revisions(self, ref: ObjectRef) -> tuple[Revision, ...]:
        """What a rollout can go back to, the oldest first, and the present one. Raises SourceError."""
        return await (await self._at_work()).revisions(ref)

    async def _connect(self, cluster: ClusterRef) -> GuardedPort:
        """The client of a cluster, of which the rules hear what it goes by: every road leads through here."""
        port = await self._road(cluster)
        self._rules.learn(cluster, port.names)
        return port

    async def _at_work(self) -> Plans:
        if self._plans is None:
            await asyncio.to_thread(importlib.import_module, "tui.changes.plans")
            from tui.changes.plans import Plans

            self._plans = self._plans or Plans(self._connect, self._clock, self._lock, self._rules, self._journal)
        return self._plans

    async def stop(self) -> None:
        """End everything that runs; what was under way is written down as such."""
        await self._runtime.tasks.close()
