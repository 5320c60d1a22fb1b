"""Defaults of everything that is neither pod nor workload (pkg/apis/*/v1/defaults.go)."""

from __future__ import annotations

import base64
from collections.abc import Callable

from tui.sim.kube.defaults_pods import child, give
from tui.sim.kube.objects import items, mapping, text
from tui.sim.kube.status import Obj

_RBAC = "rbac.authorization.k8s.io"
_STICKY_SECONDS = 3 * 60 * 60


def _service(service: Obj) -> None:
    spec = child(service, "spec")
    give(spec, sessionAffinity="None", type="ClusterIP")
    if spec["sessionAffinity"] == "ClientIP":
        give(child(child(spec, "sessionAffinityConfig"), "clientIP"), timeoutSeconds=_STICKY_SECONDS)
    elif spec["sessionAffinity"] == "None":
        spec.pop("sessionAffinityConfig", None)
    if spec["type"] in ("NodePort", "LoadBalancer") or spec.get("externalIPs"):
        give(spec, externalTrafficPolicy="Cluster")
    if spec["type"] in ("NodePort", "LoadBalancer", "ClusterIP"):
        give(spec, internalTrafficPolicy="Cluster")
    if spec["type"] == "LoadBalancer":
        give(spec, allocateLoadBalancerNodePorts=True)


def _service_port(port: Obj) -> None:
    give(port, protocol="TCP")
    if port.get("targetPort") in (None, 0, ""):
        port["targetPort"] = port.get("port", 0)


def _tcp(port: Obj) -> None:
    give(port, protocol="TCP")


def _slice_port(port: Obj) -> None:
    give(port, protocol="TCP")
    if port.get("name") is None:
        port["name"] = ""


def _network_policy(policy: Obj) -> None:
    spec = child(policy, "spec")
    if not items(spec.get("policyTypes")):
        spec["policyTypes"] = ["Ingress", "Egress"] if items(spec.get("egress")) else ["Ingress"]


def _role_reference(reference: Obj) -> None:
    give(reference, apiGroup=_RBAC)


def _subject(subject: Obj) -> None:
    if subject.get("kind") in ("User", "Group"):
        give(subject, apiGroup=_RBAC)


def _namespace(namespace: Obj) -> None:
    metadata = child(namespace, "metadata")
    name = text(metadata.get("name"))
    if name:
        child(metadata, "labels")["kubernetes.io/metadata.name"] = name


def _secret(secret: Obj) -> None:
    """stringData is written only: it goes into data."""
    give(secret, type="Opaque")
    plain = mapping(secret.pop("stringData", None))
    if plain:
        data = child(secret, "data")
        data.update((key, base64.b64encode(str(value).encode()).decode()) for key, value in plain.items())


def _claim_spec(spec: Obj) -> None:
    give(spec, volumeMode="Filesystem")


def _claim(claim: Obj) -> None:
    give(child(claim, "status"), phase="Pending")


def _volume(volume: Obj) -> None:
    give(child(volume, "spec"), persistentVolumeReclaimPolicy="Retain", volumeMode="Filesystem")
    give(child(volume, "status"), phase="Pending")


def _storage_class(storage_class: Obj) -> None:
    give(storage_class, reclaimPolicy="Delete", volumeBindingMode="Immediate")


def _csi_driver(driver: Obj) -> None:
    give(
        child(driver, "spec"),
        attachRequired=True,
        fsGroupPolicy="ReadWriteOnceWithFSType",
        podInfoOnMount=False,
        requiresRepublish=False,
        seLinuxMount=False,
        storageCapacity=False,
        volumeLifecycleModes=["Persistent"],
    )


def _priority_class(priority_class: Obj) -> None:
    give(priority_class, preemptionPolicy="PreemptLowerPriority")


def _webhook(webhook: Obj) -> None:
    give(webhook, failurePolicy="Fail", matchPolicy="Equivalent", timeoutSeconds=10)
    give(webhook, namespaceSelector={}, objectSelector={})


def _mutating_webhook(webhook: Obj) -> None:
    _webhook(webhook)
    give(webhook, reinvocationPolicy="Never")


def _webhook_rule(rule: Obj) -> None:
    give(rule, scope="*")


def _https(reference: Obj) -> None:
    give(reference, port=443)


def _definition(definition: Obj) -> None:
    spec = child(definition, "spec")
    names = child(spec, "names")
    kind = text(names.get("kind"))
    if kind:
        give(names, singular=kind.lower(), listKind=f"{kind}List")
    give(child(spec, "conversion"), strategy="None")


def _limit(limit: Obj) -> None:
    """A limit where there is a maximum, a request where there is a limit or a minimum (SetDefaults_LimitRangeItem)."""
    if limit.get("type") != "Container":
        return
    default = {**mapping(limit.get("max")), **mapping(limit.get("default"))}
    request = {**mapping(limit.get("min")), **default, **mapping(limit.get("defaultRequest"))}
    limit.update({name: amounts for name, amounts in (("default", default), ("defaultRequest", request)) if amounts})


_CORE = "io.k8s.api.core.v1."
_ADMISSION = "io.k8s.api.admissionregistration.v1."

BY_TYPE: dict[str, Callable[[Obj], None]] = {
    _CORE + "Service": _service,
    _CORE + "ServicePort": _service_port,
    _CORE + "EndpointPort": _tcp,
    _CORE + "LimitRangeItem": _limit,
    _CORE + "Namespace": _namespace,
    _CORE + "Secret": _secret,
    _CORE + "PersistentVolumeClaim": _claim,
    _CORE + "PersistentVolumeClaimSpec": _claim_spec,
    _CORE + "PersistentVolume": _volume,
    "io.k8s.api.discovery.v1.EndpointPort": _slice_port,
    "io.k8s.api.networking.v1.NetworkPolicy": _network_policy,
    "io.k8s.api.networking.v1.NetworkPolicyPort": _tcp,
    "io.k8s.api.rbac.v1.RoleRef": _role_reference,
    "io.k8s.api.rbac.v1.Subject": _subject,
    "io.k8s.api.storage.v1.StorageClass": _storage_class,
    "io.k8s.api.storage.v1.CSIDriver": _csi_driver,
    "io.k8s.api.scheduling.v1.PriorityClass": _priority_class,
    _ADMISSION + "ValidatingWebhook": _webhook,
    _ADMISSION + "MutatingWebhook": _mutating_webhook,
    _ADMISSION + "RuleWithOperations": _webhook_rule,
    _ADMISSION + "ServiceReference": _https,
    "io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.ServiceReference": _https,
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.ServiceReference": _https,
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition": _definition,
}
