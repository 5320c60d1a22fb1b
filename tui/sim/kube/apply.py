"""Server-side apply: merge what a manager declares, drop what it no longer declares, refuse what another one owns.

The steps are those of sigs.k8s.io/structured-merge-diff/merge (`Updater.Apply`) inside the chain of
k8s.io/apimachinery/pkg/util/managedfields, with the texts of the recorded server (`apply-*` recordings).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any, cast

from tui.sim.kube.codec import written
from tui.sim.kube.fieldset import FieldSet, Path, describe
from tui.sim.kube.gotext import quoted
from tui.sim.kube.kinds import Kind
from tui.sim.kube.managed import (
    APPLY,
    UPDATE,
    Entry,
    ManagerId,
    Managers,
    ignored_fields,
    read,
    stripped,
    update,
    with_managers,
    without_managers,
)
from tui.sim.kube.objects import mapping, metadata_of, name_of, namespace_of, text
from tui.sim.kube.refusals import bad_request
from tui.sim.kube.schema import MISSING, StructType, Type, type_of, zero
from tui.sim.kube.status import ApiError, Obj
from tui.sim.kube.typed import BadItem, compare, field_set, same
from tui.sim.kube.typed_errors import type_errors
from tui.sim.kube.typed_merge import merge, remove

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_KUBECTL = "kubectl"
_BEFORE_FIRST_APPLY = "before-first-apply"


class _Conflicts(Exception):
    """Fields that somebody else owns with another value."""

    def __init__(self, owned: list[tuple[ManagerId, Entry, Path]]) -> None:
        super().__init__(len(owned))
        self.owned = owned


@dataclass(frozen=True, slots=True)
class _Applier:
    """What stays the same during one apply."""

    kind: Kind
    type: Type
    me: ManagerId
    ignored: FieldSet


def server_side_apply(
    live: Obj | None,
    applied: Obj,
    *,
    kind: Kind,
    manager: str,
    force: bool,
    now: str,
    subresource: str = "",
    custom: StructType | None = None,
) -> Obj:
    """The object after `manager` applied `applied` to `live` (None: it is created); neither is changed.

    Defaults are not filled: call `admission.default` on the result. now: RFC 3339. custom: the type of a custom
    resource (`schema.of_crd`). Raises ApiError 409 (conflicts, without `force`), 400 (another kind or version, or
    managedFields in `applied`), 500 (a field of the wrong type or unknown, in the server's words).
    """
    _check(applied, kind, custom)
    kind_type = type_of(kind, custom)
    if live is None:
        start: Obj = {"apiVersion": kind.api_version, "kind": kind.kind}
        live = {**zero(kind_type), **start} if isinstance(kind_type, StructType) and custom is None else start
    applier = _Applier(kind, kind_type, ManagerId(manager, APPLY, subresource), ignored_fields(kind, subresource))
    managers = _readable(live)
    live = without_managers(live)
    if not managers:
        managers = update(
            None,
            live,
            managers,
            kind=kind,
            manager=_BEFORE_FIRST_APPLY,
            now=now,
            subresource=subresource,
            custom=custom,
        )
    merged, managers = _apply_as_kubectl(applier, live, applied, managers, force=force)
    result, managers = _finished(applier, live, merged, managers, now)
    if manager == _KUBECTL:
        result = _with_last_applied(result, applied)
    return with_managers(written(result, kind_type), managers)


def _finished(applier: _Applier, live: Obj, merged: Obj, managers: Managers, now: str) -> tuple[Obj, Managers]:
    """Nothing owned that nobody may own; and the time moves only where the object did."""
    mine = managers.get(applier.me)
    if mine is not None:
        fields = stripped(mine.fields)
        managers = {owner: entry for owner, entry in managers.items() if owner != applier.me or fields}
        if fields:
            managers[applier.me] = replace(mine, fields=fields)
    if same(live, merged):
        return live, managers
    if applier.me in managers:
        managers[applier.me] = replace(managers[applier.me], time=now)
    return merged, managers


def _apply_as_kubectl(
    applier: _Applier, live: Obj, applied: Obj, managers: Managers, *, force: bool
) -> tuple[Obj, Managers]:
    """kubectl may take over, without conflict, what it wrote itself when it still applied on the client's side."""
    try:
        return _apply(applier, live, applied, managers, force=force)
    except _Conflicts as conflicts:
        allowed = _last_applied_fields(applier, live) if applier.me.manager == _KUBECTL else FieldSet()
        left = [conflict for conflict in conflicts.owned if not allowed.has(conflict[2])]
        if left:
            raise _conflict(left) from conflicts
        return _apply(applier, live, applied, managers, force=True)


def _apply(applier: _Applier, live: Obj, applied: Obj, managers: Managers, *, force: bool) -> tuple[Obj, Managers]:
    """Raises _Conflicts."""
    try:
        merged: Any = merge(live, applied, applier.type)
        declared = field_set(applied, applier.type).without(applier.ignored)
        last = managers.get(applier.me)
        managers = {**managers, applier.me: Entry(declared, applier.kind.api_version, last.time if last else "")}
        merged = _pruned(applier, {} if merged is MISSING else merged, managers, last.fields if last else FieldSet())
        if applier.ignored:
            merged = _as_ignored(applier, live, merged)
        return merged, _after(applier, live, merged, managers, force=force)
    except BadItem as error:
        raise _untypable(applied, applier.kind, [str(error)]) from error


def _as_ignored(applier: _Applier, live: Obj, merged: Obj) -> Obj:
    """What cannot be written through this door stays as it is (a real server resets it right after the merge)."""
    result = dict(merged)
    for element in applier.ignored.members:
        name = element[2:]
        if name in live:
            result[name] = live[name]
        else:
            result.pop(name, None)
    return result


def _pruned(applier: _Applier, merged: Obj, managers: Managers, last: FieldSet) -> Obj:
    """Without what the manager applied last time, not this time, and nobody else owns."""
    if not last:
        return merged
    kind = applier.type
    kept: Obj = remove(merged, last.with_named_parents(kind), kind) or {}
    owned = FieldSet()
    for entry in managers.values():
        owned = owned.union(entry.fields)
    everything = field_set(merged, kind).with_named_parents(kind)
    wanted = field_set(kept, kind).with_named_parents(kind).union(owned.with_named_parents(kind))
    kept = remove(merged, everything.difference(wanted), kind) or {}
    # What hangs below a removed parent and was never the manager's own comes back.
    gone = everything.difference(field_set(kept, kind).with_named_parents(kind))
    return remove(merged, gone.intersection(last.with_named_parents(kind)), kind) or {}


def _after(applier: _Applier, live: Obj, merged: Obj, managers: Managers, *, force: bool) -> Managers:
    """The owners after the change: others lose what was changed, or it is a conflict."""
    changes = compare(live, merged, applier.type).without(applier.ignored)
    changed = changes.modified.union(changes.added)
    conflicts = {
        owner: taken
        for owner, entry in managers.items()
        if owner != applier.me and (taken := entry.fields.intersection(changed))
    }
    if conflicts and not force:
        raise _Conflicts(
            [(owner, managers[owner], path) for owner in sorted(conflicts) for path in conflicts[owner].paths()]
        )
    after: Managers = {}
    for owner, entry in managers.items():
        fields = entry.fields
        if owner != applier.me:
            fields = fields.difference(conflicts.get(owner, FieldSet())).difference(changes.removed)
        if fields:
            after[owner] = replace(entry, fields=fields)
    return after


def _conflict(owned: list[tuple[ManagerId, Entry, Path]]) -> ApiError:
    causes: list[Obj] = [
        {"reason": "FieldManagerConflict", "message": f"conflict with {_named(owner)}", "field": describe(path)}
        for owner, _, path in owned
    ]
    if len(owned) == 1:
        message = f"Apply failed with 1 conflict: {causes[0]['message']}: {causes[0]['field']}"
    else:
        lines: list[str] = []
        for owner in dict.fromkeys(owner for owner, _, _ in owned):
            lines.append(f"conflicts with {_named(owner)}:")
            lines += [f"- {describe(path)}" for other, _, path in owned if other == owner]
        message = f"Apply failed with {len(owned)} conflicts: " + "\n".join(lines)
    return ApiError(409, "Conflict", message, {"causes": causes})


def _named(owner: ManagerId) -> str:
    shown = quoted(owner.manager)
    if owner.subresource:
        shown += f" with subresource {quoted(owner.subresource)}"
    return f"{shown} using {owner.api_version}" if owner.operation == UPDATE else shown


def _last_applied_fields(applier: _Applier, live: Obj) -> FieldSet:
    """The fields of kubectl's annotation that are still as it wrote them."""
    annotation = text(mapping(metadata_of(live).get("annotations")).get(LAST_APPLIED))
    try:
        last: object = json.loads(annotation)
    except json.JSONDecodeError:
        return FieldSet()
    if not isinstance(last, dict):
        return FieldSet()
    declared = cast("Obj", last)
    if declared.get("apiVersion") != applier.kind.api_version:
        return FieldSet()
    try:
        changes = compare(declared, live, applier.type)
        fields = field_set(declared, applier.type)
    except BadItem:
        return FieldSet()
    return fields.difference(changes.modified).difference(changes.added).difference(changes.removed)


def _with_last_applied(obj: Obj, applied: Obj) -> Obj:
    """Keeps the annotation of client-side apply true, where there is one, so that one can go back to it."""
    annotations = mapping(metadata_of(obj).get("annotations"))
    if not annotations.get(LAST_APPLIED):
        return obj
    declared = mapping(metadata_of(applied).get("annotations"))
    metadata = dict(metadata_of(applied))
    if LAST_APPLIED in declared:
        metadata["annotations"] = {name: value for name, value in declared.items() if name != LAST_APPLIED}
    configuration = json.dumps({**applied, "metadata": metadata}, sort_keys=True, separators=(",", ":")) + "\n"
    annotations = {**annotations, LAST_APPLIED: configuration}
    return {**obj, "metadata": {**metadata_of(obj), "annotations": annotations}}


def _readable(live: Obj) -> Managers:
    try:
        return read(live)
    except ValueError as error:
        raise ApiError(500, "", f"failed to decode managed fields: {error}") from error


def _check(applied: Obj, kind: Kind, custom: StructType | None) -> None:
    check_applied(applied, kind)
    if metadata_of(applied).get("managedFields") is not None:
        raise bad_request("metadata.managedFields must be nil")
    errors = type_errors(applied, type_of(kind, custom))
    if errors:
        raise _untypable(applied, kind, errors)


def check_applied(applied: Obj, kind: Kind) -> None:
    """A configuration says what it is of; nothing is filled in. Raises ApiError 400 (versionCheckManager)."""
    version, name = text(applied.get("apiVersion")), text(applied.get("kind"))
    if (version, name) != (kind.api_version, kind.kind):
        raise bad_request(f"invalid object type: {_shown_type(version, name)}")


def _shown_type(version: str, name: str) -> str:
    """A GroupVersionKind as it prints itself: with the slash even where the group is empty."""
    return f"{version if '/' in version else '/' + version}, Kind={name}"


def _untypable(applied: Obj, kind: Kind, errors: list[str]) -> ApiError:
    """The server's answer to a patch that does not fit its schema: 500 without a reason."""
    where = f"{namespace_of(applied)}/{name_of(applied)}; {_shown_type(kind.api_version, kind.kind)}"
    said = errors[0] if len(errors) == 1 else "\n".join(["errors:", *(f"  {error}" for error in errors)])
    return ApiError(500, "", f"failed to create typed patch object ({where}): {said}")
