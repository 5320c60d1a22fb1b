"""UNDO_ROLLOUT: an earlier template put back, as `kubectl rollout undo` does it (k8s.io/kubectl/pkg/polymorphichelpers,
rollback.go): for deployments from their ReplicaSets, for daemon and stateful sets from their ControllerRevisions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from tui.changes.drafts import Args, Draft, json_patch, merge, refuse, undo_by
from tui.changes.reading import read_list, read_object
from tui.changes.rollouts import ROLLED_OUT
from tui.errors import UsageError
from tui.model.bodies import items, obj, selector, text
from tui.model.changes import Action, Revision, Wish
from tui.model.kube import KindRef
from tui.model.objects import Body, ObjectRef
from tui.model.secrets import LAST_APPLIED
from tui.model.times import parse_time
from tui.model.writes import ChangePort, Media

REPLICA_SETS = KindRef("apps", "v1", "replicasets", "ReplicaSet")
CONTROLLER_REVISIONS = KindRef("apps", "v1", "controllerrevisions", "ControllerRevision")
REVISION = "deployment.kubernetes.io/revision"
CHANGE_CAUSE = "kubernetes.io/change-cause"
_HASH = "pod-template-hash"
_OWN_ANNOTATIONS = frozenset(
    {
        LAST_APPLIED,
        REVISION,
        "deployment.kubernetes.io/revision-history",
        "deployment.kubernetes.io/desired-replicas",
        "deployment.kubernetes.io/max-replicas",
        "deprecated.deployment.rollback.to",
    }
)
"""Annotations that stay the deployment's own in a rollback."""


class Held(Struct, frozen=True):
    """An earlier (or the present) state. holder: the ReplicaSet or ControllerRevision that remembers it."""

    number: int
    holder: Body


def revision_of(args: Args) -> int:
    """0 = the one before the present one. Raises UsageError."""
    given = args.get("revision", "").strip() or "0"
    if not given.isascii() or not given.isdigit():
        raise UsageError(f"revision: expected a number, not {given[:40]!r}")
    return int(given)


def check(args: Args) -> None:
    revision_of(args)


def holders(kind: KindRef) -> KindRef:
    """What remembers the revisions of `kind`. Raises SourceError where nothing does."""
    if kind.qualified not in ROLLED_OUT:
        raise refuse(f"{kind.plural} have no rollouts: only deployments, daemon sets and stateful sets do")
    return REPLICA_SETS if kind.plural == "deployments" else CONTROLLER_REVISIONS


async def remembered(port: ChangePort, ref: ObjectRef) -> tuple[Body, list[Held]]:
    """The object, and the states of its rollout. Raises SourceError."""
    kind = holders(ref.kind)
    live = await read_object(port, ref)
    found = await read_list(port, kind, ref.namespace, {"labelSelector": selector_of(live)})
    return live, history(live, found)


def told(kind: KindRef, held: Sequence[Held]) -> list[Revision]:
    """What a person chooses from. held: of `history`."""
    return [
        Revision(
            one.number,
            _images(_template(kind, one.holder)),
            text(one.holder, "metadata", "annotations", CHANGE_CAUSE),
            parse_time(text(one.holder, "metadata", "creationTimestamp")),
            one is held[-1],
        )
        for one in held
    ]


def history(live: Body, found: Sequence[Body]) -> list[Held]:
    """The revisions that belong to the object, the oldest first. found: what its selector chooses."""
    uid = text(live, "metadata", "uid")
    own = [one for one in found if any(_controls(owner, uid) for owner in items(one, "metadata", "ownerReferences"))]
    return sorted((Held(_number(one), one) for one in own), key=lambda revision: revision.number)


def _controls(owner: Body, uid: str) -> bool:
    return owner.get("controller") is True and text(owner, "uid") == uid


def _number(holder: Body) -> int:
    if "revision" in holder:
        number = holder["revision"]
        return number if isinstance(number, int) else 0
    said = text(holder, "metadata", "annotations", REVISION)
    return int(said) if said.isascii() and said.isdigit() else 0


def draft(ref: ObjectRef, live: Body, revisions: Sequence[Held], args: Args) -> Draft:
    """revisions: of `history`."""
    if obj(live, "spec").get("paused") is True:
        raise refuse("its rollout is paused: resume it first")
    if not revisions:
        raise refuse("no earlier revision of it is remembered")
    present = revisions[-1]
    target = _chosen(revisions, revision_of(args))
    template = _template(ref.kind, target.holder)
    images = ", ".join(_images(template)[:4])
    summary = f"back to revision {target.number}" + (f" ({images})" if images else "")
    if target is present or template == obj(live, "spec", "template"):
        return Draft(ref, f"its template is that of revision {target.number} already", None, live)
    undo = undo_by(Wish(Action.UNDO_ROLLOUT, (ref,), {"revision": str(present.number)}))
    if ref.kind.plural != "deployments":
        data = obj(target.holder, "data")
        return Draft(ref, summary, merge(ref, live, data, Media.STRATEGIC_PATCH), live, undo=undo)
    operations: list[Body] = [
        {"op": "replace", "path": "/spec/template", "value": template},
        {"op": "add", "path": "/metadata/annotations", "value": _annotations(live, target.holder)},
    ]
    return Draft(ref, summary, json_patch(ref, live, operations), live, undo=undo, guarded=True)


def _chosen(revisions: Sequence[Held], number: int) -> Held:
    if number == 0:
        if len(revisions) < 2:
            raise refuse("no earlier revision of it is remembered")
        return revisions[-2]
    found = next((revision for revision in revisions if revision.number == number), None)
    if found is None:
        known = ", ".join(str(revision.number) for revision in revisions)
        raise refuse(f"no revision {number} of it is remembered; there are {known}")
    return found


def _template(kind: KindRef, holder: Body) -> Body:
    if kind.plural != "deployments":
        held = obj(holder, "data", "spec", "template")
        return {key: value for key, value in held.items() if key != "$patch"}
    template = obj(holder, "spec", "template")
    metadata = obj(template, "metadata")
    labels: dict[str, Any] = {key: value for key, value in obj(metadata, "labels").items() if key != _HASH}
    return {**template, "metadata": {**metadata, "labels": labels}}


def _annotations(live: Body, holder: Body) -> Body:
    """The revision's, but for those that are the deployment's own."""
    own = obj(live, "metadata", "annotations")
    then = obj(holder, "metadata", "annotations")
    return {key: value for key, value in own.items() if key in _OWN_ANNOTATIONS} | {
        key: value for key, value in then.items() if key not in _OWN_ANNOTATIONS
    }


def _images(template: Body) -> tuple[str, ...]:
    return tuple(text(one, "image") for one in items(template, "spec", "containers"))


def selector_of(live: Body) -> str:
    """`spec.selector` as the query of a list."""
    return selector(obj(live, "spec", "selector"))
