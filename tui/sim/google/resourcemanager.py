"""Resource Manager: projects and their IAM policies, under v1 (which gcloud speaks) and v3 (which is documented)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from tui.sim.google.errors import GoogleError
from tui.sim.google.messages import GET_POLICY, SET_POLICY, TEST_PERMISSIONS
from tui.sim.google.paging import page
from tui.sim.google.project import Project
from tui.sim.google.roles import PERMISSIONS
from tui.sim.google.routes import Call, Handler, Route, route

SERVICE = "cloudresourcemanager.googleapis.com"
_CREATED = "2024-03-05T09:12:44.512Z"
_PERMISSION = re.compile(r"[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+){2,}")
"""In full: no wildcards are allowed here."""
_KNOWN_PREFIXES = frozenset(permission.split(".", 1)[0] for permission in PERMISSIONS)


async def get_v1(call: Call) -> object:
    return _shown_v1(call.the_project)


async def get_v3(call: Call) -> object:
    return _shown_v3(call.the_project)


def _listing(projects: Iterable[Project], show: Callable[[Project], dict[str, object]]) -> Handler:
    """Lists the projects the caller may see; asking needs no permission."""

    async def listed(call: Call) -> object:
        member = call.caller.member
        mine = [one for one in projects if one.policy.grants(member, "resourcemanager.projects.get", call.now)]
        return page([show(project) for project in mine], call.request.query, "projects")

    return listed


def _shown_v1(project: Project) -> dict[str, object]:
    return {
        "projectNumber": project.number,
        "projectId": project.id,
        "lifecycleState": "ACTIVE",
        "name": project.id,
        "createTime": _CREATED,
    }


def _shown_v3(project: Project) -> dict[str, object]:
    return {
        "name": f"projects/{project.number}",
        "parent": "organizations/472630112233",
        "projectId": project.id,
        "state": "ACTIVE",
        "displayName": project.id,
        "createTime": _CREATED,
        "updateTime": _CREATED,
        "etag": 'W/"5f3a1c2b7e9d4a60"',
    }


async def get_policy(call: Call) -> object:
    options: dict[str, Any] = (await call.body(GET_POLICY)).get("options") or {}
    version: int = options.get("requestedPolicyVersion") or 1
    if version not in (1, 2, 3):
        raise GoogleError(400, "Request contains an invalid argument.")
    return call.the_project.policy.read(version)


async def set_policy(call: Call) -> object:
    wanted: dict[str, Any] | None = (await call.body(SET_POLICY)).get("policy")
    if not wanted:
        raise GoogleError(400, "Request contains an invalid argument.")
    policy = call.the_project.policy
    policy.write(wanted)
    return policy.read(3)


async def test_permissions(call: Call) -> object:
    """Nobody needs a permission to ask this; of a project nobody may see, nothing is granted."""
    asked: list[str] = (await call.body(TEST_PERMISSIONS)).get("permissions") or []
    for permission in asked:
        if not _PERMISSION.fullmatch(permission) or permission.split(".", 1)[0] not in _KNOWN_PREFIXES:
            raise GoogleError(400, f"Permission {permission} is not valid for this resource.")
    project = call.project
    if project is None:
        return {}
    held = [permission for permission in asked if project.policy.grants(call.caller.member, permission, call.now)]
    return {"permissions": held} if held else {}


def routes(projects: Iterable[Project]) -> list[Route]:
    found = [
        route("GET", "/v1/projects", SERVICE, "ListProjects", "", _listing(projects, _shown_v1)),
        route("GET", "/v3/projects:search", SERVICE, "SearchProjects", "", _listing(projects, _shown_v3)),
    ]
    for version, get in (("v1", get_v1), ("v3", get_v3)):
        base = f"/{version}/projects/{{project}}"
        prefix = f"google.cloud.resourcemanager.{version}.Projects."
        read, write = "resourcemanager.projects.getIamPolicy", "resourcemanager.projects.setIamPolicy"
        found += [
            route("GET", base, SERVICE, prefix + "GetProject", "resourcemanager.projects.get", get),
            route("POST", f"{base}:getIamPolicy", SERVICE, prefix + "GetIamPolicy", read, get_policy),
            route("POST", f"{base}:setIamPolicy", SERVICE, prefix + "SetIamPolicy", write, set_policy),
            route("POST", f"{base}:testIamPermissions", SERVICE, prefix + "TestIamPermissions", "", test_permissions),
        ]
    return found
