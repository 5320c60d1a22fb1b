"""Which part of an object each subresource may write; the rest stays as it is, whatever the request says.

From the kinds' status strategies in pkg/registry/*/strategy.go.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tui.sim.kube.kinds import Kind
from tui.sim.kube.objects import mapping, metadata_of, with_metadata, without
from tui.sim.kube.status import Obj

_KEEPS_SENT_STATUS = frozenset({("", "nodes"), ("", "events")})
"""Kinds whose creation takes a status along."""


def graft(subresource: str, live: Obj, new: Obj) -> Obj:
    """`live` with what a write of `new` to the subresource ("" = the object itself) changes of it."""
    writer = _WRITERS.get(subresource)
    grafted = writer(live, new) if writer else new
    return with_metadata(grafted, {"managedFields": metadata_of(new).get("managedFields")})


def reset_status(kind: Kind, new: Obj, live: Obj | None) -> Obj:
    """A write to the object itself says nothing about its status, where the kind has a status subresource."""
    if kind.sub("status") is None:
        return new
    if live is None:
        return new if kind.storage in _KEEPS_SENT_STATUS else without(new, ("status",))
    return {**new, "status": live["status"]} if "status" in live else without(new, ("status",))


def _status(live: Obj, new: Obj) -> Obj:
    return {**live, "status": new["status"]} if "status" in new else without(live, ("status",))


def _finalize(live: Obj, new: Obj) -> Obj:
    return _with_spec(live, {"finalizers": mapping(new.get("spec")).get("finalizers")})


def _ephemeral(live: Obj, new: Obj) -> Obj:
    return _with_spec(live, {"ephemeralContainers": mapping(new.get("spec")).get("ephemeralContainers")})


def _resize(live: Obj, new: Obj) -> Obj:
    return _with_spec(live, {"containers": mapping(new.get("spec")).get("containers")})


def _approval(live: Obj, new: Obj) -> Obj:
    conditions = mapping(new.get("status")).get("conditions")
    return {**live, "status": {**mapping(live.get("status")), "conditions": conditions}}


def _with_spec(live: Obj, changes: Mapping[str, object]) -> Obj:
    spec = {**mapping(live.get("spec")), **changes}
    return {**live, "spec": {field: value for field, value in spec.items() if value is not None}}


_WRITERS: dict[str, Callable[[Obj, Obj], Obj]] = {
    "status": _status,
    "finalize": _finalize,
    "ephemeralcontainers": _ephemeral,
    "resize": _resize,
    "approval": _approval,
}
