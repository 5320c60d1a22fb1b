"""Which kind a person means by "po", "deploy.apps" or "Pod", among those that a cluster serves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tui.errors import Problem, ProblemKind
from tui.model.kube import PODS, KindRef


def known_kind(text: str) -> KindRef | None:
    """The kind, where it needs no discovery: pods, so that the first list waits for nothing."""
    return PODS if text.strip().lower() in _names(PODS) else None


def find_kind(text: str, kinds: Sequence[KindRef]) -> KindRef | Problem:
    """The kind that `text` names, or a Problem (INVALID) that names the nearest.

    As kubectl: plural, then singular or kind, then short name; each may be followed by `.group` or `.version.group`;
    among equals the first in discovery order, in which the core group comes first. Kinds that cannot be listed are
    never meant.
    """
    name, _, group = text.strip().lower().partition(".")
    candidates = [kind for kind in kinds if "list" in kind.verbs and _in_group(kind, group)]
    for spelling in (_plural, _singular, _short):
        for kind in candidates:
            if name in spelling(kind):
                return kind
    return _unknown(text, kinds)


def find_kinds(text: str, kinds: Sequence[KindRef]) -> tuple[KindRef, ...] | Problem:
    """The kinds that `text` names: one, or all of a category ("all"), of which those count that can be listed."""
    found = find_kind(text, kinds)
    if isinstance(found, KindRef):
        return (found,)
    name = text.strip().lower()
    members = tuple(kind for kind in kinds if name in kind.categories and "list" in kind.verbs)
    return members or found


def words_of(text: str) -> tuple[str, ...]:
    """The words of a question for several kinds ("deploy,sts"), each once."""
    return tuple(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))


def _plural(kind: KindRef) -> tuple[str, ...]:
    return (kind.plural,)


def _singular(kind: KindRef) -> tuple[str, ...]:
    return (kind.singular.lower(), kind.kind.lower())


def _short(kind: KindRef) -> tuple[str, ...]:
    return kind.short_names


def _names(kind: KindRef) -> frozenset[str]:
    return frozenset({*_plural(kind), *_singular(kind), *_short(kind)})


def _in_group(kind: KindRef, group: str) -> bool:
    """Whether `group` is a kind's group, its `version.group`, or the beginning of its group ("deploy.apps")."""
    if not group:
        return True
    return group in (kind.group, f"{kind.version}.{kind.group}", kind.group.partition(".")[0])


def _unknown(text: str, kinds: Sequence[KindRef]) -> Problem:
    import difflib  # only for a kind that was mistyped

    near = difflib.get_close_matches(text.strip().lower(), list(_spellings(kinds)), n=3, cutoff=0.6)
    hint = f"; did you mean {' or '.join(dict.fromkeys(near))}?" if near else ""
    summary = f"the cluster serves no kind {text.strip()[:80]!r}{hint}"
    return Problem(ProblemKind.INVALID, summary, remedy="kubectl api-resources")


def _spellings(kinds: Sequence[KindRef]) -> Iterator[str]:
    for kind in kinds:
        if "list" in kind.verbs:
            yield kind.plural
            yield kind.kind.lower()
            if kind.group:
                yield kind.qualified
