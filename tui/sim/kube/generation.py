"""Which kinds count their generation, and when it rises.

From each kind's strategy in the real server (pkg/registry/*/strategy.go); which kinds show one was checked against
the recorded tables. Custom resources always do.
"""

from __future__ import annotations

from tui.sim.kube.kinds import BUILTIN, Kind
from tui.sim.kube.objects import is_terminating, metadata_of, number
from tui.sim.kube.status import Obj

_COUNTED = frozenset(
    {
        ("", "pods"),
        ("", "podtemplates"),
        ("", "replicationcontrollers"),
        ("admissionregistration.k8s.io", "mutatingadmissionpolicies"),
        ("admissionregistration.k8s.io", "mutatingadmissionpolicybindings"),
        ("admissionregistration.k8s.io", "mutatingwebhookconfigurations"),
        ("admissionregistration.k8s.io", "validatingadmissionpolicies"),
        ("admissionregistration.k8s.io", "validatingadmissionpolicybindings"),
        ("admissionregistration.k8s.io", "validatingwebhookconfigurations"),
        ("apiextensions.k8s.io", "customresourcedefinitions"),
        ("apps", "daemonsets"),
        ("apps", "deployments"),
        ("apps", "replicasets"),
        ("apps", "statefulsets"),
        ("batch", "cronjobs"),
        ("batch", "jobs"),
        ("discovery.k8s.io", "endpointslices"),
        ("flowcontrol.apiserver.k8s.io", "flowschemas"),
        ("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations"),
        ("networking.k8s.io", "ingressclasses"),
        ("networking.k8s.io", "ingresses"),
        ("networking.k8s.io", "networkpolicies"),
        ("policy", "poddisruptionbudgets"),
        ("resource.k8s.io", "resourceslices"),
        ("scheduling.k8s.io", "priorityclasses"),
    }
)
_BUILTIN = frozenset(kind.storage for kind in BUILTIN)
_NOT_DESIRED = ("kind", "apiVersion", "metadata", "status")


def is_custom(kind: Kind) -> bool:
    """It comes from a CustomResourceDefinition."""
    return kind.storage not in _BUILTIN


def first_generation(kind: Kind) -> int | None:
    return 1 if kind.storage in _COUNTED or is_custom(kind) else None


def next_generation(kind: Kind, live: Obj, new: Obj) -> int | None:
    """The generation of `new`, which replaces `live`; None where the kind has none."""
    current = number(metadata_of(live).get("generation"))
    if not current:
        return None
    return current + 1 if _desired_state_changed(kind, live, new) else current


def _desired_state_changed(kind: Kind, live: Obj, new: Obj) -> bool:
    if is_terminating(new) and not is_terminating(live):
        return True
    if kind.storage == ("apps", "deployments"):  # its annotations count too: the rollout reads them
        before, after = metadata_of(live).get("annotations"), metadata_of(new).get("annotations")
        if (before or {}) != (after or {}):
            return True
    fields = (set(live) | set(new)).difference(_NOT_DESIRED)
    return any(live.get(field) != new.get(field) for field in fields)
