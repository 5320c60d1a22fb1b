"""metrics.k8s.io: what pods and nodes use, from the Table that the metrics server prints, or from its plain objects.

Not every server of that API prints tables, and not every one knows limits: some send fifty thousand pods in one answer.
Such an answer is taken apart in pieces, so that keys are answered in between.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence

import msgspec

from tui.clients.kube_decode import ColumnDefinition, ListMetadata, Partial, PrintedCell
from tui.clients.kube_sharing import Shared
from tui.clients.kube_transport import KubeTransport, Query
from tui.clients.problem_bodies import words
from tui.clients.problems import plain_url
from tui.clients.segments import segment
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.kube import KindRef
from tui.model.usage import Usage, amount

ACCEPT = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
PAGE = 2_000
PIECE = 500
"""Pods or nodes that are decoded at once."""


class _Answer(msgspec.Struct, rename="camel"):
    metadata: ListMetadata = msgspec.field(default_factory=ListMetadata)
    column_definitions: list[ColumnDefinition] | None = None
    rows: list[msgspec.Raw] | None = None
    items: list[msgspec.Raw] | None = None


class _Row(msgspec.Struct, gc=False):
    cells: tuple[PrintedCell, ...] = ()
    object: Partial | None = None


class _Container(msgspec.Struct, gc=False):
    usage: dict[str, str] = msgspec.field(default_factory=dict[str, str])


class _Metrics(Partial, gc=False):
    """PodMetrics (with containers) or NodeMetrics."""

    containers: list[_Container] | None = None
    usage: dict[str, str] | None = None


_ANSWER = msgspec.json.Decoder(_Answer)
_ROW = msgspec.json.Decoder(_Row)
_METRICS = msgspec.json.Decoder(_Metrics)
_SHARED = Shared()


async def read_usages(
    transport: KubeTransport, kind: KindRef, namespace: str, labels: str
) -> AsyncGenerator[Sequence[Usage]]:
    """The list in pieces. Raises SourceError."""
    path = kind.path(segment(namespace))
    target = plain_url(transport.url(path))
    query: Query = {"labelSelector": labels, "limit": PAGE}
    places: tuple[int, int] | None = None
    while True:
        body = await transport.read(path, ACCEPT, query)
        try:
            answer = _ANSWER.decode(body)
            places = _places(answer.column_definitions) or places
            raw = answer.rows if answer.rows is not None else answer.items or ()
            printed = answer.rows is not None
            for start in range(0, len(raw), PIECE):
                piece = raw[start : start + PIECE]
                yield [_printed(one, places) if printed else _plain(one) for one in piece]
                await asyncio.sleep(0)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
            summary = "the metrics cannot be read"
            raise SourceError(Problem(ProblemKind.PROTOCOL, summary, words(str(exc)), target=target)) from exc
        if not answer.metadata.continue_:
            return
        query = {**query, "continue": answer.metadata.continue_}


def _places(columns: Sequence[ColumnDefinition] | None) -> tuple[int, int] | None:
    at = {column.name.lower(): index for index, column in enumerate(columns or ())}
    return (at["cpu"], at["memory"]) if "cpu" in at and "memory" in at else None


def _printed(raw: msgspec.Raw, places: tuple[int, int] | None) -> Usage:
    row = _ROW.decode(raw)
    meta = (row.object or Partial()).metadata
    cpu, memory = (row.cells[at] if at < len(row.cells) else None for at in places) if places else (None, None)
    return Usage(_SHARED.text(meta.namespace), meta.name, amount(cpu), amount(memory))


def _plain(raw: msgspec.Raw) -> Usage:
    told = _METRICS.decode(raw)
    used = [told.usage] if told.usage is not None else [one.usage for one in told.containers or ()]
    meta = told.metadata
    return Usage(_SHARED.text(meta.namespace), meta.name, _sum(used, "cpu"), _sum(used, "memory"))


def _sum(used: Sequence[dict[str, str]], resource: str) -> float | None:
    amounts = [held for one in used if (held := amount(one.get(resource))) is not None]
    return sum(amounts) if amounts else None
