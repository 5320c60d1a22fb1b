"""One stored object as each of its API versions shows it, and back.

Most kinds have one version. Events are one storage under two groups with other field names; autoscaling/v1 is a
narrower view of autoscaling/v2; versions of a custom kind differ in nothing but their name (conversion: None).
"""

from __future__ import annotations

from collections.abc import Callable

from tui.sim.kube.autoscalers import to_v1 as scaler_to_v1
from tui.sim.kube.autoscalers import to_v2 as scaler_to_v2
from tui.sim.kube.kinds import Kind
from tui.sim.kube.status import Obj

# core/v1 field -> events.k8s.io/v1 field (pkg/apis/events/v1/conversion.go)
_EVENT_FIELDS = {
    "involvedObject": "regarding",
    "message": "note",
    "reportingComponent": "reportingController",
    "source": "deprecatedSource",
    "firstTimestamp": "deprecatedFirstTimestamp",
    "lastTimestamp": "deprecatedLastTimestamp",
    "count": "deprecatedCount",
}
_EVENT_FIELDS_BACK = {new: old for old, new in _EVENT_FIELDS.items()}


def present(kind: Kind, stored: Obj) -> Obj:
    """A stored object as `kind` (a group, a version) shows it."""
    if stored.get("apiVersion") == kind.api_version:
        return stored
    convert = _OUT.get((kind.group, kind.version, kind.plural))
    return _renamed(kind.api_version, convert(stored) if convert else stored)


def absorb(kind: Kind, obj: Obj) -> Obj:
    """An object written through `kind`, as it is stored."""
    convert = _IN.get((kind.group, kind.version, kind.plural))
    return convert(obj) if convert else obj


def _renamed(api_version: str, obj: Obj) -> Obj:
    return {**obj, "apiVersion": api_version}


def _event_out(event: Obj) -> Obj:
    return {_EVENT_FIELDS.get(field, field): value for field, value in event.items()}


def _event_in(event: Obj) -> Obj:
    back = {_EVENT_FIELDS_BACK.get(field, field): value for field, value in event.items()}
    return _renamed("v1", back)


def _scaler_in(scaler: Obj) -> Obj:
    return _renamed("autoscaling/v2", scaler_to_v2(scaler))


_Conversion = Callable[[Obj], Obj]

_OUT: dict[tuple[str, str, str], _Conversion] = {
    ("events.k8s.io", "v1", "events"): _event_out,
    ("autoscaling", "v1", "horizontalpodautoscalers"): scaler_to_v1,
}
_IN: dict[tuple[str, str, str], _Conversion] = {
    ("events.k8s.io", "v1", "events"): _event_in,
    ("autoscaling", "v1", "horizontalpodautoscalers"): _scaler_in,
}
