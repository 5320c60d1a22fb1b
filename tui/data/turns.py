"""Turns: more logs are to be followed than may be open at once, so they take turns, and none is left out.

Who waits belongs to a party: the logs of one cluster in one view. Parties are served one after the other, and where
some hold more places than others, those give theirs up first, so that a crowd waits for itself and costs the others
nothing. Within a party who has read nothing yet comes first, then who has waited longest. What was written to a log
while it waited is read in its next turn, as far as its node still has it.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Hashable, Iterator
from contextlib import asynccontextmanager
from typing import Protocol, TypeVar
from weakref import WeakSet

from tui.clock import Clock
from tui.data.turnbudget import AGAIN, FIRST, TurnBudget
from tui.errors import Problem, ProblemKind

K = TypeVar("K", bound=Hashable)

TURN = 10.0
"""Seconds that a stream may stay open, at least, while others wait."""
LOOK_EVERY = 1.0
LET_REST = 5.0
"""Seconds where a server says that its quota is used up, and not for how long."""


class Reader(Protocol):
    """Who takes turns. group: whose places it needs, beside the common ones. quota: whose requests its openings count
    on, "" = nobody counts them. party: among whom it waits; all of a party have the same group and quota."""

    @property
    def group(self) -> str: ...
    @property
    def quota(self) -> str: ...
    @property
    def party(self) -> Hashable: ...

    def give_way(self) -> bool:
        """Its turn is over: leave the place and come again. False where it does not read yet, and stays."""
        ...

    def queues(self, waits: bool) -> None:
        """Whether it waits for its turn now."""
        ...


class _Line:
    """Those of a party that wait, in the order in which they come in."""

    def __init__(self, reader: Reader) -> None:
        self.group = reader.group
        self.quota = reader.quota
        self.first: dict[Reader, asyncio.Future[None]] = {}
        self.again: dict[Reader, asyncio.Future[None]] = {}

    def __len__(self) -> int:
        return len(self.first) + len(self.again)

    def __iter__(self) -> Iterator[Reader]:
        yield from self.first
        yield from self.again

    def pop(self, reader: Reader) -> asyncio.Future[None] | None:
        return self.first.pop(reader, None) or self.again.pop(reader, None)

    def cost(self, before: int) -> float:
        """Of a turn for the one that has so many before it."""
        return FIRST if before < len(self.first) else AGAIN


class Turns:
    """Places for `total` readers, of them `per_group` for those of one group. per_minute: requests that are our share
    of each quota. counted: which quota it is, as far as is known by now, that is called so."""

    def __init__(
        self,
        clock: Clock,
        total: int,
        per_group: int,
        per_minute: float,
        counted: Callable[[str], str] = str,
    ) -> None:
        self.clock = clock
        self._total = total
        self._per_group = per_group
        self._per_minute = per_minute
        self._counted = counted
        self._inside: dict[Reader, float] = {}
        self._leaving: dict[Reader, tuple[Hashable, str]] = {}
        """For which party, and of which group it is."""
        self._known: WeakSet[Reader] = WeakSet()
        """Those that have had a turn."""
        self._groups: Counter[str] = Counter()
        self._held: Counter[Hashable] = Counter()
        self._lines: dict[Hashable, _Line] = {}
        self._served: dict[Hashable, int] = {}
        """The number of the last turn that was given to a party."""
        self._count = 0
        self._budgets: dict[str, TurnBudget] = {}
        self._looking: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def turn(self, reader: Reader) -> AsyncGenerator[None]:
        """Wait for a place and hold it for the body."""
        if not self._lines and self._room(reader.group):
            self._enter(reader)
        else:
            await self._wait(reader)
        try:
            yield
        finally:
            self._leave(reader)
            self._let_in()

    def wanted(self, reader: Reader) -> bool:
        """Whether somebody waits who could have the place of `reader`."""
        return any(
            line.group == reader.group or self._groups[line.group] < self._per_group for line in self._lines.values()
        )

    def refused(self, reader: Reader, problem: Problem) -> None:
        """It could not be opened. Where the quota is used up, those of it that are open stay so until it is not."""
        if reader.quota and problem.kind is ProblemKind.THROTTLED:
            self._budget(reader.quota).rest(problem.retry_after or LET_REST)

    def interval(self, party: Hashable) -> float:
        """Seconds, about, from one turn of a log to its next, in full tens, where a party's logs take turns; 0 = they
        do not."""
        line = self._lines.get(party)
        if line is None:
            return 0.0
        rate = max(1, self._held[party]) / TURN
        if line.quota:
            quota = self._counted(line.quota)
            sharing = sum(self._counted(other.quota) == quota for other in self._lines.values())
            rate = min(rate, self._budget(line.quota).again_per_second / sharing)
        return max(TURN, round((len(line) + self._held[party]) / rate, -1))

    def _room(self, group: str) -> bool:
        return len(self._inside) < self._total and self._groups[group] < self._per_group

    def _enter(self, reader: Reader) -> None:
        self._inside[reader] = self.clock.monotonic()
        self._known.add(reader)
        self._groups[reader.group] += 1
        self._held[reader.party] += 1

    def _leave(self, reader: Reader) -> None:
        del self._inside[reader]
        self._leaving.pop(reader, None)
        self._groups[reader.group] -= 1
        self._held[reader.party] -= 1
        self._forget(reader.party)

    async def _wait(self, reader: Reader) -> None:
        let_in: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        line = self._lines.setdefault(reader.party, _Line(reader))
        (line.again if reader in self._known else line.first)[reader] = let_in
        self._let_in()  # those before may wait for another group
        try:
            if not let_in.done():
                reader.queues(True)
                if self._looking is None:
                    self._looking = asyncio.create_task(self._look())
                await let_in
                reader.queues(False)
        except asyncio.CancelledError:
            if let_in.done() and not let_in.cancelled():  # let in and cancelled at once: the place goes to the next
                self._leave(reader)
            self._take_out(reader)
            self._let_in()
            raise

    def _take_out(self, reader: Reader) -> asyncio.Future[None] | None:
        """It waits no longer."""
        line = self._lines.get(reader.party)
        if line is None:
            return None
        let_in = line.pop(reader)
        if not line:
            del self._lines[reader.party]
            self._forget(reader.party)
        return let_in

    def _forget(self, party: Hashable) -> None:
        """Keep nothing of a party of which none is there."""
        if party not in self._lines and not self._held[party]:
            del self._held[party]
            self._served.pop(party, None)

    def _let_in(self) -> None:
        """Fill the places that are free: who holds fewest comes first, then who was served longest ago."""
        while rooms := [party for party, line in self._lines.items() if self._room(line.group)]:
            party = min(rooms, key=lambda party: (self._held[party], self._served.get(party, 0)))
            reader = next(iter(self._lines[party]))
            let_in = self._take_out(reader)
            if let_in is not None and not let_in.cancelled():
                self._enter(reader)
                let_in.set_result(None)
        if not self._lines and self._looking is not None:
            self._looking.cancel()
            self._looking = None

    async def _look(self) -> None:
        """End the turns of those that have had theirs, for as long as somebody waits."""
        while True:
            await self.clock.sleep(LOOK_EVERY)
            self._make_room(self.clock.monotonic() - TURN)

    def _make_room(self, over: float) -> None:
        """Ask as many as wait, of those inside since `over` or longer, to leave; the longest inside first."""
        due = [reader for reader, since in self._inside.items() if since <= over and reader not in self._leaving]
        held, groups = self._held.copy(), self._groups.copy()
        promised: Counter[Hashable] = Counter()
        for leaver, (party, group) in self._leaving.items():
            _move(held, leaver.party, party)
            _move(groups, leaver.group, group)
            promised[party] += 1
        waiting = [party for party, line in self._lines.items() if len(line) > promised[party]]
        while due and waiting:
            party = min(waiting, key=lambda party: self._served.get(party, 0))
            line = self._lines[party]
            cost = line.cost(promised[party])
            budget = self._budget(line.quota) if line.quota else None
            full = groups[line.group] >= self._per_group
            leaver = _leaver(party, held, [one for one in due if not full or one.group == line.group])
            if budget is not None and not budget.allows(cost):
                leaver = None
            if leaver is None:
                waiting.remove(party)
                continue
            due.remove(leaver)
            if not leaver.give_way():
                continue
            if budget is not None:
                budget.spend(cost)
            self._leaving[leaver] = (party, line.group)
            _move(held, leaver.party, party)
            _move(groups, leaver.group, line.group)
            promised[party] += 1
            self._count += 1
            self._served[party] = self._count
            if len(line) <= promised[party]:
                waiting.remove(party)

    def _budget(self, quota: str) -> TurnBudget:
        counted = self._counted(quota)
        budget = self._budgets.get(counted)
        if budget is None:  # what was spent by a name of which it was not known yet whose it is counts on
            budget = self._budgets.pop(quota, None) or TurnBudget(self.clock, self._per_minute)
            self._budgets[counted] = budget
        return budget


def _move(counter: Counter[K], giver: K, taker: K) -> None:
    counter[giver] -= 1
    counter[taker] += 1


def _leaver(party: Hashable, held: Counter[Hashable], due: list[Reader]) -> Reader | None:
    """Who of `due` leaves for one of `party`: one of its own, unless others hold more places."""
    most = max((held[reader.party] for reader in due), default=0)
    if held[party] and most <= held[party] + 1:
        return next((reader for reader in due if reader.party == party), None)
    return next((reader for reader in due if held[reader.party] == most), None)
