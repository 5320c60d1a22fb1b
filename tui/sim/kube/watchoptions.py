"""The rules for resourceVersionMatch and sendInitialEvents on a watch.

k8s.io/apimachinery pkg/apis/meta/internalversion/validation/validation.go, validateWatchOptions.
"""

from __future__ import annotations

from collections.abc import Mapping

from tui.sim.kube.routes import is_true
from tui.sim.kube.status import ApiError


def initial_events_wanted(query: Mapping[str, str]) -> bool | None:
    """None = not said: then the resourceVersion decides."""
    return is_true(query["sendInitialEvents"]) if "sendInitialEvents" in query else None


def check_watch_options(query: Mapping[str, str]) -> None:
    """Raises ApiError 422."""
    match = query.get("resourceVersionMatch", "")
    given = "sendInitialEvents" in query
    if match and not given:
        raise _invalid(
            "resourceVersionMatch",
            "FieldValueForbidden",
            "Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided",
        )
    if given and match != "NotOlderThan":
        if not match:
            raise _invalid(
                "resourceVersionMatch",
                "FieldValueForbidden",
                "Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
            )
        raise _invalid(
            "resourceVersionMatch",
            "FieldValueNotSupported",
            f'Unsupported value: "{match}": supported values: "NotOlderThan"',
        )


def _invalid(field: str, reason: str, message: str) -> ApiError:
    details = {
        "group": "meta.k8s.io",
        "kind": "ListOptions",
        "causes": [{"reason": reason, "message": message, "field": field}],
    }
    return ApiError(422, "Invalid", f'ListOptions.meta.k8s.io "" is invalid: {field}: {message}', details)
