"""Every kind the simulated API server serves: what discovery says of each, and how to find one.

The table is what a real 1.36 server offers (held against its discovery by tests/sim/test_recorded_answers.py). Custom
resources join at run time: `Registry.add`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

_ALL = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
_ALL_BUT_COLLECTION = ("create", "delete", "get", "list", "patch", "update", "watch")
_CREATE = ("create",)
_READ = ("get", "list")
_NEWER_EVENTS = ("events.k8s.io", "events")


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
        return ("", "events") if (self.group, self.plural) == _NEWER_EVENTS else (self.group, self.plural)

    @property
    def singular_name(self) -> str:
        return self.singular or self.kind.lower()

    def sub(self, name: str) -> Sub | None:
        return next((sub for sub in self.subs if sub.name == name), None)


_CHANGE = ("get", "patch", "update")
_STREAM = ("create", "get")
_PROXIED = ("create", "delete", "get", "patch", "update")
_STATUS = Sub("status", _CHANGE)
_SCALE = Sub("scale", _CHANGE, "autoscaling/v1", "Scale")
_IN_ALL = ("all",)
_EXTENSION = ("api-extensions",)

_core = partial(Kind, "", "v1")
_registration = partial(Kind, "apiregistration.k8s.io", "v1")
_apps = partial(Kind, "apps", "v1")
_events = partial(Kind, "events.k8s.io", "v1")
_authentication = partial(Kind, "authentication.k8s.io", "v1")
_authorization = partial(Kind, "authorization.k8s.io", "v1")
_autoscaling = partial(Kind, "autoscaling", "v2")
_autoscaling_v1 = partial(Kind, "autoscaling", "v1")
_batch = partial(Kind, "batch", "v1")
_certificates = partial(Kind, "certificates.k8s.io", "v1")
_networking = partial(Kind, "networking.k8s.io", "v1")
_policy = partial(Kind, "policy", "v1")
_rbac = partial(Kind, "rbac.authorization.k8s.io", "v1")
_storage = partial(Kind, "storage.k8s.io", "v1")
_admission = partial(Kind, "admissionregistration.k8s.io", "v1")
_extensions = partial(Kind, "apiextensions.k8s.io", "v1")
_scheduling = partial(Kind, "scheduling.k8s.io", "v1")
_coordination = partial(Kind, "coordination.k8s.io", "v1")
_node = partial(Kind, "node.k8s.io", "v1")
_discovery = partial(Kind, "discovery.k8s.io", "v1")
_devices = partial(Kind, "resource.k8s.io", "v1")
_flow = partial(Kind, "flowcontrol.apiserver.k8s.io", "v1")
_metrics = partial(Kind, "metrics.k8s.io", "v1beta1")

BUILTIN: tuple[Kind, ...] = (
    _core("bindings", "Binding", verbs=_CREATE),
    _core("componentstatuses", "ComponentStatus", namespaced=False, short=("cs",), verbs=_READ),
    _core("configmaps", "ConfigMap", short=("cm",)),
    _core("endpoints", "Endpoints", short=("ep",)),
    _core("events", "Event", short=("ev",)),
    _core("limitranges", "LimitRange", short=("limits",)),
    _core(
        "namespaces",
        "Namespace",
        namespaced=False,
        short=("ns",),
        verbs=_ALL_BUT_COLLECTION,
        subs=(Sub("finalize", ("update",)), _STATUS),
    ),
    _core(
        "nodes",
        "Node",
        namespaced=False,
        short=("no",),
        subs=(Sub("proxy", _PROXIED, kind="NodeProxyOptions"), _STATUS),
    ),
    _core("persistentvolumeclaims", "PersistentVolumeClaim", short=("pvc",), subs=(_STATUS,)),
    _core("persistentvolumes", "PersistentVolume", namespaced=False, short=("pv",), subs=(_STATUS,)),
    _core(
        "pods",
        "Pod",
        short=("po",),
        categories=_IN_ALL,
        subs=(
            Sub("attach", _STREAM, kind="PodAttachOptions"),
            Sub("binding", _CREATE, kind="Binding"),
            Sub("ephemeralcontainers", _CHANGE),
            Sub("eviction", _CREATE, api="policy/v1", kind="Eviction"),
            Sub("exec", _STREAM, kind="PodExecOptions"),
            Sub("log", ("get",)),
            Sub("portforward", _STREAM, kind="PodPortForwardOptions"),
            Sub("proxy", _PROXIED, kind="PodProxyOptions"),
            Sub("resize", _CHANGE),
            _STATUS,
        ),
    ),
    _core("podtemplates", "PodTemplate"),
    _core("replicationcontrollers", "ReplicationController", short=("rc",), categories=_IN_ALL, subs=(_SCALE, _STATUS)),
    _core("resourcequotas", "ResourceQuota", short=("quota",), subs=(_STATUS,)),
    _core("secrets", "Secret"),
    _core(
        "serviceaccounts",
        "ServiceAccount",
        short=("sa",),
        subs=(Sub("token", _CREATE, api="authentication.k8s.io/v1", kind="TokenRequest"),),
    ),
    _core(
        "services",
        "Service",
        short=("svc",),
        categories=_IN_ALL,
        subs=(Sub("proxy", _PROXIED, kind="ServiceProxyOptions"), _STATUS),
    ),
    _registration("apiservices", "APIService", namespaced=False, categories=_EXTENSION, subs=(_STATUS,)),
    _apps("controllerrevisions", "ControllerRevision"),
    _apps("daemonsets", "DaemonSet", short=("ds",), categories=_IN_ALL, subs=(_STATUS,)),
    _apps("deployments", "Deployment", short=("deploy",), categories=_IN_ALL, subs=(_SCALE, _STATUS)),
    _apps("replicasets", "ReplicaSet", short=("rs",), categories=_IN_ALL, subs=(_SCALE, _STATUS)),
    _apps("statefulsets", "StatefulSet", short=("sts",), categories=_IN_ALL, subs=(_SCALE, _STATUS)),
    _events("events", "Event", short=("ev",)),
    _authentication("selfsubjectreviews", "SelfSubjectReview", namespaced=False, verbs=_CREATE),
    _authentication("tokenreviews", "TokenReview", namespaced=False, verbs=_CREATE),
    _authorization("localsubjectaccessreviews", "LocalSubjectAccessReview", verbs=_CREATE),
    _authorization("selfsubjectaccessreviews", "SelfSubjectAccessReview", namespaced=False, verbs=_CREATE),
    _authorization("selfsubjectrulesreviews", "SelfSubjectRulesReview", namespaced=False, verbs=_CREATE),
    _authorization("subjectaccessreviews", "SubjectAccessReview", namespaced=False, verbs=_CREATE),
    _autoscaling(
        "horizontalpodautoscalers", "HorizontalPodAutoscaler", short=("hpa",), categories=_IN_ALL, subs=(_STATUS,)
    ),
    _autoscaling_v1(
        "horizontalpodautoscalers", "HorizontalPodAutoscaler", short=("hpa",), categories=_IN_ALL, subs=(_STATUS,)
    ),
    _batch("cronjobs", "CronJob", short=("cj",), categories=_IN_ALL, subs=(_STATUS,)),
    _batch("jobs", "Job", categories=_IN_ALL, subs=(_STATUS,)),
    _certificates(
        "certificatesigningrequests",
        "CertificateSigningRequest",
        namespaced=False,
        short=("csr",),
        subs=(Sub("approval", _CHANGE), _STATUS),
    ),
    _networking("ingressclasses", "IngressClass", namespaced=False),
    _networking("ingresses", "Ingress", short=("ing",), subs=(_STATUS,)),
    _networking("ipaddresses", "IPAddress", namespaced=False, short=("ip",)),
    _networking("networkpolicies", "NetworkPolicy", short=("netpol",)),
    _networking("servicecidrs", "ServiceCIDR", namespaced=False, subs=(_STATUS,)),
    _policy("poddisruptionbudgets", "PodDisruptionBudget", short=("pdb",), subs=(_STATUS,)),
    _rbac("clusterrolebindings", "ClusterRoleBinding", namespaced=False),
    _rbac("clusterroles", "ClusterRole", namespaced=False),
    _rbac("rolebindings", "RoleBinding"),
    _rbac("roles", "Role"),
    _storage("csidrivers", "CSIDriver", namespaced=False),
    _storage("csinodes", "CSINode", namespaced=False),
    _storage("csistoragecapacities", "CSIStorageCapacity"),
    _storage("storageclasses", "StorageClass", namespaced=False, short=("sc",)),
    _storage("volumeattachments", "VolumeAttachment", namespaced=False, subs=(_STATUS,)),
    _storage("volumeattributesclasses", "VolumeAttributesClass", namespaced=False, short=("vac",)),
    _admission("mutatingadmissionpolicies", "MutatingAdmissionPolicy", namespaced=False, categories=_EXTENSION),
    _admission(
        "mutatingadmissionpolicybindings", "MutatingAdmissionPolicyBinding", namespaced=False, categories=_EXTENSION
    ),
    _admission(
        "mutatingwebhookconfigurations", "MutatingWebhookConfiguration", namespaced=False, categories=_EXTENSION
    ),
    _admission(
        "validatingadmissionpolicies",
        "ValidatingAdmissionPolicy",
        namespaced=False,
        categories=_EXTENSION,
        subs=(_STATUS,),
    ),
    _admission(
        "validatingadmissionpolicybindings", "ValidatingAdmissionPolicyBinding", namespaced=False, categories=_EXTENSION
    ),
    _admission(
        "validatingwebhookconfigurations", "ValidatingWebhookConfiguration", namespaced=False, categories=_EXTENSION
    ),
    _extensions(
        "customresourcedefinitions",
        "CustomResourceDefinition",
        namespaced=False,
        short=("crd", "crds"),
        categories=_EXTENSION,
        subs=(_STATUS,),
    ),
    _scheduling("priorityclasses", "PriorityClass", namespaced=False, short=("pc",)),
    _coordination("leases", "Lease"),
    _node("runtimeclasses", "RuntimeClass", namespaced=False),
    _discovery("endpointslices", "EndpointSlice"),
    _devices("deviceclasses", "DeviceClass", namespaced=False),
    _devices("resourceclaims", "ResourceClaim", subs=(_STATUS,)),
    _devices("resourceclaimtemplates", "ResourceClaimTemplate"),
    _devices("resourceslices", "ResourceSlice", namespaced=False),
    _flow("flowschemas", "FlowSchema", namespaced=False, subs=(_STATUS,)),
    _flow("prioritylevelconfigurations", "PriorityLevelConfiguration", namespaced=False, subs=(_STATUS,)),
    _metrics("nodes", "NodeMetrics", namespaced=False, verbs=_READ),
    _metrics("pods", "PodMetrics", verbs=_READ),
)
"""In the order of a real server's groups."""


def builtin(group: str, plural: str) -> Kind:
    """A built-in kind, in its preferred version."""
    return next(kind for kind in BUILTIN if (kind.group, kind.plural) == (group, plural))


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
