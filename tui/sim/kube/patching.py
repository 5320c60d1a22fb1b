"""patch: a change of what is there, by one of four content types; an apply may create it.

JSON patch, merge patch and strategic merge patch make an object which is then written as an update would be.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import msgspec
import yaml
from aiohttp import web

from tui.sim.kube import patch, shaping
from tui.sim.kube.apply import server_side_apply
from tui.sim.kube.authorise import authorise
from tui.sim.kube.bodies import checked_object, clean_for_create, match_name, match_namespace, report_unknown
from tui.sim.kube.call import Call
from tui.sim.kube.decoding import wrong_type
from tui.sim.kube.fielderrors import forbidden, required
from tui.sim.kube.generation import is_custom
from tui.sim.kube.negotiate import negotiate
from tui.sim.kube.objects import resource_version, timestamp, with_metadata
from tui.sim.kube.reading import respond_object
from tui.sim.kube.refusals import bad_request, invalid_options, not_found
from tui.sim.kube.routes import is_true
from tui.sim.kube.status import Obj
from tui.sim.kube.views import present
from tui.sim.kube.writing import created, replaced
from tui.sim.kube.yamljson import load_yaml


async def modify(call: Call) -> web.StreamResponse:
    """PATCH, of all four content types."""
    wanted = negotiate(call.accept, include_object=call.query.get("includeObject", ""))
    media = call.request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    raw = await call.body()
    if media == patch.APPLY_PATCH:
        stored, status = _apply(call, raw)
        return respond_object(call, wanted, stored, status)
    if "force" in call.query:
        raise invalid_options("PatchOptions", forbidden("force", "may not be specified for non-apply patch"))
    live = call.cluster.store.get(call.kind, call.namespace, call.route.name)
    if media not in (patch.JSON_PATCH, patch.MERGE_PATCH, patch.STRATEGIC_MERGE_PATCH):
        raise patch.unsupported_media_type(custom=is_custom(call.kind))
    if live is None:
        raise not_found(call.kind, call.route.name)
    return respond_object(call, wanted, patched(call, live, media, decoded_patch(raw, media)))


def patched(call: Call, live: Obj, media: str, change: Any) -> Obj:
    """Store `live` after a patch that is no apply."""
    shown = present(call.kind, live)
    obj = patch.apply_patch(media, shown, change, call.kind)
    refusal = partial(patch.undecodable, media, change, obj)
    wrong = wrong_type(obj, call.kind, converted=media == patch.STRATEGIC_MERGE_PATCH)
    if wrong:
        raise refusal(wrong)
    unknown = shaping.unknown_fields(call.cluster.store, call.kind, obj)
    known = shaping.unknown_fields(call.cluster.store, call.kind, shown) if unknown else []
    report_unknown(call, [field for field in unknown if field not in known], refusal)
    obj = match_name(match_namespace(obj, call.kind, call.namespace), call.route.name)
    return replaced(call, live, obj)


def _apply(call: Call, raw: bytes) -> tuple[Obj, int]:
    """(object as stored, HTTP status)."""
    applied = checked_object(decoded_patch(raw, patch.APPLY_PATCH), call.kind)
    if not call.query.get("fieldManager"):
        raise invalid_options("PatchOptions", required("fieldManager", "is required for apply patch"))
    applied = match_name(match_namespace(applied, call.kind, call.namespace), call.route.name)
    live = call.cluster.store.get(call.kind, call.namespace, call.route.name)
    if live is None and call.route.subresource:
        raise not_found(call.kind, call.route.name)
    merged = server_side_apply(
        present(call.kind, live) if live else None,
        applied,
        kind=call.kind,
        manager=call.manager,
        force=is_true(call.query.get("force")),
        now=timestamp(call.cluster.now()),
        subresource=call.route.subresource,
        custom=shaping.custom_type(call.cluster.store, call.kind),
    )
    if live is None:
        authorise(call.cluster, call.user, replace(call.route.attributes, verb="create"))
        return created(call, clean_for_create(merged), applied=True), 201
    expected = resource_version(applied) or None
    return replaced(call, live, with_metadata(merged, {"resourceVersion": expected}), applied=True), 200


def decoded_patch(raw: bytes, media: str) -> Any:
    """JSON, or the YAML of an apply. Raises ApiError 400."""
    try:
        return load_yaml(raw) if media == patch.APPLY_PATCH else msgspec.json.decode(raw)
    except msgspec.DecodeError as error:
        raise bad_request(f"error decoding patch: {error}") from error
    except yaml.YAMLError as error:
        raise bad_request(f"error decoding YAML: {error}") from error
