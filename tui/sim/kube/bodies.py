"""Is the object in a body the one its URL speaks of, and may it say what it says: checks before anything is stored.

Texts: k8s.io/apiserver pkg/endpoints/handlers (create.go, update.go, rest.go), recorded: error-400-json,
error-400-strict-field, warn-field.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from tui.sim.kube.call import Call
from tui.sim.kube.decoding import undecodable
from tui.sim.kube.kinds import Kind
from tui.sim.kube.objects import metadata_of, name_of, namespace_of, text, with_metadata
from tui.sim.kube.refusals import bad_request
from tui.sim.kube.status import ApiError, Obj


def checked_object(body: Any, kind: Kind, *, api_version: str = "", kind_name: str = "") -> Obj:
    """The body as an object of the expected type; type fields left out are filled in.

    api_version, kind_name: where a subresource takes another type. Raises ApiError 400.
    """
    version, name = api_version or kind.api_version, kind_name or kind.kind
    obj = cast("Obj", body if isinstance(body, dict) else {})  # null is an object without anything
    said_version, said_name = text(obj.get("apiVersion")), text(obj.get("kind"))
    if said_name and said_name != name:
        raise bad_request(
            f'{said_name} in version "{said_version.rpartition("/")[2]}" cannot be handled as a {name}: '
            f'no kind "{said_name}" is registered for the expected type'
        )
    if said_version and said_version != version:
        raise bad_request(
            f"the API version in the data ({said_version}) does not match the expected API version ({version})"
        )
    return {**obj, "kind": name, "apiVersion": version}


def match_namespace(obj: Obj, kind: Kind, namespace: str) -> Obj:
    """With the namespace of the URL. Raises ApiError 400 where the object names another."""
    if not kind.namespaced:
        if namespace_of(obj):
            raise bad_request("namespace must not be specified for a cluster-scoped object")
        return obj
    if namespace_of(obj) not in ("", namespace):
        raise bad_request("the namespace of the provided object does not match the namespace sent on the request")
    return with_metadata(obj, {"namespace": namespace})


def match_name(obj: Obj, name: str) -> Obj:
    """With the name of the URL. Raises ApiError 400 where the object names another."""
    if name_of(obj) not in ("", name):
        message = f"the name of the object ({name_of(obj)}) does not match the name on the URL ({name})"
        raise bad_request(message)
    return with_metadata(obj, {"name": name})


def clean_for_create(obj: Obj) -> Obj:
    """Without what only the server may say. Raises ApiError 500 for a resourceVersion (as etcd3's Create does)."""
    if metadata_of(obj).get("resourceVersion"):
        raise ApiError(500, "", "resourceVersion should not be set on objects to be created")
    said = ("uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "selfLink")
    return with_metadata(obj, dict.fromkeys(said))


def report_unknown(call: Call, unknown: list[str], refusal: Callable[[str], ApiError] | None = None) -> None:
    """Refuse, warn of, or pass over fields the kind does not have or the body names twice, as fieldValidation says.

    refusal: made of the complaint; None = that of a body. Raises it under Strict.
    """
    how = call.query.get("fieldValidation", "") or "Warn"
    found = [*call.strictly, *unknown]
    if how == "Warn":
        call.warnings.extend(found)
    elif how == "Strict" and found:
        said = f"strict decoding error: {', '.join(found)}"
        raise refusal(said) if refusal is not None else undecodable(call.kind, said)
