"""create and update: everything between a body and the store.

The order is the real server's: decode, unknown fields, name and namespace, defaults, validation, managed fields, then
the write, which a dry run leaves out.
"""

from __future__ import annotations

from dataclasses import replace

from aiohttp import web

from tui.sim.kube import managed, shaping
from tui.sim.kube.authorise import authorise
from tui.sim.kube.bodies import checked_object, clean_for_create, match_name, match_namespace, report_unknown
from tui.sim.kube.call import Call
from tui.sim.kube.decoding import check_readable
from tui.sim.kube.effects import admit_create, admit_update
from tui.sim.kube.generation import is_custom
from tui.sim.kube.kinds import Kind
from tui.sim.kube.negotiate import negotiate
from tui.sim.kube.objects import (
    metadata_of,
    name_of,
    random_letters,
    resource_version,
    timestamp,
    uid_of,
    with_metadata,
)
from tui.sim.kube.options import check_options
from tui.sim.kube.parts import graft, reset_status
from tui.sim.kube.quotas import check_quotas
from tui.sim.kube.reading import respond_object
from tui.sim.kube.refusals import already_exists, conflict, invalid, not_found
from tui.sim.kube.status import ApiError, Obj
from tui.sim.kube.views import absorb, present

_CREATED_BY_UPDATE = frozenset(
    {
        ("", "endpoints"),
        ("", "events"),
        ("", "limitranges"),
        ("", "services"),
        ("coordination.k8s.io", "leases"),
        ("node.k8s.io", "runtimeclasses"),
        ("rbac.authorization.k8s.io", "clusterrolebindings"),
        ("rbac.authorization.k8s.io", "clusterroles"),
        ("rbac.authorization.k8s.io", "rolebindings"),
        ("rbac.authorization.k8s.io", "roles"),
    }
)
"""Kinds whose strategy says AllowCreateOnUpdate: a PUT of what does not exist creates it."""

_TRIES = 8
"""Names tried for a generateName before the server gives up (registry/generic, maxNameGenerationCreateAttempts)."""


async def create(call: Call) -> web.StreamResponse:
    wanted = negotiate(call.accept, include_object=call.query.get("includeObject", ""))
    check_options(call)
    obj = checked_object(await call.json_body(), call.kind)
    check_readable(obj, call.kind)
    report_unknown(call, shaping.unknown_fields(call.cluster.store, call.kind, obj))
    obj = clean_for_create(match_namespace(obj, call.kind, call.namespace))
    return respond_object(call, wanted, created(call, obj), 201)


def created(call: Call, obj: Obj, *, applied: bool = False) -> Obj:
    """Store a new object, or, in a dry run, say what would be stored. applied: managed fields are already there."""
    store = call.cluster.store
    obj = shaping.decoded(store, call.kind, reset_status(call.kind, _with_name(call, obj), None))
    if not applied:
        obj = _tracked(call, None, obj)
    obj = shaping.completed(call.kind, admit_create(call, obj))
    shaping.validate(store, call.kind, obj, None, "")
    check_quotas(store, call.cluster.registry, call.kind, obj)
    stored = absorb(call.kind, obj)
    if not call.dry_run:
        return store.create(call.kind, stored)
    if store.get(call.kind, call.namespace, name_of(stored)) is not None:
        raise already_exists(call.kind, name_of(stored))
    return store.prepare(call.kind, stored)


async def update(call: Call) -> web.StreamResponse:
    wanted = negotiate(call.accept, include_object=call.query.get("includeObject", ""))
    check_options(call)
    obj = checked_object(await call.json_body(), call.kind)
    check_readable(obj, call.kind)
    report_unknown(call, shaping.unknown_fields(call.cluster.store, call.kind, obj))
    obj = match_name(match_namespace(obj, call.kind, call.namespace), call.route.name)
    live = call.cluster.store.get(call.kind, call.namespace, call.route.name)
    if live is None:
        if call.kind.storage not in _CREATED_BY_UPDATE or call.route.subresource:
            raise not_found(call.kind, call.route.name)
        authorise(call.cluster, call.user, replace(call.route.attributes, verb="create"))
        obj = clean_for_create(with_metadata(obj, {"resourceVersion": None}))
        return respond_object(call, wanted, created(call, obj), 201)
    _check_unconditional(call.kind, obj)
    return respond_object(call, wanted, replaced(call, live, obj))


def replaced(call: Call, live: Obj, obj: Obj, *, applied: bool = False) -> Obj:
    """Store `obj`, shown in the version of the call, over `live`, which is as stored."""
    store, kind = call.cluster.store, call.kind
    _check_identity(kind, live, obj)
    old = present(kind, live)
    new = graft(call.route.subresource, old, obj)
    if not call.route.subresource:
        new = reset_status(kind, new, old)
    new = _keep_system_fields(shaping.decoded(store, kind, new), old)
    if not applied:
        new = _tracked(call, old, new)
    if not call.route.subresource:
        new = shaping.completed(kind, admit_update(call, old, new))
    shaping.validate(store, kind, new, old, call.route.subresource)
    stored = absorb(kind, new)
    expected = resource_version(obj)
    if not call.dry_run:
        return store.update(kind, stored, expect_version=expected)
    if expected and expected != resource_version(live):
        raise conflict(kind, name_of(live))
    return store.revise(kind, live, stored)


def _tracked(call: Call, old: Obj | None, new: Obj) -> Obj:
    return managed.track(
        old,
        new,
        kind=call.kind,
        manager=call.manager,
        now=timestamp(call.cluster.now()),
        subresource=call.route.subresource,
        custom=shaping.custom_type(call.cluster.store, call.kind),
    )


def _with_name(call: Call, obj: Obj) -> Obj:
    """With a name made from generateName where it has none."""
    prefix = metadata_of(obj).get("generateName")
    if name_of(obj) or not prefix:
        return obj
    store = call.cluster.store
    names = (f"{prefix}{random_letters(call.cluster.rng, 5)}" for _ in range(_TRIES))
    free = next((name for name in names if store.get(call.kind, call.namespace, name) is None), None)
    if free is None:
        raise ApiError(
            409,
            "AlreadyExists",
            f'{call.kind.plural} "{prefix}" already exists, the server was not able '
            "to generate a unique name for the object",
        )
    return with_metadata(obj, {"name": free})


def _keep_system_fields(new: Obj, old: Obj) -> Obj:
    """What an update cannot change, whatever it says (rest.BeforeUpdate)."""
    fields = ("uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation")
    return with_metadata(new, {field: metadata_of(old).get(field) for field in (*fields, "resourceVersion")})


def _check_identity(kind: Kind, live: Obj, obj: Obj) -> None:
    if uid_of(obj) not in ("", uid_of(live)):
        why = f"Precondition failed: UID in precondition: {uid_of(obj)}, UID in object meta: {uid_of(live)}"
        raise conflict(kind, name_of(live), why)


def _check_unconditional(kind: Kind, obj: Obj) -> None:
    """Custom resources are not overwritten blindly."""
    if is_custom(kind) and not resource_version(obj):
        message = "Invalid value: 0x0: must be specified for an update"
        raise invalid(kind, name_of(obj), [("FieldValueInvalid", message, "metadata.resourceVersion")])
