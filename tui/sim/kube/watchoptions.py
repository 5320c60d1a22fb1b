"""The rules for resourceVersionMatch and sendInitialEvents on a watch.

k8s.io/apimachinery pkg/apis/meta/internalversion/validation/validation.go, validateWatchOptions.
"""

from __future__ import annotations

from collections.abc import Mapping

from tui.sim.kube.fielderrors import forbidden, unsupported
from tui.sim.kube.refusals import invalid_options
from tui.sim.kube.routes import is_true


def initial_events_wanted(query: Mapping[str, str]) -> bool | None:
    """None = not said: then the resourceVersion decides."""
    return is_true(query["sendInitialEvents"]) if "sendInitialEvents" in query else None


def check_watch_options(query: Mapping[str, str]) -> None:
    """Raises ApiError 422."""
    field, match = "resourceVersionMatch", query.get("resourceVersionMatch", "")
    given = "sendInitialEvents" in query
    if match and not given:
        said = f"{field} is forbidden for watch unless sendInitialEvents is provided"
        raise invalid_options("ListOptions", forbidden(field, said))
    if given and not match:
        said = f"sendInitialEvents requires setting {field} to NotOlderThan"
        raise invalid_options("ListOptions", forbidden(field, said))
    if given and match != "NotOlderThan":
        raise invalid_options("ListOptions", unsupported(field, match, ("NotOlderThan",)))
