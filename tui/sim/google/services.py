"""Service Usage: which APIs a project has enabled, and enabling more."""

from __future__ import annotations

import uuid

from tui.sim.google.errors import GoogleError, permission_denied
from tui.sim.google.messages import BATCH_ENABLE, ENABLE
from tui.sim.google.paging import page
from tui.sim.google.project import TITLES, Project, title
from tui.sim.google.routes import Call, Route, route

SERVICE = "serviceusage.googleapis.com"
_PREFIX = "google.api.serviceusage.v1.ServiceUsage."
_ENABLE_SECONDS = 2.0
_MOST_AT_ONCE = 20


class Services:
    """Enabling is a long-running operation; `operations` holds each one's end and its response."""

    def __init__(self) -> None:
        self._operations: dict[str, tuple[float, object]] = {}

    async def get(self, call: Call) -> object:
        return _shown(call.the_project, _known(call, call.params["service"]))

    async def list(self, call: Call) -> object:
        wanted = call.request.query.get("filter", "")
        state = wanted.removeprefix("state:").removeprefix("state=") if wanted.startswith("state") else ""
        found = [
            shown
            for name in sorted({*TITLES, *call.the_project.services})
            if (shown := _shown(call.the_project, name)) and state in ("", shown["state"])
        ]
        return page(found, call.request.query, "services")

    async def batch_get(self, call: Call) -> object:
        names = [name.rpartition("/")[2] for name in call.request.query.getall("names", [])]
        return {"services": [_shown(call.the_project, _known(call, name)) for name in names]}

    async def enable(self, call: Call) -> object:
        await call.body(ENABLE)
        name = _known(call, call.params["service"])
        before = name in call.the_project.services
        call.the_project.services.add(name)
        service = _shown(call.the_project, name)
        return self._operation(call, {"@type": _response_type("EnableService"), "service": service}, done=before)

    async def batch_enable(self, call: Call) -> object:
        names: list[str] = (await call.body(BATCH_ENABLE)).get("serviceIds") or []
        if not 0 < len(names) <= _MOST_AT_ONCE:
            raise GoogleError(400, f"serviceIds must name between 1 and {_MOST_AT_ONCE} services.")
        for name in names:
            _known(call, name)
        before = call.the_project.services.issuperset(names)
        call.the_project.services.update(names)
        services = [_shown(call.the_project, name) for name in names]
        response = {"@type": _response_type("BatchEnableServices"), "services": services}
        return self._operation(call, response, done=before)

    def _operation(self, call: Call, response: object, *, done: bool) -> object:
        if done:
            return {"name": "operations/noop.DONE_OPERATION", "done": True, "response": response}
        name = f"operations/acf.p2-{call.the_project.number}-{uuid.uuid4()}"
        self._operations[name] = (call.now + _ENABLE_SECONDS, response)
        return {"name": name}

    async def operation(self, call: Call) -> object:
        name = f"operations/{call.params['rest']}"
        if name not in self._operations:
            raise GoogleError(404, f"Operation {name} not found.")
        end, response = self._operations[name]
        return {"name": name, "done": True, "response": response} if call.now >= end else {"name": name}

    def routes(self) -> list[Route]:
        base = "/v1/projects/{project}/services"
        get, listing, enable = (f"serviceusage.services.{verb}" for verb in ("get", "list", "enable"))
        return [
            route("GET", base, SERVICE, _PREFIX + "ListServices", listing, self.list),
            route("GET", f"{base}:batchGet", SERVICE, _PREFIX + "BatchGetServices", get, self.batch_get),
            route("POST", f"{base}:batchEnable", SERVICE, _PREFIX + "BatchEnableServices", enable, self.batch_enable),
            route("GET", base + "/{service}", SERVICE, _PREFIX + "GetService", get, self.get),
            route("POST", base + "/{service}:enable", SERVICE, _PREFIX + "EnableService", enable, self.enable),
            route("GET", "/v1/operations/{rest}", SERVICE, _PREFIX + "GetOperation", "", self.operation),
        ]


def _known(call: Call, name: str) -> str:
    """A service nobody has heard of is refused as if it were forbidden, as the real one does."""
    if name not in TITLES and name not in call.the_project.services:
        raise permission_denied("servicemanagement.services.bind", f"//{SERVICE}/services/{name}")
    return name


def _shown(project: Project, name: str) -> dict[str, object]:
    return {
        "name": f"projects/{project.number}/services/{name}",
        "config": {"name": name, "title": title(name), "documentation": {}, "usage": {}},
        "state": "ENABLED" if name in project.services else "DISABLED",
        "parent": f"projects/{project.number}",
    }


def _response_type(method: str) -> str:
    return f"type.googleapis.com/google.api.serviceusage.v1.{method}Response"
