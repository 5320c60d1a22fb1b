"""Every kind the simulated API server serves: what discovery says of each, and how to find one.

The table is what a real 1.36 server offers (held against its discovery by tests/sim/test_recorded_answers.py). Custom
resources join at run time: `Registry.add`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_ALL = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
_ALL_BUT_COLLECTION = ("create", "delete", "get", "list", "patch", "update", "watch")
_CREATE = ("create",)
_READ = ("get", "list")


@dataclass(frozen=True, slots=True)
class Sub:
    """A subresource. api / kind name its own type where it is not the parent's ("autoscaling/v1", "Scale")."""

    name: str
    verbs: tuple[str, ...]
    api: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """One resource of one version of one group ("" = core). `storage` names the (group, plural) whose objects it
    shows, where that is another's (events of events.k8s.io are core events)."""

    group: str
    version: str
    plural: str
    kind: str
    singular: str = ""
    namespaced: bool = True
    short: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = _ALL
    subs: tuple[Sub, ...] = ()

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def storage(self) -> tuple[str, str]:
        return ("", "events") if self.plural == "events" else (self.group, self.plural)

    @property
    def singular_name(self) -> str:
        return self.singular or self.kind.lower()

    def sub(self, name: str) -> Sub | None:
        return next((sub for sub in self.subs if sub.name == name), None)


BUILTIN: tuple[Kind, ...] = (
    # core/v1
    Kind("", "v1", "bindings", "Binding", verbs=_CREATE),
    Kind("", "v1", "componentstatuses", "ComponentStatus", namespaced=False, short=("cs",), verbs=_READ),
    Kind("", "v1", "configmaps", "ConfigMap", short=("cm",)),
    Kind("", "v1", "endpoints", "Endpoints", short=("ep",)),
    Kind("", "v1", "events", "Event", short=("ev",)),
    Kind("", "v1", "limitranges", "LimitRange", short=("limits",)),
    Kind(
        "",
        "v1",
        "namespaces",
        "Namespace",
        namespaced=False,
        short=("ns",),
        verbs=_ALL_BUT_COLLECTION,
        subs=(
            Sub("finalize", ("update",)),
            Sub("status", ("get", "patch", "update")),
        ),
    ),
    Kind(
        "",
        "v1",
        "nodes",
        "Node",
        namespaced=False,
        short=("no",),
        subs=(
            Sub("proxy", ("create", "delete", "get", "patch", "update"), "", "NodeProxyOptions"),
            Sub("status", ("get", "patch", "update")),
        ),
    ),
    Kind(
        "",
        "v1",
        "persistentvolumeclaims",
        "PersistentVolumeClaim",
        short=("pvc",),
        subs=(Sub("status", ("get", "patch", "update")),),
    ),
    Kind(
        "",
        "v1",
        "persistentvolumes",
        "PersistentVolume",
        namespaced=False,
        short=("pv",),
        subs=(Sub("status", ("get", "patch", "update")),),
    ),
    Kind(
        "",
        "v1",
        "pods",
        "Pod",
        short=("po",),
        categories=("all",),
        subs=(
            Sub("attach", ("create", "get"), "", "PodAttachOptions"),
            Sub("binding", ("create",), "", "Binding"),
            Sub("ephemeralcontainers", ("get", "patch", "update")),
            Sub("eviction", ("create",), "policy/v1", "Eviction"),
            Sub("exec", ("create", "get"), "", "PodExecOptions"),
            Sub("log", ("get",)),
            Sub("portforward", ("create", "get"), "", "PodPortForwardOptions"),
            Sub("proxy", ("create", "delete", "get", "patch", "update"), "", "PodProxyOptions"),
            Sub("resize", ("get", "patch", "update")),
            Sub("status", ("get", "patch", "update")),
        ),
    ),
    Kind("", "v1", "podtemplates", "PodTemplate"),
    Kind(
        "",
        "v1",
        "replicationcontrollers",
        "ReplicationController",
        short=("rc",),
        categories=("all",),
        subs=(
            Sub("scale", ("get", "patch", "update"), "autoscaling/v1", "Scale"),
            Sub("status", ("get", "patch", "update")),
        ),
    ),
    Kind(
        "", "v1", "resourcequotas", "ResourceQuota", short=("quota",), subs=(Sub("status", ("get", "patch", "update")),)
    ),
    Kind("", "v1", "secrets", "Secret"),
    Kind(
        "",
        "v1",
        "serviceaccounts",
        "ServiceAccount",
        short=("sa",),
        subs=(Sub("token", ("create",), "authentication.k8s.io/v1", "TokenRequest"),),
    ),
    Kind(
        "",
        "v1",
        "services",
        "Service",
        short=("svc",),
        categories=("all",),
        subs=(
            Sub("proxy", ("create", "delete", "get", "patch", "update"), "", "ServiceProxyOptions"),
            Sub("status", ("get", "patch", "update")),
        ),
    ),
    # apiregistration.k8s.io/v1
    Kind(
        "apiregistration.k8s.io",
        "v1",
        "apiservices",
        "APIService",
        namespaced=False,
        categories=("api-extensions",),
        subs=(Sub("status", ("get", "patch", "update")),),
    ),
    # apps/v1
    Kind("apps", "v1", "controllerrevisions", "ControllerRevision"),
    Kind(
        "apps",
        "v1",
        "daemonsets",
        "DaemonSet",
        short=("ds",),
        categories=("all",),
        subs=(Sub("status", ("get", "patch", "update")),),
    ),
    Kind(
        "apps",
        "v1",
        "deployments",
        "Deployment",
        short=("deploy",),
        categories=("all",),
        subs=(
            Sub("scale", ("get", "patch", "update"), "autoscaling/v1", "Scale"),
            Sub("status", ("get", "patch", "update")),
        ),
    ),
    Kind(
        "apps",
        "v1",
        "replicasets",
        "ReplicaSet",
        short=("rs",),
        categories=("all",),
        subs=(
            Sub("scale", ("get", "patch", "update"), "autoscaling/v1", "Scale"),
            Sub("status", ("get", "patch", "update")),
        ),
    ),
    Kind(
        "apps",
        "v1",
        "statefulsets",
        "StatefulSet",
        short=("sts",),
        categories=("all",),
        subs=(
            Sub("scale", ("get", "patch", "update"), "autoscaling/v1", "Scale"),
            Sub("status", ("get", "patch", "update")),
        ),
    ),
    # events.k8s.io/v1
    Kind("events.k8s.io", "v1", "events", "Event", short=("ev",)),
    # authentication.k8s.io/v1
    Kind("authentication.k8s.io", "v1", "selfsubjectreviews", "SelfSubjectReview", namespaced=False, verbs=_CREATE),
    Kind("authentication.k8s.io", "v1", "tokenreviews", "TokenReview", namespaced=False, verbs=_CREATE),
    # authorization.k8s.io/v1
    Kind("authorization.k8s.io", "v1", "localsubjectaccessreviews", "LocalSubjectAccessReview", verbs=_CREATE),
    Kind(
        "authorization.k8s.io",
        "v1",
        "selfsubjectaccessreviews",
        "SelfSubjectAccessReview",
        namespaced=False,
        verbs=_CREATE,
    ),
    Kind(
        "authorization.k8s.io",
        "v1",
        "selfsubjectrulesreviews",
        "SelfSubjectRulesReview",
        namespaced=False,
        verbs=_CREATE,
    ),
    Kind("authorization.k8s.io", "v1", "subjectaccessreviews", "SubjectAccessReview", namespaced=False, verbs=_CREATE),
    # autoscaling/v2
    Kind(
        "autoscaling",
        "v2",
        "horizontalpodautoscalers",
        "HorizontalPodAutoscaler",
        short=("hpa",),
        categories=("all",),
        subs=(Sub("status", ("get", "patch", "update")),),
    ),
    # autoscaling/v1
    Kind(
        "autoscaling",
        "v1",
        "horizontalpodautoscalers",
        "HorizontalPodAutoscaler",
        short=("hpa",),
        categories=("all",),
        subs=(Sub("status", ("get", "patch", "update")),),
    ),
    # batch/v1
    Kind(
        "batch",
        "v1",
        "cronjobs",
        "CronJob",
        short=("cj",),
        categories=("all",),
        subs=(Sub("status", ("get", "patch", "update")),),
    ),
    Kind("batch", "v1", "jobs", "Job", categories=("all",), subs=(Sub("status", ("get", "patch", "update")),)),
    # certificates.k8s.io/v1
    Kind(
        "certificates.k8s.io",
        "v1",
        "certificatesigningrequests",
        "CertificateSigningRequest",
        namespaced=False,
        short=("csr",),
        subs=(
            Sub("approval", ("get", "patch", "update")),
            Sub("status", ("get", "patch", "update")),
        ),
    ),
    # networking.k8s.io/v1
    Kind("networking.k8s.io", "v1", "ingressclasses", "IngressClass", namespaced=False),
    Kind(
        "networking.k8s.io",
        "v1",
        "ingresses",
        "Ingress",
        short=("ing",),
        subs=(Sub("status", ("get", "patch", "update")),),
    ),
    Kind("networking.k8s.io", "v1", "ipaddresses", "IPAddress", namespaced=False, short=("ip",)),
    Kind("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", short=("netpol",)),
    Kind(
        "networking.k8s.io",
        "v1",
        "servicecidrs",
        "ServiceCIDR",
        namespaced=False,
        subs=(Sub("status", ("get", "patch", "update")),),
    ),
    # policy/v1
    Kind(
        "policy",
        "v1",
        "poddisruptionbudgets",
        "PodDisruptionBudget",
        short=("pdb",),
        subs=(Sub("status", ("get", "patch", "update")),),
    ),
    # rbac.authorization.k8s.io/v1
    Kind("rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding", namespaced=False),
    Kind("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", namespaced=False),
    Kind("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding"),
    Kind("rbac.authorization.k8s.io", "v1", "roles", "Role"),
    # storage.k8s.io/v1
    Kind("storage.k8s.io", "v1", "csidrivers", "CSIDriver", namespaced=False),
    Kind("storage.k8s.io", "v1", "csinodes", "CSINode", namespaced=False),
    Kind("storage.k8s.io", "v1", "csistoragecapacities", "CSIStorageCapacity"),
    Kind("storage.k8s.io", "v1", "storageclasses", "StorageClass", namespaced=False, short=("sc",)),
    Kind(
        "storage.k8s.io",
        "v1",
        "volumeattachments",
        "VolumeAttachment",
        namespaced=False,
        subs=(Sub("status", ("get", "patch", "update")),),
    ),
    Kind("storage.k8s.io", "v1", "volumeattributesclasses", "VolumeAttributesClass", namespaced=False, short=("vac",)),
    # admissionregistration.k8s.io/v1
    Kind(
        "admissionregistration.k8s.io",
        "v1",
        "mutatingadmissionpolicies",
        "MutatingAdmissionPolicy",
        namespaced=False,
        categories=("api-extensions",),
    ),
    Kind(
        "admissionregistration.k8s.io",
        "v1",
        "mutatingadmissionpolicybindings",
        "MutatingAdmissionPolicyBinding",
        namespaced=False,
        categories=("api-extensions",),
    ),
    Kind(
        "admissionregistration.k8s.io",
        "v1",
        "mutatingwebhookconfigurations",
        "MutatingWebhookConfiguration",
        namespaced=False,
        categories=("api-extensions",),
    ),
    Kind(
        "admissionregistration.k8s.io",
        "v1",
        "validatingadmissionpolicies",
        "ValidatingAdmissionPolicy",
        namespaced=False,
        categories=("api-extensions",),
        subs=(Sub("status", ("get", "patch", "update")),),
    ),
    Kind(
        "admissionregistration.k8s.io",
        "v1",
        "validatingadmissionpolicybindings",
        "ValidatingAdmissionPolicyBinding",
        namespaced=False,
        categories=("api-extensions",),
    ),
    Kind(
        "admissionregistration.k8s.io",
        "v1",
        "validatingwebhookconfigurations",
        "ValidatingWebhookConfiguration",
        namespaced=False,
        categories=("api-extensions",),
    ),
    # apiextensions.k8s.io/v1
    Kind(
        "apiextensions.k8s.io",
        "v1",
        "customresourcedefinitions",
        "CustomResourceDefinition",
        namespaced=False,
        short=("crd", "crds"),
        categories=("api-extensions",),
        subs=(Sub("status", ("get", "patch", "update")),),
    ),
    # scheduling.k8s.io/v1
    Kind("scheduling.k8s.io", "v1", "priorityclasses", "PriorityClass", namespaced=False, short=("pc",)),
    # coordination.k8s.io/v1
    Kind("coordination.k8s.io", "v1", "leases", "Lease"),
    # node.k8s.io/v1
    Kind("node.k8s.io", "v1", "runtimeclasses", "RuntimeClass", namespaced=False),
    # discovery.k8s.io/v1
    Kind("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice"),
    # resource.k8s.io/v1
    Kind("resource.k8s.io", "v1", "deviceclasses", "DeviceClass", namespaced=False),
    Kind("resource.k8s.io", "v1", "resourceclaims", "ResourceClaim", subs=(Sub("status", ("get", "patch", "update")),)),
    Kind("resource.k8s.io", "v1", "resourceclaimtemplates", "ResourceClaimTemplate"),
    Kind("resource.k8s.io", "v1", "resourceslices", "ResourceSlice", namespaced=False),
    # flowcontrol.apiserver.k8s.io/v1
    Kind(
        "flowcontrol.apiserver.k8s.io",
        "v1",
        "flowschemas",
        "FlowSchema",
        namespaced=False,
        subs=(Sub("status", ("get", "patch", "update")),),
    ),
    Kind(
        "flowcontrol.apiserver.k8s.io",
        "v1",
        "prioritylevelconfigurations",
        "PriorityLevelConfiguration",
        namespaced=False,
        subs=(Sub("status", ("get", "patch", "update")),),
    ),
    # metrics.k8s.io/v1beta1
    Kind("metrics.k8s.io", "v1beta1", "nodes", "NodeMetrics", singular="", namespaced=False, verbs=_READ),
    Kind("metrics.k8s.io", "v1beta1", "pods", "PodMetrics", singular="", verbs=_READ),
)


class Registry:
    """The kinds that one cluster serves: the built-in ones and its CRDs."""

    def __init__(self, kinds: Iterable[Kind] = BUILTIN) -> None:
        self._kinds: dict[tuple[str, str, str], Kind] = {}
        for kind in kinds:
            self.add(kind)

    def __iter__(self) -> Iterator[Kind]:
        return iter(self._kinds.values())

    def add(self, kind: Kind) -> None:
        self._kinds[(kind.group, kind.version, kind.plural)] = kind

    def remove(self, kind: Kind) -> None:
        self._kinds.pop((kind.group, kind.version, kind.plural), None)

    def resource(self, group: str, version: str, plural: str) -> Kind | None:
        """By what a URL path holds."""
        return self._kinds.get((group, version, plural))

    def for_object(self, api_version: str, kind: str) -> Kind | None:
        """By what an object says of itself."""
        return next((k for k in self if k.kind == kind and k.api_version == api_version), None)

    def by_storage(self, group: str, plural: str) -> Kind | None:
        """Any version that stores (group, plural)."""
        return next((k for k in self if k.storage == (group, plural)), None)
