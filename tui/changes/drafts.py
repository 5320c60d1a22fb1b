"""A draft: the one request by which one object would be changed, as a planner makes it before anybody is asked.

Planners are pure: an object and the arguments in, a draft out. What makes no sense for any object (replicas that are no
number) is a UsageError; what this object does not allow is a SourceError, which becomes the problem of its step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import quote

from msgspec import Struct

from tui.errors import Problem, ProblemKind, SourceError
from tui.model.bodies import obj, text
from tui.model.changes import Wish
from tui.model.kube import KindRef
from tui.model.objects import Body, ObjectRef
from tui.model.writes import Media, Write

Args = Mapping[str, str]
Undo = Callable[[Body], Wish | None]
"""From what the server answered to the change to the wish that takes it back."""


class Eviction(Struct, frozen=True):
    """The pods that a drain takes from its node: (namespace, name, uid) of each. grace: seconds, None = the pods' own.
    left: how many stay where they are. patience: seconds until no more is waited, 0 = for ever."""

    pods: tuple[tuple[str, str, str], ...]
    grace: int | None = None
    left: int = 0
    patience: float = 0.0


class Defined(Struct, frozen=True):
    """A kind in one of the versions that a CustomResourceDefinition serves. name: of the definition."""

    name: str
    kind: KindRef


class Draft(Struct, frozen=True):
    """write: None where there is nothing to do. before: what the answer is compared with; None: there is no such
    object. removes: the object is gone afterwards, whatever the answer shows. guarded: the request holds a test of what
    was seen, so that a 422 may mean that it is no longer so. pinned: it names the version that was seen, so that a 409
    says that there is another by now. awaits: an earlier step of the same plan defines its kind; then again makes it
    anew of the object as it is once the kind is served (None: there is none). redefined: the definition of its kind,
    where an earlier step applies it again, and may change what the server accepts."""

    ref: ObjectRef
    summary: str
    write: Write | None
    before: Body | None = None
    removes: bool = False
    undo: Undo | None = None
    warnings: tuple[str, ...] = ()
    guarded: bool = False
    pinned: bool = False
    eviction: Eviction | None = None
    awaits: Defined | None = None
    again: Callable[[Body | None], Draft] | None = None
    redefined: str = ""


class Made(Struct, frozen=True):
    """What earlier steps of a plan make, by name. namespaces: those that are not there yet. changed: definitions that
    are made, or made other than they are. refused, refused_namespaces: what is not made after all."""

    namespaces: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    refused_namespaces: frozenset[str] = frozenset()


def refuse(summary: str, *, kind: ProblemKind = ProblemKind.INVALID, remedy: str = "") -> SourceError:
    """What a planner raises where this object does not allow the change."""
    return SourceError(Problem(kind, summary, remedy=remedy))


def path_of(ref: ObjectRef, subresource: str = "") -> str:
    """The path of an object; names may come from anywhere, so they are escaped. Raises SourceError for one that would
    lead to the collection instead of an object, and have all of it deleted."""
    if ref.name in ("", ".", "..") or ref.namespace in (".", ".."):
        raise refuse(f"no object can be named {ref.title!r}")
    namespace = quote(ref.namespace, safe="")
    return ref.kind.path(namespace, quote(ref.name, safe=":"), subresource)


def collection_of(ref: ObjectRef) -> str:
    """The path of the objects of this kind and namespace."""
    return ref.kind.path(quote(ref.namespace, safe=""))


def merge(ref: ObjectRef, live: Body, change: Body, media: Media = Media.MERGE_PATCH) -> Write:
    """A merge (or strategic merge) patch that hits only the object that was looked at: its uid cannot be changed, so a
    patch that says another one is refused."""
    metadata = {**obj(change, "metadata"), "uid": text(live, "metadata", "uid")}
    return Write("PATCH", path_of(ref), {**change, "metadata": metadata}, media)


def json_patch(ref: ObjectRef, live: Body, operations: list[Body], subresource: str = "") -> Write:
    """A JSON patch that begins with a test of the object's uid."""
    guard: Body = {"op": "test", "path": "/metadata/uid", "value": text(live, "metadata", "uid")}
    return Write("PATCH", path_of(ref, subresource), [guard, *operations], Media.JSON_PATCH)


def pointer(*keys: str | int) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in keys)


def undo_by(wish: Wish) -> Undo:
    """An undo that does not depend on the answer."""
    return lambda answer: wish
