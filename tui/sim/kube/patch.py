"""A PATCH by its content type, all but server-side apply (`apply`), which is a different thing.

Which types a kind takes: k8s.io/apiserver pkg/endpoints/handlers/patch.go; custom resources take no strategic merge
patch, since nothing declares how their lists join.
"""

from __future__ import annotations

import json
from typing import Any, cast

from tui.sim.kube.decoding import json_name
from tui.sim.kube.fielderrors import invalid
from tui.sim.kube.gotext import plain
from tui.sim.kube.jsonpatch import json_patch, merge_patch
from tui.sim.kube.kinds import Kind
from tui.sim.kube.refusals import bad_request
from tui.sim.kube.schema import of_kind
from tui.sim.kube.status import ApiError, Obj
from tui.sim.kube.strategic import strategic_merge

JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_MERGE_PATCH = "application/strategic-merge-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"


MEDIA_TYPES = (JSON_PATCH, MERGE_PATCH, STRATEGIC_MERGE_PATCH, APPLY_PATCH)


def check_form(media: str, change: Any, opening: str = "") -> None:
    """A JSON patch is a list of objects, the merge patches are objects. Raises ApiError 400; opening: of its text."""
    if media == JSON_PATCH:
        one = "handlers.jsonPatchOp" if opening else "jsonpatch.Operation"
        if not isinstance(change, list):
            raise _unfit(change, f"[]{one}" if opening else "jsonpatch.Patch", opening)
        for operation in cast("list[Any]", change):
            if not isinstance(operation, dict):
                raise _unfit(operation, one, opening)
    elif not isinstance(change, dict):
        raise _unfit(change, "map[string]interface {}", opening)


def _unfit(value: Any, wanted: str, opening: str) -> ApiError:
    return bad_request(f"{opening}json: cannot unmarshal {json_name(value)} into Go value of type {wanted}")


def apply_patch(content_type: str, live: Obj, patch: Any, kind: Kind) -> Obj:
    """`live` after `patch` (decoded JSON); neither is changed.

    content_type: the media type alone, without parameters. Raises ApiError: 415 for a type that the kind does not take,
    400 for what is no patch of that type, 422 where a JSON Patch operation fails, 500 where lists cannot be joined.
    """
    struct = of_kind(kind)
    check_form(content_type, patch)
    if content_type == JSON_PATCH:
        return json_patch(live, patch)
    if content_type == MERGE_PATCH:
        return merge_patch(live, patch)
    if content_type == STRATEGIC_MERGE_PATCH and struct is not None:
        return strategic_merge(live, patch, struct)
    raise unsupported_media_type(custom=struct is None)


def unsupported_media_type(*, custom: bool) -> ApiError:
    """415. Built-in kinds are refused by the server's router (recorded: error-415), custom ones by its handler."""
    if not custom:
        return ApiError(415, "UnsupportedMediaType", "415: Unsupported Media Type", {})
    accepted = ", ".join((JSON_PATCH, MERGE_PATCH, APPLY_PATCH))
    return ApiError(
        415,
        "UnsupportedMediaType",
        f"the body of the request was in an unknown format - accepted media types include: {accepted}",
    )


def undecodable(content_type: str, patch: Any, patched: Obj, why: str) -> ApiError:
    """422: what a patch made of the object cannot be read. why: as the decoder says it ("strict decoding error: …",
    "json: cannot unmarshal …"). The server shows the patched object, or, of a strategic merge patch, the patch."""
    shown = plain(patch) if content_type == STRATEGIC_MERGE_PATCH else json.dumps(patched, separators=(",", ":"))
    reason, message, field = invalid("patch", shown, why)
    causes = [{"reason": reason, "message": message, "field": field}]
    return ApiError(422, "Invalid", f' "" is invalid: {field}: {message}', {"causes": causes})
