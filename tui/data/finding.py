"""Objects by a part of their names, in all kinds that can be listed.

A kind is read page by page to its end, as server-printed rows with the objects' metadata and nothing else of them. What
is found is told while the reading goes on; the object that is named exactly so is asked for as soon as a kind turns out
to have more than a page, so that nobody waits for fifty thousand pods to see the one.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from tui.clock import Clock
from tui.data.kinds import find_kinds, words_of
from tui.data.patience import REST, Patience, namespaces_of
from tui.data.poller import Polled
from tui.data.ports import KubePort
from tui.data.usage import GROUP as METRICS
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.feed import Gap
from tui.model.kube import Column, KindRef, Row, RowKey, Table, TablePage
from tui.waits import finishing

PAGE = 500
WITHIN = 120.0
"""Seconds that the reading of one kind may take; what has not been read by then is said to be unseen."""
NAMES = (Column("Name", format="name"),)
_LOG = frozenset({"events"})
"""Kinds that are a log, named after what they are about: they are looked through only where they are asked for."""
_REFUSALS = frozenset({ProblemKind.FORBIDDEN, ProblemKind.NOT_FOUND, ProblemKind.INVALID})


class Wanted(Struct, frozen=True):
    """What is looked for. name: a part of a name, or a glob. kinds: words for the kinds, "" = all."""

    name: str
    kinds: str = ""

    @property
    def literal(self) -> bool:
        """Whether it may be a whole name."""
        return not any(sign in self.name for sign in "*?[")

    def means(self, name: str) -> bool:
        """Whether this name is meant: it holds the text, or matches it as a glob."""
        low = self.name.lower()
        return low in name.lower() if self.literal else fnmatch.fnmatchcase(name.lower(), low)


def wanted(text: str) -> Wanted:
    """ "api", "*-canary", and of certain kinds "events/api", "cm,secret/api"."""
    kinds, slash, name = text.rpartition("/")
    return Wanted(name, kinds) if slash else Wanted(text)


def kinds_to_find(served: Sequence[KindRef], words: str = "") -> tuple[KindRef, ...] | Problem:
    """The kinds in which a name is looked for. words: for certain ones; a Problem where the cluster serves no such."""
    if not words:
        return tuple(
            kind for kind in served if "list" in kind.verbs and kind.group != METRICS and kind.plural not in _LOG
        )
    found: dict[KindRef, None] = {}
    for word in words_of(words):
        kinds = find_kinds(word, served)
        if isinstance(kinds, Problem):
            return kinds
        found.update(dict.fromkeys(kinds))
    return tuple(found)


async def find(
    port: KubePort,
    kind: KindRef,
    named: Wanted,
    namespace: str,
    labels: str,
    clock: Clock,
    progress: Callable[[Table], None] = lambda table: None,
) -> Polled[Table]:
    """The objects of `kind` that are meant by their names, as the server prints them. progress: told what has been
    found while there is more. A list that is refused is a gap. Raises SourceError for all else."""
    search = _Search(port, kind, named, labels, Patience(clock, WITHIN), progress)
    gaps: list[Gap] = []
    for place in namespaces_of(kind, namespace):
        try:
            gaps += await search.through(place)
        except SourceError as exc:
            if exc.problem.kind is ProblemKind.EXPIRED and search.seen:  # it has outlived the server's snapshot
                gaps.append(Gap(REST, exc.problem))
                continue
            if exc.problem.kind not in _REFUSALS:
                raise
            await search.by_name(place)
            gaps.append(Gap(f"{kind.qualified} in {place}" if place else kind.qualified, exc.problem))
    return Polled(search.table, tuple(gaps))


class _Search:
    """The search in one kind."""

    def __init__(
        self,
        port: KubePort,
        kind: KindRef,
        named: Wanted,
        labels: str,
        patience: Patience,
        progress: Callable[[Table], None],
    ) -> None:
        self._port = port
        self._kind = kind
        self._named = named
        self._labels = labels
        self._patience = patience
        self._progress = progress
        self._columns: tuple[Column, ...] = ()
        self._rows: dict[RowKey, Row] = {}
        self.seen = 0

    @property
    def table(self) -> Table:
        """What has been found."""
        return Table(self._kind, self._columns or NAMES, dict(self._rows))

    async def through(self, namespace: str) -> list[Gap]:
        """Read all of a namespace, "" = of the cluster. Gaps where that was ended early."""
        pages = self._port.list_pages(self._kind, namespace=namespace, labels=self._labels, limit=PAGE)
        first = True
        async with finishing(pages):
            async for page in pages:
                self._take(page)
                self.seen += len(page.rows)
                if not page.continue_token:
                    break
                if self._patience.over:
                    return [self._patience.gap(self.seen, self._kind.plural)]
                if first and self._named.literal:
                    await self._exactly(namespace)
                first = False
                self._progress(replace(self.table, complete=False))
        return []

    async def _exactly(self, namespace: str) -> None:
        """Take the objects of just this name."""
        fields = f"metadata.name={self._named.name}"
        pages = self._port.list_pages(self._kind, namespace=namespace, labels=self._labels, fields=fields, limit=PAGE)
        try:
            async with finishing(pages):
                async for page in pages:
                    self._take(page)
                    break  # a server that knows no field selectors sends all it has
        except SourceError as exc:
            if exc.problem.kind not in _REFUSALS:
                raise

    async def by_name(self, namespace: str) -> None:
        """Where the list is refused, the object of this name may yet be seen."""
        named, kind = self._named, self._kind
        if not named.literal or self._labels or (kind.namespaced and not namespace):
            return
        try:
            if await self._port.exists(kind, namespace, named.name):
                row = Row("", named.name, namespace, (named.name,))
                self._rows[row.key] = row
        except SourceError as exc:
            if exc.problem.kind not in _REFUSALS:
                raise

    def _take(self, page: TablePage) -> None:
        self._columns = self._columns or page.columns
        self._rows |= {row.key: row for row in page.rows if self._named.means(row.name)}
