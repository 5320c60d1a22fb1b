"""Roles and their bindings."""

from __future__ import annotations

from typing import Any

from tui.sim.kube.objects import mapping, text
from tui.sim.kube.printers.base import AGE, DEFAULT, NAME, Column, Printing, Printings, age_of, name_of, parts, wide
from tui.sim.kube.status import Obj


def _binding(obj: Obj, now: float) -> list[Any]:
    role, subjects = mapping(obj.get("roleRef")), parts(obj.get("subjects"))
    return [
        name_of(obj),
        f"{text(role.get('kind'))}/{text(role.get('name'))}",
        age_of(obj, now),
        _subjects(subjects, "User"),
        _subjects(subjects, "Group"),
        _subjects(subjects, "ServiceAccount"),
    ]


def _subjects(subjects: list[Obj], kind: str) -> str:
    """The names of one kind of subject; service accounts with their namespace."""
    return ", ".join(
        f"{subject['namespace']}/{subject.get('name')}"
        if kind == "ServiceAccount" and subject.get("namespace")
        else text(subject.get("name"))
        for subject in subjects
        if subject.get("kind") == kind
    )


def _binding_columns(role: Column, said: str) -> tuple[Column, ...]:
    subjects = (wide(Column(name, f"{name} in the {said}")) for name in ("Users", "Groups", "ServiceAccounts"))
    return (NAME, role, AGE, *subjects)


_GROUP = "rbac.authorization.k8s.io"

PRINTINGS: Printings = {
    (_GROUP, "roles"): DEFAULT,
    (_GROUP, "clusterroles"): DEFAULT,
    (_GROUP, "rolebindings"): Printing(
        _binding_columns(
            Column("Role", "RoleRef can reference a Role in the current namespace or a ClusterRole"), "roleBinding"
        ),
        _binding,
    ),
    (_GROUP, "clusterrolebindings"): Printing(
        _binding_columns(
            Column("Role", "RoleRef can only reference a ClusterRole in the global namespace."), "clusterRoleBinding"
        ),
        _binding,
    ),
}
