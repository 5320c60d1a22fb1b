"""Roles and bindings: pkg/apis/rbac/validation."""

from __future__ import annotations

from collections.abc import Iterator

from tui.sim.kube.fielderrors import FieldError, invalid, required, unsupported
from tui.sim.kube.namerules import dns_subdomain
from tui.sim.kube.objects import items, mapping, text
from tui.sim.kube.status import Obj
from tui.sim.kube.typed import same

_RBAC = "rbac.authorization.k8s.io"


def role_errors(obj: Obj, *, namespaced: bool) -> Iterator[FieldError]:
    for index, entry in enumerate(items(obj.get("rules"))):
        rule, path = mapping(entry), f"rules[{index}]"
        if not items(rule.get("verbs")):
            yield required(f"{path}.verbs", "verbs must contain at least one value")
        if items(rule.get("nonResourceURLs")):
            if namespaced:
                said = "namespaced rules cannot apply to non-resource URLs"
                yield invalid(f"{path}.nonResourceURLs", rule["nonResourceURLs"], said)
            if items(rule.get("apiGroups")) or items(rule.get("resources")) or items(rule.get("resourceNames")):
                said = "rules cannot apply to both regular resources and non-resource URLs"
                yield invalid(f"{path}.nonResourceURLs", rule["nonResourceURLs"], said)
            continue
        if not items(rule.get("apiGroups")):
            yield required(f"{path}.apiGroups", "resource rules must supply at least one api group")
        if not items(rule.get("resources")):
            yield required(f"{path}.resources", "resource rules must supply at least one resource")


def binding_errors(obj: Obj, *, namespaced: bool) -> Iterator[FieldError]:
    role = mapping(obj.get("roleRef"))
    if role.get("apiGroup") != _RBAC:
        yield unsupported("roleRef.apiGroup", text(role.get("apiGroup")), (_RBAC,))
    kinds = ("ClusterRole", "Role") if namespaced else ("ClusterRole",)
    if role.get("kind") not in kinds:
        yield unsupported("roleRef.kind", text(role.get("kind")), kinds)
    if not role.get("name"):
        yield required("roleRef.name")
    for index, subject in enumerate(items(obj.get("subjects"))):
        yield from _subject_errors(mapping(subject), f"subjects[{index}]", namespaced)


def _subject_errors(subject: Obj, path: str, namespaced: bool) -> Iterator[FieldError]:
    kind, name = text(subject.get("kind")), text(subject.get("name"))
    if not name:
        yield required(f"{path}.name")
    if kind == "ServiceAccount":
        if name and dns_subdomain(name):
            yield invalid(f"{path}.name", name, dns_subdomain(name))
        if subject.get("apiGroup"):
            yield unsupported(f"{path}.apiGroup", subject["apiGroup"], ("",))
        if not namespaced and not subject.get("namespace"):
            yield required(f"{path}.namespace")
    elif kind in ("User", "Group"):
        if subject.get("apiGroup") != _RBAC:
            yield unsupported(f"{path}.apiGroup", text(subject.get("apiGroup")), (_RBAC,))
    else:
        yield unsupported(f"{path}.kind", kind, ("ServiceAccount", "User", "Group"))


def binding_update_errors(new: Obj, old: Obj) -> Iterator[FieldError]:
    if not same(new.get("roleRef"), old.get("roleRef")):
        yield invalid("roleRef", new.get("roleRef"), "cannot change roleRef")
