"""Questions about rights and identities: access, rules, token and subject reviews. Nothing is stored.

Shapes: the recorded ssar-allowed, ssar-denied, sar, ssrr, tokenreview and whoami.
"""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from tui.sim.kube import managed, shaping
from tui.sim.kube.attributes import Attributes
from tui.sim.kube.bodies import checked_object
from tui.sim.kube.call import Call
from tui.sim.kube.identity import User
from tui.sim.kube.negotiate import negotiate
from tui.sim.kube.objects import items, mapping, text, timestamp
from tui.sim.kube.rbac import Decision
from tui.sim.kube.refusals import bad_request, invalid
from tui.sim.kube.respond import answer
from tui.sim.kube.status import Obj
from tui.sim.kube.tokens import ISSUER


async def review(call: Call) -> web.StreamResponse:
    """Serve a POST of any kind of review."""
    wanted = negotiate(call.accept)
    store, kind = call.cluster.store, call.kind
    asked = checked_object(await call.json_body(), kind)
    call.warnings.extend(shaping.unknown_fields(store, kind, asked))
    answered = _REVIEWS[kind.plural](call, shaping.decoded(store, kind, asked))
    return answer(answered, status=201, media=wanted.media, warnings=call.warnings)


def is_review(group: str, plural: str) -> bool:
    return group in ("authorization.k8s.io", "authentication.k8s.io") and plural in _REVIEWS


def _self_access(call: Call, asked: Obj) -> Obj:
    decision = call.cluster.rbac.decide(call.user, _attributes(call, mapping(asked.get("spec"))))
    return _decided(call, asked, decision)


def _access(call: Call, asked: Obj) -> Obj:
    spec = mapping(asked.get("spec"))
    user = User(text(spec.get("user")), tuple(map(str, items(spec.get("groups")))), text(spec.get("uid")))
    if not user.name and not user.groups:
        message = "Required value: at least one of user or group must be specified"
        raise invalid(call.kind, "", [("FieldValueRequired", message, "spec.user")])
    return _decided(call, asked, call.cluster.rbac.decide(user, _attributes(call, spec)))


def _local_access(call: Call, asked: Obj) -> Obj:
    namespace = text(mapping(mapping(asked.get("spec")).get("resourceAttributes")).get("namespace"))
    if namespace != call.namespace:
        raise bad_request(f"spec.resourceAttributes.namespace must match namespace: {call.namespace}")
    return _access(call, asked)


def _decided(call: Call, asked: Obj, decision: Decision) -> Obj:
    status: Obj = {"allowed": decision.allowed}
    if decision.reason:
        status["reason"] = decision.reason
    return {**_tracked(call, asked), "status": status}


def _tracked(call: Call, asked: Obj) -> Obj:
    """With the managed fields that a real server puts even on reviews."""
    return managed.track(None, asked, kind=call.kind, manager=call.manager, now=timestamp(call.cluster.now()))


def _attributes(call: Call, spec: Obj) -> Attributes:
    resource, other = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
    if bool(resource) == bool(other):
        how = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
        raise invalid(call.kind, "", [("FieldValueInvalid", f"Invalid value: {how}", "spec.resourceAttributes")])
    if other:
        return Attributes(text(mapping(other).get("verb")), path=text(mapping(other).get("path")))
    asked = mapping(resource)
    fields = ("verb", "group", "version", "resource", "subresource", "namespace", "name")
    return Attributes(*(text(asked.get(field)) for field in fields))


def _rules(call: Call, asked: Obj) -> Obj:
    namespace = text(mapping(asked.get("spec")).get("namespace"))
    if not namespace:
        raise bad_request("no namespace on request")
    rules = call.cluster.rbac.rules_of(call.user, namespace)
    status = {
        "resourceRules": [rule.to_json() for rule in rules if rule.resources],
        "nonResourceRules": [rule.to_json() for rule in rules if rule.paths],
        "incomplete": False,
    }
    return {**asked, "metadata": {}, "spec": {}, "status": status}


def _token(call: Call, asked: Obj) -> Obj:
    spec = mapping(asked.get("spec"))
    user = call.cluster.token_review.user(text(spec.get("token")))
    if user is None:
        status: Obj = {"user": {}, "error": "[invalid bearer token, token lookup failed]"}
        return {**_tracked(call, asked), "status": status}
    audiences = items(spec.get("audiences")) or [ISSUER]
    status = {"authenticated": True, "user": _user_info(user), "audiences": audiences}
    return {**_tracked(call, asked), "status": status}


def _self(call: Call, asked: Obj) -> Obj:
    created = {"creationTimestamp": timestamp(call.cluster.now())}
    return {**asked, "metadata": created, "status": {"userInfo": _user_info(call.user)}}


def _user_info(user: User) -> Obj:
    shown: Obj = {"username": user.name}
    if user.uid:
        shown["uid"] = user.uid
    if user.groups:
        shown["groups"] = list(user.groups)
    if user.extra:
        shown["extra"] = {key: list(values) for key, values in sorted(user.extra.items())}
    return shown


_REVIEWS: dict[str, Callable[[Call, Obj], Obj]] = {
    "selfsubjectaccessreviews": _self_access,
    "subjectaccessreviews": _access,
    "localsubjectaccessreviews": _local_access,
    "selfsubjectrulesreviews": _rules,
    "tokenreviews": _token,
    "selfsubjectreviews": _self,
}
