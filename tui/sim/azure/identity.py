"""Where Azure tokens come from: a managed-identity endpoint, over plain http, as App Service has one.

The environment file names the endpoint (IDENTITY_ENDPOINT) and a secret (IDENTITY_HEADER); the secret says which
person asks. azure-identity, az and msal all know this protocol; none of them insists on TLS for it.
"""

from __future__ import annotations

from aiohttp import web

from tui.sim.people import People

TOKEN_PATH = "/msi/token"
_LIFETIME = 3600.0


class IdentityEndpoint:
    """`GET /msi/token?resource=…` with the X-IDENTITY-HEADER of a person."""

    def __init__(self, people: People, tenant: str) -> None:
        self._people = people
        self._tenant = tenant

    async def handle(self, request: web.Request) -> web.Response:
        if request.path != TOKEN_PATH or request.method != "GET":
            return web.json_response({"statusCode": 404, "message": "Not Found"}, status=404)
        secret = request.headers.get("X-IDENTITY-HEADER", "")
        person = self._people.by_identity_header(secret)
        if person is None:
            body = {"statusCode": 403, "message": "The X-IDENTITY-HEADER is not valid."}
            return web.json_response(body, status=403)
        resource = request.query.get("resource", "")
        if not resource:
            return web.json_response({"statusCode": 400, "message": "resource is required."}, status=400)
        token, expiry = self._people.mint(
            person.email,
            _LIFETIME,
            aud=resource,
            iss=f"https://sts.windows.net/{self._tenant}/",
            oid=person.object_id,
            tid=self._tenant,
            appid=person.object_id,
            xms_mirid="/subscriptions/clusterview/providers/Microsoft.ManagedIdentity/simulated",
        )
        answer = {
            "access_token": token,
            "expires_on": str(int(expiry)),
            "resource": resource,
            "token_type": "Bearer",
            "client_id": person.object_id,
        }
        return web.json_response(answer)
