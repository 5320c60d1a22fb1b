"""CustomResourceDefinitions: the kinds they make, and what the server does to the objects of those kinds.

An object that arrives is defaulted, pruned of fields its schema does not know, and validated, in the version it was
sent in (k8s.io/apiextensions-apiserver). Rules in CEL (`x-kubernetes-validations`) are not evaluated.
"""

from __future__ import annotations

import re
from typing import Any

from tui.sim.kube import crd_shape, crd_validation
from tui.sim.kube.kinds import Sub
from tui.sim.kube.objects import items, mapping, metadata_of, number, text
from tui.sim.kube.printers.base import Column
from tui.sim.kube.printers.custom import DEFAULT_COLUMNS, CustomKind, PrinterColumn
from tui.sim.kube.refusals import invalid
from tui.sim.kube.status import Obj

# In the order in which the server's discovery lists them for custom resources.
_VERBS = ("delete", "deletecollection", "get", "list", "patch", "create", "update", "watch")
_SUB_VERBS = ("get", "patch", "update")
_VERSION = re.compile(r"v(\d+)(?:(alpha|beta)(\d+))?")


def kinds_of(crd: Obj) -> list[CustomKind]:
    """The kinds it serves, one a served version, the preferred version first; each knows its printer columns."""
    versions = [version for version in _versions(crd) if version.get("served")]
    versions.sort(key=lambda version: _priority(text(version.get("name"))))
    return [_kind(crd, version) for version in versions]


def columns_of(version: Obj) -> tuple[PrinterColumn, ...]:
    """The additionalPrinterColumns of one entry of spec.versions; Age alone where it names none."""
    columns = tuple(_column(mapping(column)) for column in items(version.get("additionalPrinterColumns")))
    return columns or DEFAULT_COLUMNS


def default(crd: Obj, version: str, obj: Obj) -> Obj:
    """A copy with the defaults of the schema filled in."""
    return mapping(crd_shape.defaulted(obj, schema_of(crd, version)))


def prune(crd: Obj, version: str, obj: Obj) -> Obj:
    """A copy without the fields the schema does not know."""
    return crd_shape.pruned(obj, _prunable(crd, version))[0]


def unknown_fields(crd: Obj, version: str, obj: Obj) -> list[str]:
    """The paths that `prune` drops ("spec.colour"), for field validation Strict and Warn."""
    return crd_shape.pruned(obj, _prunable(crd, version))[1]


def validate(crd: Obj, version: str, obj: Obj) -> None:
    """Raises ApiError 422 (recorded: error-422-crd) naming every field that breaks the schema of the version."""
    causes = crd_validation.causes(obj, schema_of(crd, version))
    if causes:
        raise invalid(_kind(crd, _version(crd, version)), text(metadata_of(obj).get("name")), causes)


def schema_of(crd: Obj, version: str) -> Obj:
    """The openAPIV3Schema of a version, {} without one."""
    return mapping(mapping(_version(crd, version).get("schema")).get("openAPIV3Schema"))


def complete(crd: Obj) -> Obj:
    """A copy with the names and the conversion that the server fills in."""
    spec = _spec(crd)
    names = mapping(spec.get("names"))
    kind = text(names.get("kind"))
    filled = {
        **names,
        "singular": names.get("singular") or kind.lower(),
        "listKind": names.get("listKind") or f"{kind}List",
    }
    return {**crd, "spec": {**spec, "names": filled, "conversion": spec.get("conversion") or {"strategy": "None"}}}


def established(crd: Obj, when: str) -> Obj:
    """A copy with the status of a definition that is served (recorded: list-crds). when: RFC 3339."""
    spec = _spec(crd)
    conditions = [
        _condition("NamesAccepted", when, "NoConflicts", "no conflicts found"),
        _condition("Established", when, "InitialNamesAccepted", "the initial names have been accepted"),
    ]
    stored = [version.get("name") for version in _versions(crd) if version.get("storage")]
    status = {"conditions": conditions, "acceptedNames": mapping(spec.get("names")), "storedVersions": stored}
    return {**crd, "status": status}


def _condition(condition_type: str, when: str, reason: str, message: str) -> Obj:
    return {
        "type": condition_type,
        "status": "True",
        "lastTransitionTime": when,
        "reason": reason,
        "message": message,
    }


def _spec(crd: Obj) -> Obj:
    return mapping(crd.get("spec"))


def _versions(crd: Obj) -> list[Obj]:
    return [mapping(version) for version in items(_spec(crd).get("versions"))]


def _version(crd: Obj, name: str) -> Obj:
    missing: Obj = {}
    return next((found for found in _versions(crd) if found.get("name") == name), missing)


def _prunable(crd: Obj, version: str) -> Obj:
    """The schema to prune by; one that keeps everything where the definition says so, or says nothing."""
    schema = schema_of(crd, version)
    return {} if _spec(crd).get("preserveUnknownFields") else schema


def _kind(crd: Obj, version: Obj) -> CustomKind:
    spec = _spec(crd)
    names = mapping(spec.get("names"))
    return CustomKind(
        text(spec.get("group")),
        text(version.get("name")),
        text(names.get("plural")),
        text(names.get("kind")),
        singular=text(names.get("singular")),
        namespaced=spec.get("scope") != "Cluster",
        short=tuple(map(str, items(names.get("shortNames")))),
        categories=tuple(map(str, items(names.get("categories")))),
        verbs=_VERBS,
        subs=_subs(mapping(version.get("subresources"))),
        columns=columns_of(version),
    )


def _subs(subresources: Obj) -> tuple[Sub, ...]:
    found = [Sub("status", _SUB_VERBS)] if subresources.get("status") is not None else []
    if subresources.get("scale") is not None:
        found.append(Sub("scale", _SUB_VERBS, "autoscaling/v1", "Scale"))
    return tuple(found)


def _column(column: Obj) -> PrinterColumn:
    path = text(column.get("jsonPath"))
    said = text(column.get("description")) or f"Custom resource definition column (in JSONPath format): {path}"
    return PrinterColumn(
        Column(
            text(column.get("name")),
            said,
            type=text(column.get("type")),
            format=text(column.get("format")),
            priority=number(column.get("priority")),
        ),
        path,
    )


def _priority(version: str) -> tuple[Any, ...]:
    """Sorts as the server prefers versions: v2, v1, v1beta2, v1beta1, v1alpha1, then any others by name."""
    match = _VERSION.fullmatch(version)
    if match is None:
        return (1, version)
    stability = {None: 0, "beta": 1, "alpha": 2}[match[2]]
    return (0, stability, -int(match[1]), -int(match[3] or 0))
