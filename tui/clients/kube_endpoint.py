"""Where a cluster's requests go and how they are authorised, whichever road leads there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from tui.clients.tls import SYSTEM_TRUST, TlsSpec
from tui.clients.unspoken import Unspoken
from tui.model.addresses import names_at

if TYPE_CHECKING:
    from tui.clients.google_auth import GoogleCredentials


class Access(Unspoken, frozen=True):
    """What a request shows: headers (of which one may come several times), or a client certificate (PEM) that an exec
    plugin gave, or both."""

    headers: tuple[tuple[str, str], ...] = ()
    certificate: bytes = b""
    key: bytes = b""


def bearer(token: str) -> Access:
    """Access by a bearer token."""
    return Access((("Authorization", f"Bearer {token}"),))


class Authoriser(Protocol):
    """Gives each request its credentials."""

    @property
    def account(self) -> str:
        """Who asks, "" where that is not known."""
        ...

    @property
    def remedy(self) -> str:
        """The command that renews the credentials, "" where none is known."""
        ...

    async def access(self) -> Access:
        """Credentials that are good now. Raises SourceError."""
        ...

    def refused(self, access: Access) -> bool:
        """A server answered 401 to `access`; whether there are others to try."""
        ...


class FixedAccess:
    """Credentials that never change: a token or a certificate written in a kubeconfig."""

    remedy = ""

    def __init__(self, access: Access, account: str = "") -> None:
        self._access = access
        self.account = account

    async def access(self) -> Access:
        return self._access

    def refused(self, access: Access) -> bool:
        return False


class GoogleBearer:
    """The program's Google token, for the Connect gateway."""

    def __init__(self, credentials: GoogleCredentials) -> None:
        self._credentials = credentials

    @property
    def account(self) -> str:
        return self._credentials.account

    @property
    def remedy(self) -> str:
        return self._credentials.remedy

    async def access(self) -> Access:
        return bearer(await self._credentials.token())

    def refused(self, access: Access) -> bool:
        return self._credentials.invalidate(access.headers[0][1].removeprefix("Bearer "))


class KubeEndpoint(Struct, frozen=True):
    """server: the URL that Kubernetes paths are appended to (the gateway's has a path of its own), without a slash at
    its end. proxy: of this cluster alone, None = the environment's. namespace: the context's, "" = none. cluster: what
    a kubeconfig calls the cluster itself, whatever the context is called, "" = nothing."""

    server: str
    auth: Authoriser
    tls: TlsSpec = SYSTEM_TRUST
    proxy: str | None = None
    namespace: str = ""
    cluster: str = ""

    @property
    def names(self) -> frozenset[str]:
        """What the cluster goes by at the end of this road: the kubeconfig's name for it and its host; through the
        Connect gateway, whose host all clusters share, the membership that the address names."""
        return names_at(self.server, self.cluster)
