"""Lists of Kubernetes objects in kubectl's forms, with the cluster in front where there are several."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import TypeAlias

from msgspec import Struct, field

from tui.cli.output import print_columns, print_names, say
from tui.model.cluster import ClusterRef
from tui.model.kube import Column, KindRef, Row


class Listed(Struct):
    """What one cluster answered of one kind. namespace: that it was asked for, "" = all. unseen: what of it could not
    be seen, in words."""

    kind: KindRef
    namespace: str = ""
    columns: tuple[Column, ...] = ()
    rows: list[Row] = field(default_factory=list[Row])
    unseen: str = ""

    def add(self, more: Listed) -> None:
        """Take in what another namespace answered."""
        self.columns = self.columns or more.columns
        self.rows += more.rows


Results: TypeAlias = Sequence[tuple[ClusterRef, Listed]]


def show(form: str, results: Results, several: bool, spread: bool) -> None:
    """Print all that was listed. form: "table" or "name". several: clusters were asked; spread: over all namespaces."""
    if form == "name":
        print_names(_lead(ref, several) + named(listed.kind, row) for ref, listed in results for row in listed.rows)
    else:
        _tables(results, several, spread)


def named(kind: KindRef, row: Row) -> str:
    """As `kubectl get -o name` names it ("pod/web", "deployment.apps/web")."""
    singular = kind.singular or kind.kind.lower() or kind.plural
    return f"{singular}{f'.{kind.group}' if kind.group else ''}/{row.name}"


def _lead(ref: ClusterRef, several: bool) -> str:
    """In front of a name, since nothing else in the line tells clusters apart."""
    return f"{ref.name}/" if several else ""


def _tables(results: Results, several: bool, spread: bool) -> None:
    """A table for each kind, in the order in which they were asked for."""
    kinds: dict[tuple[str, str], list[tuple[ClusterRef, Listed]]] = {}
    for ref, listed in results:
        if listed.rows:
            kinds.setdefault((listed.kind.group, listed.kind.plural), []).append((ref, listed))
    if not kinds:
        # Cluster-scoped kinds have no namespace, and clusters may mean several.
        namespaces = {listed.namespace for _, listed in results}
        namespace = namespaces.pop() if len(namespaces) == 1 else ""
        say(f"No resources found in {namespace} namespace." if namespace else "No resources found")
    for number, parts in enumerate(kinds.values()):
        print_columns(_columns(parts, several, spread, prefixed=len(kinds) > 1), gap=number > 0)


def _columns(parts: Results, several: bool, spread: bool, *, prefixed: bool) -> list[list[object]]:
    """The columns of one kind, each with its heading. prefixed: names say their kind."""
    first = parts[0][1]
    names = [column.name for column in first.columns if column.priority == 0]
    namespaced = spread and first.kind.namespaced
    made: list[list[object]] = [[name.upper()] for name in names]
    clusters: list[object] = ["CLUSTER"]
    namespaces: list[object] = ["NAMESPACE"]
    for ref, listed in parts:
        rows = listed.rows
        clusters += [ref.name] * len(rows)
        namespaces += [row.namespace for row in rows]
        # By name: clusters of different versions print different columns.
        place = {column.name: index for index, column in enumerate(listed.columns)}
        printed = list(zip_longest(*(row.cells for row in rows)))
        for index, name in enumerate(names):
            at = place.get(name, -1)
            held: Iterable[object] = printed[at] if 0 <= at < len(printed) else [None] * len(rows)
            says_kind = prefixed and index == 0 and name.lower() == "name"
            made[index] += [named(listed.kind, row) for row in rows] if says_kind else held
    return [clusters] * several + [namespaces] * namespaced + made
