"""Google's side of the simulated clouds: all APIs behind one address, and the gateway's data plane."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from aiohttp import web

from tui.clock import Clock
from tui.sim.estate import Estate
from tui.sim.exchange import Exchange
from tui.sim.faults import Faults
from tui.sim.google import resourcemanager
from tui.sim.google.credentials import Credentials
from tui.sim.google.gateway import Gateway
from tui.sim.google.iamcredentials import AccountTokens
from tui.sim.google.memberships import Memberships
from tui.sim.google.multicloud import MultiCloud
from tui.sim.google.project import Project
from tui.sim.google.routes import Router
from tui.sim.google.services import Services
from tui.sim.people import People
from tui.sim.scenario import Scenario


class GoogleCloud:
    """projects: by id; their policies and services change as clients write them."""

    def __init__(
        self,
        scenario: Scenario,
        estate: Estate,
        people: People,
        faults: Faults,
        clock: Clock,
        base_url: str,
        ca_pem: Path,
        cluster_id: Callable[[str], str],
    ) -> None:
        members = [(spec, people.by_email(spec.email).member) for spec in scenario.people]
        self.projects = {spec.id: Project(spec, members) for spec in scenario.projects}
        memberships = Memberships(scenario, estate, self.projects, clock.now(), faults.locations, cluster_id)
        for project in self.projects.values():
            project.policy.withheld = partial(faults.iam_denied, project.id)
        self.gateway = Gateway(memberships, self.projects, people, estate, faults, clock)
        routes = [
            *memberships.routes(),
            *Credentials(memberships, base_url, ca_pem).routes(),
            *resourcemanager.routes(self.projects.values()),
            *Services().routes(),
            *AccountTokens(people, self.projects).routes(),
            *MultiCloud(scenario, memberships).routes(),
        ]
        self._router = Router(routes, list(self.projects.values()), people, clock.now)

    async def handle(self, exchange: Exchange) -> web.StreamResponse:
        target = self.gateway.target(exchange.request.path)
        if target is not None:
            return await self.gateway.handle(exchange, target)
        return await self._router.handle(exchange.request)
