"""Subresources with a type of their own: scale, eviction, binding, token. The others are parts of the object
(`parts`) or streams."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aiohttp import web

from tui.sim.kube import patch
from tui.sim.kube.bodies import checked_object, match_name, match_namespace
from tui.sim.kube.call import Call
from tui.sim.kube.customs import scale_paths
from tui.sim.kube.deletion import DeleteOptions, delete_object
from tui.sim.kube.disruption import check_disruption
from tui.sim.kube.generation import is_custom
from tui.sim.kube.kinds import Kind, builtin
from tui.sim.kube.negotiate import negotiate
from tui.sim.kube.objects import items, mapping, metadata_of, name_of, nested, number, text, timestamp, with_metadata
from tui.sim.kube.options import check_options
from tui.sim.kube.patching import decoded_patch, patch_media
from tui.sim.kube.reading import existing, represent
from tui.sim.kube.refusals import bad_request, conflict, invalid
from tui.sim.kube.respond import answer
from tui.sim.kube.selectors import object_selector
from tui.sim.kube.status import Obj
from tui.sim.kube.writing import replaced

PODS = builtin("", "pods")
SCALE = Kind("autoscaling", "v1", "scales", "Scale")
_TOKEN_SECONDS = (600, 3600)  # shortest allowed and default life of a requested token


async def scale(call: Call) -> web.StreamResponse:
    """GET, PUT and PATCH of the number of replicas."""
    wanted = negotiate(call.accept, include_object=call.query.get("includeObject", ""))
    live = existing(call)
    if call.route.verb != "get":
        changed = await _wanted_scale(call, live)
        replicas = _valid_replicas(call, changed)
        expected = metadata_of(changed).get("resourceVersion")
        if expected and expected != metadata_of(live).get("resourceVersion"):
            raise conflict(call.kind, name_of(live))
        written = _with_value(live, _path(call, "specReplicasPath"), replicas)
        # The write is one of the parent: its managed fields name the subresource.
        live = replaced(call, live, with_metadata(written, {"resourceVersion": None}))
    body = represent(SCALE, _scale_of(call, live), wanted, call.cluster.now())
    return answer(body, media=wanted.media, warnings=call.warnings)


async def _wanted_scale(call: Call, live: Obj) -> Obj:
    if call.route.verb == "update":
        check_options(call)
        body = checked_object(await call.json_body(), call.kind, api_version="autoscaling/v1", kind_name="Scale")
        return match_name(match_namespace(body, call.kind, call.namespace), call.route.name)
    media = patch_media(call)
    raw = await call.body()
    check_options(call, media)
    change = decoded_patch(call, raw, media)
    if media == patch.APPLY_PATCH:
        media = patch.MERGE_PATCH  # of one field there is nothing to merge otherwise
    current = with_metadata(_scale_of(call, live), {"resourceVersion": None})
    return patch.apply_patch(media, current, change, SCALE)


def _valid_replicas(call: Call, changed: Obj) -> int:
    replicas = nested(changed, ("spec", "replicas"))
    if replicas is None:
        return 0
    if not isinstance(replicas, int) or isinstance(replicas, bool):
        raise bad_request(
            'Scale in version "v1" cannot be handled as a Scale: json: cannot unmarshal into Go struct '
            "field ScaleSpec.spec.replicas of type int32"
        )
    if replicas < 0:
        message = f"Invalid value: {replicas}: must be greater than or equal to 0"
        raise invalid(SCALE, call.route.name, [("FieldValueInvalid", message, "spec.replicas")])
    return replicas


def _scale_of(call: Call, live: Obj) -> Obj:
    metadata = metadata_of(live)
    shown = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    replicas = nested(live, _path(call, "specReplicasPath"))
    status: Obj = {"replicas": number(nested(live, _path(call, "statusReplicasPath")))}
    selector = _selector(call, live)
    if selector:
        status["selector"] = selector
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {field: metadata[field] for field in shown if field in metadata},
        "spec": {"replicas": replicas} if replicas else {},
        "status": status,
    }


def _selector(call: Call, live: Obj) -> str:
    if is_custom(call.kind):
        path = scale_paths(call.cluster.store, call.kind).get("labelSelectorPath")
        return text(nested(live, _steps(str(path)))) if path else ""
    return str(object_selector(nested(live, ("spec", "selector"))))


def _path(call: Call, name: str) -> list[str]:
    default = {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"}[name]
    return _steps(text(scale_paths(call.cluster.store, call.kind).get(name)) or default)


def _steps(path: str) -> list[str]:
    return [step for step in path.split(".") if step]


def _with_value(obj: Obj, path: list[str], value: Any) -> Obj:
    field, *rest = path
    return {**obj, field: _with_value(mapping(obj.get(field)), rest, value) if rest else value}


async def evict(call: Call) -> web.StreamResponse:
    """Delete a pod, unless a PodDisruptionBudget forbids it (recorded: eviction-dry)."""
    wanted = negotiate(call.accept)
    body = checked_object(await call.json_body(), call.kind, api_version="policy/v1", kind_name="Eviction")
    body = match_name(match_namespace(body, call.kind, call.namespace), call.route.name)
    pod = existing(call)
    given = mapping(body.get("deleteOptions"))
    grace = given.get("gracePeriodSeconds")
    preconditions = mapping(given.get("preconditions"))
    options = DeleteOptions(
        grace=grace if isinstance(grace, int) else None,
        uid=text(preconditions.get("uid")),
        dry_run=call.dry_run or bool(given.get("dryRun")),
    )
    check_disruption(call.cluster.store, pod, dry_run=options.dry_run)
    delete_object(call.cluster.store, call.kind, pod, options, call.cluster.now())
    return answer(_created(), status=201, media=wanted.media)


async def bind(call: Call) -> web.StreamResponse:
    """Assign a pod to a node, as a scheduler does: pods/binding, and the older kind of its own, bindings."""
    wanted = negotiate(call.accept)
    body = checked_object(await call.json_body(), call.kind, api_version="v1", kind_name="Binding")
    if not call.route.name:
        call = replace(call, kind=PODS, route=replace(call.route, name=name_of(body)), warnings=[])
    pod = existing(call)
    node = text(mapping(body.get("target")).get("name"))
    bound = nested(pod, ("spec", "nodeName"))
    if bound:
        raise conflict(call.kind, name_of(pod), f'pod {name_of(pod)} is already assigned to node "{bound}"')
    condition = {
        "type": "PodScheduled",
        "status": "True",
        "lastProbeTime": None,
        "lastTransitionTime": timestamp(call.cluster.now()),
    }
    status = mapping(pod.get("status"))
    others = [found for found in items(status.get("conditions")) if mapping(found).get("type") != "PodScheduled"]
    changed = {
        **pod,
        "spec": {**mapping(pod.get("spec")), "nodeName": node},
        "status": {**status, "conditions": [*others, condition]},
    }
    if not call.dry_run:
        call.cluster.store.update(call.kind, changed)
    return answer(_created(), status=201, media=wanted.media)


async def request_token(call: Call) -> web.StreamResponse:
    """A bearer token for a service account (TokenRequest)."""
    wanted = negotiate(call.accept)
    api = "authentication.k8s.io/v1"
    body = checked_object(await call.json_body(), call.kind, api_version=api, kind_name="TokenRequest")
    account = existing(call)
    spec = mapping(body.get("spec"))
    shortest, default = _TOKEN_SECONDS
    seconds = number(spec.get("expirationSeconds"), default)
    if seconds < shortest:
        message = f"Invalid value: {seconds}: may not specify a duration less than 10 minutes"
        request = Kind("authentication.k8s.io", "v1", "tokenrequests", "TokenRequest")
        raise invalid(request, "", [("FieldValueInvalid", message, "spec.expirationSeconds")])
    audiences = [str(audience) for audience in items(spec.get("audiences"))]
    token = call.cluster.token_review.issue(account, audiences, seconds, mapping(spec.get("boundObjectRef")))
    now = call.cluster.now()
    answered: Obj = {
        "kind": "TokenRequest",
        "apiVersion": api,
        "metadata": {
            "name": name_of(account),
            "namespace": call.namespace,
            "creationTimestamp": timestamp(now),
        },
        "spec": {"audiences": audiences or None, "expirationSeconds": seconds, "boundObjectRef": None, **spec},
        "status": {"token": token, "expirationTimestamp": timestamp(now + seconds)},
    }
    return answer(answered, status=201, media=wanted.media)


def _created() -> Obj:
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}
