"""LimitRanges: what containers get that ask for nothing, and the refusal of those that ask for too much or too little.

plugin/pkg/admission/limitranger/admission.go.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tui.sim.kube.kinds import Kind, builtin
from tui.sim.kube.objects import items, mapping, metadata_of, name_of, namespace_of, with_metadata
from tui.sim.kube.quantities import canonical, compare, ratio, total
from tui.sim.kube.refusals import forbidden
from tui.sim.kube.status import Obj
from tui.sim.kube.store import Store

LIMIT_RANGES = builtin("", "limitranges")
_PODS, _CLAIMS = builtin("", "pods"), builtin("", "persistentvolumeclaims")
_ANNOTATION = "kubernetes.io/limit-ranger"


def with_limits(store: Store, pod: Obj) -> Obj:
    """A new pod with the defaults of its namespace's limit ranges. Raises ApiError 403."""
    for found in store.list(LIMIT_RANGES, namespace_of(pod)):
        limits = [mapping(one) for one in items(mapping(found.get("spec")).get("limits"))]
        pod = _with_defaults(pod, limits)
        _refuse(_PODS, pod, [said for limit in limits for said in _of_pod(pod, limit)])
    return pod


def check_claim(store: Store, claim: Obj) -> None:
    """A new volume claim. Raises ApiError 403."""
    requests = mapping(mapping(mapping(claim.get("spec")).get("resources")).get("requests"))
    for found in store.list(LIMIT_RANGES, namespace_of(claim)):
        for limit in items(mapping(found.get("spec")).get("limits")):
            if limit.get("type") == "PersistentVolumeClaim":
                _refuse(_CLAIMS, claim, [*_least(limit, requests, {}), *_most_of_request(limit, requests)])


def _refuse(kind: Kind, obj: Obj, complaints: list[str]) -> None:
    """As an aggregate of errors prints itself: each once, in brackets where there are several."""
    said = list(dict.fromkeys(complaints))
    if said:
        raise forbidden(kind, name_of(obj), said[0] if len(said) == 1 else f"[{', '.join(said)}]")


def _with_defaults(pod: Obj, limits: list[Obj]) -> Obj:
    given: dict[str, Obj] = {"limits": {}, "requests": {}}
    for limit in limits:
        if limit.get("type") == "Container":
            given["limits"].update(mapping(limit.get("default")))
            given["requests"].update(mapping(limit.get("defaultRequest")))
    spec, told = dict(pod["spec"]), list[str]()
    for field, word in (("containers", "container"), ("initContainers", "init container")):
        if items(spec.get(field)):
            spec[field] = [_completed(mapping(one), given, word, told) for one in items(spec[field])]
    if not told:
        return pod
    said = f"LimitRanger plugin set: {'; '.join(told)}"
    annotations = {**mapping(metadata_of(pod).get("annotations")), _ANNOTATION: said}
    return with_metadata({**pod, "spec": spec}, {"annotations": annotations})


def _completed(container: Obj, given: Mapping[str, Obj], word: str, told: list[str]) -> Obj:
    resources = dict(mapping(container.get("resources")))
    for side, singular in (("requests", "request"), ("limits", "limit")):
        present = mapping(resources.get(side))
        added = {name: amount for name, amount in given[side].items() if name not in present}
        if added:
            resources[side] = {**present, **added}
            told.append(f"{', '.join(sorted(added))} {singular} for {word} {container['name']}")
    return {**container, "resources": resources}


def _of_pod(pod: Obj, limit: Obj) -> Iterator[str]:
    containers = [mapping(one.get("resources")) for one in items(pod["spec"].get("containers"))]
    if limit.get("type") == "Container":
        init = [mapping(one.get("resources")) for one in items(pod["spec"].get("initContainers"))]
        for resources in (*containers, *init):
            yield from _complaints(limit, mapping(resources.get("requests")), mapping(resources.get("limits")))
    elif limit.get("type") == "Pod":
        requests, limits = ([mapping(one.get(side)) for one in containers] for side in ("requests", "limits"))
        yield from _complaints(limit, _sums(requests), _sums(limits))


def _sums(amounts: list[Obj]) -> Obj:
    """Of the resources that every container names."""
    everywhere = {name for one in amounts for name in one if all(name in other for other in amounts)}
    return {name: total(str(one[name]) for one in amounts) for name in everywhere}


def _complaints(limit: Obj, requests: Obj, limits: Obj) -> Iterator[str]:
    yield from _least(limit, requests, limits)
    yield from _most(limit, requests, limits)
    for name, enforced, shown in _bounds(limit, "maxLimitRequestRatio"):
        opening = f"{name} max limit to request ratio per {limit['type']} is {shown}, but "
        if compare(str(requests.get(name, "0")), "0") == 0:
            yield f"{opening}no request is specified or request is 0"
        elif compare(str(limits.get(name, "0")), "0") == 0:
            yield f"{opening}no limit is specified or limit is 0"
        elif (found := ratio(str(limits[name]), str(requests[name]))) > ratio(enforced, "1"):
            yield f"{opening}provided ratio is {found:.6f}"


def _least(limit: Obj, requests: Obj, limits: Obj) -> Iterator[str]:
    for name, enforced, shown in _bounds(limit, "min"):
        opening = f"minimum {name} usage per {limit['type']} is {shown}"
        if name not in requests:
            yield f"{opening}.  No request is specified"
        elif compare(str(requests[name]), enforced) < 0:
            yield f"{opening}, but request is {canonical(str(requests[name]))}"
        elif name in limits and compare(str(limits[name]), enforced) < 0:
            yield f"{opening}, but limit is {canonical(str(limits[name]))}"


def _most(limit: Obj, requests: Obj, limits: Obj) -> Iterator[str]:
    for name, enforced, shown in _bounds(limit, "max"):
        opening = f"maximum {name} usage per {limit['type']} is {shown}"
        if name not in limits:
            yield f"{opening}.  No limit is specified"
        elif compare(str(limits[name]), enforced) > 0:
            yield f"{opening}, but limit is {canonical(str(limits[name]))}"
        elif name in requests and compare(str(requests[name]), enforced) > 0:
            yield f"{opening}, but request is {canonical(str(requests[name]))}"


def _most_of_request(limit: Obj, requests: Obj) -> Iterator[str]:
    for name, enforced, shown in _bounds(limit, "max"):
        opening = f"maximum {name} usage per {limit['type']} is {shown}"
        if name not in requests:
            yield f"{opening}.  No request is specified"
        elif compare(str(requests[name]), enforced) > 0:
            yield f"{opening}, but request is {canonical(str(requests[name]))}"


def _bounds(limit: Obj, field: str) -> Iterator[tuple[str, str, str]]:
    """(resource, amount, amount as it is shown), by name."""
    for name, amount in sorted(mapping(limit.get(field)).items()):
        yield name, str(amount), canonical(str(amount))
