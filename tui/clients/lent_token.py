"""IAM, asked with the token of a kubeconfig's context that leads to a Connect gateway.

Such a context brings credentials of its own, which need not be those that we are signed in with; who is to open a
stream with them is who must have the permission.
"""

from __future__ import annotations

from tui.clients.gcloud_config import GcloudConfig
from tui.clients.google import GoogleFleet
from tui.clients.google_auth import GoogleCredentials
from tui.clients.http import Http
from tui.clients.kube_endpoint import Authoriser, KubeEndpoint
from tui.clients.renewing import Lease
from tui.clock import Clock
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.addresses import GatewayPlace, host_at, is_google

_BEARER = "Bearer "


class LentToken:
    """A `TokenSource`: the bearer token of a kubeconfig's user."""

    name = "kubeconfig"
    quota_project = ""

    def __init__(self, auth: Authoriser) -> None:
        self._auth = auth
        self.account = auth.account
        self.remedy = auth.remedy

    async def mint(self) -> Lease[str]:
        for name, value in (await self._auth.access()).headers:
            if name == "Authorization" and value.startswith(_BEARER):
                return Lease(value.removeprefix(_BEARER))
        raise SourceError(Problem(ProblemKind.MISSING, "the context has no token that IAM could be asked with"))


async def granted_to(
    http: Http,
    config: GcloudConfig,
    clock: Clock,
    endpoint: KubeEndpoint,
    place: GatewayPlace,
    permissions: tuple[str, ...],
) -> frozenset[str]:
    """Which of `permissions` on the project of `place` the account of `endpoint` has. Its token is shown to the cloud
    that the gateway is of, and to no other: a gateway of Google's to Google's IAM, and one that gcloud is set to
    instead to the IAM that it is set to. Raises SourceError."""
    iam, own = (host_at(config.endpoint(service)) for service in ("cloudresourcemanager", "connectgateway"))
    if not (is_google(iam) if is_google(place.host) else place.host == own):
        raise SourceError(Problem(ProblemKind.MISSING, f"whose IAM counts for the gateway {place.host} is not known"))
    lent = GoogleCredentials(lambda: LentToken(endpoint.auth), clock)
    return await GoogleFleet(http, lent, config, clock).test_permissions(place.project, permissions)
