"""Services, endpoints and what routes to them: core, discovery.k8s.io, networking.k8s.io."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tui.sim.kube.objects import items, mapping, number, text
from tui.sim.kube.printers.base import AGE, NAME, Column, Printing, Printings, age_of, name_of, or_none, parts, wide
from tui.sim.kube.printers.formats import labels, selector_or_none
from tui.sim.kube.status import Obj

_SHOWN = 3


def _service(obj: Obj, now: float) -> list[Any]:
    spec = mapping(obj.get("spec"))
    addresses = items(spec.get("clusterIPs")) or [text(spec.get("clusterIP"))]
    return [
        name_of(obj),
        text(spec.get("type")) or "ClusterIP",
        or_none(text(addresses[0])),
        _external_address(obj),
        or_none(",".join(map(_service_port, parts(spec.get("ports"))))),
        age_of(obj, now),
        labels(spec.get("selector")),
    ]


def _external_address(obj: Obj) -> str:
    spec = mapping(obj.get("spec"))
    external = [text(address) for address in items(spec.get("externalIPs"))]
    match spec.get("type") or "ClusterIP":
        case "ClusterIP" | "NodePort":
            return or_none(",".join(external))
        case "LoadBalancer":
            return ",".join([*_load_balancer(obj), *external]) or "<pending>"
        case "ExternalName":
            return text(spec.get("externalName"))
        case _:
            return "<unknown>"


def _load_balancer(obj: Obj) -> list[str]:
    """Addresses or host names of status.loadBalancer, sorted."""
    ingress = parts(mapping(mapping(obj.get("status")).get("loadBalancer")).get("ingress"))
    return sorted({text(point.get("ip")) or text(point.get("hostname")) for point in ingress} - {""})


def _service_port(port: Obj) -> str:
    protocol, node_port = port.get("protocol") or "TCP", number(port.get("nodePort"))
    return f"{port.get('port')}:{node_port}/{protocol}" if node_port else f"{port.get('port')}/{protocol}"


def _endpoints(obj: Obj, now: float) -> list[Any]:
    found: list[str] = []
    for subset in parts(obj.get("subsets")):
        addresses = [text(address.get("ip")) for address in parts(subset.get("addresses"))]
        ports = parts(subset.get("ports"))
        if ports:
            found += [_host_port(address, port.get("port")) for port in ports for address in addresses]
        else:  # a headless service may have none
            found += addresses
    shown = _first_three(found) if items(obj.get("subsets")) else "<none>"
    return [name_of(obj), shown, age_of(obj, now)]


def _host_port(address: str, port: Any) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def _first_three(values: Sequence[str]) -> str:
    shown = ",".join(values[:_SHOWN])
    return f"{shown} + {len(values) - _SHOWN} more..." if len(values) > _SHOWN else shown


def _endpoint_slice(obj: Obj, now: float) -> list[Any]:
    ports = [_slice_port(port) for port in parts(obj.get("ports"))]
    addresses = [text(address) for each in parts(obj.get("endpoints")) for address in items(each.get("addresses"))]
    return [
        name_of(obj),
        text(obj.get("addressType")),
        _first_three(ports) or "<unset>",
        _first_three(addresses) or "<unset>",
        age_of(obj, now),
    ]


def _slice_port(port: Obj) -> str:
    if port.get("port") is not None:
        return str(port["port"])
    return text(port.get("name")) if port.get("name") is not None else "*"


def _ingress(obj: Obj, now: float) -> list[Any]:
    spec = mapping(obj.get("spec"))
    return [
        name_of(obj),
        or_none(text(spec.get("ingressClassName"))),
        _hosts(parts(spec.get("rules"))),
        ",".join(_load_balancer(obj)),
        "80, 443" if items(spec.get("tls")) else "80",
        age_of(obj, now),
    ]


def _hosts(rules: list[Obj]) -> str:
    """At most three hosts; the count of those left out is of rules, as the server counts."""
    hosts: list[str] = []
    for rule in rules:
        if len(hosts) == _SHOWN:
            return f"{','.join(hosts)} + {len(rules) - _SHOWN} more..."
        if host := text(rule.get("host")):
            hosts.append(host)
    return ",".join(hosts) or "*"


def _ingress_class(obj: Obj, now: float) -> list[Any]:
    spec = mapping(obj.get("spec"))
    return [name_of(obj), text(spec.get("controller")), _parameters(mapping(spec.get("parameters"))), age_of(obj, now)]


def _parameters(reference: Obj) -> str:
    if not reference:
        return "<none>"
    kind, group = text(reference.get("kind")), text(reference.get("apiGroup"))
    return f"{kind}.{group}/{reference.get('name')}" if group else f"{kind}/{reference.get('name')}"


def _network_policy(obj: Obj, now: float) -> list[Any]:
    return [name_of(obj), selector_or_none(mapping(obj.get("spec")).get("podSelector")), age_of(obj, now)]


def _service_cidr(obj: Obj, now: float) -> list[Any]:
    return [name_of(obj), ",".join(map(str, items(mapping(obj.get("spec")).get("cidrs")))), age_of(obj, now)]


def _ip_address(obj: Obj, now: float) -> list[Any]:
    reference = mapping(mapping(obj.get("spec")).get("parentRef"))
    if not reference:
        return [name_of(obj), "<none>"]
    resource, group = text(reference.get("resource")), text(reference.get("group"))
    parent = [f"{resource}.{group}".lower() if group else resource.lower()]
    parent += [part for part in (text(reference.get("namespace")), text(reference.get("name"))) if part]
    return [name_of(obj), "/".join(parent)]


PRINTINGS: Printings = {
    ("", "services"): Printing(
        (
            NAME,
            Column("Type", "type determines how the Service is exposed."),
            Column("Cluster-IP", "clusterIP is the IP address of the service and is usually assigned randomly."),
            Column("External-IP", "externalIPs is a list of IP addresses for which nodes in the cluster will also"),
            Column("Port(s)", "The list of ports that are exposed by this service."),
            AGE,
            wide(Column("Selector", "Route service traffic to pods with label keys and values")),
        ),
        _service,
    ),
    ("", "endpoints"): Printing(
        (NAME, Column("Endpoints", "The set of all endpoints is the union of all subsets."), AGE), _endpoints
    ),
    ("discovery.k8s.io", "endpointslices"): Printing(
        (
            NAME,
            Column("AddressType", "addressType specifies the type of address carried by this EndpointSlice."),
            Column("Ports", "ports specifies the list of network ports exposed by each endpoint in this slice."),
            Column("Endpoints", "endpoints is a list of unique endpoints in this slice."),
            AGE,
        ),
        _endpoint_slice,
    ),
    ("networking.k8s.io", "ingresses"): Printing(
        (
            NAME,
            Column("Class", "The name of the IngressClass resource that should be used for additional configuration"),
            Column("Hosts", "Hosts that incoming requests are matched against before the ingress rule"),
            Column("Address", "Address is a list containing ingress points for the load-balancer"),
            Column("Ports", "Ports of TLS configurations that open"),
            AGE,
        ),
        _ingress,
    ),
    ("networking.k8s.io", "ingressclasses"): Printing(
        (
            NAME,
            Column("Controller", "Controller that is responsible for handling this class"),
            Column("Parameters", "A reference to a resource with additional parameters"),
            AGE,
        ),
        _ingress_class,
    ),
    ("networking.k8s.io", "networkpolicies"): Printing(
        (
            NAME,
            Column("Pod-Selector", "podSelector selects the pods to which this NetworkPolicy object applies."),
            AGE,
        ),
        _network_policy,
    ),
    ("networking.k8s.io", "servicecidrs"): Printing(
        (NAME, Column("CIDRs", "CIDRs defines the IP blocks in CIDR notation"), AGE), _service_cidr
    ),
    ("networking.k8s.io", "ipaddresses"): Printing(
        (NAME, Column("ParentRef", "ParentRef references the resource that an IPAddress is attached to.")), _ip_address
    ),
}
