"""What a cluster holds before anyone has done anything: namespaces, roles, the `kubernetes` service, and the objects
by which it describes itself."""

from __future__ import annotations

from tui.sim.kube.apiservices import API_SERVICES, api_services
from tui.sim.kube.kinds import Kind, builtin
from tui.sim.kube.namespaces import NAMESPACES, complete_namespace
from tui.sim.kube.objects import timestamp
from tui.sim.kube.rbac import KINDS
from tui.sim.kube.rbacdefaults import default_bindings, default_roles
from tui.sim.kube.services import NETWORK, SERVICES
from tui.sim.kube.state import ClusterState
from tui.sim.kube.status import Obj

SYSTEM_NAMESPACES = ("kube-system", "kube-public", "kube-node-lease", "default")
"""In the order in which a real API server makes them."""

_ADDRESS, _PORT = "10.0.0.2", 6443
"""Where the API server is for those inside the cluster."""

_PRIORITIES = {"system-cluster-critical": 2_000_000_000, "system-node-critical": 2_000_001_000}


def bootstrap(cluster: ClusterState) -> None:
    """Idempotent: what is there already stays as it is."""
    for name in SYSTEM_NAMESPACES:
        _ensure(cluster, NAMESPACES, complete_namespace({"metadata": {"name": name}}))
    for role in default_roles():
        _ensure(cluster, KINDS["clusterroles"], role)
    for binding in default_bindings():
        _ensure(cluster, KINDS["clusterrolebindings"], binding)
    for name, value in _PRIORITIES.items():
        _ensure(cluster, builtin("scheduling.k8s.io", "priorityclasses"), _priority(name, value))
    _ensure(cluster, SERVICES, _kubernetes_service())
    _ensure(cluster, builtin("", "endpoints"), _kubernetes_endpoints())
    _ensure(cluster, builtin("discovery.k8s.io", "endpointslices"), _kubernetes_slice())
    for service in api_services(cluster.registry, timestamp(cluster.now())):
        _ensure(cluster, API_SERVICES, service)


def _ensure(cluster: ClusterState, kind: Kind, obj: Obj) -> None:
    metadata = obj["metadata"]
    if cluster.store.get(kind, metadata.get("namespace", ""), metadata["name"]) is None:
        cluster.store.create(kind, obj)


def _priority(name: str, value: int) -> Obj:
    used = "pods that must run in the cluster, but can be moved to another node if necessary"
    if "node" in name:
        used = "pods that must not be moved from their current node"
    return {
        "metadata": {"name": name},
        "value": value,
        "description": f"Used for {'system critical ' + used}.",
        "preemptionPolicy": "PreemptLowerPriority",
    }


def _kubernetes_service() -> Obj:
    address = f"{NETWORK}.0.1"
    labels = {"component": "apiserver", "provider": "kubernetes"}
    return {
        "metadata": {"name": "kubernetes", "namespace": "default", "labels": labels},
        "spec": {
            "ports": [{"name": "https", "protocol": "TCP", "port": 443, "targetPort": _PORT}],
            "clusterIP": address,
            "clusterIPs": [address],
            "type": "ClusterIP",
            "sessionAffinity": "None",
            "ipFamilies": ["IPv4"],
            "ipFamilyPolicy": "SingleStack",
            "internalTrafficPolicy": "Cluster",
        },
        "status": {"loadBalancer": {}},
    }


def _kubernetes_endpoints() -> Obj:
    labels = {"endpointslice.kubernetes.io/skip-mirror": "true"}
    port = {"name": "https", "port": _PORT, "protocol": "TCP"}
    return {
        "metadata": {"name": "kubernetes", "namespace": "default", "labels": labels},
        "subsets": [{"addresses": [{"ip": _ADDRESS}], "ports": [port]}],
    }


def _kubernetes_slice() -> Obj:
    labels = {"kubernetes.io/service-name": "kubernetes"}
    return {
        "metadata": {"name": "kubernetes", "namespace": "default", "labels": labels},
        "addressType": "IPv4",
        "endpoints": [{"addresses": [_ADDRESS], "conditions": {"ready": True}}],
        "ports": [{"name": "https", "port": _PORT, "protocol": "TCP"}],
    }
