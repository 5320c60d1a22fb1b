"""ClusterRoles that are made of others: the controller that keeps their rules up."""

from __future__ import annotations

from tui.sim.kube.history import WatchRecord
from tui.sim.kube.objects import items, labels_of, mapping, name_of
from tui.sim.kube.rbac import KINDS
from tui.sim.kube.selectors import Selector, object_selector
from tui.sim.kube.status import Obj
from tui.sim.kube.store import Store

_ROLES = KINDS["clusterroles"]


def keep_aggregated(store: Store) -> None:
    """From now on, bring every aggregated role up to date whenever a ClusterRole changes."""

    def react(record: WatchRecord) -> None:
        if record.storage != _ROLES.storage:
            return
        for role in store.list(_ROLES):
            if role.get("aggregationRule") is not None and _concerns(role, record):
                _bring_up_to_date(store, role)

    store.subscribe(react)


def _concerns(role: Obj, record: WatchRecord) -> bool:
    """Whether an aggregated role can be another after this change: of itself, or of one that it selects or did."""
    if name_of(role) == name_of(record.obj):
        return True
    selectors = _selectors(role)
    return any(_selected(selectors, changed) for changed in (record.obj, record.old) if changed is not None)


def _bring_up_to_date(store: Store, role: Obj) -> None:
    selectors = _selectors(role)
    rules: list[Obj] = []
    for other in store.list(_ROLES):
        if name_of(other) != name_of(role) and _selected(selectors, other):
            rules.extend(rule for rule in items(other.get("rules")) if rule not in rules)
    if rules != items(role.get("rules")):
        store.update(_ROLES, {**role, "rules": rules})


def _selectors(role: Obj) -> list[Selector]:
    return [object_selector(each) for each in items(mapping(role.get("aggregationRule")).get("clusterRoleSelectors"))]


def _selected(selectors: list[Selector], role: Obj) -> bool:
    return any(selector.matches(labels_of(role)) for selector in selectors)
