"""What of one kind was created, changed, restarted or deleted in the last minutes.

Kubernetes keeps no history, so this is told from what objects say of themselves: when they were created, who wrote
fields when (of each writer only the newest time is kept), what is being deleted, and of pods when a container restarted
last. All of it stands in metadata and in the printed row; a whole pod is read only where it has restarted in that time,
once, for the reason.

A deletion leaves no trace in what is there. What disappears between two looks is seen, so deletions are known since
the first look (`Table.gone_since`); earlier ones of pods from the events that a kubelet has left ("Killing"), where all
pods of a cluster or namespace are looked at. What was changed and changed back in between is not seen.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime

from msgspec import Struct

from tui.clock import Clock
from tui.data.patience import REST, Patience, namespaces_of
from tui.data.poller import Polled
from tui.data.ports import KubePort
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.bodies import at, items, text
from tui.model.builtin import EVENTS
from tui.model.feed import Gap
from tui.model.kube import PODS, Column, KindRef, Row, RowKey, Table
from tui.model.objects import Body
from tui.model.times import age_seconds, parse_time
from tui.model.traces import Trace, TracePage
from tui.waits import finishing

COLUMNS = (Column("Name", format="name"), Column("Change"), Column("By"), Column("Age", "date"))
WITHIN = 120.0
"""Seconds that one look may take; what has not been read by then is said to be unseen."""
MOST_CONFIRMED = 50
"""Objects a look that are asked for one by one; those that are left are asked for at the next."""
AT_LARGE = 5_000
"""Objects of a kind from which on it is looked at less often: twice as many, half as often."""
_UNCONFIRMED = Problem(ProblemKind.MISSING, f"only the newest {MOST_CONFIRMED} have been made sure of yet")
_ALWAYS_WRITING = frozenset({"kubelet", "kube-controller-manager", "kube-scheduler", "cloud-controller-manager"})
"""Writers whose work is the status of things: not what is meant by a change, unless they scale (an autoscaler does)."""
_RESTARTS = re.compile(r"(\d+) \((\w+) ago\)\Z")
"""Of a pod, as printed: "3 (5m ago)"."""


class Change(Struct, frozen=True):
    """when: epoch seconds. by: who, as far as it is told."""

    when: float
    what: str
    by: str = ""


class Recent:
    """Looks at one kind again and again, and remembers what was there. since: seconds."""

    def __init__(self, kind: KindRef, since: float, clock: Clock) -> None:
        self._kind = kind
        self._since = since
        self._clock = clock
        self._pods = kind.qualified == PODS.qualified
        self._first: float | None = None
        self._before: dict[RowKey, str] | None = None
        self._gone: dict[RowKey, Change] = {}
        self._restarts: dict[str, tuple[str, Change]] = {}

    @property
    def rarely(self) -> float:
        """How much less often than a small kind this one should be looked at."""
        return max(1.0, len(self._before or ()) / AT_LARGE)

    async def look(self, port: KubePort, namespace: str, labels: str) -> Polled[Table]:
        """The newest change of each object that has one. namespace: "" = all. Raises SourceError."""
        now = self._clock.now()
        patience = Patience(self._clock, WITHIN)
        found: dict[RowKey, Row] = {}
        there: dict[RowKey, str] = {}
        restarted: list[tuple[Trace, Change]] = []
        cut: Gap | None = None
        try:
            async with finishing(self._pages(port, namespace, labels)) as pages:
                async for page in pages:
                    for trace in page.items:
                        there[trace.key] = trace.uid
                        newest = newest_of(changes_of(trace), now - self._since)
                        if newest is not None:
                            found[trace.key] = row_of(trace.key, trace.uid, newest)
                        restart = restart_of(trace, now)
                        if restart is not None and restart.when >= now - self._since:
                            restarted.append((trace, restart))
                    if patience.over and page.continue_token:
                        cut = patience.gap(len(there), "objects")
                        break
                    await asyncio.sleep(0)  # a page takes some milliseconds; keys come first
        except SourceError as exc:
            if exc.problem.kind is not ProblemKind.EXPIRED or not there:
                raise
            cut = Gap(REST, exc.problem)  # reading took longer than the server keeps its snapshot
        for trace, change in await self._read(port, restarted):
            held = found.get(trace.key)
            if change.when >= now - self._since and (held is None or _when(held) <= change.when):
                found[trace.key] = row_of(trace.key, trace.uid, change)
        # What lies behind the last page that was read is not there, and yet not gone.
        gaps = (cut,) if cut is not None else await self._deleted(port, namespace, labels, there, now)
        return Polled(self._table(found, now), gaps)

    def _table(self, found: dict[RowKey, Row], now: float) -> Table:
        self._gone = {key: change for key, change in self._gone.items() if change.when >= now - self._since}
        for key, change in self._gone.items():
            found.setdefault(key, row_of(key, "", change))
        return Table(self._kind, COLUMNS, found, gone_since=self._first)

    async def _pages(self, port: KubePort, namespace: str, labels: str) -> AsyncIterator[TracePage]:
        for name in namespaces_of(self._kind, namespace):
            async with finishing(port.traces(self._kind, namespace=name, labels=labels)) as pages:
                async for page in pages:
                    yield page

    async def _read(self, port: KubePort, restarted: Sequence[tuple[Trace, Change]]) -> list[tuple[Trace, Change]]:
        """The same restarts with their reasons and exact times, as far as the pods may be read."""
        told: dict[str, tuple[str, Change]] = {}
        asked = 0
        for trace, printed in sorted(restarted, key=lambda pair: -pair[1].when):
            held = self._restarts.get(trace.uid)
            if held is not None and held[0] == printed.what:
                told[trace.uid] = held
            elif asked < MOST_CONFIRMED:
                asked += 1
                try:
                    body = await port.body(self._kind, trace.namespace, trace.name)
                except SourceError:
                    continue  # the row has said it, only not why
                exact = newest_of(restarts_of(body), float("-inf"))
                if exact is not None:
                    told[trace.uid] = (printed.what, exact)
        self._restarts = told
        return [(trace, told[trace.uid][1] if trace.uid in told else printed) for trace, printed in restarted]

    async def _deleted(
        self, port: KubePort, namespace: str, labels: str, there: dict[RowKey, str], now: float
    ) -> tuple[Gap, ...]:
        """Learn what is there no more. there: all that `namespace` and `labels` choose."""
        for key in there:
            self._gone.pop(key, None)
        for key in self._before or ():
            if key not in there:
                self._gone.setdefault(key, Change(now, "deleted, or has other labels" if labels else "deleted"))
        self._before = there
        self._first = now if self._first is None else self._first
        if not self._pods or labels:  # a pod that is not in a list by labels may well be there
            return ()
        return await self._killed(port, namespace, there, now)

    async def _killed(self, port: KubePort, namespace: str, there: dict[RowKey, str], now: float) -> tuple[Gap, ...]:
        """Pods that the kubelet was told to stop, and that are not there any more. there: all pods of `namespace`."""
        stopped: dict[RowKey, float] = {}
        try:
            for name in namespaces_of(self._kind, namespace):
                async with finishing(port.body_pages(EVENTS, namespace=name, fields="reason=Killing")) as pages:
                    async for page in pages:
                        for event in page.items:
                            key = (text(event, "involvedObject", "namespace"), text(event, "involvedObject", "name"))
                            when = parse_time(text(event, "lastTimestamp") or text(event, "eventTime"))
                            if when is not None and when >= now - self._since and key not in there:
                                stopped[key] = max(when, stopped.get(key, when))
            # The list is older than the events: a pod may have come since, or again under its name.
            asked = sorted(stopped.keys() - self._gone.keys(), key=lambda key: (-stopped[key], key))
            for key in asked[:MOST_CONFIRMED]:
                if not await port.exists(self._kind, *key):
                    self._gone[key] = Change(stopped[key], "deleted", "told by its last event")
        except SourceError as exc:
            return (Gap("deletions", exc.problem),)  # the rest is seen all the same
        return (Gap("deletions", _UNCONFIRMED),) if len(asked) > MOST_CONFIRMED else ()


def newest_of(changes: Iterator[Change], since: float) -> Change | None:
    """The newest change after `since`; None where there is none."""
    return max((change for change in changes if change.when >= since), key=lambda change: change.when, default=None)


def changes_of(trace: Trace) -> Iterator[Change]:
    """All that an object's metadata tells."""
    created = parse_time(trace.created)
    if created is not None:
        yield Change(created, "created")
    deleting = parse_time(trace.deleting)
    if deleting is not None:
        yield Change(deleting, "being deleted")
    for writer in trace.writers:
        when = parse_time(writer.time)
        writes_status = writer.part == "status" or (writer.manager in _ALWAYS_WRITING and writer.part != "scale")
        if when is not None and not writes_status and (created is None or when > created + 1):
            yield Change(when, "scaled" if writer.part == "scale" else "changed", writer.manager)


def restart_of(trace: Trace, now: float) -> Change | None:
    """The newest restart of a pod's containers, as its row tells it: to the minute or so."""
    found = _RESTARTS.fullmatch(trace.restarts)
    ago = age_seconds(found[2]) if found is not None else None
    return None if found is None or ago is None else Change(now - ago, f"restarted {found[1]}×")


def restarts_of(body: Body) -> Iterator[Change]:
    """All that a pod tells of its containers."""
    for status in (*items(body, "status", "initContainerStatuses"), *items(body, "status", "containerStatuses")):
        ended = at(status, "lastState", "terminated")
        when = parse_time(text(status, "lastState", "terminated", "finishedAt"))
        if ended and when is not None:
            count, reason = text(status, "restartCount"), text(status, "lastState", "terminated", "reason")
            yield Change(when, f"restarted {count}×: {reason}".rstrip(": "), text(status, "name"))


def row_of(key: RowKey, uid: str, change: Change) -> Row:
    """Its age is that of the change."""
    when = datetime.fromtimestamp(change.when, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Row(uid, key[1], key[0], (key[1], change.what, change.by, when), "", when)


def _when(row: Row) -> float:
    return parse_time(row.created) or 0.0
