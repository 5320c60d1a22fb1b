"""One RBAC rule: what it allows, and whether some rules cover another. pkg/apis/rbac/v1/evaluation_helpers.go and
component-helpers auth/rbac/validation/policy_comparator.go are the models."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from tui.sim.kube.attributes import Attributes
from tui.sim.kube.objects import items, mapping
from tui.sim.kube.status import Obj


@dataclass(frozen=True, slots=True)
class Rule:
    """A PolicyRule."""

    verbs: tuple[str, ...]
    groups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()

    def allows(self, asked: Attributes) -> bool:
        if not _has(self.verbs, asked.verb):
            return False
        if not asked.resource:
            return any(_path_matches(path, asked.path) for path in self.paths)
        return (
            _has(self.groups, asked.group)
            and self._has_resource(asked.full_resource, asked.subresource)
            and (not self.names or asked.name in self.names)
        )

    def _has_resource(self, full: str, subresource: str) -> bool:
        if _has(self.resources, full):
            return True
        return bool(subresource) and f"*/{subresource}" in self.resources

    def to_json(self) -> Obj:
        """As SelfSubjectRulesReview and role objects show it."""
        shown: Obj = {"verbs": list(self.verbs)}
        for field, values in (
            ("apiGroups", self.groups),
            ("resources", self.resources),
            ("resourceNames", self.names),
            ("nonResourceURLs", self.paths),
        ):
            if values:
                shown[field] = list(values)
        return shown

    def __str__(self) -> str:
        """As the refusal to grant it prints it: {APIGroups:[""], Resources:["pods"], Verbs:["get"]}."""
        parts = (
            ("APIGroups", self.groups),
            ("Resources", self.resources),
            ("ResourceNames", self.names),
            ("NonResourceURLs", self.paths),
            ("Verbs", self.verbs),
        )
        shown = (f"{label}:[{', '.join(_quoted(value) for value in values)}]" for label, values in parts if values)
        return "{" + ", ".join(shown) + "}"


def parse_rules(role: Obj | None) -> tuple[Rule, ...]:
    """The rules of a Role or ClusterRole object."""
    return tuple(_parse(mapping(rule)) for rule in items((role or {}).get("rules")))


def _parse(rule: Obj) -> Rule:
    def strings(field: str) -> tuple[str, ...]:
        return tuple(str(value) for value in items(rule.get(field)))

    return Rule(
        strings("verbs"),
        strings("apiGroups"),
        strings("resources"),
        strings("resourceNames"),
        strings("nonResourceURLs"),
    )


def uncovered(owned: Iterable[Rule], wanted: Iterable[Rule]) -> list[Rule]:
    """The wanted rights which no owned rule gives, each as small as it can be."""
    held = tuple(owned)
    return [part for rule in wanted for part in _parts(rule) if not any(_covers(rule, part) for rule in held)]


def compact(rules: Iterable[Rule]) -> list[Rule]:
    """Rules that differ only in their verbs, joined: how the server lists missing rights."""
    joined: dict[Rule, list[str]] = {}
    for rule in rules:
        verbs = joined.setdefault(replace(rule, verbs=()), [])
        verbs.extend(verb for verb in rule.verbs if verb not in verbs)
    return sorted((replace(rule, verbs=tuple(verbs)) for rule, verbs in joined.items()), key=str)


def _parts(rule: Rule) -> Iterator[Rule]:
    for verb in rule.verbs:
        for group in rule.groups:
            for resource in rule.resources:
                for name in rule.names or (None,):
                    yield Rule((verb,), (group,), (resource,), (name,) if name is not None else ())
        for path in rule.paths:
            yield Rule((verb,), paths=(path,))


def _covers(owner: Rule, part: Rule) -> bool:
    """part has one value in each field."""
    if not _has(owner.verbs, part.verbs[0]):
        return False
    if part.paths:
        return any(_path_matches(path, part.paths[0]) for path in owner.paths)
    resource = part.resources[0]
    subresource = resource.partition("/")[2]
    if not _has(owner.resources, resource) and not (subresource and f"*/{subresource}" in owner.resources):
        return False
    return _has(owner.groups, part.groups[0]) and (
        not owner.names or (bool(part.names) and part.names[0] in owner.names)
    )


def _has(values: tuple[str, ...], wanted: str) -> bool:
    return wanted in values or "*" in values


def _path_matches(pattern: str, path: str) -> bool:
    if pattern == "*" or pattern == path:
        return True
    return pattern.endswith("*") and path.startswith(pattern.rstrip("*"))


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
