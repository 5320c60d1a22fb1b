"""An object without what no person changes (managed fields, versions, status), and a Secret without its secrets."""

from __future__ import annotations

from tui.model.bodies import obj
from tui.model.kube import KindRef
from tui.model.objects import Body

_NOISE = ("managedFields", "resourceVersion", "generation", "selfLink")
_OF_ONE_LIFE = ("uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "ownerReferences")
_OF_ONE_JOB = ("controller-uid", "job-name", "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name")
"""Labels by which a Job finds its pods: they hold its uid, and the server adds them (batch/v1 generateSelector)."""
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
MASK = "***"


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


def is_secret(kind: KindRef) -> bool:
    """Whether values of objects of `kind` are shown to nobody who did not ask."""
    return kind.group == "" and kind.plural == "secrets"


def masked(before: Body | None, after: Body | None) -> tuple[Body | None, Body | None]:
    """Two states of a Secret, in which a value that differs can be told from one that does not, and no more."""
    return _masked(before, after, "before"), _masked(after, before, "after")


def _masked(body: Body | None, other: Body | None, which: str) -> Body | None:
    if body is None:
        return None
    hidden = dict(body)
    for part in ("data", "stringData"):
        held = obj(body, part)
        if held:
            theirs = obj(other, part)
            hidden[part] = {
                key: _mask(value, theirs.get(key), which, both=key in theirs) for key, value in held.items()
            }
    metadata = obj(body, "metadata")
    annotations = obj(metadata, "annotations")
    if LAST_APPLIED in annotations:
        theirs = obj(other, "metadata", "annotations")
        mask = _mask(annotations[LAST_APPLIED], theirs.get(LAST_APPLIED), which, both=LAST_APPLIED in theirs)
        hidden["metadata"] = {**metadata, "annotations": {**annotations, LAST_APPLIED: mask}}
    return hidden


def _mask(value: object, other: object, which: str, *, both: bool) -> str:
    return f"{MASK} ({which})" if both and value != other else MASK
