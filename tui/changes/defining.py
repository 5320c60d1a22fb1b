"""Kinds that a manifest defines itself, by a CustomResourceDefinition before the resources of its kind.

Until the definition has been stored, no server serves the kind, so its resources cannot be read or tried. They are
applied once the server says that the definition is established and its discovery knows the kind (what `kubectl wait
--for condition=Established crd/NAME` waits for, and then what kubectl's mapping needs).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from msgspec.structs import replace

from tui.changes.drafts import Defined, Draft
from tui.changes.patience import StoppedError, patiently, rest
from tui.changes.reading import decode, read_if_there, read_object
from tui.clock import Clock
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.bodies import at, items, name_of, text, texts
from tui.model.cluster import ClusterRef
from tui.model.kube import KindRef
from tui.model.objects import Body, ObjectRef
from tui.model.writes import ChangePort

DEFINITIONS = KindRef(
    "apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", namespaced=False
)
LONGEST = 60.0
"""Seconds until a definition must be served; a real server takes one or two."""
LOOK_EVERY = 1.0


def defined_by(body: Body) -> list[Defined]:
    """The kinds that a document defines; [] where it is no definition."""
    if text(body, "kind") != DEFINITIONS.kind or not text(body, "apiVersion").startswith(f"{DEFINITIONS.group}/"):
        return []
    plural, kind = text(body, "spec", "names", "plural"), text(body, "spec", "names", "kind")
    if not plural or not kind:
        return []
    return [
        Defined(
            name_of(body),
            KindRef(
                text(body, "spec", "group"),
                text(version, "name"),
                plural,
                kind,
                text(body, "spec", "names", "singular") or kind.lower(),
                text(body, "spec", "scope") == "Namespaced",
                tuple(texts(body, "spec", "names", "shortNames")),
            ),
        )
        for version in items(body, "spec", "versions")
        if version.get("served") is True
    ]


def found_in(definitions: Sequence[Sequence[Defined]], api: str, kind: str) -> Defined | None:
    """The one that a document's apiVersion and kind name, of those that several documents define."""
    every = (one for several in definitions for one in several)
    return next((one for one in every if (one.kind.api, one.kind.kind) == (api, kind)), None)


class Serving:
    """Waiting until a kind is served. tell: what is being waited for."""

    def __init__(
        self,
        port: ChangePort,
        defined: Defined,
        cluster: ClusterRef,
        tell: Callable[[str], None],
        cancelled: asyncio.Event,
        clock: Clock,
    ) -> None:
        self._port = port
        self._defined = defined
        self._ref = ObjectRef(cluster, DEFINITIONS, "", defined.name)
        self._tell = tell
        self._cancelled = cancelled
        self._clock = clock

    async def drafted(self, draft: Draft) -> Draft:
        """The draft, made anew of the object as it is, since it could not be read when it was planned. Raises
        SourceError; StoppedError where it was cancelled."""
        await self._served()
        if draft.again is None:
            return draft
        live = await patiently(self._clock, lambda: read_if_there(self._port, draft.ref))
        return replace(draft.again(live), awaits=draft.awaits)

    async def _served(self) -> None:
        ends = self._clock.monotonic() + LONGEST
        while waits := await self._look():
            if self._cancelled.is_set():
                raise StoppedError(Problem(ProblemKind.CONFLICT, "cancelled before it was sent"))
            if self._clock.monotonic() >= ends:
                summary = f"{self._defined.kind.qualified} is not served after {LONGEST:.0f} s: {waits}"
                remedy = f"kubectl describe customresourcedefinition {self._defined.name}"
                raise SourceError(Problem(ProblemKind.TIMEOUT, summary, remedy=remedy))
            self._tell(f"waits for its kind: {waits}")
            await rest(self._clock, LOOK_EVERY, self._cancelled)

    async def _look(self) -> str:
        """What is still missing, "" where the kind is served."""
        body = await patiently(self._clock, lambda: read_object(self._port, self._ref))
        conditions = {text(one, "type"): one for one in items(body, "status", "conditions")}
        names = conditions.get("NamesAccepted", {})
        if text(names, "status") == "False":
            summary = f"the names of {self._defined.name} are not accepted"
            raise SourceError(Problem(ProblemKind.CONFLICT, summary, text(names, "message")))
        if text(conditions.get("Established", {}), "status") != "True":
            return f"the definition {self._defined.name} is not established yet"
        if not await self._discovered():
            return f"the server's discovery does not know {self._defined.kind.api} yet"
        return ""

    async def _discovered(self) -> bool:
        path = self._defined.kind.path().rpartition("/")[0]
        try:
            body = decode(await patiently(self._clock, lambda: self._port.get(path)), path)
        except SourceError as error:
            if error.problem.status == 404:
                return False
            raise
        return any(at(one, "name") == self._defined.kind.plural for one in items(body, "resources"))
