"""One Kubernetes object, by its address and as it is: what describe, edit and every change speak of.

Lists hold printed rows only (`tui.model.kube`); a whole object is read when somebody opens it, and its body is the
server's own JSON, since a change must send back what it does not know.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from msgspec import Struct

from tui.model.cluster import ClusterRef
from tui.model.kube import KindRef

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
