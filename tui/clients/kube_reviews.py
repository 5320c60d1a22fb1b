"""Questions to a cluster about our own rights, as typed values (authorization.k8s.io/v1; shapes as recorded)."""

from __future__ import annotations

import msgspec

from tui.clients.json_fields import JsonObject, child, children, flag, parse_object, texts
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.rules import Rule, Rules

RULES_PATH = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"


def rules_question(namespace: str) -> bytes:
    """The body that asks what we may do in `namespace`."""
    return msgspec.json.encode(
        {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectRulesReview",
            "spec": {"namespace": namespace},
        }
    )


ACCESS_PATH = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


def access_question(verb: str, resource: str, subresource: str, namespace: str) -> bytes:
    """The body that asks whether we may do one thing to a resource of the core group."""
    attributes = {"verb": verb, "resource": resource, "subresource": subresource, "namespace": namespace}
    return msgspec.json.encode(
        {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": {name: value for name, value in attributes.items() if value}},
        }
    )


def access_of(body: bytes, target: str) -> bool:
    """The answer to it. Raises SourceError (PROTOCOL) where it is none."""
    answer = parse_object(body)
    if answer is None or "allowed" not in child(answer, "status"):
        raise SourceError(Problem(ProblemKind.PROTOCOL, "the review of our rights has no answer", target=target))
    return flag(child(answer, "status"), "allowed")


def rules_of(body: bytes, target: str) -> Rules:
    """The answer to it. Raises SourceError (PROTOCOL) where it is none."""
    answer = parse_object(body)
    if answer is None or not child(answer, "status"):
        raise SourceError(Problem(ProblemKind.PROTOCOL, "the review of our rights has no answer", target=target))
    status = child(answer, "status")
    return Rules(tuple(map(_rule, children(status, "resourceRules"))), flag(status, "incomplete"))


def _rule(rule: JsonObject) -> Rule:
    parts = (texts(rule, name) for name in ("verbs", "apiGroups", "resources", "resourceNames"))
    return Rule(*parts)
