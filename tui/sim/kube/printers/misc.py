"""What runs the API itself: certificates, leases, API services, admission, flow control."""

from __future__ import annotations

from typing import Any

from tui.sim.kube.durations import human
from tui.sim.kube.objects import items, mapping, number, text
from tui.sim.kube.printers.base import (
    AGE,
    DEFAULT,
    NAME,
    Column,
    Printing,
    Printings,
    age_of,
    name_of,
    parts,
)
from tui.sim.kube.printers.formats import condition_status, selector
from tui.sim.kube.status import Obj

_NONE = "<none>"
_UNSET = "<unset>"


def _signing_request(obj: Obj, now: float) -> list[Any]:
    spec = mapping(obj.get("spec"))
    seconds = spec.get("expirationSeconds")
    return [
        name_of(obj),
        age_of(obj, now),
        text(spec.get("signerName")) or _NONE,
        text(spec.get("username")),
        _NONE if seconds is None else human(seconds),
        _signing_status(mapping(obj.get("status"))),
    ]


def _signing_status(status: Obj) -> str:
    conditions = {condition.get("type") for condition in parts(status.get("conditions"))}
    said = ["Denied" if "Denied" in conditions else "Approved" if "Approved" in conditions else "Pending"]
    said += ["Failed"] if "Failed" in conditions else []
    said += ["Issued"] if status.get("certificate") else []
    return ",".join(said)


def _lease(obj: Obj, now: float) -> list[Any]:
    return [name_of(obj), text(mapping(obj.get("spec")).get("holderIdentity")), age_of(obj, now)]


def _api_service(obj: Obj, now: float) -> list[Any]:
    service = mapping(mapping(obj.get("spec")).get("service"))
    host = f"{text(service.get('namespace'))}/{text(service.get('name'))}" if service else "Local"
    return [name_of(obj), host, _available(mapping(obj.get("status"))), age_of(obj, now)]


def _available(status: Obj) -> str:
    for condition in parts(status.get("conditions")):
        if condition.get("type") == "Available":
            said, reason = text(condition.get("status")), text(condition.get("reason"))
            return f"{said} ({reason})" if said != "True" and reason else said
    return "Unknown"


def _webhooks(obj: Obj, now: float) -> list[Any]:
    return [name_of(obj), len(items(obj.get("webhooks"))), age_of(obj, now)]


def _validating_policy(obj: Obj, now: float) -> list[Any]:
    return _policy(obj, now, "validations")


def _mutating_policy(obj: Obj, now: float) -> list[Any]:
    return _policy(obj, now, "mutations")


def _policy(obj: Obj, now: float, rules: str) -> list[Any]:
    spec = mapping(obj.get("spec"))
    parameter = mapping(spec.get("paramKind"))
    said = f"{text(parameter.get('apiVersion'))}/{text(parameter.get('kind'))}" if parameter else _UNSET
    return [name_of(obj), len(items(spec.get(rules))), said, age_of(obj, now)]


def _policy_binding(obj: Obj, now: float) -> list[Any]:
    spec = mapping(obj.get("spec"))
    return [name_of(obj), text(spec.get("policyName")), _parameter(mapping(spec.get("paramRef"))), age_of(obj, now)]


def _parameter(reference: Obj) -> str:
    if name := text(reference.get("name")):
        return f"{text(reference.get('namespace')) or '*'}/{name}"
    return selector(reference["selector"]) if reference.get("selector") else _UNSET


def _flow_schema(obj: Obj, now: float) -> list[Any]:
    spec = mapping(obj.get("spec"))
    return [
        name_of(obj),
        text(mapping(spec.get("priorityLevelConfiguration")).get("name")),
        number(spec.get("matchingPrecedence")),
        text(mapping(spec.get("distinguisherMethod")).get("type")) or _NONE,
        age_of(obj, now),
        condition_status(obj, "Dangling") or "?",
    ]


def _precedence(obj: Obj) -> tuple[int, str]:
    return number(mapping(obj.get("spec")).get("matchingPrecedence")), name_of(obj)


def _priority_level(obj: Obj, now: float) -> list[Any]:
    spec = mapping(obj.get("spec"))
    limited = mapping(spec.get("limited"))
    queuing = mapping(mapping(limited.get("limitResponse")).get("queuing"))
    return [
        name_of(obj),
        text(spec.get("type")),
        limited.get("nominalConcurrencyShares", _NONE),
        *(queuing.get(setting, _NONE) for setting in ("queues", "handSize", "queueLengthLimit")),
        age_of(obj, now),
    ]


_ADMISSION = "admissionregistration.k8s.io"

_WEBHOOKS = Printing(
    (
        NAME,
        Column("Webhooks", "Webhooks indicates the number of webhooks registered in this", type="integer"),
        AGE,
    ),
    _webhooks,
)
_PARAM_KIND = Column("ParamKind", "ParamKind specifies the kind of resources used to parameterize this policy")
_POLICY_BINDING = Printing(
    (
        NAME,
        Column("PolicyName", "PolicyName indicates the policy definition which the policy binding binded to"),
        Column("ParamRef", "ParamRef indicates the param resource which sets the configration param"),
        AGE,
    ),
    _policy_binding,
)

PRINTINGS: Printings = {
    ("apiextensions.k8s.io", "customresourcedefinitions"): DEFAULT,
    ("certificates.k8s.io", "certificatesigningrequests"): Printing(
        (
            NAME,
            AGE,
            Column("SignerName", "Requested signer for the request."),
            Column("Requestor", "Base64-encoded PKCS#10 CSR data"),
            Column("RequestedDuration", "expirationSeconds is the requested duration of validity"),
            Column("Condition", "Conditions applied to the request, such as approval or denial."),
        ),
        _signing_request,
    ),
    ("coordination.k8s.io", "leases"): Printing(
        (NAME, Column("Holder", "holderIdentity contains the identity of the holder of a current lease."), AGE), _lease
    ),
    ("apiregistration.k8s.io", "apiservices"): Printing(
        (
            NAME,
            Column("Service", "The reference to the service that hosts this API endpoint."),
            Column("Available", "Whether this service is available."),
            AGE,
        ),
        _api_service,
    ),
    (_ADMISSION, "mutatingwebhookconfigurations"): _WEBHOOKS,
    (_ADMISSION, "validatingwebhookconfigurations"): _WEBHOOKS,
    (_ADMISSION, "validatingadmissionpolicies"): Printing(
        (
            NAME,
            Column("Validations", "Validations indicates the number of validation rules", type="integer"),
            _PARAM_KIND,
            AGE,
        ),
        _validating_policy,
    ),
    (_ADMISSION, "mutatingadmissionpolicies"): Printing(
        (
            NAME,
            Column("Mutations", "Mutation indicates the number of mutations rules", type="integer"),
            _PARAM_KIND,
            AGE,
        ),
        _mutating_policy,
    ),
    (_ADMISSION, "validatingadmissionpolicybindings"): _POLICY_BINDING,
    (_ADMISSION, "mutatingadmissionpolicybindings"): _POLICY_BINDING,
    ("flowcontrol.apiserver.k8s.io", "flowschemas"): Printing(
        (
            NAME,
            Column("PriorityLevel", "`name` is the name of the priority level configuration being referenced"),
            Column("MatchingPrecedence", "`matchingPrecedence` is used to choose among the FlowSchemas"),
            Column("DistinguisherMethod", "`distinguisherMethod` defines how to compute the flow distinguisher"),
            AGE,
            Column("MissingPL", "references a broken or non-existent PriorityLevelConfiguration"),
        ),
        _flow_schema,
        order=_precedence,
    ),
    ("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations"): Printing(
        (
            NAME,
            Column("Type", "`type` indicates whether this priority level is subject to limitation"),
            Column("NominalConcurrencyShares", "`nominalConcurrencyShares` (NCS) contributes to the computation"),
            Column("Queues", "`queues` is the number of queues for this priority level."),
            Column("HandSize", "`handSize` is a small positive number that configures the shuffle sharding"),
            Column("QueueLengthLimit", "`queueLengthLimit` is the maximum number of requests"),
            AGE,
        ),
        _priority_level,
    ),
}
