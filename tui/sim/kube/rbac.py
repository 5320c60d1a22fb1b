"""Role-based access control, evaluated from the cluster's own Roles and Bindings.

What is granted is compiled once per change of any RBAC object, so a decision costs a few dictionary look-ups.
Texts are those of plugin/pkg/auth/authorizer/rbac and of the recorded reviews.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tui.sim.kube.attributes import Attributes
from tui.sim.kube.history import WatchRecord
from tui.sim.kube.identity import User, service_account_name
from tui.sim.kube.kinds import BUILTIN, Kind
from tui.sim.kube.objects import items, mapping, name_of, namespace_of, text
from tui.sim.kube.rules import Rule, parse_rules
from tui.sim.kube.status import Obj
from tui.sim.kube.store import Store

GROUP = "rbac.authorization.k8s.io"
SUPERUSERS = "system:masters"
"""Members of this group are never asked for a Role (superuser authorizer, before RBAC)."""

KINDS: dict[str, Kind] = {kind.plural: kind for kind in BUILTIN if kind.group == GROUP}


@dataclass(frozen=True, slots=True)
class Decision:
    """reason: why, as access reviews show it ("" where the real server gives none)."""

    allowed: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Grant:
    """One subject of one binding, resolved. missing: the text for a role that does not exist, else ""."""

    rules: tuple[Rule, ...]
    reason: str
    missing: str = ""


class Rbac:
    """namespace "" in what follows means cluster-wide."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.withheld: Callable[[str, str], bool] | None = None
        """Whether a user is refused a resource ("pods/exec") whatever roles say: misbehaviour on purpose."""
        self._grants: dict[tuple[str, str, str], list[Grant]] | None = None
        store.subscribe(self._note)

    def decide(self, user: User, asked: Attributes) -> Decision:
        """May `user` do this?"""
        if SUPERUSERS in user.groups:
            return Decision(True)
        if self.withheld is not None and asked.resource and self.withheld(user.name, asked.full_resource):
            return Decision(False)
        missing: list[str] = []
        for grant in self._grants_of(user, asked.namespace):
            if any(rule.allows(asked) for rule in grant.rules):
                return Decision(True, f"RBAC: allowed by {grant.reason}")
            if grant.missing:
                missing.append(grant.missing)
        return Decision(False, _resolution_errors(missing))

    def rules_of(self, user: User, namespace: str) -> list[Rule]:
        """Every rule that holds for a user in a namespace, cluster-wide ones first, as RulesReviews list them."""
        if SUPERUSERS in user.groups:
            return [Rule(("*",), ("*",), ("*",)), Rule(("*",), paths=("*",))]
        return [rule for grant in self._grants_of(user, namespace) for rule in grant.rules]

    def role(self, ref: Obj, namespace: str) -> Obj | None:
        """The object that a roleRef names, seen from a binding in `namespace`."""
        if ref.get("kind") == "Role":
            return self._store.get(KINDS["roles"], namespace, text(ref.get("name")))
        return self._store.get(KINDS["clusterroles"], "", text(ref.get("name")))

    def _grants_of(self, user: User, namespace: str) -> Iterator[Grant]:
        grants = self._grants if self._grants is not None else self._compile()
        subjects = [("User", user.name), *(("Group", group) for group in user.groups)]
        for scope in ("", namespace) if namespace else ("",):
            for kind, name in subjects:
                yield from grants.get((scope, kind, name), ())

    def _compile(self) -> dict[tuple[str, str, str], list[Grant]]:
        grants: dict[tuple[str, str, str], list[Grant]] = {}
        for plural in ("clusterrolebindings", "rolebindings"):
            for binding in self._store.list(KINDS[plural]):
                for key, grant in self._resolve(binding):
                    grants.setdefault(key, []).append(grant)
        self._grants = grants
        return grants

    def _resolve(self, binding: Obj) -> Iterator[tuple[tuple[str, str, str], Grant]]:
        scope = namespace_of(binding)
        ref = mapping(binding.get("roleRef"))
        role = self.role(ref, scope)
        what = f'{text(ref.get("kind"))} "{text(ref.get("name"))}"'
        who = f'RoleBinding "{name_of(binding)}/{scope}"' if scope else f'ClusterRoleBinding "{name_of(binding)}"'
        missing = "" if role else f"{what.split(' ')[0].lower()}.{GROUP} {what.split(' ')[1]} not found"
        rules = parse_rules(role)
        for subject in items(binding.get("subjects")):
            kind, name, shown = _subject(mapping(subject), scope)
            yield (scope, kind, name), Grant(rules, f"{who} of {what} to {shown}", missing)

    def _note(self, record: WatchRecord) -> None:
        if record.storage[0] == GROUP:
            self._grants = None


def _subject(subject: Obj, scope: str) -> tuple[str, str, str]:
    """(User or Group, its name, the subject as a reason names it)."""
    kind, name = text(subject.get("kind")), text(subject.get("name"))
    if kind != "ServiceAccount":
        return kind, name, f'{kind} "{name}"'
    namespace = text(subject.get("namespace")) or scope
    return "User", service_account_name(namespace, name), f'ServiceAccount "{name}/{namespace}"'


def _resolution_errors(missing: list[str]) -> str:
    if not missing:
        return ""
    return f"RBAC: {missing[0]}" if len(missing) == 1 else f"RBAC: [{', '.join(missing)}]"
