"""ControllerRevisions: the remembered templates of StatefulSets and DaemonSets."""

from __future__ import annotations

from tui.sim.kube.actors.catalogue import CONTROLLER_REVISIONS
from tui.sim.kube.actors.owners import reference
from tui.sim.kube.actors.pods import template_hash
from tui.sim.kube.actors.site import Site
from tui.sim.kube.kinds import Kind
from tui.sim.kube.objects import mapping, number
from tui.sim.kube.status import Obj


def current_revision(site: Site, kind: Kind, owner: Obj, hash_label: str, annotations: Obj | None = None) -> Obj:
    """The ControllerRevision of the owner's present template, made where there is none yet; its `revision` the highest.

    hash_label: under which its hash is kept.
    """
    template = mapping(owner["spec"].get("template"))
    known = site.children(owner, CONTROLLER_REVISIONS)
    highest = max((number(one.get("revision")) for one in known), default=0)
    for one in known:
        if mapping(mapping(mapping(one.get("data")).get("spec")).get("template")) != {**template, "$patch": "replace"}:
            continue
        if number(one.get("revision")) < highest:
            return site.store.update(CONTROLLER_REVISIONS, {**one, "revision": highest + 1})
        return one
    hashed = template_hash(template)
    labels = {**mapping(mapping(template.get("metadata")).get("labels")), hash_label: hashed}
    metadata: Obj = {
        "name": f"{owner['metadata']['name']}-{hashed}",
        "namespace": owner["metadata"]["namespace"],
        "labels": labels,
        **({"annotations": annotations} if annotations else {}),
        "ownerReferences": [reference(kind, owner)],
    }
    data = {"spec": {"template": {**template, "$patch": "replace"}}}
    return site.store.create(CONTROLLER_REVISIONS, {"metadata": metadata, "data": data, "revision": highest + 1})


def hash_of(revision: Obj) -> str:
    return revision["metadata"]["name"].rpartition("-")[2]


def trim(site: Site, owner: Obj, in_use: set[str]) -> None:
    """Forget the oldest unused ones beyond revisionHistoryLimit."""
    known = sorted(site.children(owner, CONTROLLER_REVISIONS), key=lambda one: number(one.get("revision")))
    unused = [one for one in known if one["metadata"]["name"] not in in_use]
    beyond = len(unused) - number(owner["spec"].get("revisionHistoryLimit"), 10)
    site.delete_all(CONTROLLER_REVISIONS, unused[: max(0, beyond)])
