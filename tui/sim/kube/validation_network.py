"""Services and ingresses: pkg/apis/core/validation, networking/validation."""

from __future__ import annotations

from collections.abc import Iterator

from tui.sim.kube.fielderrors import FieldError, duplicate, forbidden, invalid, required, unsupported
from tui.sim.kube.namerules import dns_label, dns_subdomain, port_name, port_number
from tui.sim.kube.objects import items, mapping, text
from tui.sim.kube.status import Obj
from tui.sim.kube.validation_meta import label_errors
from tui.sim.kube.validation_pods import PROTOCOLS
from tui.sim.kube.validation_workloads import spec_of

_SERVICE_TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
_PATH_TYPES = ("Exact", "ImplementationSpecific", "Prefix")


def service_errors(obj: Obj) -> Iterator[FieldError]:
    spec = spec_of(obj)
    kind, headless = text(spec.get("type")), spec.get("clusterIP") == "None"
    ports = [mapping(port) for port in items(spec.get("ports"))]
    if not ports and not headless and kind != "ExternalName":
        yield required("spec.ports")
    if headless and kind in ("LoadBalancer", "NodePort"):
        yield invalid("spec.clusterIPs[0]", "None", f"may not be set to 'None' for {kind} services")
    if kind == "ExternalName":
        name = text(spec.get("externalName")).removesuffix(".")
        if not name:
            yield required("spec.externalName")
        elif dns_subdomain(name):
            yield invalid("spec.externalName", name, dns_subdomain(name))
    yield from _service_port_errors(ports, kind)
    yield from label_errors(spec.get("selector"), "spec.selector")
    affinity = text(spec.get("sessionAffinity"))
    if affinity and affinity not in ("ClientIP", "None"):
        yield unsupported("spec.sessionAffinity", affinity, ("ClientIP", "None"))
    if kind and kind not in _SERVICE_TYPES:
        yield unsupported("spec.type", kind, _SERVICE_TYPES)


def _service_port_errors(ports: list[Obj], kind: str) -> Iterator[FieldError]:
    names: set[str] = set()
    seen: set[tuple[object, object]] = set()
    for index, port in enumerate(ports):
        path, name = f"spec.ports[{index}]", text(port.get("name"))
        if not name and len(ports) > 1:
            yield required(f"{path}.name")
        elif name and dns_label(name):
            yield invalid(f"{path}.name", name, dns_label(name))
        elif name and name in names:
            yield duplicate(f"{path}.name", name)
        names.add(name)
        yield from _service_port_numbers(port, path)
        protocol = text(port.get("protocol"))
        if protocol and protocol not in PROTOCOLS:
            yield unsupported(f"{path}.protocol", protocol, PROTOCOLS)
        if kind == "ClusterIP" and port.get("nodePort"):
            yield forbidden(f"{path}.nodePort", "may not be used when `type` is 'ClusterIP'")
        key = port.get("protocol"), port.get("port")
        if key in seen:
            yield duplicate(path, {"protocol": key[0], "port": key[1]})
        seen.add(key)


def _service_port_numbers(port: Obj, path: str) -> Iterator[FieldError]:
    number, target = port.get("port") or 0, port.get("targetPort")
    if port_number(number):
        yield invalid(f"{path}.port", number, port_number(number))
    if isinstance(target, int) and port_number(target):
        yield invalid(f"{path}.targetPort", target, port_number(target))
    elif isinstance(target, str) and port_name(target):
        yield invalid(f"{path}.targetPort", target, port_name(target))


def service_update_errors(new: Obj, old: Obj) -> Iterator[FieldError]:
    after, before = spec_of(new), spec_of(old)
    address = before.get("clusterIP")
    exempt = "ExternalName" in (after.get("type"), before.get("type"))
    if address and not exempt and after.get("clusterIP") != address:
        yield invalid("spec.clusterIPs[0]", items(after.get("clusterIPs")), "may not change once set")


def ingress_errors(obj: Obj) -> Iterator[FieldError]:
    spec = spec_of(obj)
    rules = items(spec.get("rules"))
    if not rules and spec.get("defaultBackend") is None:
        yield invalid("spec", rules, "either `defaultBackend` or `rules` must be specified")
    if spec.get("defaultBackend") is not None:
        yield from _backend_errors(mapping(spec["defaultBackend"]), "spec.defaultBackend")
    for index, rule in enumerate(rules):
        host = text(mapping(rule).get("host"))
        if host and dns_subdomain(host.removeprefix("*.")):
            yield invalid(f"spec.rules[{index}].host", host, dns_subdomain(host.removeprefix("*.")))
        http = mapping(rule).get("http")
        for number, entry in enumerate(items(mapping(http).get("paths"))):
            yield from _path_errors(mapping(entry), f"spec.rules[{index}].http.paths[{number}]")


def _path_errors(entry: Obj, path: str) -> Iterator[FieldError]:
    kind, place = entry.get("pathType"), text(entry.get("path"))
    if kind is None:
        yield required(f"{path}.pathType", "pathType must be specified")
    elif kind not in _PATH_TYPES:
        yield unsupported(f"{path}.pathType", kind, _PATH_TYPES)
    elif (kind != "ImplementationSpecific" or place) and not place.startswith("/"):
        yield invalid(f"{path}.path", place, "must be an absolute path")
    yield from _backend_errors(mapping(entry.get("backend")), f"{path}.backend")


def _backend_errors(backend: Obj, path: str) -> Iterator[FieldError]:
    service = backend.get("service")
    if service is None and backend.get("resource") is None:
        yield required(path, "port name or number is required")
        return
    if service is None:
        return
    port = mapping(mapping(service).get("port"))
    if not mapping(service).get("name"):
        yield required(f"{path}.service.name")
    if not port.get("name") and not port.get("number"):
        yield required(f"{path}", "port name or number is required")
    elif port.get("number") and port_number(port["number"]):
        yield invalid(f"{path}.service.port.number", port["number"], port_number(port["number"]))
