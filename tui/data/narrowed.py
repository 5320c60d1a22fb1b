"""A list that falls back: the whole cluster where that is allowed, else the namespaces that answer.

The whole is asked for again now and then (the reflector's own patience with refusals), so that a right that was
granted shows by itself; as soon as the whole answers, the namespaces are let go.
"""

from __future__ import annotations

from msgspec.structs import replace

from tui.data.derived import Read, carry
from tui.data.listwatch import Scope
from tui.data.namespaces import MOST, Namespaces
from tui.data.tables import Tables
from tui.data.together import Part, together
from tui.errors import Problem, ProblemKind
from tui.model.cluster import ClusterRef
from tui.model.feed import Feed
from tui.model.kube import KindRef, Table

FEW = 6
"""Namespaces that are simply asked. Of more, the rules are asked for first: one answer tells of all kinds, so the next
list need not be refused a hundred times."""

_NO_RIGHT = Problem(ProblemKind.FORBIDDEN, "our rules in this namespace do not grant the list")


class Narrowed:
    """Tables by cluster, kind and scope, each as much of it as may be seen."""

    def __init__(self, tables: Tables, namespaces: Namespaces) -> None:
        self._tables = tables
        self._namespaces = namespaces

    def table(self, ref: ClusterRef, kind: KindRef, scope: Scope, read: Read) -> Feed[Table]:
        """The objects of `kind` in `scope`, as far as they may be seen. The scope's namespace may name several."""
        if not kind.namespaced:
            return read(self._tables.of(ref, kind, replace(scope, namespace="")))
        if "," in scope.namespace:
            names = tuple(dict.fromkeys(name for name in scope.namespace.split(",") if name))
            return together(kind, [self._in(ref, kind, scope, name, read) for name in names])
        feed = read(self._tables.of(ref, kind, scope))
        if scope.namespace:
            if feed.problem is None and feed.value is not None and feed.value.rows:
                self._namespaces.remembered.note(ref.key, scope.namespace)
            return feed
        return self._within(ref, kind, scope, feed, read) if refused(feed) else feed

    def _within(self, ref: ClusterRef, kind: KindRef, scope: Scope, whole: Feed[Table], read: Read) -> Feed[Table]:
        known = read(self._namespaces.known(ref))
        if known.value is None:
            return whole if known.problem is not None or whole.value is not None else carry(known, None)
        # Those that have answered since the last look are known too.
        names = tuple(dict.fromkeys([*self._namespaces.remembered.of(ref.key), *known.value.names]))
        parts = [self._part(ref, kind, scope, name, read, few=len(names) <= FEW) for name in names[:MOST]]
        if not parts:
            return whole
        if len(names) > MOST:
            not_asked = Problem(ProblemKind.MISSING, f"only {MOST} namespaces are looked into at once")
            parts += [(name, Feed(problem=not_asked)) for name in names[MOST:]]
        joined = together(kind, parts, None if known.value.all else whole.problem)
        # Refused everywhere is refused: then the server's words about the whole cluster say more.
        return whole if joined.value is None and refused(joined) else joined

    def _part(self, ref: ClusterRef, kind: KindRef, scope: Scope, name: str, read: Read, *, few: bool) -> Part:
        if few:
            return self._in(ref, kind, scope, name, read)
        rules = read(self._namespaces.rules(ref, name))
        if rules.value is None and rules.problem is None:
            return name, Feed()
        if rules.value is not None and rules.value.may_list(kind) is False:
            return name, Feed(problem=_NO_RIGHT)
        return self._in(ref, kind, scope, name, read)

    def _in(self, ref: ClusterRef, kind: KindRef, scope: Scope, name: str, read: Read) -> Part:
        return name, read(self._tables.of(ref, kind, replace(scope, namespace=name)))


def refused(feed: Feed[Table]) -> bool:
    """Whether the list itself is forbidden (and not only a watch of it, which leaves the rows as good as listed)."""
    return feed.problem is not None and feed.problem.kind is ProblemKind.FORBIDDEN and feed.value is None
