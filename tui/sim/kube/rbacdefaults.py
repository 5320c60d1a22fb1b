"""The ClusterRoles and ClusterRoleBindings that a real cluster is born with, in a notation of one line per rule.

Facts: plugin/pkg/auth/authorizer/rbac/bootstrappolicy of Kubernetes, and the recorded SelfSubjectRulesReview of a
viewer (ssrr). Roles of the single controllers are left out: none of them runs here under its own identity.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from tui.sim.kube.rbac import GROUP
from tui.sim.kube.rules import Rule
from tui.sim.kube.status import Obj

_READ = "get list watch"
_WRITE = "create delete deletecollection patch update"
_ALL = "create delete deletecollection get list patch update watch"
_REPORT = "create patch update"
_CORE_AND_EVENTS = "core events.k8s.io"

Line = tuple[str, ...]
"""(verbs, groups, resources[, resource names]), or (verbs, "", paths): words apart by spaces; "core" is group ""."""

_VIEW: tuple[Line, ...] = (
    (
        _READ,
        "core",
        "configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers "
        "replicationcontrollers/scale serviceaccounts services services/status",
    ),
    (
        _READ,
        "core",
        "bindings limitranges namespaces/status pods/log pods/status replicationcontrollers/status resourcequotas "
        "resourcequotas/status",
    ),
    (_READ, "core", "namespaces"),
    (_READ, _CORE_AND_EVENTS, "events"),
    (_READ, "discovery.k8s.io", "endpointslices"),
    (
        _READ,
        "apps",
        "controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status replicasets "
        "replicasets/scale replicasets/status statefulsets statefulsets/scale statefulsets/status",
    ),
    (_READ, "autoscaling", "horizontalpodautoscalers horizontalpodautoscalers/status"),
    (_READ, "batch", "cronjobs cronjobs/status jobs jobs/status"),
    (
        _READ,
        "extensions",
        "daemonsets daemonsets/status deployments deployments/scale deployments/status ingresses ingresses/status "
        "networkpolicies replicasets replicasets/scale replicasets/status replicationcontrollers/scale",
    ),
    (_READ, "policy", "poddisruptionbudgets poddisruptionbudgets/status"),
    (_READ, "networking.k8s.io", "ingresses ingresses/status networkpolicies"),
    (_READ, "resource.k8s.io", "resourceclaims resourceclaims/status resourceclaimtemplates"),
)

_EDIT: tuple[Line, ...] = (
    (_READ, "core", "pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy"),
    ("impersonate", "core", "serviceaccounts"),
    (_WRITE, "core", "pods pods/attach pods/exec pods/portforward pods/proxy"),
    ("create", "core", "pods/eviction"),
    (
        _WRITE,
        "core",
        "configmaps persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets serviceaccounts "
        "services services/proxy",
    ),
    ("create", "core", "serviceaccounts/token"),
    (_WRITE, _CORE_AND_EVENTS, "events"),
    (
        _WRITE,
        "apps",
        "daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale statefulsets "
        "statefulsets/scale",
    ),
    (_WRITE, "autoscaling", "horizontalpodautoscalers"),
    (_WRITE, "batch", "cronjobs jobs"),
    (
        _WRITE,
        "extensions",
        "daemonsets deployments deployments/rollback deployments/scale ingresses networkpolicies replicasets "
        "replicasets/scale replicationcontrollers/scale",
    ),
    (_WRITE, "policy", "poddisruptionbudgets"),
    (_WRITE, "networking.k8s.io", "ingresses networkpolicies"),
    (_WRITE, "resource.k8s.io", "resourceclaims resourceclaimtemplates"),
    (_ALL, "coordination.k8s.io", "leases"),
)

_ADMIN: tuple[Line, ...] = (
    ("create", "authorization.k8s.io", "localsubjectaccessreviews"),
    (_ALL, GROUP, "rolebindings roles"),
)

_DISCOVERY = "/api /api/* /apis /apis/* /healthz /livez /openapi /openapi/* /readyz /version /version/"
_REVIEWERS: tuple[Line, ...] = (
    ("create", "authentication.k8s.io", "tokenreviews"),
    ("create", "authorization.k8s.io", "subjectaccessreviews"),
)

_PLAIN: dict[str, tuple[Line, ...]] = {
    "cluster-admin": (("*", "*", "*"), ("*", "", "*")),
    "system:auth-delegator": _REVIEWERS,
    "system:basic-user": (
        ("create", "authorization.k8s.io", "selfsubjectaccessreviews selfsubjectrulesreviews"),
        ("create", "authentication.k8s.io", "selfsubjectreviews"),
    ),
    "system:discovery": (("get", "", _DISCOVERY),),
    "system:public-info-viewer": (("get", "", "/healthz /livez /readyz /version /version/"),),
    "system:monitoring": (("get", "", "/healthz /healthz/* /livez /livez/* /metrics /metrics/slis /readyz /readyz/*"),),
    "system:service-account-issuer-discovery": (("get", "", "/.well-known/openid-configuration /openid/v1/jwks"),),
    "system:kube-dns": (("list watch", "core", "endpoints services"),),
    "system:kube-aggregator": ((_READ, "core", "endpoints services"),),
    "system:kubelet-api-admin": (
        (_READ, "core", "nodes"),
        ("proxy", "core", "nodes"),
        ("*", "core", "nodes/log nodes/metrics nodes/proxy nodes/stats"),
    ),
    "system:kube-controller-manager": (
        (_REPORT, _CORE_AND_EVENTS, "events"),
        ("create", "coordination.k8s.io", "leases"),
        ("get update", "coordination.k8s.io", "leases", "kube-controller-manager"),
        ("create update", "core", "secrets serviceaccounts"),
        ("delete", "core", "secrets"),
        ("get", "core", "configmaps namespaces secrets serviceaccounts"),
        *_REVIEWERS,
        ("list watch", "*", "*"),
        ("create", "core", "serviceaccounts/token"),
    ),
    "system:kube-scheduler": (
        (_REPORT, _CORE_AND_EVENTS, "events"),
        ("create", "coordination.k8s.io", "leases"),
        ("get update", "coordination.k8s.io", "leases", "kube-scheduler"),
        (_READ, "core", "namespaces nodes persistentvolumeclaims persistentvolumes replicationcontrollers services"),
        ("delete get list watch", "core", "pods"),
        ("create", "core", "bindings pods/binding"),
        ("patch update", "core", "pods/status"),
        (_READ, "apps", "replicasets statefulsets"),
        (_READ, "policy", "poddisruptionbudgets"),
        *_REVIEWERS,
        (_READ, "storage.k8s.io", "csidrivers csinodes csistoragecapacities"),
    ),
    "system:node": (
        ("create", "authentication.k8s.io", "tokenreviews"),
        ("create", "authorization.k8s.io", "localsubjectaccessreviews subjectaccessreviews"),
        (_READ, "core", "services"),
        ("create get list patch update watch", "core", "nodes"),
        ("patch update", "core", "nodes/status pods/status"),
        (_REPORT, "core", "events"),
        ("create delete get list watch", "core", "pods"),
        ("create", "core", "pods/eviction serviceaccounts/token"),
        (_READ, "core", "configmaps secrets"),
        ("get", "core", "endpoints persistentvolumeclaims persistentvolumes"),
        ("create get list watch", "certificates.k8s.io", "certificatesigningrequests"),
        ("create delete get patch update", "coordination.k8s.io", "leases"),
        ("get", "storage.k8s.io", "volumeattachments"),
        ("get patch update", "core", "persistentvolumeclaims/status"),
        (_READ, "storage.k8s.io", "csidrivers"),
        ("create delete get patch update", "storage.k8s.io", "csinodes"),
        (_READ, "node.k8s.io", "runtimeclasses"),
    ),
    "system:node-bootstrapper": (("create get list watch", "certificates.k8s.io", "certificatesigningrequests"),),
    "system:node-problem-detector": (
        ("get", "core", "nodes"),
        ("patch", "core", "nodes/status"),
        (_REPORT, _CORE_AND_EVENTS, "events"),
    ),
    "system:node-proxier": (
        ("list watch", "core", "endpoints services"),
        (_READ, "core", "nodes"),
        (_REPORT, _CORE_AND_EVENTS, "events"),
        ("list watch", "discovery.k8s.io", "endpointslices"),
    ),
    "system:persistent-volume-provisioner": (
        ("create delete get list watch", "core", "persistentvolumes"),
        ("get list update watch", "core", "persistentvolumeclaims"),
        (_READ, "storage.k8s.io", "storageclasses"),
        ("watch", "core", "events"),
        (_REPORT, _CORE_AND_EVENTS, "events"),
    ),
    "system:volume-scheduler": (
        ("get list patch update watch", "core", "persistentvolumeclaims persistentvolumes"),
        (_READ, "storage.k8s.io", "storageclasses"),
    ),
}

_AGGREGATED: dict[str, tuple[tuple[Line, ...], tuple[str, ...]]] = {
    "system:aggregate-to-admin": (_ADMIN, ("admin",)),
    "system:aggregate-to-edit": (_EDIT, ("edit",)),
    "system:aggregate-to-view": (_VIEW, ("view",)),
    "system:aggregated-metrics-reader": (
        (("get list watch", "metrics.k8s.io", "pods nodes"),),
        ("admin", "edit", "view"),
    ),
}
"""Role -> (its rules, the user-facing roles it is part of)."""

_USER_FACING: dict[str, tuple[str, ...]] = {"admin": (), "edit": ("admin",), "view": ("edit",)}
"""Role that is made of others -> the roles it is itself part of."""

_BINDINGS: tuple[tuple[str, str, str], ...] = (
    ("cluster-admin", "Group", "system:masters"),
    ("system:basic-user", "Group", "system:authenticated"),
    ("system:discovery", "Group", "system:authenticated"),
    ("system:kube-controller-manager", "User", "system:kube-controller-manager"),
    ("system:kube-dns", "ServiceAccount", "kube-dns"),
    ("system:kube-scheduler", "User", "system:kube-scheduler"),
    ("system:monitoring", "Group", "system:monitoring"),
    ("system:node-proxier", "User", "system:kube-proxy"),
    ("system:public-info-viewer", "Group", "system:authenticated system:unauthenticated"),
    ("system:service-account-issuer-discovery", "Group", "system:serviceaccounts"),
    ("system:volume-scheduler", "User", "system:kube-scheduler"),
)
"""(role and binding, kind of subject, subjects)."""

_PART_OF = "rbac.authorization.k8s.io/aggregate-to-"


@lru_cache(maxsize=1)
def default_roles() -> tuple[Obj, ...]:
    """Made once: all clusters of a process share the rules."""
    return tuple(_roles())


def _roles() -> Iterator[Obj]:
    for name, lines in _PLAIN.items():
        yield {"metadata": _metadata(name), "rules": [_rule(line) for line in lines]}
    for name, (lines, parts_of) in _AGGREGATED.items():
        yield {"metadata": _metadata(name, parts_of), "rules": [_rule(line) for line in lines]}
    for name, parts_of in _USER_FACING.items():
        selector = {"matchLabels": {f"{_PART_OF}{name}": "true"}}
        yield {
            "metadata": _metadata(name, parts_of),
            "rules": None,
            "aggregationRule": {"clusterRoleSelectors": [selector]},
        }


def default_bindings() -> Iterator[Obj]:
    for role, kind, names in _BINDINGS:
        yield {
            "metadata": _metadata(role),
            "subjects": [_subject(kind, name) for name in names.split()],
            "roleRef": {"apiGroup": GROUP, "kind": "ClusterRole", "name": role},
        }


def _metadata(name: str, parts_of: tuple[str, ...] = ()) -> Obj:
    labels = {"kubernetes.io/bootstrapping": "rbac-defaults"}
    labels.update((f"{_PART_OF}{role}", "true") for role in parts_of)
    annotations = {"rbac.authorization.kubernetes.io/autoupdate": "true"}
    return {"name": name, "labels": labels, "annotations": annotations}


def _rule(line: Line) -> Obj:
    verbs, groups, resources, *names = line
    if not groups:
        return Rule(tuple(verbs.split()), paths=tuple(resources.split())).to_json()
    named = tuple(names[0].split()) if names else ()
    in_groups = tuple("" if group == "core" else group for group in groups.split())
    return Rule(tuple(verbs.split()), in_groups, tuple(resources.split()), named).to_json()


def _subject(kind: str, name: str) -> Obj:
    if kind == "ServiceAccount":
        return {"kind": kind, "name": name, "namespace": "kube-system"}
    return {"kind": kind, "apiGroup": GROUP, "name": name}
