"""One cluster's Kubernetes API, as the rest of the program asks it: lists and watches of server-printed Tables, logs,
discovery, and writes. Never the SDK's typed objects and never its watch loop (design: "Reflector rules").

Each kind of question is in a module of its own, which comes with the first such question: most commands ask but one.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import unquote

from tui.clients.http import Gate, Http
from tui.clients.json_fields import parse_object, text
from tui.clients.kube_endpoint import KubeEndpoint
from tui.clients.kube_transport import KubeTransport
from tui.clients.problems import plain_url
from tui.clients.segments import segment
from tui.errors import Problem, ProblemKind, SourceError

if TYPE_CHECKING:
    from tui.clients.kube_whole import RawObject
    from tui.clients.sockets import Socket
    from tui.model.cluster import ClusterRef
    from tui.model.jsonpath import Path
    from tui.model.kube import KindRef, RowEvent, TablePage
    from tui.model.objects import Body, BodyEvent, BodyPage
    from tui.model.permits import Permit
    from tui.model.rules import Rules
    from tui.model.streams import TellQueued
    from tui.model.traces import TracePage
    from tui.model.usage import Usage
    from tui.model.writes import Write, Written

JSON = "application/json"


class KubeClient:
    """gate: passed by every request, None where no quota is shared. slot: what each stream holds while it is open,
    None where there is no end of them. tell: told while one is waited for. Every method raises SourceError."""

    def __init__(
        self,
        http: Http,
        endpoint: KubeEndpoint,
        ref: ClusterRef,
        gate: Gate | None = None,
        slot: Callable[[str, TellQueued], AbstractAsyncContextManager[object]] | None = None,
        tell: TellQueued = lambda queued: None,
    ) -> None:
        self.ref = ref
        self.endpoint = endpoint
        self._http = http
        self._gate = gate
        self._transport = KubeTransport(http, endpoint, gate)
        self._slot = slot
        self._tell = tell

    @property
    def account(self) -> str:
        """Who asks, "" where that is not known."""
        return self.endpoint.auth.account

    @property
    def names(self) -> frozenset[str]:
        """What the cluster goes by at the end of its road, whatever it is called here."""
        return self.endpoint.names

    def behind(self, gate: Gate) -> KubeClient:
        """The same cluster through another gate, such as the governor's lane for background work."""
        return KubeClient(self._http, self.endpoint, self.ref, gate, self._slot, self._tell)

    def telling(self, tell: TellQueued) -> KubeClient:
        """The same cluster, whose sockets tell while they wait for a stream."""
        return KubeClient(self._http, self.endpoint, self.ref, self._gate, self._slot, tell)

    async def version(self) -> str:
        """The gitVersion of GET /version."""
        answer = (await self._transport.get("/version", JSON)).checked(self.endpoint.auth.account)
        version = text(answer.json(), "gitVersion")
        if not version:
            summary = "what answers there is no Kubernetes API server"
            raise SourceError(
                Problem(ProblemKind.PROTOCOL, summary, status=answer.status, target=plain_url(answer.url))
            )
        return version

    @property
    def namespace(self) -> str:
        """The one that the road names (a kubeconfig context's), "" = none."""
        return self.endpoint.namespace

    async def rules(self, namespace: str) -> Rules:
        """What we may do in `namespace`, as far as the cluster can tell. A POST, and yet a question: it stores
        nothing."""
        from tui.clients.kube_reviews import RULES_PATH, rules_of, rules_question

        return rules_of(await self._transport.review(RULES_PATH, rules_question(namespace)), self.ref.name)

    async def may(self, verb: str, resource: str, subresource: str, namespace: str) -> bool:
        """Whether we may do one thing to a resource of the core group. A question, as `rules` is."""
        from tui.clients.kube_reviews import ACCESS_PATH, access_of, access_question

        question = access_question(verb, resource, subresource, namespace)
        return access_of(await self._transport.review(ACCESS_PATH, question), self.ref.name)

    async def discover(self) -> tuple[KindRef, ...]:
        """Every served kind, in its preferred version and the server's order of groups."""
        from tui.clients.kube_discovery import discover

        return await discover(self._transport.read)

    def list_pages(
        self,
        kind: KindRef,
        *,
        namespace: str = "",
        labels: str = "",
        fields: str = "",
        limit: int = 500,
        version: str = "",
        paths: Sequence[Path] = (),
    ) -> AsyncGenerator[TablePage]:
        """The list, page by page as the server cuts it; limit: see `tui.clients.kube_paging`. paths: what of the whole
        objects is wanted as further cells, in columns that are called by the paths; they are then sent with the rows,
        and read in a thread.

        Raises EXPIRED where reading took longer than the server keeps its snapshot.
        """
        from tui.clients.kube_tables import read_tables

        query = {"labelSelector": labels, "fieldSelector": fields, "resourceVersion": version}
        return read_tables(self._transport, kind, namespace, query, limit, paths)

    def watch(
        self,
        kind: KindRef,
        *,
        namespace: str = "",
        labels: str = "",
        fields: str = "",
        version: str = "",
        timeout: int = 300,
        paths: Sequence[Path] = (),
    ) -> AsyncGenerator[list[RowEvent]]:
        """Events after `version`, with bookmarks, in batches as they arrive, until the server ends the watch, which it
        is asked to do after `timeout` seconds.

        The first batch, empty, comes when the server has accepted the watch. Raises EXPIRED where `version` is too
        old, also in the middle; TIMEOUT where the server has long passed the time it was given.
        """
        from tui.clients.kube_tables import watch_tables

        query = {"labelSelector": labels, "fieldSelector": fields, "resourceVersion": version}
        return watch_tables(self._transport, kind, namespace, query, timeout, paths)

    async def row(self, kind: KindRef, namespace: str, name: str) -> TablePage:
        """One object as a Table of one row. Asked for by its name, which needs no right to list."""
        from tui.clients.kube_tables import read_row

        return await read_row(self._transport, self.endpoint.auth.account, kind, namespace, name)

    async def body(self, kind: KindRef, namespace: str, name: str) -> Body:
        """One whole object."""
        from tui.clients.kube_bodies import read_body

        return await read_body(self._transport, self.endpoint.auth.account, kind, namespace, name)

    def whole_pages(
        self, kind: KindRef, *, namespace: str = "", name: str = "", labels: str = ""
    ) -> AsyncGenerator[Sequence[RawObject]]:
        """Whole objects as their JSON, a list or the one of that name, read to its end also where that takes longer
        than the server keeps its snapshot."""
        from tui.clients.kube_whole import read_one, read_whole

        if name:
            return read_one(self._transport, self.endpoint.auth.account, kind, namespace, name)
        return read_whole(self._transport, self.endpoint.auth.account, kind, namespace, labels)

    def body_pages(
        self,
        kind: KindRef,
        *,
        namespace: str = "",
        labels: str = "",
        fields: str = "",
        limit: int = 200,
        metadata_only: bool = False,
    ) -> AsyncGenerator[BodyPage]:
        """A list of whole objects, or of their metadata, page by page."""
        from tui.clients.kube_bodies import read_pages

        query = {"labelSelector": labels, "fieldSelector": fields, "limit": limit or None}
        return read_pages(self._transport, kind, namespace, query, metadata_only=metadata_only)

    def traces(self, kind: KindRef, *, namespace: str = "", labels: str = "") -> AsyncGenerator[TracePage]:
        """What the objects of a list tell of their past, page by page."""
        from tui.clients.kube_traces import read_traces

        return read_traces(self._transport, kind, namespace, labels)

    def usages(self, kind: KindRef, *, namespace: str = "", labels: str = "") -> AsyncGenerator[Sequence[Usage]]:
        """What pods or nodes use, in pieces. kind: of metrics.k8s.io."""
        from tui.clients.kube_usage import read_usages

        return read_usages(self._transport, kind, namespace, labels)

    def watch_bodies(
        self,
        kind: KindRef,
        *,
        namespace: str = "",
        labels: str = "",
        fields: str = "",
        version: str = "",
        timeout: int = 300,
    ) -> AsyncGenerator[list[BodyEvent]]:
        """Events of whole objects after `version`; otherwise as `watch`."""
        from tui.clients.kube_bodies import watch_bodies

        query = {"labelSelector": labels, "fieldSelector": fields, "resourceVersion": version}
        return watch_bodies(self._transport, kind, namespace, query, timeout)

    async def get(self, path: str, accept: str = JSON) -> bytes:
        """The body of GET `path`, which is a Kubernetes path with its query."""
        return await self._transport.read(path, accept)

    async def review(self, path: str, body: bytes) -> bytes:
        """The answer to a question about ourselves. Raises ValueError for a path that is none."""
        return await self._transport.review(path, body)

    async def write(self, write: Write, permit: Permit) -> Written:
        """Send a change, once. Raises RefusedError, UncertainError, or another SourceError where it was not sent."""
        from tui.clients.kube_write import send

        permitted = partial(permit.check, self.ref, dry=write.dry)
        return await send(self._transport, write, self.endpoint.auth.account, permitted)

    @asynccontextmanager
    async def socket(
        self, path: str, query: Sequence[tuple[str, str]], protocols: Sequence[str]
    ) -> AsyncGenerator[Socket]:
        """A WebSocket to a sub-resource of a pod; see `tui.streams.paths`. It waits for a slot where those are few."""
        async with AsyncExitStack() as stack:
            if self._slot is not None:
                await stack.enter_async_context(self._slot(_title(path), self._tell))
            yield await stack.enter_async_context(self._transport.socket(path, query, protocols))

    async def exists(self, kind: KindRef, namespace: str, name: str) -> bool:
        """Whether there is such an object. Asks for metadata only, in no other form, so that no Secret is read."""
        from tui.clients.kube_decode import METADATA_ONLY, decode_metadata

        path = kind.path(segment(namespace), segment(name))
        answer = await self._transport.get(path, METADATA_ONLY)
        if answer.status == 404 and _is_absence(answer.body):
            return False
        body = answer.checked(self.endpoint.auth.account).body
        return bool(decode_metadata(body, plain_url(answer.url)).name)

    def log(
        self,
        namespace: str,
        pod: str,
        container: str = "",
        *,
        follow: bool = False,
        tail: int | None = None,
        since_time: str = "",
        since_seconds: int | None = None,
        previous: bool = False,
        timestamps: bool = False,
    ) -> AbstractAsyncContextManager[AsyncGenerator[bytes]]:
        """The chunks of a container's log. since_time: RFC 3339. tail: lines from the end, None = all."""
        from tui.clients.kube_log import read_log

        query: dict[str, str | int | None] = {
            "container": container,
            "follow": "true" if follow else None,
            "tailLines": tail,
            "sinceTime": since_time,
            "sinceSeconds": since_seconds,
            "previous": "true" if previous else None,
            "timestamps": "true" if timestamps else None,
        }
        return read_log(self._transport, namespace, pod, query, ends=not follow)


def _title(path: str) -> str:
    """What a stream is called: "exec payments/api-0"."""
    _, _, _, _, namespace, _, pod, stream = map(unquote, path.split("/"))
    return f"{stream} {namespace}/{pod}"


def _is_absence(body: bytes) -> bool:
    """Whether a 404 is Kubernetes' own "not found", and not a wrong address that knows nothing of any object."""
    status = parse_object(body)
    return status is not None and text(status, "kind") == "Status"
