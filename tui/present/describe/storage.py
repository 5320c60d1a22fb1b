"""Claims, volumes and storage classes."""

from __future__ import annotations

from tui.model.bodies import at, items, name_of, obj, selector, strings, text, texts
from tui.model.objects import Body
from tui.present.describe.common import conditions, joined, metadata, not_seen, trouble, words
from tui.present.describe.known import Known
from tui.present.describe.page import Block, Head, Note, pairs
from tui.present.describe.volumes import modes, source
from tui.present.tone import tone

_NO_SOURCE = frozenset({"capacity", "accessModes", "claimRef", "nodeAffinity", "mountOptions"})


def claim(known: Known) -> list[Block]:
    body, now = known.body, known.now
    spec, status = obj(body, "spec"), obj(body, "status")
    phase = text(status, "phase")
    origin = obj(spec, "dataSource") or obj(spec, "dataSourceRef")
    resizing = text(status, "allocatedResourceStatuses", "storage")
    return [
        *pairs(("status", (phase, tone("STATUS", phase)))),
        *([trouble("the volume it was bound to is lost")] if phase == "Lost" else []),
        *([trouble(f"being resized: {resizing}", "warn")] if resizing else []),
        *metadata(
            body,
            now,
            ("class", text(spec, "storageClassName")),
            ("volume", text(spec, "volumeName")),
            ("capacity", text(status, "capacity", "storage")),
            ("requested", text(spec, "resources", "requests", "storage")),
            ("access modes", modes(status) or modes(spec)),
            ("volume mode", text(spec, "volumeMode")),
            ("selector", selector(obj(spec, "selector"))),
            ("made from", f"{text(origin, 'kind')}/{text(origin, 'name')}" if origin else ""),
        ),
        *_users(known),
        *conditions(body, now),
    ]


def _users(known: Known) -> list[Block]:
    refused = known.refused("pods")
    if refused is not None:
        return [Head("Used by"), not_seen("pods", refused)]
    found = known.found("pods")
    if found is None:
        return []
    own = sorted(name_of(pod) for pod in found if name_of(known.body) in claims_of(pod))
    return [Head("Used by", "" if own else "no pod"), *(Note(name) for name in own)]


def claims_of(pod: Body) -> set[str]:
    """Names of the claims that a pod mounts; those of ephemeral volumes have names of their own."""
    found: set[str] = set()
    for one in items(pod, "spec", "volumes"):
        found.add(text(one, "persistentVolumeClaim", "claimName"))
        if "ephemeral" in one:
            found.add(f"{name_of(pod)}-{text(one, 'name')}")
    return found - {""}


def volume(known: Known) -> list[Block]:
    body, now = known.body, known.now
    spec, status = obj(body, "spec"), obj(body, "status")
    phase = text(status, "phase")
    claimed = obj(spec, "claimRef")
    held = next((key for key, value in spec.items() if key not in _NO_SOURCE and isinstance(value, dict)), "")
    attributes = strings(spec, held, "volumeAttributes") if held else {}
    said = text(status, "message")
    return [
        *pairs(("status", (phase, tone("STATUS", phase)))),
        *([trouble(f"{text(status, 'reason')}: {said}".strip(": "))] if said else []),
        *metadata(
            body,
            now,
            ("class", text(spec, "storageClassName")),
            ("claim", f"{text(claimed, 'namespace')}/{text(claimed, 'name')}" if claimed else ""),
            ("reclaim policy", text(spec, "persistentVolumeReclaimPolicy")),
            ("access modes", modes(spec)),
            ("volume mode", text(spec, "volumeMode")),
            ("capacity", text(spec, "capacity", "storage")),
            ("source", source(held, obj(spec, held)) if held else ""),
            ("attributes", joined(attributes)),
            ("mount options", words(texts(spec, "mountOptions"))),
        ),
        *_affinity(spec),
    ]


def _affinity(spec: Body) -> list[Block]:
    terms = items(spec, "nodeAffinity", "required", "nodeSelectorTerms")
    said = [selector({"matchExpressions": items(term, "matchExpressions")}) for term in terms]
    return [Head("Node affinity"), *(Note(one) for one in said)] if said else []


def storage_class(known: Known) -> list[Block]:
    body = known.body
    annotations = strings(body, "metadata", "annotations")
    default = annotations.get("storageclass.kubernetes.io/is-default-class") == "true"
    return [
        *metadata(
            body,
            known.now,
            ("default", "yes" if default else "no"),
            ("provisioner", text(body, "provisioner")),
            ("reclaim policy", text(body, "reclaimPolicy")),
            ("binding", text(body, "volumeBindingMode")),
            ("can be expanded", "yes" if at(body, "allowVolumeExpansion") else "no"),
            ("mount options", words(texts(body, "mountOptions"))),
        ),
        *pairs(*(("parameter", f"{key}={value}") for key, value in sorted(strings(body, "parameters").items()))),
    ]
