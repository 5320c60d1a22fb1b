"""An object without what no person changes: managed fields, versions, status, and what belongs to one life of it."""

from __future__ import annotations

from tui.model.bodies import obj
from tui.model.objects import Body

_NOISE = ("managedFields", "resourceVersion", "generation", "selfLink")
_OF_ONE_LIFE = ("uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "ownerReferences")
_OF_ONE_JOB = ("controller-uid", "job-name", "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name")
"""Labels by which a Job finds its pods: they hold its uid, and the server adds them (batch/v1 generateSelector)."""


def trimmed(body: Body) -> Body:
    """`body` as a person thinks of it: what is compared and shown."""
    metadata = {key: value for key, value in obj(body, "metadata").items() if key not in _NOISE}
    rest = {key: value for key, value in body.items() if key not in ("metadata", "status")}
    return _ordered(rest, metadata)


def editable(body: Body) -> Body:
    """`body` for an editor: with the version that makes the edit conflict-safe."""
    metadata = {key: value for key, value in obj(body, "metadata").items() if key != "managedFields"}
    rest = {key: value for key, value in body.items() if key not in ("metadata", "status")}
    return _ordered(rest, metadata)


def reborn(body: Body) -> Body:
    """What of `body` can be created anew: without what belonged to the one object that was."""
    kept = trimmed(body)
    metadata = {key: value for key, value in obj(kept, "metadata").items() if key not in _OF_ONE_LIFE}
    fresh = {**kept, "metadata": metadata}
    return _reborn_job(fresh) if _selected_by_uid(body) else fresh


def _selected_by_uid(body: Body) -> bool:
    api = str(body.get("apiVersion", ""))
    return (
        body.get("kind") == "Job" and api.startswith("batch/") and obj(body, "spec").get("manualSelector") is not True
    )


def _reborn_job(job: Body) -> Body:
    """Without the selector and the labels that name the uid of the Job that was: the server refuses another's."""
    spec = {key: value for key, value in obj(job, "spec").items() if key != "selector"}
    if "template" in spec:
        template = obj(spec, "template")
        spec["template"] = {**template, "metadata": _unmarked(obj(template, "metadata"))}
    return {**job, "metadata": _unmarked(obj(job, "metadata")), "spec": spec}


def _unmarked(metadata: Body) -> Body:
    labels = {key: value for key, value in obj(metadata, "labels").items() if key not in _OF_ONE_JOB}
    rest = {key: value for key, value in metadata.items() if key != "labels"}
    return {**rest, "labels": labels} if labels else rest


def _ordered(rest: Body, metadata: Body) -> Body:
    """apiVersion, kind and metadata first, as everybody writes them."""
    head = {key: rest[key] for key in ("apiVersion", "kind") if key in rest}
    tail = {key: value for key, value in rest.items() if key not in head}
    return {**head, **({"metadata": metadata} if metadata else {}), **tail}
