"""One Kubernetes object, by its address and as it is: what describe, edit and every change speak of.

Lists hold printed rows only (`tui.model.kube`); a whole object is read when somebody opens it, and its body is the
server's own JSON, since a change must send back what it does not know.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

from msgspec import Struct

from tui.model.cluster import ClusterRef
from tui.model.kube import EventType, KindRef

if TYPE_CHECKING:
    from tui.model.feed import Gap

Body: TypeAlias = dict[str, Any]
"""An object as the server sends it (untrusted text throughout). Never changed in place: `copy.deepcopy` first."""


class ObjectRef(Struct, frozen=True):
    """Where an object is. namespace: "" for kinds of the whole cluster. uid: of the object that was looked at, "" where
    it is not known; with it a change refuses to hit another object that has taken the name since."""

    cluster: ClusterRef
    kind: KindRef
    namespace: str
    name: str
    uid: str = ""

    @property
    def title(self) -> str:
        """`namespace/name`, or `name`."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


class BodyPage(Struct, frozen=True):
    """One page of a list of whole objects (or of their metadata). version: the list's resourceVersion."""

    items: tuple[Body, ...]
    version: str = ""
    continue_token: str = ""


class BodyEvent(Struct, frozen=True):
    """One watch event of a whole object. body is None for BOOKMARK."""

    type: EventType
    body: Body | None
    version: str


class Held(Struct, frozen=True):
    """What is known of an object. body: as it was seen last, None where there is none by that name. deleted: the object
    that `body` was is there no more."""

    body: Body | None
    deleted: bool = False


class Happening(Struct, frozen=True):
    """Equal events of one object, folded into one. first / last: wall-clock seconds, None where not told. count: how
    often. place: the part of the object that is meant ("spec.containers{web}"), "" for the whole."""

    type: str
    reason: str
    message: str
    source: str
    count: int = 1
    first: float | None = None
    last: float | None = None
    place: str = ""


class Beside(Struct, frozen=True):
    """What was found beside an object because its description needs it: bodies (or metadata) by the name of the
    question asked. gaps: the questions that were refused; `Gap.who` is the kind."""

    found: dict[str, tuple[Body, ...]]
    gaps: tuple[Gap, ...] = ()


class Relation(StrEnum):
    """How another object stands to the one that is looked at, in the words of the screen."""

    OWNED_BY = "owned by"
    OWNS = "owns"
    SELECTS = "selects"
    SELECTED_BY = "selected by"
    USES = "uses"
    USED_BY = "used by"


class RelatedNode(Struct, frozen=True):
    """One object of the tree. ref: None where it cannot be opened (its kind is not served; a user, a group). body: as
    far as it was read, for its state. note: how the two hang together ("volume data"). lost: why it was not found.
    children: in the same direction."""

    relation: Relation
    kind: str
    name: str
    namespace: str = ""
    ref: ObjectRef | None = None
    body: Body | None = None
    note: str = ""
    lost: str = ""
    children: tuple[RelatedNode, ...] = ()


class Related(Struct, frozen=True):
    """Everything that was found around an object. gaps: kinds that could not be asked for."""

    nodes: tuple[RelatedNode, ...]
    gaps: tuple[Gap, ...] = ()
