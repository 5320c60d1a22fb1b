"""ClusterRoles that are made of others: the controller that keeps their rules up."""

from __future__ import annotations

from tui.sim.kube.history import WatchRecord
from tui.sim.kube.objects import items, labels_of, mapping, metadata_of, name_of
from tui.sim.kube.rbac import KINDS
from tui.sim.kube.selectors import object_selector
from tui.sim.kube.status import Obj
from tui.sim.kube.store import Store

_ROLES = KINDS["clusterroles"]


def keep_aggregated(store: Store) -> None:
    """From now on, bring every aggregated role up to date whenever a ClusterRole changes."""

    def react(record: WatchRecord) -> None:
        if record.storage == _ROLES.storage and _matters(record):
            aggregate(store)

    store.subscribe(react)


def aggregate(store: Store) -> None:
    """Write into each aggregated role the rules of the roles it selects."""
    for role in store.list(_ROLES):
        if role.get("aggregationRule") is None:
            continue
        rules = _selected_rules(store, role)
        if rules != items(role.get("rules")):
            store.update(_ROLES, {**role, "rules": rules})


def _selected_rules(store: Store, role: Obj) -> list[Obj]:
    selectors = items(mapping(role.get("aggregationRule")).get("clusterRoleSelectors"))
    matchers = [object_selector(selector) for selector in selectors]
    rules: list[Obj] = []
    for other in store.list(_ROLES):
        if name_of(other) != name_of(role) and any(matcher.matches(labels_of(other)) for matcher in matchers):
            rules.extend(rule for rule in items(other.get("rules")) if rule not in rules)
    return rules


def _matters(record: WatchRecord) -> bool:
    """Whether any aggregated role can look different after it."""
    if record.old is None or record.change == "DELETED":
        return bool(labels_of(record.obj)) or record.obj.get("aggregationRule") is not None
    fields = ("rules", "aggregationRule")
    changed = any(record.old.get(field) != record.obj.get(field) for field in fields)
    return changed or metadata_of(record.old).get("labels") != metadata_of(record.obj).get("labels")
