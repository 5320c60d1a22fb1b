"""Events: what the actors say they did, repeated ones counted up in one object, all gone after an hour.

Shapes are those of the recorded server: the scheduler writes the newer form (eventTime, series), the others the older
one (firstTimestamp, lastTimestamp, count).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from tui.sim.kube.actors.catalogue import EVENTS
from tui.sim.kube.actors.engine import Interest, Key
from tui.sim.kube.history import WatchRecord
from tui.sim.kube.kinds import Kind
from tui.sim.kube.objects import mapping, number, parse_timestamp, text, timestamp
from tui.sim.kube.status import Obj
from tui.sim.kube.store import Storage, Store

LIFETIME = 3600.0
"""Seconds an event is kept after it was last seen (kube-apiserver --event-ttl)."""

_Sameness = tuple[str, ...]
"""Events alike in these are one event, counted: uid, type, reason, message, field path."""


class Recorder:
    """Writes events, and (as a controller) takes old ones away.

    present: when the cluster is first seen; what would have expired by then is not even written.
    """

    def __init__(self, store: Store, now: Callable[[], float], present: float) -> None:
        self._store = store
        self._now = now
        self._present = present
        self._known: dict[_Sameness, Key] = {}
        self._count = 0

    @property
    def watches(self) -> Mapping[Storage, Interest]:
        return {EVENTS.storage: self._written}

    def sync(self, key: Key) -> float | None:
        event = self._store.get(EVENTS, key[0], key[1])
        if event is None:
            return None
        left = _last_seen(event) + LIFETIME - self._now()
        if left > 0:
            return left
        self._store.remove(EVENTS, key[0], key[1])
        return None

    def normal(self, kind: Kind, regarding: Obj, reason: str, message: str, component: str, **more: str) -> None:
        self.write("Normal", kind, regarding, reason, message, component, **more)

    def warning(self, kind: Kind, regarding: Obj, reason: str, message: str, component: str, **more: str) -> None:
        self.write("Warning", kind, regarding, reason, message, component, **more)

    def write(
        self,
        severity: str,
        kind: Kind,
        regarding: Obj,
        reason: str,
        message: str,
        component: str,
        *,
        host: str = "",
        field_path: str = "",
        action: str = "",
    ) -> None:
        """host: the node of a kubelet. field_path: the part of the object meant. action: makes it the newer form."""
        now = self._now()
        if now < self._present - LIFETIME:
            return
        metadata = regarding["metadata"]
        same = (metadata["uid"], severity, reason, message, field_path)
        key = self._known.get(same)
        known = self._store.get(EVENTS, key[0], key[1]) if key else None
        if known is not None:
            self._store.update(EVENTS, _again(known, now))
            return
        self._count += 1
        namespace = metadata.get("namespace") or "default"
        name = f"{metadata['name']}.{int(now * 1e9) + self._count:x}"
        event = {
            "metadata": {"name": name, "namespace": namespace},
            "involvedObject": _reference(kind, regarding, field_path),
            "reason": reason,
            "message": message,
            **(_newer(now, component, action) if action else _older(now, component, host)),
            "type": severity,
        }
        self._store.create(EVENTS, _ordered(event))
        self._known[same] = (namespace, name)

    def _written(self, record: WatchRecord) -> tuple[Key, ...]:
        metadata = record.obj["metadata"]
        if record.change == "DELETED":
            self._forget((metadata["namespace"], metadata["name"]), record.obj)
            return ()
        return ((metadata["namespace"], metadata["name"]),) if record.change == "ADDED" else ()

    def _forget(self, key: Key, event: Obj) -> None:
        regarding = mapping(event.get("involvedObject"))
        texts = (event.get("type"), event.get("reason"), event.get("message"), regarding.get("fieldPath"))
        same = (text(regarding.get("uid")), *(text(value) for value in texts))
        if self._known.get(same) == key:
            del self._known[same]


def _reference(kind: Kind, regarding: Obj, field_path: str) -> Obj:
    metadata = regarding["metadata"]
    found = {
        "kind": kind.kind,
        "namespace": metadata.get("namespace"),
        "name": metadata["name"],
        "uid": metadata["uid"],
        "apiVersion": kind.api_version,
        "resourceVersion": metadata.get("resourceVersion"),
        "fieldPath": field_path or None,
    }
    return {field: value for field, value in found.items() if value is not None}


def _older(now: float, component: str, host: str) -> Obj:
    source = {"component": component, "host": host} if host else {"component": component}
    return {
        "source": source,
        "firstTimestamp": timestamp(now),
        "lastTimestamp": timestamp(now),
        "count": 1,
        "eventTime": None,
        "reportingComponent": component,
        "reportingInstance": host,
    }


def _newer(now: float, component: str, action: str) -> Obj:
    return {
        "source": {},
        "firstTimestamp": None,
        "lastTimestamp": None,
        "eventTime": micro_timestamp(now),
        "action": action,
        "reportingComponent": component,
        "reportingInstance": f"{component}-control-plane",
    }


def _again(event: Obj, now: float) -> Obj:
    if event.get("eventTime"):
        count = number(mapping(event.get("series")).get("count"), 1) + 1
        return {**event, "series": {"count": count, "lastObservedTime": micro_timestamp(now)}}
    return {**event, "lastTimestamp": timestamp(now), "count": number(event.get("count"), 1) + 1}


def _last_seen(event: Obj) -> float:
    series = mapping(event.get("series")).get("lastObservedTime")
    for value in (series, event.get("lastTimestamp"), event.get("eventTime"), event["metadata"]["creationTimestamp"]):
        seen = parse_timestamp(text(value)) if value else None
        if seen is not None:
            return seen
    return 0.0


_ORDER = (
    "metadata",
    "involvedObject",
    "reason",
    "message",
    "source",
    "firstTimestamp",
    "lastTimestamp",
    "count",
    "type",
    "eventTime",
    "action",
    "reportingComponent",
    "reportingInstance",
)


def _ordered(event: Obj) -> Obj:
    return {field: event[field] for field in _ORDER if field in event}


def micro_timestamp(seconds: float) -> str:
    """metav1.MicroTime: RFC 3339 with six digits, UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
