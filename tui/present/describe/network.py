"""Services, endpoint slices, ingresses and network policies: what leads where, and what does not."""

from __future__ import annotations

from collections.abc import Sequence

from tui.model.bodies import at, items, name_of, obj, scalar, selector, strings, text, texts
from tui.model.objects import Body
from tui.present.describe.common import conditions, joined, metadata, not_seen, section, trouble, words
from tui.present.describe.known import Known
from tui.present.describe.page import Block, Grid, Head, Note, listed, pairs
from tui.present.parts import Cell, count

SERVICE_NAME = "kubernetes.io/service-name"
MOST_ADDRESSES = 50


def service(known: Known) -> list[Block]:
    body, now = known.body, known.now
    spec, status = obj(body, "spec"), obj(body, "status")
    chosen = joined(strings(spec, "selector"))
    balancers = [text(one, "ip") or text(one, "hostname") for one in items(status, "loadBalancer", "ingress")]
    pending = text(spec, "type") == "LoadBalancer" and not balancers
    stale = [trouble("it waits for a load balancer", "warn")] if pending else []
    return [
        *stale,
        *_endpoint_trouble(known),
        *metadata(
            body,
            now,
            ("type", text(spec, "type")),
            ("selector", chosen),
            ("IP", words(texts(spec, "clusterIPs")) or text(spec, "clusterIP")),
            ("IP families", words([*texts(spec, "ipFamilies"), text(spec, "ipFamilyPolicy")])),
            ("external IPs", words(texts(spec, "externalIPs"))),
            ("external name", text(spec, "externalName")),
            ("load balancer", words(balancers) or text(spec, "loadBalancerIP")),
        ),
        *pairs(
            ("session affinity", text(spec, "sessionAffinity")),
            ("external traffic", text(spec, "externalTrafficPolicy")),
            ("internal traffic", text(spec, "internalTrafficPolicy")),
            ("distribution", text(spec, "trafficDistribution")),
            ("health check port", text(spec, "healthCheckNodePort")),
            ("allowed sources", words(texts(spec, "loadBalancerSourceRanges"))),
        ),
        *_ports(spec),
        *_endpoints(known),
        *conditions(body, now),
    ]


def _ports(spec: Body) -> list[Block]:
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            text(one, "name"),
            f"{text(one, 'port')}/{text(one, 'protocol')}",
            f"{target}/{text(one, 'protocol')}" if (target := text(one, "targetPort")) else "",
            f"{node}/{text(one, 'protocol')}" if (node := text(one, "nodePort")) else "",
            text(one, "appProtocol"),
        )
        for one in items(spec, "ports")
    )
    return section("Ports", [Grid(("NAME", "PORT", "TARGET", "NODE PORT", "APP"), rows)] if rows else [])


def _endpoint_trouble(known: Known) -> list[Note]:
    found = known.found("endpointslices")
    if found is None or not obj(known.body, "spec", "selector"):
        return []
    if any(ready(one) for held in found for one in items(held, "endpoints")):
        return []
    return [trouble("no endpoint is ready: nothing answers there")]


def ready(endpoint: Body) -> bool:
    """What is not said is ready (discovery.k8s.io/v1: nil means true)."""
    return at(endpoint, "conditions", "ready") is not False


def _endpoints(known: Known) -> list[Block]:
    refused = known.refused("endpointslices")
    if refused is not None:
        return [Head("Endpoints"), not_seen("endpointslices", refused)]
    found = known.found("endpointslices")
    return [] if found is None else endpoint_rows(found)


def endpoint_rows(slices: Sequence[Body]) -> list[Block]:
    """The endpoints of a service, address by address."""
    rows: list[tuple[Cell, ...]] = []
    for held in slices:
        ports = [text(one, "port") for one in items(held, "ports")] or [""]
        for one in items(held, "endpoints"):
            rows += [_endpoint(address, port, one) for port in ports for address in texts(one, "addresses")]
    shown, more = rows[:MOST_ADDRESSES], len(rows) - MOST_ADDRESSES
    blocks: list[Block] = [Grid(("ADDRESS", "READY", "NODE", "TARGET"), tuple(shown))] if rows else []
    if more > 0:
        blocks.append(Note(f"and {count(more, 'address', 'addresses')} more", "dim"))
    return [Head("Endpoints", "" if rows else "none"), *blocks]


def _endpoint(address: str, port: str, one: Body) -> tuple[Cell, ...]:
    place = f"[{address}]" if ":" in address else address
    target = obj(one, "targetRef")
    good = ready(one)
    return (
        f"{place}:{port}" if port else place,
        ("true", "good") if good else ("× false", "warn"),
        text(one, "nodeName"),
        f"{text(target, 'kind')}/{text(target, 'name')}" if target else "",
    )


def endpoint_slice(known: Known) -> list[Block]:
    body = known.body
    blocks: list[Block] = [*metadata(body, known.now, ("address type", text(body, "addressType")))]
    ports: tuple[tuple[Cell, ...], ...] = tuple(
        (text(one, "name") or "<unset>", text(one, "port"), text(one, "protocol"), text(one, "appProtocol"))
        for one in items(body, "ports")
    )
    blocks += section("Ports", [Grid(("NAME", "PORT", "PROTOCOL", "APP"), ports)] if ports else [])
    blocks.append(Head("Endpoints", count(len(items(body, "endpoints")), "endpoint")))
    for one in items(body, "endpoints")[:MOST_ADDRESSES]:
        target = obj(one, "targetRef")
        said = [f"{key} {scalar(value)}" for key, value in sorted(obj(one, "conditions").items())]
        blocks += listed("address", [words(texts(one, "addresses"))], 1)
        blocks += pairs(
            ("conditions", (words(said), "" if ready(one) else "warn")),
            ("hostname", text(one, "hostname")),
            ("target", f"{text(target, 'kind')}/{text(target, 'name')}" if target else ""),
            ("node", text(one, "nodeName")),
            ("zone", text(one, "zone")),
            depth=2,
        )
    return blocks


def ingress(known: Known) -> list[Block]:
    body, now = known.body, known.now
    spec = obj(body, "spec")
    addresses = [text(one, "ip") or text(one, "hostname") for one in items(body, "status", "loadBalancer", "ingress")]
    default = obj(spec, "defaultBackend")
    rows: list[tuple[Cell, ...]] = []
    for rule in items(spec, "rules"):
        for path in items(rule, "http", "paths"):
            shown = text(path, "path") or "/"
            backend = _backend(obj(path, "backend"), known)
            rows.append((text(rule, "host") or "*", shown, text(path, "pathType"), backend))
    tls: tuple[tuple[Cell, ...], ...] = tuple(
        (text(one, "secretName") or "the default certificate", words(texts(one, "hosts"))) for one in items(spec, "tls")
    )
    return [
        *_lost(known),
        *metadata(
            body,
            now,
            ("class", text(spec, "ingressClassName")),
            ("address", words(addresses)),
            ("default backend", _backend(default, known) if default else ""),
        ),
        *section("Rules", [Grid(("HOST", "PATH", "TYPE", "BACKEND"), tuple(rows))] if rows else []),
        *section("TLS", [Grid(("SECRET", "HOSTS"), tls)] if tls else []),
    ]


def _lost(known: Known) -> list[Note]:
    """Services that rules send to and that are not there."""
    held = known.found("services")
    if held is None:
        return []
    there = {name_of(one) for one in held}
    paths = [path for rule in items(known.body, "spec", "rules") for path in items(rule, "http", "paths")]
    wanted = {text(path, "backend", "service", "name") for path in paths}
    wanted.add(text(known.body, "spec", "defaultBackend", "service", "name"))
    return [trouble(f'service "{name}" not found, and rules send to it') for name in sorted(wanted - there - {""})]


def _backend(backend: Body, known: Known) -> Cell:
    held = obj(backend, "service")
    if not held:
        resource = obj(backend, "resource")
        return f"{text(resource, 'kind')}/{text(resource, 'name')}"
    name = text(held, "name")
    port = text(held, "port", "name") or text(held, "port", "number")
    services, slices = known.found("services"), known.found("endpointslices")
    if services is not None and all(name_of(one) != name for one in services):
        return f'{name}:{port} (× services "{name}" not found)', "bad"
    if slices is None:
        return f"{name}:{port}"
    found = _addresses(name, port, services or (), slices)
    return f"{name}:{port} ({', '.join(found)})" if found else (f"{name}:{port} (× no endpoint)", "warn")


def _addresses(name: str, port: str, services: Sequence[Body], slices: Sequence[Body]) -> list[str]:
    """The addresses behind a service's port, given by name or number."""
    nothing: Body = {}
    service_ = next((one for one in services if name_of(one) == name), nothing)
    chosen = next(
        (one for one in items(service_, "spec", "ports") if port in (text(one, "name"), text(one, "port"))), None
    )
    named = text(chosen, "name") if chosen is not None else ""
    found: list[str] = []
    for held in slices:
        if strings(held, "metadata", "labels").get(SERVICE_NAME) != name:
            continue
        numbers = [text(one, "port") for one in items(held, "ports") if chosen is None or text(one, "name") == named]
        for one in items(held, "endpoints"):
            found += [f"{address}:{number}" for number in numbers for address in texts(one, "addresses") if ready(one)]
    return found[:MOST_ADDRESSES]


def network_policy(known: Known) -> list[Block]:
    body = known.body
    spec = obj(body, "spec")
    types = texts(spec, "policyTypes") or ["Ingress", *(["Egress"] if "egress" in spec else [])]
    blocks: list[Block] = metadata(
        body,
        known.now,
        ("pods", selector(obj(spec, "podSelector")) or "all of the namespace"),
        ("policy types", words(types)),
    )
    for name, key, other in (("Ingress", "ingress", "from"), ("Egress", "egress", "to")):
        if name not in types:
            blocks.append(Head(name, f"not affected by this policy (Not affecting {key} traffic)"))
            continue
        rules = items(spec, key)
        alone = f"nothing is allowed: selected pods are isolated for {key} connectivity"
        blocks.append(Head(name, "" if rules else alone))
        for place, rule in enumerate(rules, 1):
            blocks.append(Head(f"Rule {place}", depth=1))
            blocks += listed("ports", map(_port, items(rule, "ports")) if items(rule, "ports") else ["all ports"], 1)
            blocks += listed(other, map(_peer, items(rule, other)) if items(rule, other) else ["anywhere"], 1)
    return blocks


def _port(one: Body) -> str:
    end = text(one, "endPort")
    return f"{text(one, 'port') or 'any'}{f'-{end}' if end else ''}/{text(one, 'protocol') or 'TCP'}"


def _peer(one: Body) -> str:
    block = obj(one, "ipBlock")
    if block:
        left_out = texts(block, "except")
        return f"IP block {text(block, 'cidr')}" + (f" except {words(left_out)}" if left_out else "")
    said: list[str] = []
    if "namespaceSelector" in one:
        said.append(f"namespaces {selector(obj(one, 'namespaceSelector')) or 'all'}")
    if "podSelector" in one:
        said.append(f"pods {selector(obj(one, 'podSelector')) or 'all'}")
    return " with ".join(said) or "nobody"
