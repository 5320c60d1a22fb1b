"""Misbehaving on purpose: which requests a fault meets, and what then happens to them.

One vocabulary for scenarios (`FaultSpec`), the control endpoint and tests:

    answer                status (500), body, retry_after: this instead of the real answer
    slow                  seconds (1): only then the real answer
    hang                  no answer until the fault is cleared
    cut                   the connection is dropped before any answer
    cut-stream            seconds or bytes: dropped in the middle of the answer
    end-stream            seconds or bytes: the answer ends early, in good order
    close-watch           a watch is answered with 200, no event, and its end
    drop-event            a watch event is swallowed; the next ones arrive
    malformed             a watch event, or a whole body, that is not JSON
    unreachable           cut, and all that flows is cut at once: a cluster (or all) unplugged
    disconnect            the connect agent's link is lost: the gateway's own refusal; flowing streams break
    location-unreachable  a fleet location that does not answer (match: location)
    churn                 rate (100): so many of the matched clusters' plain pods change each second (for `seconds`)
    expire                once: the matched clusters forget their past, so old resourceVersions answer 410
    restart               once: the server stops listening, drops everything and is back after `seconds` (0)

`times` in the options: how many requests the fault meets before it is spent; absent = until cleared.
"""

from __future__ import annotations

import asyncio
import fnmatch
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from tui.errors import UsageError
from tui.sim.exchange import Exchange
from tui.sim.faultoptions import check_match, check_options

ON_REQUEST = ("answer", "slow", "hang", "cut", "close-watch", "unreachable")
ON_STREAM = ("cut-stream", "end-stream", "drop-event", "malformed")
STATES = ("disconnect", "location-unreachable", "churn")
ONCE = ("expire", "restart")
ACTIONS = ON_REQUEST + ON_STREAM + STATES + ONCE
MATCHABLE = ("cluster", "membership", "path", "query", "method", "user", "surface", "watch", "location")
OPTIONS = ("times", "status", "body", "retry_after", "seconds", "bytes", "headers", "rate")


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
        case "location":
            return ""
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
        names = {"membership": membership, "cluster": cluster}
        return any(
            fault.action == "disconnect"
            and all(fnmatch.fnmatchcase(names.get(key, ""), pattern) for key, pattern in fault.match.items())
            for fault in self._armed
        )

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
