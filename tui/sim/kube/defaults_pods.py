"""Defaults of pods and everything in them (pkg/apis/core/v1/defaults.go)."""

from __future__ import annotations

from collections.abc import Callable

from tui.sim.kube.objects import items, mapping, text
from tui.sim.kube.status import Obj

_MODE = 420  # 0644


def give(node: Obj, **defaults: object) -> None:
    """Set what is absent, null or an empty string."""
    for name, value in defaults.items():
        if node.get(name) in (None, ""):
            node[name] = value


def child(node: Obj, name: str) -> Obj:
    """A copy of an object field, put into the node; made where there is none."""
    made = dict(mapping(node.get(name)))
    node[name] = made
    return made


def _pod(pod: Obj) -> None:
    spec = child(pod, "spec")
    give(spec, enableServiceLinks=True)
    for field in ("initContainers", "containers"):
        if field in spec:
            spec[field] = [_with_requests(mapping(container)) for container in items(spec[field])]


def _with_requests(container: Obj) -> Obj:
    """A limit without a request is also the request."""
    resources = mapping(container.get("resources"))
    limits = mapping(resources.get("limits"))
    if not limits:
        return container
    requests = {**limits, **mapping(resources.get("requests"))}
    return {**container, "resources": {**resources, "requests": requests}}


def _pod_spec(spec: Obj) -> None:
    give(
        spec,
        restartPolicy="Always",
        terminationGracePeriodSeconds=30,
        dnsPolicy="ClusterFirst",
        securityContext={},
        schedulerName="default-scheduler",
    )
    if spec.get("serviceAccountName"):
        give(spec, serviceAccount=spec["serviceAccountName"])
    elif spec.get("serviceAccount"):
        give(spec, serviceAccountName=spec["serviceAccount"])
    if spec.get("hostNetwork"):
        for field in ("initContainers", "containers"):
            if field in spec:
                spec[field] = [_with_host_ports(mapping(container)) for container in items(spec[field])]


def _with_host_ports(container: Obj) -> Obj:
    ports = [
        {**mapping(port), "hostPort": port.get("hostPort") or port.get("containerPort")} for port in _ports(container)
    ]
    return {**container, "ports": ports} if ports else container


def _ports(container: Obj) -> list[Obj]:
    return [mapping(port) for port in items(container.get("ports"))]


def _container(container: Obj) -> None:
    give(
        container,
        terminationMessagePath="/dev/termination-log",
        terminationMessagePolicy="File",
        imagePullPolicy="Always" if _is_latest(text(container.get("image"))) else "IfNotPresent",
    )


def _is_latest(image: str) -> bool:
    """Its tag is "latest", or it has neither tag nor digest."""
    name, _, digest = image.partition("@")
    last = name.rpartition("/")[2]
    tag = last.partition(":")[2]
    return tag == "latest" or (not tag and not digest)


def _container_port(port: Obj) -> None:
    give(port, protocol="TCP")


def _probe(probe: Obj) -> None:
    for name, value in (("timeoutSeconds", 1), ("periodSeconds", 10), ("successThreshold", 1), ("failureThreshold", 3)):
        if not probe.get(name):
            probe[name] = value


def _http_get(action: Obj) -> None:
    give(action, path="/", scheme="HTTP")


def _grpc(action: Obj) -> None:
    if action.get("service") is None:
        action["service"] = ""


def _field_selector(selector: Obj) -> None:
    give(selector, apiVersion="v1")


def _volume(volume: Obj) -> None:
    if not any(value is not None for name, value in volume.items() if name != "name"):
        volume["emptyDir"] = {}


def _files(volume: Obj) -> None:
    give(volume, defaultMode=_MODE)


def _token(projection: Obj) -> None:
    give(projection, expirationSeconds=3600)


def _host_path(volume: Obj) -> None:
    if volume.get("type") is None:
        volume["type"] = ""


def _iscsi(volume: Obj) -> None:
    give(volume, iscsiInterface="default")


_CORE = "io.k8s.api.core.v1."

BY_TYPE: dict[str, Callable[[Obj], None]] = {
    _CORE + "Pod": _pod,
    _CORE + "PodSpec": _pod_spec,
    _CORE + "Container": _container,
    _CORE + "EphemeralContainer": _container,
    _CORE + "ContainerPort": _container_port,
    _CORE + "Probe": _probe,
    _CORE + "HTTPGetAction": _http_get,
    _CORE + "GRPCAction": _grpc,
    _CORE + "ObjectFieldSelector": _field_selector,
    _CORE + "Volume": _volume,
    _CORE + "SecretVolumeSource": _files,
    _CORE + "ConfigMapVolumeSource": _files,
    _CORE + "DownwardAPIVolumeSource": _files,
    _CORE + "ProjectedVolumeSource": _files,
    _CORE + "ServiceAccountTokenProjection": _token,
    _CORE + "HostPathVolumeSource": _host_path,
    _CORE + "ISCSIVolumeSource": _iscsi,
}
