"""Who owns which field: `metadata.managedFields` read, kept up after an update, and written.

The rules are those of k8s.io/apimachinery/pkg/util/managedfields: a manager is told apart by its name, operation,
subresource and (for updates) API version; times move only when something changed; at most ten updaters are kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from tui.sim.kube.fieldset import FieldSet, from_fields_v1, to_fields_v1
from tui.sim.kube.kinds import Kind
from tui.sim.kube.objects import items, mapping, metadata_of
from tui.sim.kube.schema import StructType, type_of, zero
from tui.sim.kube.status import Obj
from tui.sim.kube.typed import BadItem, compare, same

APPLY = "Apply"
UPDATE = "Update"
MOST_UPDATERS = 10
ANCIENT = "ancient-changes"

_STRIPPED = FieldSet.of(
    ("f:apiVersion",),
    ("f:kind",),
    ("f:metadata",),
    *(
        ("f:metadata", f"f:{name}")
        for name in (
            "name",
            "namespace",
            "creationTimestamp",
            "selfLink",
            "uid",
            "clusterName",
            "generation",
            "managedFields",
            "resourceVersion",
        )
    ),
)


class ManagerId(NamedTuple):
    """What tells two entries apart. api_version is "" for appliers: their entry moves with the version they use."""

    manager: str
    operation: str
    subresource: str = ""
    api_version: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """What one manager owns, in the API version it spoke. time: RFC 3339, or "" (nothing of it ever changed)."""

    fields: FieldSet
    api_version: str
    time: str = ""


Managers = dict[ManagerId, Entry]


def track(
    old: Obj | None,
    new: Obj,
    *,
    kind: Kind,
    manager: str,
    now: str,
    subresource: str = "",
    custom: StructType | None = None,
) -> Obj:
    """`new` with the managedFields it has after an update (create, PUT, PATCH other than apply) by `manager`.

    old: the live object, None on create. now: RFC 3339. custom: the type of a custom resource (`schema.of_crd`).
    """
    managers = _before_update(old, new, subresource)
    result = without_managers(new)
    if not managers and old is not None:
        # A server tracks an object from its creation or its first apply, or never.
        return result
    managers = update(
        old, result, managers, kind=kind, manager=manager, now=now, subresource=subresource, custom=custom
    )
    result = with_managers(result, managers)
    if old is not None and _only_times_differ(old, result):
        return with_entries(result, entries(old))
    return result


def update(
    old: Obj | None,
    new: Obj,
    managers: Managers,
    *,
    kind: Kind,
    manager: str,
    now: str,
    subresource: str = "",
    custom: StructType | None = None,
) -> Managers:
    """The owners after `old` became `new` by an update. An object that cannot be compared leaves nobody anything, as
    with a server."""
    struct = type_of(kind, custom)
    before = old if old is not None else (zero(struct) if isinstance(struct, StructType) and custom is None else {})
    try:
        changes = compare(without_managers(before), without_managers(new), struct).without(
            ignored_fields(kind, subresource)
        )
    except BadItem:
        return {}
    changed = changes.modified.union(changes.added)
    left: Managers = {}
    for owner, entry in managers.items():
        fields = entry.fields.difference(changed).difference(changes.removed)
        if fields:
            left[owner] = replace(entry, fields=fields)
    gained = changed.difference(_STRIPPED)
    if gained:
        me = ManagerId(manager or "unknown", UPDATE, subresource, kind.api_version)
        mine = left[me].fields if me in left else FieldSet()
        left[me] = Entry(gained.union(mine), kind.api_version, now)
    return _capped(left)


def ignored_fields(kind: Kind, subresource: str) -> FieldSet:
    """What a write through this door cannot change, and so cannot own: the status of a kind with a status
    subresource; everything else through that subresource."""
    if subresource == "status":
        return FieldSet.of(("f:spec",))
    if not subresource and kind.sub("status") is not None:
        return FieldSet.of(("f:status",))
    return FieldSet()


def stripped(fields: FieldSet) -> FieldSet:
    """Without what nobody owns: identity and bookkeeping."""
    return fields.difference(_STRIPPED)


def read(obj: Obj) -> Managers:
    """The owners that an object's managedFields name. Raises ValueError with the server's words."""
    managers: Managers = {}
    for index, entry in enumerate(entries(obj)):
        operation, api_version = str(entry.get("operation", "")), str(entry.get("apiVersion", ""))
        if operation not in (APPLY, UPDATE):
            raise ValueError("operation must be `Apply` or `Update`")
        if not api_version:
            raise ValueError("apiVersion must not be empty")
        if entry.get("fieldsType") != "FieldsV1":
            given = entry.get("fieldsType")
            raise ValueError(
                f'invalid fieldsType "{given}" in managed fields entry {index}'
                if given
                else f"missing fieldsType in managed fields entry {index}"
            )
        owner = ManagerId(
            str(entry.get("manager", "")),
            operation,
            str(entry.get("subresource", "")),
            "" if operation == APPLY else api_version,
        )
        fields = from_fields_v1(entry.get("fieldsV1") or {})
        managers[owner] = Entry(fields, api_version, str(entry.get("time") or ""))
    return managers


def entries(obj: Obj) -> list[dict[str, Any]]:
    """managedFields as they stand; empty where there are none."""
    return [mapping(entry) for entry in items(metadata_of(obj).get("managedFields"))]


def without_managers(obj: Obj) -> Obj:
    """A copy (of the top two levels) without managedFields."""
    return with_entries(obj, [])


def with_managers(obj: Obj, managers: Managers) -> Obj:
    """A copy (of the top two levels) with `managers` written into it, in the server's order."""
    return with_entries(obj, list(_written(managers)))


def with_entries(obj: Obj, written: list[dict[str, Any]]) -> Obj:
    metadata: Obj = {name: value for name, value in metadata_of(obj).items() if name != "managedFields"}
    if written:
        metadata["managedFields"] = written
    return {**obj, "metadata": metadata}


def _written(managers: Managers) -> Iterator[dict[str, Any]]:
    def order(owner: ManagerId) -> tuple[str, str, str, str, str]:
        entry = managers[owner]
        return owner.operation, entry.time, owner.manager, entry.api_version, owner.subresource

    for owner in sorted(managers, key=order):
        entry = managers[owner]
        written: dict[str, Any] = {
            "manager": owner.manager,
            "operation": owner.operation,
            "apiVersion": entry.api_version,
        }
        if entry.time:
            written["time"] = entry.time
        written |= {"fieldsType": "FieldsV1", "fieldsV1": to_fields_v1(entry.fields)}
        if owner.subresource:
            written["subresource"] = owner.subresource
        yield written


def _before_update(old: Obj | None, new: Obj, subresource: str) -> Managers:
    """Whom an update starts from: the request's own managedFields where it has some (`[]` resets them), else the live
    object's; a subresource cannot set them."""
    asked: object = metadata_of(new).get("managedFields")
    if not subresource:
        if asked == [] or asked == [{}]:
            return {}
        given = _read_or_none(new)
        if given:
            return given
    return _read_or_none(old) if old is not None else {}


def _read_or_none(obj: Obj) -> Managers:
    try:
        return read(obj)
    except ValueError:
        return {}


def _capped(managers: Managers) -> Managers:
    """At most MOST_UPDATERS updaters: the oldest of each API version are thrown together."""
    updaters = [owner for owner in managers if owner.operation == UPDATE]
    excess = len(updaters) - MOST_UPDATERS
    if excess <= 0:
        return managers
    updaters.sort(key=lambda owner: (managers[owner].time, owner))
    capped = dict(managers)
    first: dict[str, ManagerId] = {}
    for owner in updaters:
        if excess <= 0:
            break
        entry = capped[owner]
        bucket = ManagerId(ANCIENT, UPDATE, "", entry.api_version)
        if entry.api_version not in first:
            first[entry.api_version] = owner
            continue
        if bucket not in capped:
            capped[bucket] = capped.pop(first[entry.api_version])
        capped[bucket] = Entry(entry.fields.union(capped[bucket].fields), entry.api_version, entry.time)
        del capped[owner]
        excess -= 1
    return capped


def _only_times_differ(old: Obj, new: Obj) -> bool:
    def timeless(obj: Obj) -> list[dict[str, Any]]:
        return [{name: value for name, value in entry.items() if name != "time"} for entry in entries(obj)]

    return same(timeless(old), timeless(new)) and same(without_managers(old), without_managers(new))
