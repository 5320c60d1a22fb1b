"""Which logs are asked for in words, checked: the one grammar of `clusterview logs` and of the `:logs` line."""

from __future__ import annotations

import math
import re

from msgspec import Struct

from tui.errors import UsageError
from tui.model.cluster import ClusterRef
from tui.model.logs import LogQuery, name_pattern
from tui.model.logstamp import parse_stamp
from tui.model.times import duration_seconds

_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?")
_PODS = ("po", "pod", "pods")
_NUMBER = re.compile(r"[+-]?[0-9]{1,19}")
MOST_LINES = 2**63 - 1
"""What an API server takes as a number of lines."""


class LogWords(Struct, frozen=True, kw_only=True):
    """What was said. what: pods, KIND/NAME or regular expressions. selector, namespace: None = nothing was said of
    it. tail: lines, below 0 = all."""

    what: tuple[str, ...] = ()
    selector: str | None = None
    namespace: str | None = None
    all_namespaces: bool = False
    containers: tuple[str, ...] = ()
    agents: bool = False
    previous: bool = False
    follow: bool = False
    tail: int = -1
    since: str = ""
    since_time: str = ""
    until: str = ""


class Asked(Struct, frozen=True):
    """pods: by name. workloads: "deploy/web". pattern: of pods' names. Times in nanoseconds, 0 = none."""

    pods: tuple[str, ...]
    workloads: tuple[str, ...]
    pattern: str
    labels: str
    containers: tuple[str, ...]
    agents: bool
    previous: bool
    follow: bool
    tail: int | None
    since_seconds: int | None
    since: int
    until: int

    @property
    def named(self) -> bool:
        """Whether what is asked for must be there: pods, or their workloads, by name."""
        return bool(self.pods or self.workloads)

    @property
    def title(self) -> str:
        """In the words of the command line."""
        pods = [f'pods "{name}"' for name in self.pods]
        return ", ".join([*pods, *self.workloads]) or self.labels or f"/{self.pattern}/"

    def query(self, clusters: tuple[ClusterRef, ...], namespace: str) -> LogQuery:
        """The same, of these clusters."""
        return LogQuery(
            clusters,
            namespace=namespace,
            labels=self.labels,
            pods=self.pods,
            containers=self.containers,
            agents=self.agents,
            tail=self.tail,
            since_seconds=self.since_seconds,
            previous=self.previous,
            pattern=self.pattern,
            workloads=self.workloads,
            since=self.since,
            until=self.until,
            follow=self.follow,
        )


def asked(words: LogWords) -> Asked:
    """Raises UsageError where it makes no sense, and where a word is empty, as variables of a shell may be: what would
    be left is more than was meant."""
    if not all(map(str.strip, words.containers)):
        raise UsageError("-c: the container's name is empty")
    if words.selector is not None and not words.selector.strip(", "):
        raise UsageError("-l: the selector is empty: expected labels such as app=web")
    if words.namespace is not None and not all(map(str.strip, words.namespace.split(","))):
        raise UsageError("-n: the namespace is empty: leave -n out, or give a name")
    if not (words.what or words.selector or words.agents):
        raise UsageError("name a pod or KIND/NAME, or choose with -l app=web, or ask for --agents")
    if words.follow and words.previous:
        raise UsageError("--previous has ended and cannot be followed: leave out -f")
    if words.agents and (words.what or words.selector or words.all_namespaces or words.namespace):
        raise UsageError("--agents are pods of their own: leave out other pods, -l, -n and -A")
    if words.since and words.since_time:
        raise UsageError("--since and --since-time exclude each other")
    workloads = [word for word in words.what if "/" in word and word.partition("/")[0] not in _PODS]
    names = [word.partition("/")[2] if "/" in word else word for word in words.what if word not in workloads]
    if workloads and (names or words.selector):
        raise UsageError("KIND/NAME stands for its own pods: leave out other pods and -l")
    if any(not kind or not name or "/" in name for kind, _, name in (word.partition("/") for word in workloads)):
        raise UsageError(f"{workloads[0]}: expected KIND/NAME")
    if workloads and words.all_namespaces:
        raise UsageError(f"{workloads[0]} is in one namespace: -n NAMESPACE instead of -A")
    if not all(map(str.strip, names)):
        raise UsageError("the pod's name is empty: for all pods of the namespace '.*'")
    plain = all(_NAME.fullmatch(name) for name in names)
    pattern = "" if plain else "|".join(f"^{re.escape(one)}$" if _NAME.fullmatch(one) else one for one in names)
    if pattern:
        name_pattern(pattern)
    return Asked(
        tuple(dict.fromkeys(names)) if plain else (),
        tuple(dict.fromkeys(workloads)),
        pattern,
        words.selector or "",
        tuple(dict.fromkeys(words.containers)),
        words.agents,
        words.previous,
        words.follow,
        words.tail if words.tail >= 0 else None,
        since_seconds(words.since),
        moment("--since-time", words.since_time),
        moment("--until", words.until),
    )


def line_count(text: str) -> int:
    """A number of lines, below 0 = all. Raises UsageError."""
    if _NUMBER.fullmatch(text) and abs(int(text)) <= MOST_LINES:
        return int(text)
    shown = text if len(text) <= 30 else f"{text[:30]}…"
    bound = f", at most {MOST_LINES}" if text.strip("+-").isdigit() else ""
    raise UsageError(f"{shown}: expected a number of lines{bound}")


def since_seconds(text: str) -> int | None:
    """ "1h30m" as whole seconds, which is what an API server can be asked for. Raises UsageError."""
    if not text:
        return None
    seconds = duration_seconds(text)
    if seconds is None:
        raise UsageError(f"--since {text}: expected a duration such as 30s, 5m, 1h30m or 2d")
    return max(1, math.ceil(seconds))


def moment(flag: str, text: str) -> int:
    """An RFC 3339 time in nanoseconds since the epoch, 0 for "". Raises UsageError."""
    at, length = parse_stamp(text.encode())
    if text and (not at or length != len(text.encode())):
        raise UsageError(f"{flag} {text}: expected a time such as 2026-11-22T14:00:00Z")
    return at
