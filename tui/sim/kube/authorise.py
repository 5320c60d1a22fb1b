"""The decision on one request, and its refusal in the server's words."""

from __future__ import annotations

from tui.sim.kube.attributes import Attributes
from tui.sim.kube.identity import User
from tui.sim.kube.state import ClusterState
from tui.sim.kube.status import ApiError, Obj


def authorise(cluster: ClusterState, user: User, asked: Attributes) -> None:
    """Return where `user` may do this. Raises ApiError 403 (recorded: error-403-list, log-forbidden)."""
    decision = cluster.rbac.decide(user, asked)
    if not decision.allowed:
        raise refusal(asked, user, decision.reason)


def refusal(asked: Attributes, user: User, reason: str = "") -> ApiError:
    said = asked.describe(user.name) + (f": {reason}" if reason else "")
    if not asked.resource:
        return ApiError(403, "Forbidden", f"forbidden: {said}", {})
    details: Obj = {}
    if asked.name:
        details["name"] = asked.name
    if asked.group:
        details["group"] = asked.group
    details["kind"] = asked.resource
    what = f'{asked.qualified} "{asked.name}"' if asked.name else asked.qualified
    return ApiError(403, "Forbidden", f"{what} is forbidden: {said}", details)
