"""get and list: of stored kinds and of those computed on demand, in every representation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from aiohttp import web

from tui.sim.kube import tables
from tui.sim.kube.call import Call
from tui.sim.kube.customs import list_kind, selectable_fields
from tui.sim.kube.fields import FieldSelector, parse_field_selector
from tui.sim.kube.generation import is_custom
from tui.sim.kube.kinds import Kind
from tui.sim.kube.negotiate import JSON, Wanted, negotiate
from tui.sim.kube.objects import labels_of, metadata_of, name_of, namespace_of, without
from tui.sim.kube.paging import ListOptions, Window, check_reached, continue_token, parse_options, parse_version, window
from tui.sim.kube.refusals import not_found
from tui.sim.kube.respond import LIST_END, PIECE, answer, answer_encoded, answer_pieces, elements, list_begin
from tui.sim.kube.selectors import Selector, parse_selector
from tui.sim.kube.status import Obj
from tui.sim.kube.views import present

_TYPE_FIELDS = ("kind", "apiVersion")


class Filter:
    """The selectors of one list or watch."""

    def __init__(self, labels: Selector, fields: FieldSelector, namespace: str) -> None:
        self._labels = labels
        self._fields = fields
        self._namespace = namespace
        self.keeps_all = not (namespace or labels or fields)

    @property
    def selects(self) -> bool:
        """Anything at all is left out within the namespace."""
        return bool(self._labels or self._fields)

    def keeps(self, obj: Obj) -> bool:
        if self._namespace and namespace_of(obj) != self._namespace:
            return False
        return self._labels.matches(labels_of(obj)) and self._fields.matches(obj)


def filter_of(call: Call) -> Filter:
    """From labelSelector and fieldSelector. Raises ApiError 400."""
    labels = parse_selector(call.query.get("labelSelector", ""))
    written = call.query.get("fieldSelector", "")
    fields = parse_field_selector(written, call.kind, selectable_fields(call.cluster.store, call.kind))
    return Filter(labels, fields, call.namespace)


async def get(call: Call) -> web.StreamResponse:
    wanted = negotiate(call.accept, include_object=call.query.get("includeObject", ""))
    check_reached(call.cluster.store, parse_version(call.query.get("resourceVersion", "")))
    return respond_object(call, wanted, existing(call))


def existing(call: Call) -> Obj:
    """The object a request names, as stored. Raises ApiError 404."""
    kind, name = call.kind, call.route.name
    virtual = call.cluster.virtual.get((kind.group, kind.plural))
    if virtual:
        found = next((obj for obj in virtual(call.namespace) if name_of(obj) == name), None)
    else:
        found = call.cluster.store.get(kind, call.namespace, name)
    if found is None:
        raise not_found(kind, name)
    return found


def respond_object(call: Call, wanted: Wanted, stored: Obj, status: int = 200) -> web.StreamResponse:
    """One object in the representation asked for."""
    body = represent(call.kind, stored, wanted, call.cluster.now())
    ordered = is_unstructured(call.kind, wanted)
    return answer(body, status=status, media=wanted.media, ordered=ordered, warnings=call.warnings)


def represent(kind: Kind, stored: Obj, wanted: Wanted, now: float, *, with_columns: bool = True) -> Obj:
    """One object as itself, as a Table of one row, or as its metadata."""
    obj = present(kind, stored)
    if wanted.form == "table":
        table = tables.single(kind, obj, now=now, include_object=wanted.include_object, with_columns=with_columns)
        return {**table, "apiVersion": f"meta.k8s.io/{wanted.version}"}
    if wanted.form == "partial":
        return {"kind": "PartialObjectMetadata", **_partial(obj, wanted.version)}
    return obj


async def list_objects(call: Call) -> web.StreamResponse:
    wanted = negotiate(call.accept, include_object=call.query.get("includeObject", ""))
    options = parse_options(call.query)
    chosen = filter_of(call)
    virtual = call.cluster.virtual.get((call.kind.group, call.kind.plural))
    if virtual:
        found = [obj for obj in virtual(call.namespace) if chosen.keeps(obj)]
        return await _respond_list(call, wanted, found, {})
    page, list_meta = _page(call, options, chosen)
    return await _respond_list(call, wanted, page, list_meta)


def _page(call: Call, options: ListOptions, chosen: Filter) -> tuple[list[Obj], Obj]:
    """The objects of this page, and the list's metadata."""
    store = call.cluster.store
    taken = window(store, call.kind, call.namespace, options)
    snapshot = taken.snapshot
    list_meta: Obj = {"resourceVersion": str(snapshot.version)}
    if not options.limit:
        return [obj for _, obj in _kept(taken, chosen)], list_meta
    found = list(islice(_kept(taken, chosen), options.limit + 1))
    page = found[: options.limit]
    if len(found) > len(page):
        store.pages.keep(call.kind.storage, snapshot)
        last, _ = page[-1]
        list_meta["continue"] = continue_token(snapshot.version, call.namespace, snapshot.keys[last])
        if not chosen.selects:
            list_meta["remainingItemCount"] = taken.end - last - 1
    return [obj for _, obj in page], list_meta


def _kept(taken: Window, chosen: Filter) -> Iterator[tuple[int, Obj]]:
    """(index, object) of those in the window that the filter keeps."""
    objects = taken.snapshot.objects
    if not chosen.selects:
        return ((index, objects[index]) for index in range(taken.start, taken.end))
    return ((index, objects[index]) for index in range(taken.start, taken.end) if chosen.keeps(objects[index]))


async def _respond_list(call: Call, wanted: Wanted, found: list[Obj], list_meta: Obj) -> web.StreamResponse:
    head, field = list_head(call, wanted, list_meta)
    unstructured = is_unstructured(call.kind, wanted)
    if wanted.media == JSON and (len(found) > PIECE or not unstructured):
        ordered = tables.ordered(call.kind, found) if wanted.form == "table" else found
        pieces = (_encoded_items(call, wanted, ordered[at : at + PIECE]) for at in range(0, len(found), PIECE))
        if len(found) > PIECE:
            return await answer_pieces(call.request, head, field, pieces, call.warnings)
        return answer_encoded(b"".join((list_begin(head, field), *pieces, LIST_END)), warnings=call.warnings)
    body = {**head, field: shown_items(call, wanted, found)}
    if unstructured:  # its continue is there even when there is none (recorded: list-gadgets)
        body["metadata"] = {"continue": "", **list_meta}
    return answer(body, media=wanted.media, ordered=unstructured, warnings=call.warnings)


def _encoded_items(call: Call, wanted: Wanted, objects: Sequence[Obj]) -> bytes:
    """Some elements of a list; rows of stored objects are not printed again where they say the same."""
    if wanted.form == "table" and (call.kind.group, call.kind.plural) not in call.cluster.virtual:
        rows = call.cluster.printed.rows(call.kind, objects, call.cluster.now(), wanted.include_object)
        return b",".join(rows)
    return elements(shown_items(call, wanted, objects))


def is_unstructured(kind: Kind, wanted: Wanted) -> bool:
    """The server keeps it as a map, and so writes its keys sorted."""
    return wanted.form == "object" and is_custom(kind)


def list_head(call: Call, wanted: Wanted, list_meta: Obj) -> tuple[Obj, str]:
    """Everything of a list but its elements, and the field they go in."""
    kind = call.kind
    if wanted.form == "table":
        empty = tables.render(
            kind, (), include_object=wanted.include_object, now=call.cluster.now(), list_meta=list_meta
        )
        return {**without(empty, ("rows",)), "apiVersion": f"meta.k8s.io/{wanted.version}"}, "rows"
    if wanted.form == "partial":
        versioned = f"meta.k8s.io/{wanted.version}"
        return {"kind": "PartialObjectMetadataList", "apiVersion": versioned, "metadata": list_meta}, "items"
    return {"kind": list_kind(call.cluster.store, kind), "apiVersion": kind.api_version, "metadata": list_meta}, "items"


def shown_items(call: Call, wanted: Wanted, objects: Sequence[Obj]) -> list[Obj]:
    kind = call.kind
    shown = [present(kind, obj) for obj in objects]
    if wanted.form == "table":
        table = tables.render(kind, shown, include_object=wanted.include_object, now=call.cluster.now(), list_meta={})
        return table["rows"]
    if wanted.form == "partial":
        return [_partial(obj, wanted.version) for obj in shown]
    if is_custom(kind):
        return shown
    return [without(obj, _TYPE_FIELDS) for obj in shown]


def _partial(obj: Obj, version: str) -> Obj:
    return {"kind": "PartialObjectMetadata", "apiVersion": f"meta.k8s.io/{version}", "metadata": metadata_of(obj)}
