"""The `:` line: what it means, and what could follow. Pure, so every word of it is tested by tables.

:pods payments            a kind, in a namespace ("-A" or "all": every namespace; "-n payments" as for kubectl)
:po app=web @prod-eu      with a label selector ("-l app=web" too), of the clusters that match (globs, /regex/, ^not)
:deploy /api              with a filter
:deploy,sts               several kinds in one list; a category (":all") too
:@prod-*                  the same list of other clusters
:find api @*              objects of all kinds by a part of their names; :find events/api of certain ones
:changes 15m              what has changed of late
:fleets :connections :logs :journal :forwards :apply :write :lock :help :q
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from tui.errors import UsageError
from tui.model.cluster import ClusterRef
from tui.model.kube import KindRef
from tui.model.patterns import cluster_filter
from tui.model.times import age_seconds
from tui.present.clean import clean


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
_MEANINGS = {
    Word.FLEETS: "memberships of the fleets and other clusters",
    Word.CONNECTIONS: "Service Connector connections",
    Word.LOGS: "logs of the connect agents",
    Word.JOURNAL: "every change that was made, and its undo",
    Word.FORWARDS: "the port-forwards, and how they fare",
    Word.APPLY: "apply a file, or a pasted manifest",
    Word.WRITE: "unlock writing for a while",
    Word.LOCK: "lock writing again",
    Word.HELP: "every key and command",
    Word.QUIT: "leave",
}
ALL_NAMESPACES = frozenset({"-A", "--all-namespaces", "all", "*"})
_FLAGS = {"-n": "a namespace", "--namespace": "a namespace", "-l": "a label selector", "--selector": "a label selector"}
RECENT = 900.0
LONGEST_AGO = 86_400.0
"""Seconds that `:changes` goes back: if nothing is said, and at most."""
LIMIT = 8
"""How many completions are offered at once."""


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


Command: TypeAlias = ShowKind | Word | Compare


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


EXACT, BEGINS, HOLDS, NO_MATCH = range(4)


class Completion(Struct, frozen=True):
    """line: the whole command line with it taken. label: the word itself. detail: what it is. rank: `EXACT`, `BEGINS`
    or `HOLDS`, by how what was typed stands in it."""

    line: str
    label: str
    detail: str = ""
    rank: int = 0


def complete(
    text: str,
    kinds: Sequence[KindRef],
    namespaces: Sequence[str],
    clusters: Sequence[ClusterRef],
    aliases: Mapping[str, str] | None = None,
    views: Mapping[str, str] | None = None,
) -> list[Completion]:
    """What the last word of the line could become, best first, at most `LIMIT`. views: saved ones, with what they
    show."""
    head, space, last = text.rpartition(" ")
    if last.startswith("@"):
        named = [_Word(cluster.name, cluster.via.value) for cluster in clusters]
        return _completions(f"{head}{space}@", _ranked(last[1:], named), "@")
    if not space and "," in last:
        before, comma, begun = last.rpartition(",")
        taken = set(before.split(","))
        return _completions(
            before + comma, [each for each in _ranked(begun, _kind_words(kinds)) if each[1].name not in taken]
        )
    if not space:
        return _completions("", _ranked(last, _first_words(kinds, aliases or {}, views or {})))
    if last.startswith(("/", "-")) or "=" in last or " /" in text:
        return []
    return _completions(f"{head}{space}", _ranked(last, [_Word(name, "namespace") for name in namespaces]))


def meant(text: str, found: Sequence[Completion], chosen: int, *, picked: bool) -> str:
    """The line that enter stands for: the one typed, unless a completion was picked with the arrows, or the line is
    one word that names nothing by itself and the marked completion begins with it."""
    if not found:
        return text
    alone = " " not in text.strip() and bool(text.strip())
    begun = alone and found[chosen].rank == BEGINS and not any(one.rank == EXACT for one in found)
    return found[chosen].line if picked or begun else text


def _completions(before: str, words: Sequence[tuple[int, _Word]], sign: str = "") -> list[Completion]:
    return [Completion(before + word.name, sign + word.name, word.detail, rank) for rank, word in words]


class _Word(NamedTuple):
    """Something that could be typed. short: other names that stand for it exactly."""

    name: str
    detail: str
    short: tuple[str, ...] = ()


def _first_words(kinds: Sequence[KindRef], aliases: Mapping[str, str], views: Mapping[str, str]) -> list[_Word]:
    words = [_Word(word.value, _MEANINGS[word]) for word in Word]
    words += [
        _Word("find", "NAME or KIND/NAME: objects by a part of their names"),
        _Word("changes", "15m: what changed"),
        _Word("compare", "@cluster: this object and the same one there"),
    ]
    words += [_Word(clean(name, 40), f"alias: {clean(line, 60)}") for name, line in sorted(aliases.items())]
    words += [_Word(clean(name, 40), f"view: {clean(line, 60)}") for name, line in sorted(views.items())]
    words += _kind_words(kinds)
    return list({word.name: word for word in reversed(words)}.values())[::-1]


def _kind_words(kinds: Sequence[KindRef]) -> list[_Word]:
    """Kinds, and the categories that several of them are in."""
    words: list[_Word] = []
    shared = _repeated(kind.plural for kind in kinds)
    for kind in kinds:
        name = kind.qualified if kind.plural in shared and kind.group else kind.plural
        detail = " ".join((*map(clean, kind.short_names), clean(kind.api, 60)))
        exact = (*kind.short_names, kind.singular.lower(), kind.kind.lower(), kind.plural)
        words.append(_Word(clean(name, 60), detail, exact))
    counts = Counter(category for kind in kinds if "list" in kind.verbs for category in kind.categories)
    words += [_Word(clean(name, 60), f"category: {count} kinds") for name, count in sorted(counts.items()) if count > 1]
    return words


def _repeated(names: Iterable[str]) -> set[str]:
    seen, twice = set[str](), set[str]()
    for name in names:
        (twice if name in seen else seen).add(name)
    return twice


def _ranked(typed: str, words: Sequence[_Word]) -> list[tuple[int, _Word]]:
    """Those that are meant exactly, then those that begin so, then those that hold it; each in its own order."""
    low = typed.lower()

    def rank(word: _Word) -> int:
        name = word.name.lower()
        if low and (low == name or low in word.short):
            return EXACT
        return BEGINS if name.startswith(low) else HOLDS if low in name else NO_MATCH

    ranked = sorted(((rank(word), word) for word in words), key=lambda each: each[0])
    return [each for each in ranked if each[0] != NO_MATCH][:LIMIT]
