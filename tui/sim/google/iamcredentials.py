"""IAM credentials: acting as a service account (`gcloud --impersonate-service-account`)."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from tui.sim.google.errors import GoogleError, permission_denied
from tui.sim.google.messages import ACCESS_TOKEN
from tui.sim.google.project import Project
from tui.sim.google.routes import Call, Route, require_service, route
from tui.sim.people import People

SERVICE = "iamcredentials.googleapis.com"
_PERMISSION = "iam.serviceAccounts.getAccessToken"
_LONGEST = 3600.0


class AccountTokens:
    """Signed access tokens for the scenario's service accounts."""

    def __init__(self, people: People, projects: dict[str, Project]) -> None:
        self._people = people
        self._projects = projects

    async def generate(self, call: Call) -> object:
        email = call.params["account"]
        project = self._projects.get(email.partition("@")[2].removesuffix(".iam.gserviceaccount.com"))
        if project is None or self._people.by_email(email).person is None:
            raise GoogleError(404, f"Not found; Gaia id not found for email {email}")
        require_service(project, SERVICE)
        if not project.policy.grants(call.caller.member, _PERMISSION, call.now):
            raise permission_denied(_PERMISSION, f"//iam.googleapis.com/projects/-/serviceAccounts/{email}")
        body = await call.body(ACCESS_TOKEN)
        if not body.get("scope"):
            raise GoogleError(400, "Request contains an invalid argument.")
        token, expiry = self._people.mint(email, _lifetime(body.get("lifetime") or "3600s"))
        return {"accessToken": token, "expireTime": f"{datetime.fromtimestamp(expiry, UTC):%Y-%m-%dT%H:%M:%SZ}"}

    def routes(self) -> list[Route]:
        name = "google.iam.credentials.v1.IAMCredentials.GenerateAccessToken"
        path = "/v1/projects/-/serviceAccounts/{account}:generateAccessToken"
        return [route("POST", path, SERVICE, name, "", self.generate)]


def _lifetime(text: str) -> float:
    matched = re.fullmatch(r"(\d+(?:\.\d+)?)s", text)
    if matched is None or not 0 < float(matched[1]) <= _LONGEST:
        raise GoogleError(400, "The lifetime must be between 1 second and 3600 seconds.")
    return float(matched[1])
