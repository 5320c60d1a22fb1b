"""azure-core's pipeline with exactly the policies that are meant, over the program's own HTTP session.

Every management client would by default install a policy that answers "the subscription is not registered" by
registering it, with a POST, in the middle of a read, and then asks for ever whether it is done (facts: "reads that
write"). Nor are there retries: azure-core waits in silence, for minutes if a server asks for it, and waits are ours to
show. Import this module lazily and in a thread.
"""

from __future__ import annotations

from typing import Any

from azure.core import AsyncPipelineClient
from azure.core.exceptions import (
    AzureError,
    DecodeError,
    HttpResponseError,
    ServiceRequestError,
    ServiceResponseError,
)
from azure.core.pipeline.policies import (
    ContentDecodePolicy,
    HeadersPolicy,
    ProxyPolicy,
    RequestIdPolicy,
    UserAgentPolicy,
)
from azure.core.pipeline.transport import AioHttpTransport
from azure.core.rest import HttpRequest
from azure.mgmt.core.policies import AsyncARMChallengeAuthenticationPolicy
from azure.mgmt.kubernetesconfiguration.aio import SourceControlConfigurationClient

from tui.clients.answers import Answer
from tui.clients.azure_auth import AzureCredentials
from tui.clients.http import CONNECT_TIMEOUT, REQUEST_TIMEOUT, Http, user_agent
from tui.clients.json_fields import JsonObject
from tui.clients.problem_bodies import words
from tui.clients.problems import plain_url, problem_from_exception, problem_from_response
from tui.errors import Problem, ProblemKind, SourceError

_LIMITS = {"connection_timeout": CONNECT_TIMEOUT, "read_timeout": REQUEST_TIMEOUT}


class Pipeline:
    """ARM requests and the extension client of each subscription; both through the same policies."""

    def __init__(self, http: Http, credentials: AzureCredentials, session: Any) -> None:
        """session: of `http`, open."""
        proxy = http.proxy_for(credentials.cloud.arm)
        self._proxies = {"https": proxy} if proxy else None
        self._transport: Any = AioHttpTransport(session=session, session_owner=False, **_LIMITS)
        self._credentials = credentials
        self._client: Any = AsyncPipelineClient(credentials.cloud.arm, **self._options([]))
        self._extensions: dict[str, Any] = {}

    def _options(self, more: list[Any]) -> dict[str, Any]:
        """Policies of their own for each client: a pipeline chains its policies to one another."""
        policies = [
            RequestIdPolicy(),
            HeadersPolicy({"Accept": "application/json"}),
            UserAgentPolicy(base_user_agent=user_agent()),
            ProxyPolicy(proxies=self._proxies),
            *more,
            AsyncARMChallengeAuthenticationPolicy(self._credentials, self._credentials.cloud.scope),
        ]
        return {"policies": policies, "transport": self._transport}

    async def send(self, method: str, url: str) -> Answer:
        """An answer of any status. Raises SourceError where none came."""
        try:
            response = await self._client.send_request(HttpRequest(method, url))
        except AzureError as exc:
            raise SourceError(problem_of(exc, url)) from exc
        return Answer(url, response.status_code, response.headers, response.content)

    async def extensions(self, subscription: str, resource_group: str, cluster: str) -> list[JsonObject]:
        """The k8s-extensions of an AKS cluster as JSON, through the SDK's own client. Raises SourceError."""
        client = self._extensions.get(subscription)
        if client is None:
            client = self._extensions[subscription] = SourceControlConfigurationClient(
                self._credentials,
                subscription,
                base_url=self._credentials.cloud.arm,
                credential_scopes=[self._credentials.cloud.scope],
                **self._options([ContentDecodePolicy()]),
            )
        place = (resource_group, "Microsoft.ContainerService", "managedClusters", cluster)
        target = f"{self._credentials.cloud.arm}/subscriptions/{subscription}/…/{cluster}/extensions"
        try:
            listed: Any = client.extensions.list(*place)
            return [found.serialize(keep_readonly=True) async for found in listed]
        except AzureError as exc:
            raise SourceError(problem_of(exc, target)) from exc
        except (ValueError, TypeError, AttributeError) as exc:  # how the SDK meets JSON of another shape than it knows
            raise SourceError(_unreadable(exc, target)) from exc


def problem_of(exc: AzureError, target: str) -> Problem:
    """What an exception of azure-core says: the refusal it wraps, the failure beneath it, or an answer that cannot be
    read."""
    response: Any = getattr(exc, "response", None)
    if isinstance(exc, DecodeError):
        return _unreadable(exc, target)
    if isinstance(exc, HttpResponseError) and response is not None:
        url = str(response.request.url)
        return problem_from_response(int(response.status_code), response.headers, _body(response), target=url)
    if isinstance(exc, ServiceRequestError | ServiceResponseError):
        cause = exc.inner_exception or exc.__cause__
        if cause is not None and not isinstance(cause, AzureError):
            return problem_from_exception(cause, target=plain_url(target))
    return Problem(ProblemKind.UNREACHABLE, "the request to ARM failed", words(str(exc)), target=plain_url(target))


def _unreadable(exc: Exception, target: str) -> Problem:
    return Problem(ProblemKind.PROTOCOL, "ARM's answer cannot be read", words(str(exc)), target=plain_url(target))


def _body(response: Any) -> bytes:
    """The SDK's generated clients use the older kind of response, which has a method where the newer has a property."""
    return response.body() if hasattr(response, "body") else response.content
