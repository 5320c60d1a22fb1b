"""delete and deletecollection requests."""

from __future__ import annotations

from typing import cast

from aiohttp import web

from tui.sim.kube.call import Call, dry_run
from tui.sim.kube.deletion import DeleteOptions, Deletion, check_propagation, delete_object
from tui.sim.kube.gonumbers import query_int
from tui.sim.kube.namespaces import check_mortal
from tui.sim.kube.negotiate import negotiate
from tui.sim.kube.objects import mapping, name_of, text, uid_of
from tui.sim.kube.reading import existing, filter_of, list_head, respond_object, shown_items
from tui.sim.kube.refusals import bad_request, details_of
from tui.sim.kube.respond import answer
from tui.sim.kube.status import Obj

_RETURNED = frozenset(
    {
        ("", "persistentvolumeclaims"),
        ("", "persistentvolumes"),
        ("", "pods"),
        ("", "podtemplates"),
        ("", "resourcequotas"),
        ("", "serviceaccounts"),
        ("", "services"),
    }
)
"""Kinds that answer a DELETE with the object itself (ReturnDeletedObject) and not with a Status."""

_PRESERVED = (
    "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set "
    "propagationPolicy=Orphan to suppress this warning"
)


async def delete(call: Call) -> web.StreamResponse:
    wanted = negotiate(call.accept)
    options = await _options(call)
    if call.kind.storage == ("batch", "jobs") and not options.propagation:
        call.warnings.append(_PRESERVED)
    check_mortal(call.kind, call.route.name)
    done = delete_object(call.cluster.store, call.kind, existing(call), options, call.cluster.now())
    if not done.gone or call.kind.storage in _RETURNED:
        return respond_object(call, wanted, done.obj)
    return answer(_success(call, done), media=wanted.media, warnings=call.warnings)


async def delete_collection(call: Call) -> web.StreamResponse:
    """Everything the selectors choose; answered with the list of what was there."""
    wanted = negotiate(call.accept)
    options = await _options(call)
    chosen = filter_of(call)
    store = call.cluster.store
    found = [obj for obj in store.list(call.kind, call.namespace) if chosen.keeps(obj)]
    for obj in found:
        delete_object(store, call.kind, obj, options, call.cluster.now())
    head, field = list_head(call, wanted, {"resourceVersion": str(store.version)})
    return answer({**head, field: shown_items(call, wanted, found)}, media=wanted.media, warnings=call.warnings)


def _success(call: Call, done: Deletion) -> Obj:
    """`Status` of a deletion that is complete (handlers/delete.go)."""
    details = {**details_of(call.kind, name_of(done.obj)), "uid": uid_of(done.obj)}
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success",
        "details": details,
    }


async def _options(call: Call) -> DeleteOptions:
    """From the body where there is one, else from the query. Raises ApiError 400, 415 and 422."""
    raw = await call.body()
    if raw:
        return _from_body(_checked(call.decoded(raw, "DeleteOptions")))
    query = call.query
    orphan = query.get("orphanDependents")
    return DeleteOptions(
        propagation=check_propagation(query.get("propagationPolicy", ""), None if orphan is None else orphan == "true"),
        grace=_seconds(query_int(query, "gracePeriodSeconds")),
        dry_run=call.dry_run,
    )


def _from_body(body: Obj) -> DeleteOptions:
    preconditions = mapping(body.get("preconditions"))
    return DeleteOptions(
        propagation=check_propagation(text(body.get("propagationPolicy")), body.get("orphanDependents")),
        grace=_seconds(body.get("gracePeriodSeconds")),
        uid=text(preconditions.get("uid")),
        version=text(preconditions.get("resourceVersion")),
        dry_run=dry_run([str(value) for value in body.get("dryRun") or ()]),
    )


def _checked(body: object) -> Obj:
    if not isinstance(body, dict):
        raise bad_request("the object provided is unrecognized (must be of type DeleteOptions)")
    options = cast("Obj", body)
    if options.get("kind") not in (None, "", "DeleteOptions"):
        raise bad_request("decoded object cannot be converted to DeleteOptions")
    return options


def _seconds(value: object) -> int | None:
    """A grace period. Negative ones count as none given."""
    try:
        seconds = int(str(value)) if value is not None else None
    except ValueError:
        raise bad_request(f'strconv.ParseInt: parsing "{value}": invalid syntax') from None
    return None if seconds is None else max(0, seconds)
