"""From an address to the method of an API: the checks every Google API makes before it answers.

In their order: a token (401), the project's API enabled (403 SERVICE_DISABLED), the permission (403). Only then the
method's own handler runs.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tui.sim.google.errors import (
    GoogleError,
    answer,
    page_not_found,
    permission_denied,
    service_disabled,
    unauthenticated,
)
from tui.sim.google.messages import Message, parse
from tui.sim.google.project import Project, title
from tui.sim.kube.identity import bearer_token
from tui.sim.people import Caller, ExpiredToken, People

_NAMES = {"project": r"[^/:]+", "location": r"[^/:]+", "rest": r".+"}


@dataclass(frozen=True, slots=True)
class Call:
    """A request that passed the checks. project is None where the address names none."""

    request: web.Request
    params: dict[str, str]
    caller: Caller
    project: Project | None
    now: float

    @property
    def the_project(self) -> Project:
        assert self.project is not None  # the route names one
        return self.project

    async def body(self, message: Message) -> dict[str, Any]:
        """The message sent. Raises GoogleError 400."""
        return parse(await self.request.read(), message)


Handler = Callable[[Call], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Route:
    """One method of an API. permission: "" where the handler checks for itself. short: see `permission_denied`."""

    verb: str
    pattern: re.Pattern[str]
    service: str
    name: str
    permission: str
    handler: Handler
    short: bool = False


def route(
    verb: str, template: str, service: str, name: str, permission: str, handler: Handler, *, short: bool = False
) -> Route:
    """`{word}` in the template is a path segment, `{rest}` all that follows, `{v}` a version of letters and digits."""
    pieces = re.split(r"\{(\w+)\}", template)
    pattern = "".join(
        re.escape(piece) if index % 2 == 0 else f"(?P<{piece}>{_NAMES.get(piece, '[^/:]+')})"
        for index, piece in enumerate(pieces)
    )
    return Route(verb, re.compile(pattern), service, name, permission, handler, short)


class Router:
    """All methods of all APIs, first match first."""

    def __init__(self, routes: list[Route], projects: list[Project], people: People, now: Callable[[], float]) -> None:
        self._routes = routes
        self._projects = {name: project for project in projects for name in project.names}
        self._people = people
        self._now = now

    def project(self, name: str) -> Project | None:
        """By id or number."""
        return self._projects.get(name)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        path = request.path
        for candidate in self._routes:
            matched = candidate.pattern.fullmatch(path)
            if matched is not None and candidate.verb == request.method:
                try:
                    return answer(await self._call(candidate, request, matched.groupdict()))
                except GoogleError as error:
                    return error.response()
        return page_not_found(path)

    async def _call(self, candidate: Route, request: web.Request, params: dict[str, str]) -> object:
        caller = authenticate(self._people, request, candidate.service, candidate.name)
        project = self._projects.get(params.get("project", ""))
        if "project" in params and candidate.permission:
            resource = resource_name(candidate.service, request.path)
            if project is None:
                raise permission_denied(candidate.permission, resource, full=not candidate.short)
            require_service(project, candidate.service)
            if not project.policy.grants(caller.member, candidate.permission, self._now()):
                raise permission_denied(candidate.permission, resource, full=not candidate.short)
        return await candidate.handler(Call(request, params, caller, project, self._now()))


def authenticate(people: People, request: web.Request, service: str, method: str) -> Caller:
    """Who asks. Raises GoogleError 401."""
    token = bearer_token(request.headers)
    if not token:
        raise unauthenticated(service, method, missing=True)
    try:
        caller = people.by_token(token)
    except ExpiredToken as error:
        raise unauthenticated(service, method, expired=True) from error
    if caller is None:
        raise unauthenticated(service, method)
    return caller


def require_service(project: Project, service: str) -> None:
    """Raises GoogleError 403 if the project has not enabled the API."""
    if service not in project.services:
        raise service_disabled(service, title(service), project.number)


def resource_name(service: str, path: str) -> str:
    """The full resource name an address stands for: without version and without the method after a colon."""
    return f"//{service}/{path.strip('/').partition('/')[2].partition(':')[0]}"
