"""Azure's side of the simulated clouds: Resource Manager, and what a client asks to learn where everything is."""

from __future__ import annotations

from aiohttp import web

from tui.clock import Clock
from tui.sim.azure.clusters import Clusters, Kubeconfig
from tui.sim.azure.extensions import Extensions
from tui.sim.azure.linkers import Linkers
from tui.sim.azure.routes import Router
from tui.sim.azure.subscriptions import Subscriptions
from tui.sim.exchange import Exchange
from tui.sim.people import People
from tui.sim.scenario import Scenario

CLOUD_NAME = "ClusterviewSimulated"
PREFIXES = ("/subscriptions", "/metadata/endpoints", "/providers/", "/tenants")
"""Addresses that are Azure's; compared in lower case."""


class AzureCloud:
    """Everything under `PREFIXES`."""

    def __init__(self, scenario: Scenario, people: People, clock: Clock, base_url: str, kubeconfig: Kubeconfig) -> None:
        self._base_url = base_url
        self.tenant = scenario.subscriptions[0].tenant if scenario.subscriptions else "common"
        specs = {spec.id.lower(): spec for spec in scenario.subscriptions}
        subscriptions = Subscriptions(specs, clock.now)
        clusters = Clusters(scenario, subscriptions, kubeconfig)
        routes = [
            *subscriptions.routes(),
            *clusters.routes(),
            *Extensions(clusters, subscriptions).routes(),
            *Linkers(scenario, clusters, subscriptions, base_url, clock.now).routes(),
        ]
        self._router = Router(routes, specs, people)

    async def handle(self, exchange: Exchange) -> web.StreamResponse:
        if exchange.request.path.lower().rstrip("/") == "/metadata/endpoints":
            return web.json_response(self._endpoints())
        return await self._router.handle(exchange.request)

    def _endpoints(self) -> dict[str, object]:
        """What `az cloud register` reads: one object, as az accepts it."""
        url = f"{self._base_url}/"
        return {
            "name": CLOUD_NAME,
            "portal": url,
            "gallery": url,
            "graph": url,
            "graphAudience": url,
            "batch": url,
            "media": url,
            "sqlManagement": url,
            "resourceManager": url,
            "microsoftGraphResourceId": url,
            "authentication": {
                "loginEndpoint": url,
                "audiences": [url],
                "tenant": self.tenant,
                "identityProvider": "AAD",
            },
            "suffixes": {},
        }
