"""The refusals that more than one handler makes, each with the text and details of the recorded server.

Texts: `error-*` recordings, and k8s.io/apimachinery pkg/api/errors for those not recorded.
"""

from __future__ import annotations

from tui.sim.kube.kinds import Kind
from tui.sim.kube.status import ApiError, Obj


def qualified(kind: Kind) -> str:
    """ "deployments.apps", "pods": a GroupResource as the server prints it."""
    return f"{kind.plural}.{kind.group}" if kind.group else kind.plural


def details_of(kind: Kind, name: str = "") -> Obj:
    details: Obj = {}
    if name:
        details["name"] = name
    if kind.group:
        details["group"] = kind.group
    details["kind"] = kind.plural
    return details


def not_found(kind: Kind, name: str) -> ApiError:
    return ApiError(404, "NotFound", f'{qualified(kind)} "{name}" not found', details_of(kind, name))


def no_such_route() -> ApiError:
    """An unknown resource or subresource of a group and version that are served."""
    return ApiError(404, "NotFound", "the server could not find the requested resource", {})


def method_not_allowed() -> ApiError:
    message = "the server does not allow this method on the requested resource"
    return ApiError(405, "MethodNotAllowed", message, {})


def already_exists(kind: Kind, name: str) -> ApiError:
    return ApiError(409, "AlreadyExists", f'{qualified(kind)} "{name}" already exists', details_of(kind, name))


MODIFIED = "the object has been modified; please apply your changes to the latest version and try again"


def conflict(kind: Kind, name: str, why: str = MODIFIED) -> ApiError:
    message = f'Operation cannot be fulfilled on {qualified(kind)} "{name}": {why}'
    return ApiError(409, "Conflict", message, details_of(kind, name))


def forbidden(kind: Kind, name: str, why: str) -> ApiError:
    message = f'{qualified(kind)} "{name}" is forbidden: {why}' if name else f"{qualified(kind)} is forbidden: {why}"
    return ApiError(403, "Forbidden", message, details_of(kind, name))


def bad_request(message: str) -> ApiError:
    return ApiError(400, "BadRequest", message)


class ContinueExpired(ApiError):
    """410 for a page whose list is no longer known. `token` continues it from what there is now, if the client
    accepts that objects changed in between (apiserver pkg/storage/etcd3, handleCompactedErrorForPaging)."""

    def __init__(self, token: str) -> None:
        super().__init__(
            410,
            "Expired",
            "The provided continue parameter is too old to display a consistent list result. You can start a new "
            "list without the continue parameter, or use the continue token in this response to retrieve the "
            "remainder of the results. Continuing with the provided token results in an inconsistent list - objects "
            "that were created, modified, or deleted between the time the first chunk was returned and now may show "
            "up in the list.",
        )
        self.token = token

    def status(self) -> Obj:
        return {**super().status(), "metadata": {"continue": self.token}}


def too_old(asked: int, oldest: int) -> ApiError:
    """A watch from a version whose events are gone (recorded: watch-rv-1)."""
    return ApiError(410, "Expired", f"too old resource version: {asked} ({oldest})")


def too_large(asked: int, current: int) -> ApiError:
    """A read "not older than" a version the cluster has not reached (recorded: list-rv-future)."""
    cause = {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}
    return ApiError(
        504,
        "Timeout",
        f"Timeout: Too large resource version: {asked}, current: {current}",
        {"causes": [cause], "retryAfterSeconds": 1},
        retry_after=1,
    )


def unauthorized() -> ApiError:
    return ApiError(401, "Unauthorized", "Unauthorized")


def invalid_options(kind: str, cause: tuple[str, str, str]) -> ApiError:
    """422 for a query parameter or option. kind: "ListOptions"; cause: (reason, message, field)."""
    reason, message, field = cause
    causes = [{"reason": reason, "message": message, "field": field}]
    details = {"group": "meta.k8s.io", "kind": kind, "causes": causes}
    return ApiError(422, "Invalid", f'{kind}.meta.k8s.io "" is invalid: {field}: {message}', details)


def invalid(kind: Kind, name: str, causes: list[tuple[str, str, str]]) -> ApiError:
    """422. causes: (reason, message, field); the sentence is made of them as field.ErrorList prints itself."""
    errors = [f"{field}: {message}" for _, message, field in causes]
    said = errors[0] if len(errors) == 1 else f"[{', '.join(errors)}]"
    shown = f"{kind.kind}.{kind.group}" if kind.group else kind.kind
    details: Obj = {"name": name}
    if kind.group:
        details["group"] = kind.group
    details["kind"] = kind.kind
    details["causes"] = [{"reason": reason, "message": message, "field": field} for reason, message, field in causes]
    return ApiError(422, "Invalid", f'{shown} "{name}" is invalid: {said}', details)
