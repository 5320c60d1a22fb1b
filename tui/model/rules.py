"""What somebody may do in a namespace, as the cluster tells it (authorization.k8s.io/v1 SelfSubjectRulesReview)."""

from __future__ import annotations

from msgspec import Struct

from tui.model.kube import KindRef

EVERYTHING = "*"


class Rule(Struct, frozen=True):
    """One ResourceRule. names: the only objects it is about, () = all."""

    verbs: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    def covers(self, verb: str, group: str, resource: str) -> bool:
        """Whether it grants `verb` on `resource`, perhaps on some objects only."""
        return (
            not {verb, EVERYTHING}.isdisjoint(self.verbs)
            and not {group, EVERYTHING}.isdisjoint(self.groups)
            and not {resource, EVERYTHING}.isdisjoint(self.resources)
        )


class Rules(Struct, frozen=True):
    """All rules of one namespace. incomplete: some authoriser could not tell (webhooks, as on GKE, never can), so that
    what is not listed may be allowed all the same."""

    rules: tuple[Rule, ...] = ()
    incomplete: bool = False

    def may_list(self, kind: KindRef) -> bool | None:
        """Whether lists of `kind` are granted; None where that cannot be told."""
        if any(rule.covers("list", kind.group, kind.plural) and not rule.names for rule in self.rules):
            return True
        return None if self.incomplete else False

    @property
    def lists_anything(self) -> bool:
        """Whether any kind at all may be listed there."""
        return any(not {"list", EVERYTHING}.isdisjoint(rule.verbs) and rule.resources for rule in self.rules)

    @property
    def namespaces(self) -> tuple[str, ...]:
        """Namespaces that are named in the rules: who may get these, and not list all, is told of them here only."""
        return tuple(
            dict.fromkeys(name for rule in self.rules if rule.covers("get", "", "namespaces") for name in rule.names)
        )
