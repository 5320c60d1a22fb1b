"""What could follow on the `:` line, best first, and which line enter then stands for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from msgspec import Struct

from tui.model.cluster import ClusterRef
from tui.model.kube import KindRef
from tui.present.clean import clean
from tui.present.commands import Word
from tui.present.logcommand import FLAGS

_MEANINGS = {
    Word.FLEETS: "memberships of the fleets and other clusters",
    Word.CONNECTIONS: "Service Connector connections",
    Word.LOGS: "of the connect agents; of pods: logs POD, KIND/NAME, REGEX, -l",
    Word.JOURNAL: "every change that was made, and its undo",
    Word.FORWARDS: "the port-forwards, and how they fare",
    Word.APPLY: "apply a file, or a pasted manifest",
    Word.WRITE: "unlock writing for a while",
    Word.LOCK: "lock writing again",
    Word.HELP: "every key and command",
    Word.QUIT: "leave",
}
LIMIT = 8
"""How many completions are offered at once."""

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
    if text.split(" ", 1)[0] == Word.LOGS:
        return _of_logs(head, last, namespaces)
    if last.startswith(("/", "-")) or "=" in last or " /" in text:
        return []
    return _completions(f"{head}{space}", _ranked(last, [_Word(name, "namespace") for name in namespaces]))


def _of_logs(head: str, last: str, namespaces: Sequence[str]) -> list[Completion]:
    """Behind `:logs`, whose words are those of `clusterview logs`: flags, and the namespaces behind theirs."""
    if last.startswith("-"):
        return _completions(f"{head} ", _ranked(last, [_Word(flag, detail) for flag, detail in FLAGS]))
    if head.endswith((" -n", " --namespace")):
        return _completions(f"{head} ", _ranked(last, [_Word(name, "namespace") for name in namespaces]))
    return []


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
