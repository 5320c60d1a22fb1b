"""Services: their cluster IPs, their Endpoints and their EndpointSlices."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence

from tui.sim.kube.actors.catalogue import ENDPOINT_SLICES, ENDPOINTS, PODS, SERVICES
from tui.sim.kube.actors.engine import Interest, Key, own
from tui.sim.kube.actors.owners import owned_by, reference
from tui.sim.kube.actors.pods import is_ready
from tui.sim.kube.actors.site import Site
from tui.sim.kube.history import WatchRecord
from tui.sim.kube.kinds import Kind
from tui.sim.kube.objects import items, labels_of, mapping, number, text
from tui.sim.kube.selectors import object_selector
from tui.sim.kube.status import Obj
from tui.sim.kube.store import Storage

_SLICE = 100
_TRIGGER = "endpoints.kubernetes.io/last-change-trigger-time"


class Services:
    def __init__(self, site: Site) -> None:
        self._site = site

    @property
    def watches(self) -> Mapping[Storage, Interest]:
        return {
            SERVICES.storage: own,
            PODS.storage: self._pod_changed,
            ENDPOINT_SLICES.storage: lambda record: owned_by(SERVICES, record) if record.change == "DELETED" else (),
        }

    def _pod_changed(self, record: WatchRecord) -> list[Key]:
        """Only what a service shows of a pod matters: its labels, its address, its readiness, its end."""
        if record.old is not None and record.change == "MODIFIED" and _shown(record.old) == _shown(record.obj):
            return []
        namespace, labels = record.obj["metadata"]["namespace"], labels_of(record.obj)
        before = labels_of(record.old) if record.old is not None else labels
        keys: list[Key] = []
        for service in self._site.store.list(SERVICES, namespace):
            selector = mapping(service["spec"].get("selector"))
            if selector and (selector.items() <= labels.items() or selector.items() <= before.items()):
                keys.append((namespace, service["metadata"]["name"]))
        return keys

    def sync(self, key: Key) -> float | None:
        service = self._site.get(SERVICES, key)
        if service is None:
            self._remove(ENDPOINTS, key)
            return None
        if service["metadata"].get("deletionTimestamp"):
            return None
        service = self._addressed(service)
        if mapping(service["spec"].get("selector")):
            pods = self._pods(service)
            self._write_endpoints(service, pods)
            self._write_slices(service, pods)
        return None

    def _addressed(self, service: Obj) -> Obj:
        """A service made without the server's allocator (a manifest of a scenario) gets its address here."""
        spec = service["spec"]
        if spec.get("clusterIP") or spec.get("type") == "ExternalName":
            return service
        digest = zlib.crc32(service["metadata"]["uid"].encode())
        address = f"10.96.{digest >> 8 & 255}.{digest % 253 + 2}"
        whole = {
            **spec,
            "clusterIP": address,
            "clusterIPs": [address],
            "type": spec.get("type") or "ClusterIP",
            "sessionAffinity": spec.get("sessionAffinity") or "None",
            "ipFamilies": ["IPv4"],
            "ipFamilyPolicy": "SingleStack",
            "internalTrafficPolicy": "Cluster",
        }
        return self._site.store.update(SERVICES, {**service, "spec": whole, "status": {"loadBalancer": {}}})

    def _pods(self, service: Obj) -> list[Obj]:
        selector = object_selector(service["spec"]["selector"])
        pods = self._site.store.list(PODS, service["metadata"]["namespace"])
        ended = ("Succeeded", "Failed")
        return [
            pod
            for pod in pods
            if selector.matches(labels_of(pod))
            and mapping(pod.get("status")).get("podIP")
            and mapping(pod.get("status")).get("phase") not in ended
        ]

    def _write_endpoints(self, service: Obj, pods: Sequence[Obj]) -> None:
        metadata = service["metadata"]
        live = [pod for pod in pods if not pod["metadata"].get("deletionTimestamp")]
        ready = sorted((_address(pod) for pod in live if is_ready(pod)), key=_by_address)
        unready = sorted((_address(pod) for pod in live if not is_ready(pod)), key=_by_address)
        ports = _ports(service, pods)
        subset: Obj = {
            **({"addresses": ready} if ready else {}),
            **({"notReadyAddresses": unready} if unready else {}),
            **(
                {
                    "ports": [
                        {
                            **({"name": one["name"]} if one["name"] else {}),
                            "port": one["port"],
                            "protocol": one["protocol"],
                        }
                        for one in ports
                    ]
                }
                if ports
                else {}
            ),
        }
        subsets = [subset] if ready or unready else None
        known = self._site.get(ENDPOINTS, (metadata["namespace"], metadata["name"]))
        if known is None:
            made = {
                "name": metadata["name"],
                "namespace": metadata["namespace"],
                "labels": {**labels_of(service), "endpoints.kubernetes.io/managed-by": "endpoint-controller"},
                "annotations": {_TRIGGER: self._site.stamp},
            }
            self._site.store.create(ENDPOINTS, {"metadata": made, **({"subsets": subsets} if subsets else {})})
        elif known.get("subsets") != subsets:
            annotated = {**known["metadata"], "annotations": {_TRIGGER: self._site.stamp}}
            changed = {field: value for field, value in known.items() if field != "subsets"}
            self._site.store.update(
                ENDPOINTS, {**changed, "metadata": annotated, **({"subsets": subsets} if subsets else {})}
            )

    def _write_slices(self, service: Obj, pods: Sequence[Obj]) -> None:
        wanted = [_endpoint(pod) for pod in pods]
        chunks = [wanted[start : start + _SLICE] for start in range(0, len(wanted), _SLICE)] or [[]]
        ports = _ports(service, pods)
        known = self._site.children(service, ENDPOINT_SLICES)
        for index, endpoints in enumerate(chunks):
            if index >= len(known):
                self._create_slice(service, endpoints, ports)
            elif known[index].get("endpoints") != endpoints or known[index].get("ports") != ports:
                annotated = {**known[index]["metadata"], "annotations": {_TRIGGER: self._site.stamp}}
                changed = {**known[index], "metadata": annotated, "endpoints": endpoints, "ports": ports}
                self._site.store.update(ENDPOINT_SLICES, changed)
        self._site.delete_all(ENDPOINT_SLICES, known[len(chunks) :])

    def _create_slice(self, service: Obj, endpoints: list[Obj], ports: list[Obj]) -> None:
        metadata = {
            "generateName": f"{service['metadata']['name']}-",
            "namespace": service["metadata"]["namespace"],
            "labels": {
                **labels_of(service),
                "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
                "kubernetes.io/service-name": service["metadata"]["name"],
            },
            "annotations": {_TRIGGER: self._site.stamp},
            "ownerReferences": [reference(SERVICES, service)],
        }
        made = {"metadata": metadata, "addressType": "IPv4", "endpoints": endpoints, "ports": ports}
        self._site.store.create(ENDPOINT_SLICES, made)

    def _remove(self, kind: Kind, key: Key) -> None:
        found = self._site.get(kind, key)
        if found is not None and "endpoints.kubernetes.io/managed-by" in labels_of(found):
            self._site.store.remove(kind, key[0], key[1])


def _shown(pod: Obj) -> tuple[object, ...]:
    status = mapping(pod.get("status"))
    deleting = bool(pod["metadata"].get("deletionTimestamp"))
    return pod["metadata"].get("labels"), status.get("podIP"), status.get("phase"), is_ready(pod), deleting


def _address(pod: Obj) -> Obj:
    return {"ip": pod["status"]["podIP"], "nodeName": pod["spec"].get("nodeName"), "targetRef": _target(pod)}


def _by_address(address: Obj) -> list[int]:
    return [int(part) for part in text(address["ip"]).split(".")]


def _target(pod: Obj) -> Obj:
    metadata = pod["metadata"]
    return {"kind": "Pod", "namespace": metadata["namespace"], "name": metadata["name"], "uid": metadata["uid"]}


def _endpoint(pod: Obj) -> Obj:
    terminating, ready = bool(pod["metadata"].get("deletionTimestamp")), is_ready(pod)
    return {
        "addresses": [pod["status"]["podIP"]],
        "conditions": {"ready": ready and not terminating, "serving": ready, "terminating": terminating},
        "targetRef": _target(pod),
        "nodeName": pod["spec"].get("nodeName"),
    }


def _ports(service: Obj, pods: Sequence[Obj]) -> list[Obj]:
    """The service's ports as its pods serve them; a named target port is looked up in the first pod."""
    found: list[Obj] = []
    for port in items(service["spec"].get("ports")):
        target = port.get("targetPort", port.get("port"))
        if isinstance(target, str) and not target.isdigit():
            target = _named_port(pods, target)
        if target:
            made = {"name": text(port.get("name")), "protocol": port.get("protocol") or "TCP", "port": int(target)}
            found.append(made)
    return found


def _named_port(pods: Sequence[Obj], name: str) -> int:
    for pod in pods:
        for container in pod["spec"]["containers"]:
            for port in items(container.get("ports")):
                if port.get("name") == name:
                    return number(port.get("containerPort"))
    return 0
