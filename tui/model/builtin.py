"""Kinds that every Kubernetes cluster serves, known without asking its discovery (Kubernetes API reference)."""

from __future__ import annotations

from tui.model.kube import PODS, KindRef

VERBS = frozenset({"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"})


def _kind(group: str, version: str, plural: str, kind: str, *short: str, namespaced: bool = True) -> KindRef:
    return KindRef(group, version, plural, kind, kind.lower(), namespaced, short, verbs=VERBS)


EVENTS = _kind("", "v1", "events", "Event", "ev")
SERVICES = _kind("", "v1", "services", "Service", "svc")
CONFIG_MAPS = _kind("", "v1", "configmaps", "ConfigMap", "cm")
SECRETS = _kind("", "v1", "secrets", "Secret")
SERVICE_ACCOUNTS = _kind("", "v1", "serviceaccounts", "ServiceAccount", "sa")
CLAIMS = _kind("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", "pvc")
VOLUMES = _kind("", "v1", "persistentvolumes", "PersistentVolume", "pv", namespaced=False)
NODES = _kind("", "v1", "nodes", "Node", "no", namespaced=False)
NAMESPACES = _kind("", "v1", "namespaces", "Namespace", "ns", namespaced=False)
QUOTAS = _kind("", "v1", "resourcequotas", "ResourceQuota", "quota")
LIMIT_RANGES = _kind("", "v1", "limitranges", "LimitRange", "limits")
REPLICATION_CONTROLLERS = _kind("", "v1", "replicationcontrollers", "ReplicationController", "rc")
DEPLOYMENTS = _kind("apps", "v1", "deployments", "Deployment", "deploy")
REPLICA_SETS = _kind("apps", "v1", "replicasets", "ReplicaSet", "rs")
STATEFUL_SETS = _kind("apps", "v1", "statefulsets", "StatefulSet", "sts")
DAEMON_SETS = _kind("apps", "v1", "daemonsets", "DaemonSet", "ds")
JOBS = _kind("batch", "v1", "jobs", "Job")
CRON_JOBS = _kind("batch", "v1", "cronjobs", "CronJob", "cj")
AUTOSCALERS = _kind("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", "hpa")
INGRESSES = _kind("networking.k8s.io", "v1", "ingresses", "Ingress", "ing")
INGRESS_CLASSES = _kind("networking.k8s.io", "v1", "ingressclasses", "IngressClass", namespaced=False)
NETWORK_POLICIES = _kind("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", "netpol")
BUDGETS = _kind("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", "pdb")
ENDPOINT_SLICES = _kind("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice")
STORAGE_CLASSES = _kind("storage.k8s.io", "v1", "storageclasses", "StorageClass", "sc", namespaced=False)
LEASES = _kind("coordination.k8s.io", "v1", "leases", "Lease")
ROLES = _kind("rbac.authorization.k8s.io", "v1", "roles", "Role")
ROLE_BINDINGS = _kind("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding")
CLUSTER_ROLES = _kind("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", namespaced=False)
CLUSTER_ROLE_BINDINGS = _kind(
    "rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding", namespaced=False
)
PRIORITY_CLASSES = _kind("scheduling.k8s.io", "v1", "priorityclasses", "PriorityClass", "pc", namespaced=False)

BUILTIN = (
    PODS, EVENTS, SERVICES, CONFIG_MAPS, SECRETS, SERVICE_ACCOUNTS, CLAIMS, VOLUMES, NODES, NAMESPACES, QUOTAS,
    LIMIT_RANGES, REPLICATION_CONTROLLERS, DEPLOYMENTS, REPLICA_SETS, STATEFUL_SETS, DAEMON_SETS, JOBS, CRON_JOBS,
    AUTOSCALERS, INGRESSES, INGRESS_CLASSES, NETWORK_POLICIES, BUDGETS, ENDPOINT_SLICES, STORAGE_CLASSES, LEASES, ROLES,
    ROLE_BINDINGS, CLUSTER_ROLES, CLUSTER_ROLE_BINDINGS, PRIORITY_CLASSES,
)  # fmt: skip
_BY_KIND = {(kind.group, kind.kind): kind for kind in BUILTIN}


def builtin(group: str, kind: str) -> KindRef | None:
    """By group and Kind ("apps", "Deployment")."""
    return _BY_KIND.get((group, kind))
