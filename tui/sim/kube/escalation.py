"""Nobody may grant what they do not hold: the check on writing roles and bindings.

pkg/registry/rbac/{clusterrole,clusterrolebinding}/policybased/storage.go; texts from pkg/registry/rbac/validation/
rule.go (ConfirmNoEscalation). The verbs "escalate" (on roles) and "bind" (on the role bound) lift it.
"""

from __future__ import annotations

from collections.abc import Iterable

from tui.sim.kube.attributes import Attributes
from tui.sim.kube.call import Call
from tui.sim.kube.identity import User
from tui.sim.kube.objects import items, mapping, name_of, namespace_of, text
from tui.sim.kube.rbac import GROUP, SUPERUSERS
from tui.sim.kube.refusals import forbidden, invalid
from tui.sim.kube.rules import Rule, compact, parse_rules, uncovered
from tui.sim.kube.status import Obj


def check_role(call: Call, role: Obj, old: Obj | None) -> None:
    """Raises ApiError 403 where the role holds more than its author."""
    unchanged = old is not None and old.get("rules") == role.get("rules")
    if unchanged and (old or {}).get("aggregationRule") == role.get("aggregationRule"):
        return
    name, namespace = name_of(role), namespace_of(role)
    if SUPERUSERS in call.user.groups or _holds(call, "escalate", call.kind.plural, name, namespace):
        return
    if role.get("aggregationRule"):  # it can come to hold anything
        _confirm(call, name, namespace, (Rule(("*",), ("*",), ("*",)), Rule(("*",), paths=("*",))))
    _confirm(call, name, namespace, parse_rules(role))


def check_binding(call: Call, binding: Obj, old: Obj | None) -> None:
    """Raises ApiError 403 where the role bound holds more than the author, 422 where the role is exchanged."""
    ref = mapping(binding.get("roleRef"))
    name, namespace = name_of(binding), namespace_of(binding)
    if old is not None and mapping(old.get("roleRef")) != ref:
        raise invalid(
            call.kind, name, [("FieldValueInvalid", f"Invalid value: {_go(ref)}: cannot change roleRef", "roleRef")]
        )
    if old is not None and items(old.get("subjects")) == items(binding.get("subjects")):
        return
    plural = "roles" if ref.get("kind") == "Role" else "clusterroles"
    if SUPERUSERS in call.user.groups or _holds(call, "bind", plural, text(ref.get("name")), namespace):
        return
    role = call.cluster.rbac.role(ref, namespace)
    if role is None:
        described = f'{plural}.{GROUP} "{text(ref.get("name"))}" not found'
        raise forbidden(call.kind, name, f"{_attempt(call.user)}; resolution errors: [{described}]")
    _confirm(call, name, namespace, parse_rules(role))


def _confirm(call: Call, name: str, namespace: str, wanted: Iterable[Rule]) -> None:
    missing = uncovered(call.cluster.rbac.rules_of(call.user, namespace), wanted)
    if missing:
        lines = "\n".join(str(rule) for rule in compact(missing))
        raise forbidden(call.kind, name, f"{_attempt(call.user)}:\n{lines}")


def _attempt(user: User) -> str:
    groups = " ".join(f'"{group}"' for group in user.groups)
    return f'user "{user.name}" (groups=[{groups}]) is attempting to grant RBAC permissions not currently held'


def _holds(call: Call, verb: str, plural: str, name: str, namespace: str) -> bool:
    asked = Attributes(verb, GROUP, "v1", plural, "", namespace, name)
    return call.cluster.rbac.decide(call.user, asked).allowed


def _go(ref: Obj) -> str:
    group, kind, name = (text(ref.get(field)) for field in ("apiGroup", "kind", "name"))
    return f'rbac.RoleRef{{APIGroup:"{group}", Kind:"{kind}", Name:"{name}"}}'
