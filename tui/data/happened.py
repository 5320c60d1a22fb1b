"""What of one kind was created, changed, restarted or deleted in the last minutes.

Kubernetes keeps no history, so this is told from what objects say of themselves: when they were created, who wrote
fields when (of each writer only the newest time is kept), when containers ended, and what is being deleted. What was
deleted before the first look is known only from the events that a kubelet has left ("Killing"), and only where all pods
of a cluster or namespace are looked at; what disappears between two looks is seen. What was changed and changed back in
between is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from msgspec import Struct

from tui.clock import Clock
from tui.data.poller import Polled
from tui.data.ports import KubePort
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.bodies import at, items, name_of, namespace_of, text
from tui.model.builtin import EVENTS
from tui.model.feed import Gap
from tui.model.kube import Column, KindRef, Row, Table
from tui.model.objects import Body
from tui.waits import finishing

COLUMNS = (Column("Name", format="name"), Column("Change"), Column("By"), Column("Age", "date"))
PAGE = 500
MOST_PAGES = 20
MOST_CONFIRMED = 50
"""Pods a look that are asked for one by one; those that are left are asked for at the next."""
_MORE = Problem(ProblemKind.MISSING, f"only the first {PAGE * MOST_PAGES:,} objects are looked at")
_UNCONFIRMED = Problem(ProblemKind.MISSING, f"only the newest {MOST_CONFIRMED} have been made sure of yet")
_ALWAYS_WRITING = frozenset({"kubelet", "kube-controller-manager", "kube-scheduler", "cloud-controller-manager"})
"""Writers whose work is the status of things: not what is meant by a change, unless they scale (an autoscaler does)."""


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
        self._before: dict[tuple[str, str], str] | None = None
        self._gone: dict[tuple[str, str], Change] = {}

    async def look(self, port: KubePort, namespace: str, labels: str) -> Polled[Table]:
        """The newest change of each object that has one. Raises SourceError."""
        now = self._clock.now()
        pods = self._kind.plural == "pods" and not self._kind.group
        found: dict[tuple[str, str], Row] = {}
        there: dict[tuple[str, str], str] = {}
        gaps: tuple[Gap, ...] = ()
        number = 0
        pages = port.body_pages(self._kind, namespace=namespace, labels=labels, limit=PAGE, metadata_only=not pods)
        async with finishing(pages):
            async for page in pages:
                number += 1
                for body in page.items:
                    key = (namespace_of(body), name_of(body))
                    there[key] = text(body, "metadata", "uid")
                    newest = newest_change(body, now - self._since)
                    if newest is not None:
                        found[key] = row_of(key, there[key], newest)
                if number >= MOST_PAGES and page.continue_token:
                    gaps = (Gap("the rest", _MORE),)
                    break
        if not gaps:
            self._compare(there, now)
        if pods and not gaps and not labels:  # else a pod that is not in the list may well be there
            gaps = await self._killed(port, namespace, there, now)
        self._gone = {key: change for key, change in self._gone.items() if change.when >= now - self._since}
        for key, change in self._gone.items():
            found.setdefault(key, row_of(key, "", change))
        return Polled(Table(self._kind, COLUMNS, found), gaps)

    def _compare(self, there: dict[tuple[str, str], str], now: float) -> None:
        """What was there at the last look and is no more has been deleted since."""
        for key in self._before or {}:
            if key not in there:
                self._gone.setdefault(key, Change(now, "deleted"))
        for key in there:
            self._gone.pop(key, None)
        self._before = there

    async def _killed(
        self, port: KubePort, namespace: str, there: dict[tuple[str, str], str], now: float
    ) -> tuple[Gap, ...]:
        """Pods that the kubelet was told to stop, and that are not there any more. there: all pods of `namespace`."""
        stopped: dict[tuple[str, str], float] = {}
        try:
            pages = port.body_pages(EVENTS, namespace=namespace, fields="reason=Killing", limit=PAGE)
            async with finishing(pages):
                async for page in pages:
                    for event in page.items:
                        key = (text(event, "involvedObject", "namespace"), text(event, "involvedObject", "name"))
                        when = stamp(text(event, "lastTimestamp") or text(event, "eventTime"))
                        if when is not None and when >= now - self._since and key not in there:
                            stopped[key] = max(when, stopped.get(key, when))
            # The list is older than the events: a pod may have come since, or again under its name.
            asked = sorted(stopped.keys() - self._gone.keys(), key=lambda key: (-stopped[key], key))
            for key in asked[:MOST_CONFIRMED]:
                if not await port.exists(self._kind, *key):
                    self._gone[key] = Change(stopped[key], "deleted", "told by its last event")
        except SourceError:
            return ()  # who may not read events is told of fewer deletions, and sees the rest
        return (Gap("deletions", _UNCONFIRMED),) if len(asked) > MOST_CONFIRMED else ()


def newest_change(body: Body, since: float) -> Change | None:
    """The newest change of an object after `since`; None where there is none."""
    changes = [change for change in changes_of(body) if change.when >= since]
    return max(changes, key=lambda change: change.when, default=None)


def changes_of(body: Body) -> Iterator[Change]:
    """All that an object tells of itself."""
    created = stamp(text(body, "metadata", "creationTimestamp"))
    if created is not None:
        yield Change(created, "created")
    deleting = stamp(text(body, "metadata", "deletionTimestamp"))
    if deleting is not None:
        yield Change(deleting, "being deleted")
    for entry in items(body, "metadata", "managedFields"):
        when, by = stamp(text(entry, "time")), text(entry, "manager")
        part = text(entry, "subresource")
        writes_status = part == "status" or (by in _ALWAYS_WRITING and part != "scale")
        if when is not None and not writes_status and (created is None or when > created + 1):
            yield Change(when, "scaled" if part == "scale" else "changed", by)
    for status in (*items(body, "status", "initContainerStatuses"), *items(body, "status", "containerStatuses")):
        ended = at(status, "lastState", "terminated")
        when = stamp(text(status, "lastState", "terminated", "finishedAt"))
        if ended and when is not None:
            count, reason = text(status, "restartCount"), text(status, "lastState", "terminated", "reason")
            yield Change(when, f"restarted {count}×: {reason}".rstrip(": "), text(status, "name"))


def stamp(when: str) -> float | None:
    """Epoch seconds of an RFC 3339 time."""
    try:
        return datetime.fromisoformat(when.replace("Z", "+00:00")).timestamp()
    except ValueError:
        return None


def row_of(key: tuple[str, str], uid: str, change: Change) -> Row:
    """Its age is that of the change."""
    when = datetime.fromtimestamp(change.when, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Row(uid, key[1], key[0], (key[1], change.what, change.by, when), "", when)
