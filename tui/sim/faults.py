"""Misbehaving on purpose: which requests a fault meets, and what then happens to them.

One vocabulary for scenarios (`FaultSpec`), the control endpoint and tests:

    answer                status (500), body, retry_after: this instead of the real answer
    slow                  seconds (1): only then the real answer
    hang                  no answer until the fault is cleared
    cut                   the connection is dropped before any answer
    cut-stream            seconds, bytes or lines (2.5: in the middle of the third): dropped in the middle of the answer
    end-stream            seconds, bytes or lines: the answer ends early, in good order
    slow-stream           rate (bytes a second, 1000): a long answer comes slowly
    close-watch           a watch is answered with 200, no event, and its end
    drop-event            a watch event is swallowed; the next ones arrive
    malformed             a watch event, or a whole body, that is not JSON
    unreachable           cut, and all that flows is cut at once: a cluster (or all) unplugged
    disconnect            the connect agent's link is lost: the gateway's own refusal; flowing streams break
    location-unreachable  a fleet location that does not answer (match: location)
    churn                 rate (100): so many of the matched clusters' plain pods change each second (for `seconds`)
    expire                once: the matched clusters forget their past, so old resourceVersions answer 410
    restart               once: the server stops listening, drops everything and is back after `seconds` (0)

    rotate                once: the matched containers' log files begin anew with their last `keep` (0) lines; `unread`
                          (false): what a reader was still to be sent is gone, too
    restart-container     once: the matched containers end with `exit_code` (137); their pods' rules restart them

    stream-limit          seconds: of simulated time, until the gateway cuts exec, attach and port-forward (20-30 min)
    streams-taken         streams (10): so many of the project's active streams are in others' hands
    agent-error           the connect agent gets no stream from its own API server, and says so in its log
    agent-lost            the agent's link breaks under each stream, those that flow too; plain requests still pass
    iam-denied            permission (gkehub.gateway.stream): whoever is matched (user, project) is not granted it
    rbac-denied           resource (pods exec, attach and port-forward): the matched clusters refuse it (user, cluster)

`times` in the options: how many requests the fault meets before it is spent; absent = until cleared. A log that is to
answer 410, 429 or 5xx when it is opened again: `answer` with the pod's log as `path`. pod, namespace and container in
a match are those that a request names (container: only where it says which), or, for `rotate` and `restart-container`,
those of the containers themselves.
"""

from __future__ import annotations

import asyncio
import fnmatch
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from tui.errors import UsageError
from tui.sim.exchange import Exchange
from tui.sim.faultoptions import check_match, check_options

ON_REQUEST = ("answer", "slow", "hang", "cut", "close-watch", "unreachable")
ON_STREAM = ("cut-stream", "end-stream", "slow-stream", "drop-event", "malformed")
OF_STREAMS = ("stream-limit", "streams-taken", "agent-error", "agent-lost", "iam-denied", "rbac-denied")
STATES = ("disconnect", "location-unreachable", "churn", *OF_STREAMS)
ONCE = ("expire", "restart", "rotate", "restart-container")
ACTIONS = ON_REQUEST + ON_STREAM + STATES + ONCE
MATCHABLE = (
    "cluster",
    "membership",
    "project",
    "namespace",
    "pod",
    "container",
    "path",
    "query",
    "method",
    "user",
    "surface",
    "watch",
    "location",
)
OPTIONS = (
    "times",
    "status",
    "body",
    "retry_after",
    "seconds",
    "bytes",
    "lines",
    "headers",
    "rate",
    "keep",
    "unread",
    "exit_code",
    "streams",
    "permission",
    "resource",
)
_POD = re.compile(r"/namespaces/(?P<namespace>[^/]+)/pods/(?P<pod>[^/]+)")
_STREAMED = ("pods/exec", "pods/attach", "pods/portforward")


@dataclass(slots=True, eq=False)
class Fault:
    """An armed fault. match: key -> glob, all of which must fit. left: meetings left; None = no end."""

    id: int
    action: str
    match: Mapping[str, str]
    options: Mapping[str, object]
    left: int | None
    met: int = 0
    cleared: asyncio.Event = field(default_factory=asyncio.Event)

    def number(self, name: str, default: float = 0.0) -> float:
        value = self.options.get(name, default)
        return float(value) if isinstance(value, (int, float)) else default

    def fits(self, exchange: Exchange) -> bool:
        return all(fnmatch.fnmatchcase(_value(exchange, key), pattern) for key, pattern in self.match.items())

    def concerns(self, **names: str) -> bool:
        """The same for what is no request. names: by what can be matched; what is not named fits only a pattern that
        fits everything."""
        return all(fnmatch.fnmatchcase(names.get(key, ""), pattern) for key, pattern in self.match.items())

    def as_json(self) -> dict[str, object]:
        return {
            "id": self.id,
            "action": self.action,
            "match": dict(self.match),
            "options": dict(self.options),
            "met": self.met,
            "left": self.left,
        }


def _value(exchange: Exchange, key: str) -> str:
    request = exchange.request
    match key:
        case "path":
            return request.path
        case "query":
            return request.query_string
        case "method":
            return request.method
        case "watch":
            return "true" if exchange.watch else "false"
        case "location" | "project":
            return ""
        case "namespace" | "pod":
            found = _POD.search(request.path)
            return found[key] if found else ""
        case "container":
            return request.query.get("container", "")
        case _:
            return str(getattr(exchange, key))


class Faults:
    """The armed faults, oldest first. act: told of each new fault, for what happens at once (`expire`, cutting)."""

    def __init__(self, resolve: Callable[[str], str] = str, act: Callable[[Fault], None] | None = None) -> None:
        self._resolve = resolve
        self._act = act
        self._numbers = itertools.count(1)
        self._armed: list[Fault] = []

    def __iter__(self) -> Iterator[Fault]:
        return iter(tuple(self._armed))

    def add(self, action: str, match: Mapping[str, str] | None = None, **options: object) -> Fault:
        """Arm a fault. Raises UsageError for a word it does not know, or a value that cannot be meant."""
        match = dict(match or {})
        check_words("action", [action], ACTIONS)
        check_words("match", match, MATCHABLE)
        check_words("option", options, OPTIONS)
        check_match(match)
        check_options(options)
        if "user" in match:
            match["user"] = self._resolve(match["user"])
        times = options.get("times")
        fault = Fault(next(self._numbers), action, match, options, times if isinstance(times, int) else None)
        if action not in ONCE:
            self._armed.append(fault)
        if self._act is not None:
            self._act(fault)
        return fault

    def remove(self, fault: Fault) -> None:
        if fault in self._armed:
            self._armed.remove(fault)
        fault.cleared.set()

    def clear(self) -> None:
        for fault in tuple(self._armed):
            self.remove(fault)

    def meet(self, exchange: Exchange, actions: Iterable[str]) -> Fault | None:
        """The first armed fault of these actions that fits; counted as met."""
        for fault in tuple(self._armed):
            if fault.action in actions and fault.fits(exchange):
                self._count(fault)
                return fault
        return None

    def fitting(self, exchange: Exchange, actions: Iterable[str]) -> list[Fault]:
        """All armed faults of these actions that fit, not yet counted: see `spend`."""
        return [fault for fault in self._armed if fault.action in actions and fault.fits(exchange)]

    def spend(self, fault: Fault) -> bool:
        """Count one meeting of a fault found by `fitting`; False if it was spent meanwhile."""
        if fault not in self._armed:
            return False
        self._count(fault)
        return True

    def locations(self) -> frozenset[str]:
        """Fleet locations that do not answer."""
        return frozenset(
            fault.match.get("location", "") for fault in self._armed if fault.action == "location-unreachable"
        )

    def disconnected(self, membership: str, cluster: str) -> bool:
        """Whether a fault holds this membership's agent link down."""
        return any(self._of("disconnect", membership=membership, cluster=cluster))

    def stream_seconds(self, project: str, membership: str, cluster: str, user: str) -> float | None:
        """How long a stream through the gateway may last, of simulated time; None = as long as usual."""
        names = {"project": project, "membership": membership, "cluster": cluster, "user": user}
        return next((fault.number("seconds") for fault in self._of("stream-limit", **names)), None)

    def streams_taken(self, project: str, membership: str, cluster: str) -> int:
        """How many of the project's active streams others hold."""
        found = self._of("streams-taken", project=project, membership=membership, cluster=cluster)
        return sum(int(fault.number("streams", 10)) for fault in found)

    def agent_fails(self, membership: str, cluster: str) -> bool:
        """Whether the membership's agent gets no stream from its API server."""
        return any(self._of("agent-error", membership=membership, cluster=cluster))

    def agent_lost(self, membership: str, cluster: str) -> bool:
        """Whether the membership's agent link holds for no stream."""
        return any(self._of("agent-lost", membership=membership, cluster=cluster))

    def iam_denied(self, project: str, member: str, permission: str) -> bool:
        """Whether a member ("user:ana@example.com") is denied a permission on a project."""
        return any(
            fnmatch.fnmatchcase(permission, str(fault.options.get("permission", "gkehub.gateway.stream")))
            for fault in self._of("iam-denied", project=project, user=member.partition(":")[2])
        )

    def rbac_denied(self, cluster: str, user: str, resource: str) -> bool:
        """Whether a cluster refuses a user a resource ("pods/exec")."""
        for fault in self._of("rbac-denied", cluster=cluster, user=user):
            wanted = fault.options.get("resource")
            if resource in _STREAMED if wanted is None else fnmatch.fnmatchcase(resource, str(wanted)):
                return True
        return False

    def _of(self, action: str, **names: str) -> Iterator[Fault]:
        return (fault for fault in self._armed if fault.action == action and fault.concerns(**names))

    def _count(self, fault: Fault) -> None:
        fault.met += 1
        if fault.left is not None:
            fault.left -= 1
            if fault.left == 0:
                self._armed.remove(fault)


def check_words(what: str, words: Iterable[str], known: tuple[str, ...]) -> None:
    """Raises UsageError for a word that is not among the known."""
    for word in words:
        if word not in known:
            raise UsageError(f"unknown {what} {word!r}; known: {', '.join(known)}")
