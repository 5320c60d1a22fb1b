"""Kubernetes answers to rows: server-printed Tables, decoded by msgspec into what is shown and no more.

A list of 500 rows must cost a few milliseconds, or keys would wait for it (performance sections 3 and 4). So the
structs declare the printed cells and the little metadata that keys and filters need; managed fields, specs and Secret
data are skipped while reading. A server that answers with plain objects instead of a Table (an aggregated API that
knows none) gets two columns made up: Name and Age.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from tui.clients.kube_sharing import Cells, PrintedCell, Shared
from tui.clients.problem_bodies import words
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.kube import Column, Row, TablePage

TABLE_LIST = (
    "application/json;as=Table;v=v1;g=meta.k8s.io,"
    "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json"
)
TABLE_ROW = (
    "application/json;as=Table;v=v1;g=meta.k8s.io,"
    "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json"
)
TABLE_WATCH = TABLE_ROW
METADATA_ONLY = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"
"""No plain form to fall back to: whoever asks for metadata must never be sent a Secret's data."""

MADE_UP_COLUMNS = (Column("Name", "string", 0, "name"), Column("Age", "date", 0))


class Metadata(msgspec.Struct, gc=False, rename="camel"):
    """The part of ObjectMeta that rows are made of."""

    name: str = ""
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    creation_timestamp: str | None = None
    deletion_timestamp: str | None = None
    labels: dict[str, str] | None = None


class Partial(msgspec.Struct, gc=False):
    """Any object, seen from outside."""

    metadata: Metadata = msgspec.field(default_factory=Metadata)


class PrintedRow(msgspec.Struct, gc=False):
    cells: tuple[PrintedCell, ...] = ()
    object: Partial | None = None


class ColumnDefinition(msgspec.Struct, gc=False):
    name: str
    type: str = "string"
    format: str = ""
    priority: int = 0


class ListMetadata(msgspec.Struct, gc=False, rename="camel"):
    resource_version: str = ""
    continue_: str = msgspec.field(default="", name="continue")
    remaining_item_count: int | None = None


class Page(msgspec.Struct, rename="camel"):
    """A Table, or a plain list."""

    kind: str = ""
    metadata: ListMetadata = msgspec.field(default_factory=ListMetadata)
    column_definitions: list[ColumnDefinition] | None = None
    rows: list[PrintedRow] | None = None
    items: list[Partial] | None = None


class LooseRow(msgspec.Struct):
    """A row with cells that are lists or maps, which the Table API allows and hardly any server prints."""

    cells: tuple[Any, ...] = ()
    object: Partial | None = None


class LoosePage(msgspec.Struct, rename="camel"):
    kind: str = ""
    metadata: ListMetadata = msgspec.field(default_factory=ListMetadata)
    column_definitions: list[ColumnDefinition] | None = None
    rows: list[LooseRow] | None = None
    items: list[Partial] | None = None


_PAGE = msgspec.json.Decoder(Page)
_LOOSE_PAGE = msgspec.json.Decoder(LoosePage)
_PARTIAL = msgspec.json.Decoder(Partial)


def decode_page(body: bytes, target: str) -> TablePage:
    """One page of a list. Raises SourceError (PROTOCOL) where `body` is no list of any form."""
    page = _decode(body, target)
    if page.items is not None:
        columns: tuple[Column, ...] = MADE_UP_COLUMNS
        rows: Sequence[Row] = [plain_row(item.metadata) for item in page.items]
    elif page.kind == "Table" or page.rows is not None:
        columns = columns_of(page.column_definitions)
        rows = printed_rows(page.rows or (), name_position(columns))
    elif page.kind.endswith("List"):
        columns, rows = MADE_UP_COLUMNS, []
    else:
        summary = f"a list was asked for, and a {page.kind or 'nameless object'} came"
        raise SourceError(Problem(ProblemKind.PROTOCOL, summary, target=target))
    meta = page.metadata
    return TablePage(columns, rows, meta.resource_version, meta.continue_, meta.remaining_item_count)


def _decode(body: bytes, target: str) -> Page | LoosePage:
    try:
        try:
            return _PAGE.decode(body)
        except msgspec.ValidationError:
            return _LOOSE_PAGE.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        summary = "the list cannot be read"
        raise SourceError(Problem(ProblemKind.PROTOCOL, summary, words(str(exc)), target=target)) from exc


def decode_row(body: bytes, target: str) -> TablePage:
    """One object, printed or as it is. Raises SourceError (PROTOCOL)."""
    if _decode(body, target).kind == "Table":
        return decode_page(body, target)
    meta = decode_metadata(body, target)
    return TablePage(MADE_UP_COLUMNS, [plain_row(meta)], meta.resource_version)


def decode_metadata(body: bytes, target: str) -> Metadata:
    """The metadata of one object. Raises SourceError (PROTOCOL)."""
    try:
        return _PARTIAL.decode(body).metadata
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        summary = "the object cannot be read"
        raise SourceError(Problem(ProblemKind.PROTOCOL, summary, words(str(exc)), target=target)) from exc


def columns_of(definitions: Sequence[ColumnDefinition] | None) -> tuple[Column, ...]:
    """The columns; () where the message repeats none, as a watch's later events do."""
    return tuple(Column(d.name, d.type, d.priority, d.format) for d in definitions or ())


def name_position(columns: Sequence[Column]) -> int:
    """Where the object's name is printed; the first column unless one is marked."""
    return next((index for index, column in enumerate(columns) if column.format == "name"), 0)


_SHARED = Shared()
_FEW = 8
"""Rows up to which nothing is gained by looking at columns: the events of a watch come one by one."""


def printed_rows(rows: Sequence[PrintedRow | LooseRow], name_at: int) -> list[Row]:
    """Rows of a Table. name_at: the column to take the name from where a row comes without its object."""
    objects = [row.object for row in rows]
    if len(rows) <= _FEW or None in objects:
        return [_printed_row(row, name_at) for row in rows]
    found = [held.metadata for held in objects if held is not None]
    names = [meta.name for meta in found]
    return list(
        map(
            Row,
            [meta.uid for meta in found],
            names,
            _SHARED.texts([meta.namespace for meta in found]),
            _SHARED.rows([_cells(row) for row in rows], names, name_at),
            [meta.resource_version for meta in found],
            _SHARED.texts([meta.creation_timestamp or "" for meta in found]),
            [meta.deletion_timestamp or "" for meta in found],
            map(_SHARED.labels, [meta.labels for meta in found]),
        )
    )


def _printed_row(row: PrintedRow | LooseRow, name_at: int) -> Row:
    cells = _cells(row)
    if row.object is None:
        return Row("", str(cells[name_at]) if name_at < len(cells) else "", "", cells)
    meta = row.object.metadata
    return Row(
        meta.uid,
        _SHARED.text(meta.name),
        _SHARED.text(meta.namespace),
        _SHARED.cells(cells),
        meta.resource_version,
        _SHARED.text(meta.creation_timestamp or ""),
        meta.deletion_timestamp or "",
        _SHARED.labels(meta.labels),
    )


def _cells(row: PrintedRow | LooseRow) -> Cells:
    return row.cells if isinstance(row, PrintedRow) else tuple(map(_printable, row.cells))


def plain_row(meta: Metadata) -> Row:
    """The row of an object that came without printed cells: its name and, for its age, when it was created."""
    created = meta.creation_timestamp or ""
    return Row(
        meta.uid,
        meta.name,
        meta.namespace,
        (meta.name, created),
        meta.resource_version,
        created,
        meta.deletion_timestamp or "",
        meta.labels,
    )


def _printable(cell: Any) -> PrintedCell:
    if cell is None or isinstance(cell, str | int | float):
        return cell
    return msgspec.json.encode(cell).decode()
