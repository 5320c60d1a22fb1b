"""The road to a cluster without any cloud in front: who a bearer token or client certificate is, and kubeconfigs.

This is how AKS credentials, and a kubeconfig for any Kubernetes anywhere, reach an API server.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, cast

from aiohttp import web

from tui.sim.ca import Authority
from tui.sim.estate import Estate
from tui.sim.exchange import Exchange
from tui.sim.kube.identity import User, bearer_token
from tui.sim.people import ExpiredToken, People

PREFIX = "/clusters/"


class Access:
    """Serves `/clusters/NAME/…` and writes the kubeconfigs that point there."""

    def __init__(self, estate: Estate, people: People, authority: Authority, base_url: str) -> None:
        self._estate = estate
        self._people = people
        self._authority = authority
        self._base_url = base_url

    async def handle(self, exchange: Exchange) -> web.StreamResponse:
        request, cluster = exchange.request, exchange.cluster
        server = self._estate.clusters.get(cluster)
        if server is None:
            return web.Response(text="404 page not found\n", status=404)
        rest = request.path[len(PREFIX) + len(cluster) :] or "/"
        return await server.handle(request, rest, certificate_user(request) or self._token_user(request))

    def _token_user(self, request: web.Request) -> User | None:
        """A person's token. Service account tokens are the cluster's own business: None."""
        token = bearer_token(request.headers)
        try:
            caller = self._people.by_token(token) if token else None
        except ExpiredToken:
            return None
        return User(caller.email) if caller else None

    def kubeconfig(self, cluster: str, email: str, *, certificate: bool = True) -> dict[str, object]:
        """As a dict to be dumped. With a client certificate of that user, else with his bearer token."""
        ca = _encoded(self._authority.ca_pem.read_bytes())
        if certificate:
            cert, key = self._authority.client_certificate(email)
            user: dict[str, str] = {"client-certificate-data": _encoded(cert), "client-key-data": _encoded(key)}
        else:
            user = {"token": self._people.token_of(email)}
        server = f"{self._base_url}{PREFIX}{cluster}"
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": cluster, "cluster": {"certificate-authority-data": ca, "server": server}}],
            "contexts": [{"name": cluster, "context": {"cluster": cluster, "user": email}}],
            "current-context": cluster,
            "users": [{"name": email, "user": user}],
        }


def certificate_user(request: web.Request) -> User | None:
    """Whom a verified client certificate names: common name = user, organisations = groups."""
    transport = request.transport
    certificate = cast("Mapping[str, Any] | None", transport.get_extra_info("peercert")) if transport else None
    if not certificate:
        return None
    fields: list[tuple[str, str]] = [pair for part in certificate["subject"] for pair in part]
    name = next((value for key, value in fields if key == "commonName"), "")
    groups = tuple(value for key, value in fields if key == "organizationName")
    return User(name, groups) if name else None


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()
