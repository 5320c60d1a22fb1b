"""What of an object differs from cluster to cluster by nature, and so says nothing when two of them are compared.

The fields are those that an API server or a controller fills in for the one object they belong to: what
`metav1.ObjectMeta` marks as "populated by the system", the status, and of some kinds a few more. They are left out by
path, and it is said which they were; whoever wants to see them unfolds them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from tui.model.bodies import group_of, obj, text
from tui.model.objects import Body

_OF_ONE_LIFE = (
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "selfLink",
    "managedFields",
)
_NOTES = frozenset(
    {
        "kubectl.kubernetes.io/last-applied-configuration",
        "deployment.kubernetes.io/revision",
        "deployment.kubernetes.io/revision-history",
        "deprecated.daemonset.template.generation",
        "pv.kubernetes.io/bind-completed",
        "pv.kubernetes.io/bound-by-controller",
        "volume.kubernetes.io/selected-node",
        "control-plane.alpha.kubernetes.io/leader",
        "kubernetes.io/config.hash",
        "kubernetes.io/config.seen",
    }
)
"""Annotations in which controllers keep what is theirs."""
_JOB_LABELS = frozenset({"controller-uid", "batch.kubernetes.io/controller-uid"})
_TOKEN_VOLUME = "kube-api-access-"
"""Of the volume that admission gives each pod, named at random behind this (ServiceAccount admission plugin)."""


class _Folding:
    """A body being copied without what is left out; `gone` collects the paths."""

    def __init__(self, body: Body) -> None:
        self.body = dict(body)
        self.gone: list[str] = []

    def part(self, key: str) -> Body:
        """A copy of a mapping below the body, put in its place; {} where there is none, without effect."""
        held: Any = self.body.get(key)
        if not isinstance(held, dict):
            return {}
        made = self.body[key] = dict(cast("Body", held))
        return made

    def drop(self, held: Body, path: str, *keys: str) -> None:
        for key in keys:
            if key in held:
                del held[key]
                self.gone.append(f"{path}.{key}" if path else key)

    def drop_items(self, held: Body, path: str, key: str, keys: frozenset[str]) -> None:
        """Of a mapping at `key` these keys; an empty one goes as a whole."""
        inner: Any = held.get(key)
        if not isinstance(inner, dict) or not keys & cast("Body", inner).keys():
            return
        mapping = cast("Body", inner)
        self.gone += [f"{path}.{key}.{name}" for name in mapping if name in keys]
        kept = {name: value for name, value in mapping.items() if name not in keys}
        if kept:
            held[key] = kept
        else:
            del held[key]


def settled(body: Body) -> tuple[Body, tuple[str, ...]]:
    """`body` without what differs by nature, and the paths of that ("metadata.uid", "status")."""
    made = _Folding(body)
    made.drop(made.body, "", "status")
    meta = made.part("metadata")
    made.drop(meta, "metadata", *_OF_ONE_LIFE)
    made.drop_items(meta, "metadata", "annotations", _NOTES)
    _owners(made, meta)
    kind = _KINDS.get((group_of(text(body, "apiVersion")), text(body, "kind")))
    if kind is not None:
        kind(made)
    return made.body, tuple(dict.fromkeys(made.gone))


def _owners(made: _Folding, meta: Body) -> None:
    owners: Any = meta.get("ownerReferences")
    if isinstance(owners, list) and any("uid" in obj(one) for one in cast("list[Any]", owners)):
        meta["ownerReferences"] = [_without(one, "uid") for one in cast("list[Any]", owners)]
        made.gone.append("metadata.ownerReferences.uid")


def _without(value: Any, *keys: str) -> Any:
    """A mapping without these keys; anything else as it is."""
    if not isinstance(value, dict):
        return value
    return {key: held for key, held in cast("Body", value).items() if key not in keys}


def _service(made: _Folding) -> None:
    spec = made.part("spec")
    if spec.get("clusterIP") != "None":  # headless, which is a choice
        made.drop(spec, "spec", "clusterIP", "clusterIPs")
    made.drop(spec, "spec", "healthCheckNodePort")
    ports: Any = spec.get("ports")
    if isinstance(ports, list) and any("nodePort" in obj(one) for one in cast("list[Any]", ports)):
        spec["ports"] = [_without(one, "nodePort") for one in cast("list[Any]", ports)]
        made.gone.append("spec.ports.nodePort")


def _pod(made: _Folding) -> None:
    spec = made.part("spec")
    made.drop(spec, "spec", "nodeName")
    volumes = _without_token(spec.get("volumes"))
    if volumes is None:
        return
    spec["volumes"] = volumes
    made.gone.append(f"spec.volumes.{_TOKEN_VOLUME}…")
    for key in ("containers", "initContainers", "ephemeralContainers"):
        held: Any = spec.get(key)
        if isinstance(held, list):
            spec[key] = [_unmounted(one) for one in cast("list[Any]", held)]


def _without_token(held: Any) -> list[Any] | None:
    """A list of volumes or mounts without the one of the token; None where it has none."""
    if not isinstance(held, list):
        return None
    listed = cast("list[Any]", held)
    kept = [one for one in listed if not text(one, "name").startswith(_TOKEN_VOLUME)]
    return kept if len(kept) < len(listed) else None


def _unmounted(container: Any) -> Any:
    mounts = _without_token(obj(container).get("volumeMounts"))
    return container if mounts is None else {**container, "volumeMounts": mounts}


def _claim(made: _Folding) -> None:
    made.drop(made.part("spec"), "spec", "volumeName")


def _volume(made: _Folding) -> None:
    spec = made.part("spec")
    if isinstance(spec.get("claimRef"), dict):
        spec["claimRef"] = dict(cast("Body", spec["claimRef"]))
        made.drop(spec["claimRef"], "spec.claimRef", "uid", "resourceVersion")


def _node(made: _Folding) -> None:
    made.drop(made.part("spec"), "spec", "providerID", "podCIDR", "podCIDRs")


def _job(made: _Folding) -> None:
    """The server finds a Job's pods by its uid (generateSelector in batch/v1), in four places."""
    made.drop_items(made.part("metadata"), "metadata", "labels", _JOB_LABELS)
    spec = made.part("spec")
    if isinstance(spec.get("selector"), dict):
        selector = spec["selector"] = dict(cast("Body", spec["selector"]))
        made.drop_items(selector, "spec.selector", "matchLabels", _JOB_LABELS)
    if isinstance(spec.get("template"), dict):
        template = spec["template"] = dict(cast("Body", spec["template"]))
        if isinstance(template.get("metadata"), dict):
            meta = template["metadata"] = dict(cast("Body", template["metadata"]))
            made.drop_items(meta, "spec.template.metadata", "labels", _JOB_LABELS)


def _secret(made: _Folding) -> None:
    notes = frozenset({"kubernetes.io/service-account.uid"})
    made.drop_items(made.part("metadata"), "metadata", "annotations", notes)


_KINDS: dict[tuple[str, str], Callable[[_Folding], None]] = {
    ("", "Service"): _service,
    ("", "Pod"): _pod,
    ("", "PersistentVolumeClaim"): _claim,
    ("", "PersistentVolume"): _volume,
    ("", "Node"): _node,
    ("", "Secret"): _secret,
    ("batch", "Job"): _job,
}
