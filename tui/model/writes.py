"""One writing request to a cluster, and what came of it, as values; and who can send it.

The layer of changes makes the requests, the Kubernetes client sends them. They meet here, so that neither knows the
other.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol

from msgspec import Struct, field

from tui.errors import Problem, SourceError
from tui.model.kube import KindRef
from tui.model.objects import Body
from tui.model.permits import Permit, Stopped

FIELD_MANAGER = "clusterview"
"""Under which name the server keeps what we own (managed fields)."""


class Media(StrEnum):
    """What a body is."""

    JSON = "application/json"
    JSON_PATCH = "application/json-patch+json"
    MERGE_PATCH = "application/merge-patch+json"
    STRATEGIC_PATCH = "application/strategic-merge-patch+json"
    APPLY_PATCH = "application/apply-patch+yaml"  # JSON is YAML


class Write(Struct, frozen=True):
    """method: POST, PUT, PATCH or DELETE. path: a Kubernetes path, its names escaped. body: a list is a JSON patch.
    query: beside fieldManager, fieldValidation and dryRun, which the client adds where they are understood. dry:
    everything happens but the last step: nothing is stored (`dryRun=All`)."""

    method: str
    path: str
    body: Body | list[Body] | None = None
    media: Media = Media.JSON
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    dry: bool = False


class Written(Struct, frozen=True):
    """A success. body: the object as it is now, or a Status. warnings: of the Warning headers, untrusted."""

    status: int
    body: Body
    warnings: tuple[str, ...] = ()


class UncertainError(SourceError):
    """A write left us and no whole answer came: it may have been made or not. It is not sent again."""


class RefusedError(SourceError):
    """The server refused a write. causes: (reason, message, field) of the Status's details; about: which resources they
    say it is about, by their plural. Both untrusted."""

    def __init__(self, problem: Problem, causes: tuple[tuple[str, str, str], ...] = (), about: str = "") -> None:
        super().__init__(problem)
        self.causes = causes
        self.about = about


class ChangePort(Protocol):
    """What changes read of one cluster's Kubernetes API. Every method raises SourceError."""

    @property
    def account(self) -> str:
        """Who asks, "" where that is not known."""
        ...

    @property
    def names(self) -> frozenset[str]:
        """What the cluster goes by at the end of its road: a kubeconfig's name for it, its host, its membership."""
        ...

    @property
    def namespace(self) -> str:
        """The kubeconfig context's namespace, "" where there is none."""
        ...

    async def get(self, path: str, accept: str = "application/json") -> bytes:
        """The body of GET `path`, which is a Kubernetes path with its query."""
        ...

    async def discover(self) -> tuple[KindRef, ...]:
        """Every served kind."""
        ...

    async def review(self, path: str, body: bytes) -> bytes:
        """The answer to a question about ourselves (SelfSubjectAccessReview and its like), which is a POST that stores
        nothing: it needs no permit."""
        ...


class GuardedPort(ChangePort, Protocol):
    """A client, which writes only for who shows a permit."""

    async def write(self, write: Write, permit: Permit) -> Written:
        """Send it, once. Raises SourceError, with nothing sent, where the permit does not allow it; otherwise as
        `WritePort.write`."""
        ...


class WritePort(ChangePort, Protocol):
    """The same with a permit at hand (`tui.changes.permitting`)."""

    async def write(self, write: Write, stopped: Stopped | None = None) -> Written:
        """Send it, once. stopped: asked as the last thing before it is sent, and its error raised. Raises RefusedError
        where the server refused, UncertainError where it may have arrived and no answer came, any other SourceError
        where it was not sent."""
        ...
