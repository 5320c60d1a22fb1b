"""The `:` line: what it means. Pure, so every word of it is tested by tables. What could follow is in
`tui.present.completions`.

:pods payments            a kind, in a namespace ("-A" or "all": every namespace; "-n payments" as for kubectl)
:po app=web @prod-eu      with a label selector ("-l app=web" too), of the clusters that match (globs, /regex/, ^not)
:deploy /api              with a filter
:deploy,sts               several kinds in one list; a category (":all") too
:@prod-*                  the same list of other clusters
:find api @*              objects of all kinds by a part of their names; :find events/api of certain ones
:changes 15m              what has changed of late
:logs deploy/web -c app   logs, in the words of `clusterview logs`: pods, KIND/NAME, regular expressions, -l, --agents
:fleets :connections :logs :journal :forwards :apply :write :lock :help :q
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from tui.errors import UsageError
from tui.model.cluster import ClusterRef
from tui.model.patterns import cluster_filter
from tui.model.times import age_seconds
from tui.present.logcommand import OpenLogs, parse_logs


class Word(StrEnum):
    """Commands that are no kind."""

    FLEETS = "fleets"
    CONNECTIONS = "connections"
    LOGS = "logs"
    JOURNAL = "journal"
    FORWARDS = "forwards"
    APPLY = "apply"
    WRITE = "write"
    LOCK = "lock"
    HELP = "help"
    QUIT = "quit"


_WORDS = {
    "fleets": Word.FLEETS,
    "fleet": Word.FLEETS,
    "memberships": Word.FLEETS,
    "clusters": Word.FLEETS,
    "connections": Word.CONNECTIONS,
    "conn": Word.CONNECTIONS,
    "linkers": Word.CONNECTIONS,
    "logs": Word.LOGS,
    "journal": Word.JOURNAL,
    "forwards": Word.FORWARDS,
    "port-forwards": Word.FORWARDS,
    "pf": Word.FORWARDS,
    "apply": Word.APPLY,
    "write": Word.WRITE,
    "unlock": Word.WRITE,
    "lock": Word.LOCK,
    "readonly": Word.LOCK,
    "read-only": Word.LOCK,
    "help": Word.HELP,
    "?": Word.HELP,
    "h": Word.HELP,
    "quit": Word.QUIT,
    "q": Word.QUIT,
    "q!": Word.QUIT,
    "exit": Word.QUIT,
}
ALL_NAMESPACES = frozenset({"-A", "--all-namespaces", "all", "*"})
_FLAGS = {"-n": "a namespace", "--namespace": "a namespace", "-l": "a label selector", "--selector": "a label selector"}
RECENT = 900.0
LONGEST_AGO = 86_400.0
"""Seconds that `:changes` goes back: if nothing is said, and at most."""


class ShowKind(Struct, frozen=True):
    """find: a part of a name, or a glob, in all kinds. since: what has changed in so many seconds. kind "": the one
    shown now. namespace None: the one shown now; "": all. clusters: patterns, () = unchanged."""

    kind: str = ""
    namespace: str | None = None
    labels: str = ""
    clusters: tuple[str, ...] = ()
    filter: str = ""
    find: str = ""
    since: float = 0.0


class Compare(Struct, frozen=True):
    """The object under the cursor with the same one in another cluster, or two marked ones. clusters: patterns."""

    clusters: tuple[str, ...] = ()


Command: TypeAlias = ShowKind | Word | Compare | OpenLogs


def parse_command(text: str, aliases: Mapping[str, str] | None = None) -> Command | None:
    """None for an empty line. aliases: the user's own words for command lines. Raises UsageError."""
    words = text.strip().lstrip(":").strip()
    if not words:
        return None
    head, _, rest = words.partition(" ")
    if aliases:
        words = f"{_expanded(head, aliases)} {rest}".strip()
        head, _, rest = words.partition(" ")
    word = _WORDS.get(head.lower())
    if word is Word.LOGS and rest.strip():
        before, _, filtered = _split_filter(rest)
        return parse_logs(before, filtered.strip())
    if word is not None:
        if rest.strip():
            raise UsageError(f":{word.value} stands alone; {rest.strip()!r} cannot follow it")
        return word
    if head.lower() in ("find", "changes"):
        return _looked_through(head.lower(), rest)
    if head.lower() == "compare":
        asked = _kind(rest)
        if asked != ShowKind(clusters=asked.clusters):
            raise UsageError(":compare stands alone, or with a cluster behind it: :compare @prod-us")
        return Compare(asked.clusters)
    return _kind(words)


def _looked_through(word: str, rest: str) -> ShowKind:
    """:find NAME, :changes 15m; what follows is as behind a kind."""
    wanted, _, more = rest.strip().partition(" ")
    if word == "find":
        if not wanted or wanted.startswith(("@", "/")) or wanted.endswith("/"):
            raise UsageError(":find needs a part of a name, or a glob: :find api, :find *-canary")
        return replace(_kind(f"find {more}"), kind="", find=wanted)
    if wanted.startswith(("@", "/")):
        wanted, more = "", rest
    seconds = age_seconds(wanted) if wanted else RECENT
    if seconds is None or not 0 < seconds <= LONGEST_AGO:
        raise UsageError(f":changes {wanted}: say how far back: 15m, 2h, up to 1d")
    return replace(_kind(f"changes {more}"), kind="", since=seconds)


def _expanded(head: str, aliases: Mapping[str, str]) -> str:
    """The first word with the user's own words replaced; among several kinds only those that stand for kinds."""
    if head in aliases:
        return aliases[head]
    return ",".join(aliases[word] if _is_kind(aliases.get(word, "")) else word for word in head.split(","))


def _is_kind(line: str) -> bool:
    return bool(line) and " " not in line.strip() and line.strip().lower() not in _WORDS


def _kind(text: str) -> ShowKind:
    before, slash, filtered = _split_filter(text)
    command = ShowKind(filter=filtered.strip() if slash else "")
    tokens = _without_flags(before.split())
    if tokens and not tokens[0].startswith("@"):
        command = replace(command, kind=tokens.pop(0))
    for token in tokens:
        command = _with(command, token)
    return command


def _without_flags(tokens: Sequence[str]) -> list[str]:
    """kubectl's "-n payments" and "-l app=web" are typed by habit; what follows the flag says by itself what it is."""
    kept: list[str] = []
    for index, token in enumerate(tokens):
        if token in _FLAGS:
            if index + 1 == len(tokens):
                raise UsageError(f"{token} needs {_FLAGS[token]} behind it")
            continue
        name, equals, value = token.partition("=")
        kept.append(value if equals and name in _FLAGS else token)
    return kept


def _split_filter(text: str) -> tuple[str, str, str]:
    """A filter begins with a slash after a space; the slashes of `@/regex/` are not meant."""
    found = re.search(r"(?:^|\s)/", text)
    return (text[: found.start()], "/", text[found.end() :]) if found else (text, "", "")


def _with(command: ShowKind, token: str) -> ShowKind:
    if token.startswith("@"):
        if len(token) == 1:
            raise UsageError("'@' needs a cluster: a name, a glob, /regex/ or ^not")
        return replace(command, clusters=(*command.clusters, token[1:]))
    if token in ALL_NAMESPACES:
        return replace(command, namespace="")
    if "=" in token or token.startswith("!"):
        return replace(command, labels=f"{command.labels},{token}" if command.labels else token)
    if command.namespace is not None:
        raise UsageError(f"{token!r}: one namespace at a time (labels need '=', clusters '@', filters ' /')")
    return replace(command, namespace=token.removeprefix("-n"))


def match_clusters(patterns: Sequence[str], clusters: Iterable[ClusterRef]) -> tuple[ClusterRef, ...]:
    """The clusters whose names match. Raises UsageError for a pattern that is not valid, or that matches none."""
    chosen = cluster_filter(patterns)
    found = tuple(cluster for cluster in clusters if chosen(cluster.name))
    if not found:
        raise UsageError(f"no cluster matches {' '.join('@' + pattern for pattern in patterns)}")
    return found
