"""Requests to one cluster: address, credentials, TLS, proxy and gate put together, and 401 answered once by asking for
fresh credentials."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import TypeVar
from urllib.parse import urlencode

from msgspec import Struct
from msgspec.structs import replace

from tui.clients.answers import Answer, Stream
from tui.clients.http import REQUEST_TIMEOUT, Gate, Http
from tui.clients.json_fields import children, parse_object, text
from tui.clients.kube_endpoint import Access, KubeEndpoint
from tui.clients.sockets import Socket
from tui.clients.tls import TlsSpec
from tui.errors import Problem, SourceError

REVIEWS = ("/apis/authorization.k8s.io/v1/selfsubject", "/apis/authentication.k8s.io/v1/selfsubject")
"""How the paths of reviews begin: questions about ourselves that are asked by POST and change nothing."""

Query = Mapping[str, str | int | None]
"""Query parameters; those that are None or "" are left out."""


JSON = "application/json"

T = TypeVar("T")


Permitted = Callable[[], None]
"""Raises SourceError where a writing request may not be sent now."""


def _reads() -> None:
    """What reads needs no permit."""


class _Question(Struct, frozen=True):
    """One request. body: None for a GET. permitted: asked as the last thing before it is sent."""

    method: str
    url: str
    accept: str
    body: bytes | None = None
    media: str = ""
    timeout: float = REQUEST_TIMEOUT
    permitted: Permitted = _reads


class KubeTransport:
    """gate: passed by every request; None for roads without a shared quota."""

    def __init__(self, http: Http, endpoint: KubeEndpoint, gate: Gate | None = None) -> None:
        self._http = http
        self._endpoint = endpoint
        self._gate = gate

    def url(self, path: str, query: Query | None = None) -> str:
        """The whole URL of a Kubernetes path."""
        given = {name: value for name, value in (query or {}).items() if value not in (None, "")}
        return f"{self._endpoint.server}{path}" + (f"?{urlencode(given)}" if given else "")

    async def get(self, path: str, accept: str, query: Query | None = None) -> Answer:
        """A whole answer of any status but 401. Raises SourceError where none came or nobody is signed in."""
        return await self._signed_in(_Question("GET", self.url(path, query), accept))

    async def review(self, path: str, body: bytes) -> bytes:
        """The answer to a review (authorization.k8s.io): a POST that stores nothing and is a question like a GET, so
        it is allowed to who only reads. Raises SourceError for any refusal, ValueError for any other path."""
        if not path.startswith(REVIEWS):
            raise ValueError(f"{path} is no review")
        answer = await self._signed_in(_Question("POST", self.url(path), JSON, body, JSON))
        return answer.checked(self._endpoint.auth.account).body

    async def send(
        self,
        method: str,
        path: str,
        query: Query,
        body: bytes,
        media: str,
        permitted: Permitted,
        *,
        timeout: float = REQUEST_TIMEOUT,
    ) -> Answer:
        """A writing request, sent once: only a 401, which says that nothing was done, has it sent again with fresh
        credentials. permitted: asked before it is sent. The answer is as of `get`, and so are the errors."""
        question = _Question(method, self.url(path, query), JSON, body, media, timeout, permitted)
        return await self._signed_in(question)

    async def read(self, path: str, accept: str, query: Query | None = None) -> bytes:
        """The body of a success. Raises SourceError for any refusal."""
        return (await self.get(path, accept, query)).checked(self._endpoint.auth.account).body

    @asynccontextmanager
    async def stream(
        self,
        path: str,
        accept: str,
        query: Query | None = None,
        *,
        timeout: float | None = REQUEST_TIMEOUT,
        silence: float | None = None,
    ) -> AsyncGenerator[Stream]:
        """A body read as it comes. timeout and silence: as in `Http.stream`."""
        url = self.url(path, query)

        def opened(access: Access) -> AbstractAsyncContextManager[Stream]:
            return self._http.stream(
                "GET",
                url,
                headers=(*access.headers, ("Accept", accept)),
                tls=self._tls(access),
                proxy=self._endpoint.proxy,
                timeout=timeout,
                silence=silence,
                gate=self._gate,
                who=self._endpoint.auth.account,
            )

        async with AsyncExitStack() as stack:
            yield await self._entered(stack, opened)

    @asynccontextmanager
    async def socket(
        self, path: str, query: Sequence[tuple[str, str]], protocols: Sequence[str]
    ) -> AsyncGenerator[Socket]:
        """A WebSocket. query: names may come more than once, as `command` does. Raises SourceError for any refusal,
        with the server's words."""
        url = self.url(path) + (f"?{urlencode(query)}" if query else "")

        def opened(access: Access) -> AbstractAsyncContextManager[Socket]:
            return self._http.socket(
                url,
                protocols,
                headers=access.headers,
                tls=self._tls(access),
                proxy=self._endpoint.proxy,
                gate=self._gate,
                who=self._endpoint.auth.account,
            )

        async with AsyncExitStack() as stack:
            yield await self._entered(stack, opened)

    async def _entered(self, stack: AsyncExitStack, opened: Callable[[Access], AbstractAsyncContextManager[T]]) -> T:
        """What `opened` gives, which is asked once more with fresh credentials where the first are refused."""
        auth = self._endpoint.auth
        access = await auth.access()
        try:
            return await stack.enter_async_context(opened(access))
        except SourceError as exc:
            if exc.problem.status != 401:
                raise
            if not auth.refused(access):
                raise self._signed_out(exc.problem) from exc
        try:
            return await stack.enter_async_context(opened(await auth.access()))
        except SourceError as exc:
            raise self._signed_out(exc.problem) if exc.problem.status == 401 else exc from exc

    async def _signed_in(self, question: _Question) -> Answer:
        answer, access = await self._ask(question)
        if answer.status == 401 and self._endpoint.auth.refused(access):
            answer, _ = await self._ask(question)
        if answer.status == 401:
            raise self._signed_out(answer.problem(self._endpoint.auth.account))
        return answer

    async def _ask(self, question: _Question) -> tuple[Answer, Access]:
        access = await self._endpoint.auth.access()
        question.permitted()
        writes = question.body is not None
        media = (("Content-Type", question.media),) if writes else ()
        answer = await self._http.request(
            question.method,
            question.url,
            headers=(*access.headers, ("Accept", question.accept), *media),
            body=question.body,
            tls=self._tls(access),
            proxy=self._endpoint.proxy,
            timeout=question.timeout,
            gate=_Entrance(self._gate, question.permitted) if writes and self._gate is not None else self._gate,
            once=writes,
        )
        if writes and self._gate is not None and not (answer.status == 429 and _is_budget(answer)):
            self._gate.answered(answer.status, answer.problem().retry_after if answer.status == 429 else None)
        return answer, access

    def _signed_out(self, problem: Problem) -> SourceError:
        return SourceError(replace(problem, remedy=self._endpoint.auth.remedy or problem.remedy))

    def _tls(self, access: Access) -> TlsSpec:
        if not access.certificate:
            return self._endpoint.tls
        return replace(self._endpoint.tls, certificate=access.certificate, key=access.key)


class _Entrance:
    """The way in of a gate, whose keeper is told of the answer by us. permitted: asked once it has opened."""

    def __init__(self, gate: Gate, permitted: Permitted) -> None:
        self._gate = gate
        self._permitted = permitted

    async def enter(self) -> None:
        await self._gate.enter()
        self._permitted()  # it may have been locked while this waited for its turn

    def answered(self, status: int, retry_after: float | None) -> None:
        pass


def _is_budget(answer: Answer) -> bool:
    """Whether a 429 says that a PodDisruptionBudget holds a pod: that is nothing to spare the gateway for."""
    body = parse_object(answer.body)
    causes = children(body, "details", "causes") if body is not None else []
    return any(text(cause, "reason") == "DisruptionBudget" for cause in causes)
