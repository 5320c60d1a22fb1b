"""APPLY: the documents of a manifest, declared to a cluster by server-side apply under our field manager."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from tui.changes.drafts import Args, Draft, path_of, refuse
from tui.changes.edits import restoring
from tui.changes.yamltext import parse_documents
from tui.errors import ProblemKind, UsageError
from tui.model.bodies import items, text
from tui.model.changes import Action, Wish
from tui.model.cluster import ClusterRef
from tui.model.kube import KindRef
from tui.model.objects import Body, ObjectRef
from tui.model.writes import Media, Write


class Document(Struct, frozen=True):
    """One object of a manifest. number: which document it is, from 1."""

    number: int
    api: str
    kind: str
    name: str
    namespace: str
    body: Body

    @property
    def title(self) -> str:
        return f"{self.kind} {self.name}"


def documents_of(args: Args) -> tuple[Document, ...]:
    """The objects of the manifest, in its order; those of a List one by one. Raises UsageError."""
    found: list[Document] = []
    for number, read in enumerate(parse_documents(args.get("manifest", "")), 1):
        for body in _unpacked(read):
            found.append(_document(body, number))
    if not found:
        raise UsageError("the manifest holds no object")
    return tuple(found)


def _unpacked(read: object) -> Sequence[object]:
    if text(read, "kind") == "List" and text(read, "apiVersion") == "v1":
        return items(read, "items")
    return (read,)


def _document(body: Any, number: int) -> Document:
    where = f"document {number} of the manifest"
    api, kind, name = text(body, "apiVersion"), text(body, "kind"), text(body, "metadata", "name")
    if not api or not kind:
        raise UsageError(f"{where} is no Kubernetes object: it needs apiVersion and kind")
    if not name:
        generated = text(body, "metadata", "generateName")
        why = (
            "apply needs a name, and generateName makes a new one each time" if generated else "it needs metadata.name"
        )
        raise UsageError(f"{where} ({kind}): {why}")
    return Document(number, api, kind, name, text(body, "metadata", "namespace"), body)


def check(args: Args) -> None:
    documents_of(args)


def kind_of(document: Document, kinds: Sequence[KindRef]) -> KindRef | None:
    """The kind that a cluster serves under the document's apiVersion and kind, in the version the document is of; None
    where it does not serve it in that version (any more)."""
    group, _, version = document.api.rpartition("/")
    for kind in kinds:
        if kind.group == group and kind.kind == document.kind:
            if kind.version == version:
                return kind
            if version in kind.others:
                others = tuple(other for other in (kind.version, *kind.others) if other != version)
                return replace(kind, version=version, others=others)
    return None


def unserved(document: Document, cluster: ClusterRef) -> ObjectRef:
    """The address of an object of a kind that its cluster does not serve, for the step that says so."""
    group, _, version = document.api.rpartition("/")
    kind = KindRef(group, version, document.kind.lower(), document.kind)
    return ObjectRef(cluster, kind, document.namespace, document.name)


def ref_of(document: Document, cluster: ClusterRef, kind: KindRef, namespace: str) -> ObjectRef:
    """Where the document's object is. namespace: for those that name none."""
    return ObjectRef(cluster, kind, (document.namespace or namespace) if kind.namespaced else "", document.name)


def draft(ref: ObjectRef, live: Body | None, document: Document, args: Args) -> Draft:
    if live is not None and ref.uid and text(live, "metadata", "uid") != ref.uid:
        raise refuse("another object has that name now", kind=ProblemKind.CONFLICT)
    query: Mapping[str, str] = {"force": "true"} if args.get("force") == "true" else {}
    write = Write("PATCH", path_of(ref), document.body, Media.APPLY_PATCH, query)
    if live is None:
        return Draft(ref, "create", write, None, undo=lambda answer: _delete(ref, answer))
    return Draft(ref, "apply", write, live, undo=restoring(ref, live))


def _delete(ref: ObjectRef, answer: Body) -> Wish:
    target = ObjectRef(ref.cluster, ref.kind, ref.namespace, ref.name, text(answer, "metadata", "uid"))
    return Wish(Action.DELETE, (target,))


def unforced(write: Write) -> Write | None:
    """The same apply without force, which tells whose fields the force would take; None where it has none."""
    return replace(write, query={}) if write.query.get("force") else None
