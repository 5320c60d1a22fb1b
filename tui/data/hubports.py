"""What the hub is given: the ways to everything that it asks, and the desk that it keeps."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from msgspec import Struct

from tui.data.ports import ArmPort, Connector, FleetPort
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.changes import ChangeDesk
from tui.model.cluster import ClusterRef
from tui.model.session import Identity, Meter
from tui.model.streams import StreamFacts, StreamPort
from tui.model.writes import GuardedPort


class KeptDesk(ChangeDesk, Protocol):
    """The desk for changes, which the hub keeps and ends."""

    async def admit(self, cluster: ClusterRef) -> None:
        """Raises SourceError where nobody may enter a container of `cluster`."""
        ...

    async def stop(self) -> None:
        """End everything that runs."""
        ...


Names = Callable[[ClusterRef], frozenset[str]]
MakeDesk = Callable[[Callable[[ClusterRef], Awaitable[GuardedPort]], Names], KeptDesk]
"""Of the way to the client by which a cluster is changed, and of what clusters are known to go by before that."""


def _no_names(ref: ClusterRef) -> frozenset[str]:
    return frozenset()


async def _no_writer(ref: ClusterRef) -> GuardedPort:
    raise SourceError(Problem(ProblemKind.MISSING, "nothing can be written"))


async def _no_streams(ref: ClusterRef) -> StreamPort:
    raise SourceError(Problem(ProblemKind.MISSING, "no streams can be opened"))


async def _no_facts(ref: ClusterRef) -> StreamFacts:
    raise SourceError(Problem(ProblemKind.MISSING, "no streams can be opened"))


async def _no_contexts() -> Sequence[ClusterRef]:
    return ()


async def _nobody() -> Identity:
    return Identity()


async def _nothing() -> None:
    return None


async def _unused() -> Meter:
    return Meter()


class Ports(Struct, frozen=True):
    """Everything that the hub asks. A `Problem` (kind MISSING, with its remedy) stands for what is not configured.

    writer: the client of a cluster by which it is changed. streams, facts: the one by which streams are opened, and
    what is asked before. names: what a cluster goes by at the end of its road, as far as that is known without going
    there. counted: which quota it is, as far as is known, that a `ClusterRef` calls so: a project has an id and a
    number. shown: what the project of a quota is called where somebody reads it. layer: which layer a failed probe was
    stopped by, in the words of `Reach.layer`. contexts: the kubeconfig contexts that are clusters; raises where the
    file cannot be read. identity: who we are. meter: what we use of the quota. close: ends every connection.
    """

    connector: Connector
    fleet: FleetPort | Problem
    arm: ArmPort | Problem
    contexts: Callable[[], Awaitable[Sequence[ClusterRef]]] = _no_contexts
    writer: Callable[[ClusterRef], Awaitable[GuardedPort]] = _no_writer
    streams: Callable[[ClusterRef], Awaitable[StreamPort]] = _no_streams
    facts: Callable[[ClusterRef], Awaitable[StreamFacts]] = _no_facts
    names: Names = _no_names
    counted: Callable[[str], str] = str
    shown: Callable[[str], str] = str
    layer: Callable[[Problem], str] = lambda problem: ""
    identity: Callable[[], Awaitable[Identity]] = _nobody
    meter: Callable[[], Awaitable[Meter]] = _unused
    close: Callable[[], Awaitable[None]] = _nothing
