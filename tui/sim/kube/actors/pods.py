"""Pods as controllers make them of a template, and the questions controllers ask of a pod."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping

from tui.sim.kube.actors.owners import reference
from tui.sim.kube.kinds import Kind
from tui.sim.kube.objects import items, mapping, number, parse_timestamp, text
from tui.sim.kube.status import Obj

_LETTERS = "bcdfghjklmnpqrstvwxz2456789"


def from_template(
    owner_kind: Kind,
    owner: Obj,
    template: Obj,
    *,
    name: str = "",
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
    finalizers: list[str] | None = None,
) -> Obj:
    """The pod that `owner` makes; name "" = generated from the owner's.

    labels, annotations: beyond the template's own.
    """
    made = mapping(template.get("metadata"))
    metadata: Obj = {"name": name} if name else {"generateName": f"{owner['metadata']['name']}-"}
    metadata["namespace"] = owner["metadata"]["namespace"]
    all_labels = {**mapping(made.get("labels")), **(labels or {})}
    all_annotations = {**mapping(made.get("annotations")), **(annotations or {})}
    metadata.update({"labels": all_labels} if all_labels else {})
    metadata.update({"annotations": all_annotations} if all_annotations else {})
    metadata["ownerReferences"] = [reference(owner_kind, owner)]
    metadata.update({"finalizers": finalizers} if finalizers else {})
    return {"metadata": metadata, "spec": mapping(template.get("spec"))}


def is_active(pod: Obj) -> bool:
    """Counts for its controller: neither ended nor asked to end (controller.IsPodActive)."""
    phase = mapping(pod.get("status")).get("phase")
    return phase not in ("Succeeded", "Failed") and not pod["metadata"].get("deletionTimestamp")


def condition(obj: Obj, name: str) -> Obj:
    """The condition of that type, {} where there is none."""
    for one in items(mapping(obj.get("status")).get("conditions")):
        if one.get("type") == name:
            return mapping(one)
    return {}


def is_ready(pod: Obj) -> bool:
    return condition(pod, "Ready").get("status") == "True"


def available_in(pod: Obj, min_ready: int, now: float) -> float | None:
    """Seconds until a pod counts as available: 0 = it does; None = it is not ready."""
    ready = condition(pod, "Ready")
    if ready.get("status") != "True":
        return None
    if not min_ready:
        return 0.0
    since = parse_timestamp(text(ready.get("lastTransitionTime"))) or now
    return max(0.0, since + min_ready - now)


def replicas_of(obj: Obj) -> int:
    return number(mapping(obj.get("spec")).get("replicas"), 1)


def template_hash(template: Obj, collisions: int = 0) -> str:
    """A hash of a pod template in the letters of generated names (controller.ComputeHash, rand.SafeEncodeString)."""
    written = json.dumps(template, sort_keys=True, separators=(",", ":"))
    number = zlib.crc32(f"{written}{collisions or ''}".encode())
    return "".join(_LETTERS[ord(digit) % len(_LETTERS)] for digit in str(number))
