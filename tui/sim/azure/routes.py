"""From an address to an operation of Azure Resource Manager, and the checks it makes before any provider is asked.

Addresses are compared without regard to case, any api-version will do, none is an error.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass

from aiohttp import web

from tui.sim.azure.errors import ArmError, forbidden, unauthenticated
from tui.sim.kube.identity import bearer_token
from tui.sim.people import Caller, ExpiredToken, People
from tui.sim.scenario import SubscriptionSpec

READER, USER, OWNER = "Reader", "Azure Kubernetes Service Cluster User Role", "Owner"


@dataclass(frozen=True, slots=True)
class Call:
    """A request that passed the checks. subscription is None where the address names none."""

    request: web.Request
    params: dict[str, str]
    caller: Caller
    subscription: SubscriptionSpec | None

    @property
    def the_subscription(self) -> SubscriptionSpec:
        assert self.subscription is not None  # the route names one
        return self.subscription

    def require(self, action: str, scope: str = "") -> None:
        """Raise ArmError 403 unless the caller's roles allow the action ("Microsoft.X/y/read")."""
        if not allowed(self.caller, action):
            raise forbidden(self.caller.email, self.caller.object_id, action, scope or self.request.path)


Handler = Callable[[Call], Awaitable[web.Response]]


@dataclass(frozen=True, slots=True)
class Route:
    """One operation. action: what the caller must be allowed to do; "" = anybody signed in."""

    verb: str
    pattern: re.Pattern[str]
    action: str
    handler: Handler


def route(verb: str, template: str, action: str, handler: Handler) -> Route:
    """`{word}` in the template is one path segment."""
    pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template.replace(".", r"\."))
    return Route(verb, re.compile(pattern, re.IGNORECASE), action, handler)


def roles(caller: Caller) -> Iterator[str]:
    """The Azure roles of a person, on every subscription, drawn from what the scenario says of him."""
    person = caller.person
    if person is None:
        return
    if {"roles/owner", "roles/editor"} & set(person.iam):
        yield OWNER
    if "roles/viewer" in person.iam or person.kube:
        yield READER
    if person.kube:
        yield USER


def allowed(caller: Caller, action: str) -> bool:
    held = set(roles(caller))
    if OWNER in held:
        return True
    if action.endswith("/read"):
        return bool(held)
    return USER in held and action.endswith("/listClusterUserCredential/action")


class Router:
    """All operations, first match first."""

    def __init__(self, routes: list[Route], subscriptions: Mapping[str, SubscriptionSpec], people: People) -> None:
        self._routes = routes
        self._subscriptions = subscriptions
        self._people = people

    async def handle(self, request: web.Request) -> web.Response:
        try:
            response = await self._handle(request)
        except ArmError as error:
            response = error.response()
        for name, value in _headers(request).items():
            response.headers.setdefault(name, value)
        return response

    async def _handle(self, request: web.Request) -> web.Response:
        caller = authenticate(self._people, request)
        if not request.query.get("api-version"):
            message = "The api-version query parameter (?api-version=) is required for all requests."
            raise ArmError(400, "MissingApiVersionParameter", message)
        path = request.path.rstrip("/")
        for candidate in self._routes:
            matched = candidate.pattern.fullmatch(path)
            if matched is not None and candidate.verb == request.method:
                params = matched.groupdict()
                call = Call(request, params, caller, self._subscription(params))
                if candidate.action:
                    call.require(candidate.action, path)
                return await candidate.handler(call)
        raise _unknown(request)

    def _subscription(self, params: Mapping[str, str]) -> SubscriptionSpec | None:
        id = params.get("subscription")
        if id is None:
            return None
        found = self._subscriptions.get(id.lower())
        if found is None:
            raise ArmError(404, "SubscriptionNotFound", f"The subscription '{id}' could not be found.")
        return found


def authenticate(people: People, request: web.Request) -> Caller:
    """Who asks. Raises ArmError 401."""
    token = bearer_token(request.headers)
    if not token:
        message = "Authentication failed. The 'Authorization' header is missing."
        raise unauthenticated("AuthenticationFailed", message)
    try:
        caller = people.by_token(token, azure=True)
    except ExpiredToken as error:
        raise unauthenticated("ExpiredAuthenticationToken", "The access token has expired.") from error
    if caller is None:
        raise unauthenticated("InvalidAuthenticationToken", "The access token is invalid.")
    return caller


def _unknown(request: web.Request) -> ArmError:
    provider = re.search(r"/providers/([^/]+)/([^/]+)", request.path, re.IGNORECASE)
    if provider is None or request.method != "GET":
        message = "The request URI is not valid, or the method is not supported for it."
        return ArmError(404 if request.method == "GET" else 405, "InvalidRequestUri", message)
    message = f"The resource type '{provider[2]}' could not be found in the namespace '{provider[1]}'."
    return ArmError(404, "InvalidResourceType", message)


def _headers(request: web.Request) -> dict[str, str]:
    """What every answer of ARM carries."""
    id = str(uuid.uuid4())
    kind = {"GET": "reads", "HEAD": "reads", "DELETE": "deletes"}.get(request.method, "writes")
    left = {"reads": "11999", "writes": "1199", "deletes": "14999"}[kind]
    return {
        "x-ms-request-id": id,
        "x-ms-correlation-request-id": request.headers.get("x-ms-correlation-request-id", id),
        "x-ms-routing-request-id": f"WESTEUROPE:{id}",
        f"x-ms-ratelimit-remaining-subscription-{kind}": left,
        "Cache-Control": "no-cache",
    }
