"""Lists of what objects tell of their past (`tui.model.traces`): metadata only, with the times in managed fields.

Of pods the printed row is asked for, since it says when a container restarted last; of all else nothing but metadata.
Whole objects are never sent, and of the metadata only what is told is decoded: ten thousand objects cost what two
hundred whole ones would.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

import msgspec

from tui.clients.kube_decode import ColumnDefinition, PrintedCell
from tui.clients.kube_transport import KubeTransport, Query
from tui.clients.problem_bodies import words
from tui.clients.problems import plain_url
from tui.clients.segments import segment
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.kube import KindRef
from tui.model.traces import Trace, TracePage, Writer

METADATA = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"
PRINTED = f"application/json;as=Table;v=v1;g=meta.k8s.io,{METADATA}"
"""Neither has a plain form to fall back to: who asks for metadata must never be sent a Secret's data."""
FIRST_PAGE = 500
LARGEST_PAGE = 2_000
"""Objects of a page: the first comes soon; the others are few, as each counts on the gateway's quota."""


class _Writer(msgspec.Struct, gc=False):
    manager: str = ""
    time: str | None = None
    subresource: str = ""


class _Metadata(msgspec.Struct, gc=False, rename="camel"):
    name: str = ""
    namespace: str = ""
    uid: str = ""
    creation_timestamp: str | None = None
    deletion_timestamp: str | None = None
    managed_fields: list[_Writer] | None = None


class _Object(msgspec.Struct, gc=False):
    metadata: _Metadata = msgspec.field(default_factory=_Metadata)


class _Row(msgspec.Struct, gc=False):
    cells: tuple[PrintedCell, ...] = ()
    object: _Object | None = None


class _ListMetadata(msgspec.Struct, gc=False):
    continue_: str = msgspec.field(default="", name="continue")


class _Page(msgspec.Struct, rename="camel"):
    metadata: _ListMetadata = msgspec.field(default_factory=_ListMetadata)
    column_definitions: list[ColumnDefinition] | None = None
    rows: list[_Row] | None = None
    items: list[_Object] | None = None


_PAGE = msgspec.json.Decoder(_Page)


async def read_traces(
    transport: KubeTransport, kind: KindRef, namespace: str, labels: str
) -> AsyncGenerator[TracePage]:
    """The list, page by page. Raises SourceError."""
    path = kind.path(segment(namespace))
    accept = PRINTED if kind.plural == "pods" and not kind.group else METADATA
    limit = FIRST_PAGE
    columns: tuple[str, ...] = ()
    query: Query = {"labelSelector": labels, "limit": limit}
    while True:
        answer = await transport.read(path, accept, query)
        page, columns = decode_traces(answer, plain_url(transport.url(path)), columns)
        yield page
        if not page.continue_token:
            return
        limit = min(4 * limit, LARGEST_PAGE)
        query = {**query, "continue": page.continue_token, "limit": limit}


def decode_traces(body: bytes, target: str, before: Sequence[str] = ()) -> tuple[TracePage, tuple[str, ...]]:
    """One page and the names of its columns. before: those of the page before, as later ones may repeat none. Raises
    SourceError (PROTOCOL)."""
    try:
        page = _PAGE.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        summary = "the list cannot be read"
        raise SourceError(Problem(ProblemKind.PROTOCOL, summary, words(str(exc)), target=target)) from exc
    columns = tuple(one.name.upper() for one in page.column_definitions or ()) or tuple(before)
    if page.rows is not None:
        at = columns.index("RESTARTS") if "RESTARTS" in columns else -1
        found = [_trace(row.object.metadata, _cell(row.cells, at)) for row in page.rows if row.object is not None]
    else:
        found = [_trace(one.metadata) for one in page.items or ()]
    return TracePage(found, page.metadata.continue_), columns


def _cell(cells: Sequence[PrintedCell], at: int) -> str:
    return str(cells[at]) if 0 <= at < len(cells) else ""


def _trace(meta: _Metadata, restarts: str = "") -> Trace:
    return Trace(
        meta.uid,
        meta.namespace,
        meta.name,
        meta.creation_timestamp or "",
        meta.deletion_timestamp or "",
        tuple(Writer(one.manager, one.time or "", one.subresource) for one in meta.managed_fields or ()),
        restarts,
    )
