"""patch: a change of what is there, by one of four content types; an apply may create it.

JSON patch, merge patch and strategic merge patch make an object which is then written as an update would be.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any, cast

import msgspec
import yaml
from aiohttp import web

from tui.sim.kube import patch, shaping
from tui.sim.kube.apply import check_applied, server_side_apply
from tui.sim.kube.authorise import authorise
from tui.sim.kube.bodies import clean_for_create, match_name, match_namespace, report_unknown
from tui.sim.kube.call import Call
from tui.sim.kube.decoding import json_name, syntax_error, wrong_type
from tui.sim.kube.duplicates import duplicate_fields, duplicate_keys
from tui.sim.kube.generation import is_custom
from tui.sim.kube.negotiate import negotiate
from tui.sim.kube.objects import resource_version, timestamp, with_metadata
from tui.sim.kube.options import check_options
from tui.sim.kube.reading import respond_object
from tui.sim.kube.refusals import bad_request, not_found
from tui.sim.kube.routes import is_true
from tui.sim.kube.status import Obj
from tui.sim.kube.views import present
from tui.sim.kube.writing import created, replaced
from tui.sim.kube.yamljson import load_yaml, worded


async def modify(call: Call) -> web.StreamResponse:
    """PATCH, of all four content types."""
    wanted = negotiate(call.accept, include_object=call.query.get("includeObject", ""))
    media = patch_media(call)
    raw = await call.body()
    check_options(call, media)
    if media == patch.APPLY_PATCH:
        stored, status = _apply(call, raw)
        return respond_object(call, wanted, stored, status)
    live = call.cluster.store.get(call.kind, call.namespace, call.route.name)
    if live is None:
        raise not_found(call.kind, call.route.name)
    return respond_object(call, wanted, patched(call, live, media, decoded_patch(call, raw, media)))


def patch_media(call: Call) -> str:
    """The content type of a patch. Raises ApiError 415 for none of the four."""
    media = call.request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if media not in patch.MEDIA_TYPES:
        raise patch.unsupported_media_type(custom=is_custom(call.kind))
    return media


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
    applied = decoded_patch(call, raw, patch.APPLY_PATCH)
    check_applied(applied, call.kind)
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


def decoded_patch(call: Call, raw: bytes, media: str) -> Any:
    """JSON, or the YAML of an apply. Raises ApiError 400."""
    if media == patch.APPLY_PATCH:
        return _applied_yaml(call, raw)
    opening = "" if media == patch.STRATEGIC_MERGE_PATCH or not call.strict else "error decoding patch: "
    try:
        change: Any = msgspec.json.decode(raw)
    except msgspec.DecodeError as error:
        raise bad_request(opening + syntax_error(raw)) from error
    patch.check_form(media, change, opening)
    if call.strict:
        marked = "json patch " if media == patch.JSON_PATCH else ""
        call.strictly.extend(marked + found for found in duplicate_fields(raw))
    return change


def _applied_yaml(call: Call, raw: bytes) -> Obj:
    try:
        value = load_yaml(raw)
    except yaml.YAMLError as error:
        raise bad_request(f"error decoding YAML: error converting YAML to JSON: {worded(error)}") from error
    if value is not None and not isinstance(value, dict):
        wrong = f"json: cannot unmarshal {json_name(value)} into Go value of type map[string]interface {{}}"
        raise bad_request(f"error decoding YAML: error unmarshaling JSON: while decoding JSON: {wrong}")
    twice = duplicate_keys(raw) if call.strict else ""
    if twice:
        said = f"error converting YAML to JSON: {twice}"
        if call.query.get("fieldValidation") == "Strict":
            raise bad_request(f"error strict decoding YAML: {said}")
        call.warnings.append(said)
    return cast("Obj", value or {})
