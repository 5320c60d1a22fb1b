"""Field selectors: which fields of which kind can be selected by, and the test itself.

Fields: each kind's registration in pkg/apis/*/v1/conversion.go and its strategy's GetAttrs; custom resources name
theirs in the CRD (selectableFields). Grammar and texts: k8s.io/apimachinery pkg/fields/selector.go.
"""

from __future__ import annotations

from dataclasses import dataclass

from tui.sim.kube.generation import is_custom
from tui.sim.kube.kinds import Kind
from tui.sim.kube.objects import items, mapping, nested
from tui.sim.kube.refusals import bad_request
from tui.sim.kube.status import ApiError, Obj

_ALWAYS = ("metadata.name", "metadata.namespace")

_INVOLVED = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")
_EVENTS = (*(f"involvedObject.{field}" for field in _INVOLVED), "reason", "reportingComponent", "source", "type")

_SUPPORTED: dict[tuple[str, str], tuple[str, ...]] = {
    ("", "events"): _EVENTS,
    ("", "namespaces"): ("status.phase",),
    ("", "nodes"): ("spec.unschedulable",),
    ("", "pods"): (
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "spec.hostNetwork",
        "status.phase",
        "status.podIP",
        "status.podIPs",
        "status.nominatedNodeName",
    ),
    ("", "replicationcontrollers"): ("status.replicas",),
    ("", "secrets"): ("type",),
    ("", "services"): ("spec.clusterIP", "spec.type"),
    ("apps", "replicasets"): ("status.replicas",),
    ("batch", "jobs"): ("status.successful",),
    ("certificates.k8s.io", "certificatesigningrequests"): ("spec.signerName",),
    ("apiextensions.k8s.io", "customresourcedefinitions"): (),
}

# Kinds whose group registers a conversion of its own refuse in these words; all others in the default ones.
_OWN_WORDS = frozenset(_SUPPORTED) - {("apiextensions.k8s.io", "customresourcedefinitions")}

# events.k8s.io/v1 selects by its own names for the same fields (pkg/apis/events/v1/conversion.go).
_EVENT_NAMES = {
    **{f"regarding.{field}": f"involvedObject.{field}" for field in _INVOLVED},
    "reportingController": "reportingComponent",
}

_FALSE = {"spec.unschedulable": "false", "spec.hostNetwork": "false"}
_ZERO = {"status.replicas": "0", "status.successful": "0"}


@dataclass(frozen=True, slots=True)
class FieldSelector:
    """Terms (field, is equal, value); all must hold."""

    terms: tuple[tuple[str, bool, str], ...] = ()

    def matches(self, obj: Obj) -> bool:
        return all((_value(obj, field) == value) is equal for field, equal, value in self.terms)

    def __bool__(self) -> bool:
        return bool(self.terms)


def parse_field_selector(written: str, kind: Kind, custom: tuple[str, ...] = ()) -> FieldSelector:
    """custom: the selectable fields of a custom kind. Raises ApiError 400 in the server's words."""
    terms = tuple((_supported(field, kind, custom), equal, value) for field, equal, value in _split(written))
    return FieldSelector(terms)


def single_name(written: str) -> str:
    """The name, where a selector selects one object by it; else ""."""
    try:
        found = [value for field, equal, value in _split(written) if field == "metadata.name" and equal]
    except ApiError:
        return ""  # refused in words of its own when it is parsed for good
    return found[0] if len(found) == 1 else ""


def _supported(field: str, kind: Kind, custom: tuple[str, ...]) -> str:
    if kind.group == "events.k8s.io":
        field = _EVENT_NAMES.get(field, field)
    if field in _ALWAYS or field in _SUPPORTED.get(kind.storage, custom):
        return field
    if kind.storage in _OWN_WORDS or is_custom(kind):
        raise bad_request(f"field label not supported: {field}")
    raise bad_request(f'"{field}" is not a known field selector: only "metadata.name", "metadata.namespace"')


def _split(written: str) -> list[tuple[str, bool, str]]:
    terms: list[tuple[str, bool, str]] = []
    for part in _unescaped_split(written):
        for operator, equal in (("!=", False), ("==", True), ("=", True)):
            field, found, value = part.partition(operator)
            if found:
                terms.append((field, equal, _unescape(value)))
                break
        else:
            raise bad_request(f"invalid selector: '{written}'; can't understand '{part}'")
    return terms


def _unescaped_split(written: str) -> list[str]:
    r"""At commas, except "\,"."""
    parts = written.replace("\\\\", "\0").replace("\\,", "\1").split(",")
    return [part.replace("\1", "\\,").replace("\0", "\\\\") for part in parts if part]


def _unescape(value: str) -> str:
    return value.replace("\\,", ",").replace("\\=", "=").replace("\\\\", "\\")


def _value(obj: Obj, field: str) -> str:
    if field == "source":
        return str(nested(obj, ("source", "component")) or obj.get("reportingComponent") or "")
    if field == "status.podIPs":
        first = items(nested(obj, ("status", "podIPs")))[:1]
        return str(mapping(first[0]).get("ip", "")) if first else ""
    if field == "status.successful":
        field = "status.succeeded"
    value = nested(obj, field.split("."))
    if value is None:
        return _FALSE.get(field) or _ZERO.get(field) or ("0" if field == "status.succeeded" else "")
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
