"""The Azure sign-in: azure-identity's DefaultAzureCredential, built only where there are signs of one.

On a laptop that has nothing to do with Azure it would ask half a dozen tools and a metadata server that is not there;
so the signs are looked for first, and the members of its chain that cannot succeed are left out.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from tui.clients.azure_cloud import AzureCloud, config_folder, read_azure_cloud
from tui.clients.azure_sdk import load
from tui.clients.http import Http
from tui.clients.json_fields import children, parse_object, text
from tui.clients.jwt_claims import claims_of
from tui.clients.problem_bodies import words
from tui.clients.problems import problem_from_exception
from tui.clients.renewing import Lease, Renewing
from tui.clock import Clock
from tui.errors import Problem, ProblemKind, SourceError

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken

SIGN_IN = "az login"
_REFRESH_AHEAD = 300.0
_SHORTEST_LEASE = 30.0  # az hands out what it has cached, so a fresh token may be near its end
_TOOL_TIMEOUT = 30

_SIGNS = ("IDENTITY_ENDPOINT", "MSI_ENDPOINT", "AZURE_FEDERATED_TOKEN_FILE", "AZURE_TOKEN_CREDENTIALS")
_PRINCIPAL = ("AZURE_TENANT_ID", "AZURE_CLIENT_ID")
_CHASSIS = Path("/sys/class/dmi/id/chassis_asset_tag")
_AZURE_MACHINE = "7783-7084-3265-9085-8269-3286-77"  # the tag of every virtual machine in Azure

_NAMES = {
    "EnvironmentCredential": "service principal in the environment",
    "WorkloadIdentityCredential": "workload identity",
    "ManagedIdentityCredential": "managed identity",
    "AzureCliCredential": "az",
    "AzurePowerShellCredential": "Azure PowerShell",
    "AzureDeveloperCliCredential": "azd",
    "VisualStudioCodeCredential": "Visual Studio Code",
}


class AzureCredentials:
    """An azure-core AsyncTokenCredential that keeps its tokens, whoever asks. cloud: the one az is set to. Close it."""

    def __init__(self, http: Http, cloud: AzureCloud, environ: Mapping[str, str], clock: Clock) -> None:
        self._http = http
        self._environ = environ
        self._clock = clock
        self._tokens: dict[str, Renewing[AccessToken]] = {}
        self._chain: Any = None  # DefaultAzureCredential; which of its members succeeded, only its insides tell
        self._outworn = False
        self.cloud = cloud
        self.account = ""
        self.source = ""

    @property
    def configured(self) -> bool:
        """Whether there is any sign of an Azure identity. Asks nobody."""
        return has_identity(self._environ)

    async def get_token(self, *scopes: str, claims: str | None = None, **_: object) -> AccessToken:
        """A token for one scope. claims: what a server demands on top; such a token is asked for anew.

        Raises SourceError: SIGNED_OUT with the command that cures it.
        """
        scope = scopes[0]
        if claims:
            return (await self._mint(scope, claims)).value
        return await self._renewing(scope).get()

    async def token(self, scope: str) -> str:
        """The same, as text."""
        return (await self.get_token(scope)).token

    def invalidate(self, scope: str) -> bool:
        """A server answered 401; whether another try makes sense."""
        renewing = self._renewing(scope)
        if renewing.lease is None or not renewing.refuse(renewing.lease.value):
            return False
        self._outworn = True
        return True

    async def close(self) -> None:
        """End what the chain has opened."""
        if self._chain is not None:
            chain, self._chain = self._chain, None
            await chain.close()
        self._outworn = False

    async def __aenter__(self) -> AzureCredentials:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        """Clients close the credential they are given; this one outlives them."""

    def _renewing(self, scope: str) -> Renewing[AccessToken]:
        found = self._tokens.get(scope)
        if found is None:
            found = self._tokens[scope] = Renewing(lambda: self._mint(scope), self._clock)
        return found

    async def _mint(self, scope: str, claims: str | None = None) -> Lease[AccessToken]:
        if not self.configured:
            summary = "not signed in to Azure: no credentials were found"
            raise SourceError(Problem(ProblemKind.SIGNED_OUT, summary, remedy=SIGN_IN, target="Azure"))
        await load("azure.core.exceptions")
        from azure.core.exceptions import AzureError, ClientAuthenticationError

        try:
            if self._outworn:  # the chain keeps tokens of its own, the refused one among them
                await self.close()
            if self._chain is None:
                self._chain = await self._build()
            token: AccessToken = await self._chain.get_token(scope, claims=claims)
        except ClientAuthenticationError as exc:
            said = words(str(exc.message))
            summary = "nobody is signed in to Azure, or the sign-in has expired"
            raise SourceError(Problem(ProblemKind.SIGNED_OUT, summary, said, SIGN_IN, target="Azure")) from exc
        except (AzureError, ValueError) as exc:
            cause = getattr(exc, "inner_exception", None) or exc
            if isinstance(cause, AzureError | ValueError):
                raise SourceError(
                    Problem(ProblemKind.SIGNED_OUT, words(str(exc)), remedy=SIGN_IN, target="Azure")
                ) from exc
            raise SourceError(problem_from_exception(cause, target=self.cloud.authority or "Azure")) from exc
        self._learn(token.token)
        expires = float(token.expires_on)
        refresh_at = max(expires - _REFRESH_AHEAD, self._clock.now() + _SHORTEST_LEASE)
        return Lease(token, expires, refresh_at)

    async def _build(self) -> Any:
        await load("azure.core.pipeline.transport", "azure.identity.aio")
        identity, transports = _imported()
        environ = self._environ
        options: dict[str, Any] = {
            "exclude_managed_identity_credential": not has_managed_identity(environ),
            "exclude_shared_token_cache_credential": True,
            "exclude_visual_studio_code_credential": True,
            "exclude_powershell_credential": shutil.which("pwsh", path=environ.get("PATH")) is None,
            "exclude_developer_cli_credential": shutil.which("azd", path=environ.get("PATH")) is None,
            "process_timeout": _TOOL_TIMEOUT,
            "transport": transports(session=await self._http.opened(), session_owner=False),
        }
        if self.cloud.authority:
            options["authority"] = self.cloud.authority
        proxy = self._http.proxy_for(self.cloud.authority or "https://login.microsoftonline.com")
        if proxy:
            options["proxies"] = {"https": proxy}
        return identity(**options)

    def _learn(self, token: str) -> None:
        member = type(getattr(self._chain, "_successful_credential", None)).__name__
        self.source = _NAMES.get(member, member)
        claims = claims_of(token)
        named = (text(claims, name) for name in ("upn", "unique_name", "preferred_username", "email", "appid", "oid"))
        self.account = next((name for name in named if name), "")


def azure_credentials(http: Http, environ: Mapping[str, str], clock: Clock) -> AzureCredentials:
    """Credentials for the cloud az is set to; asks nobody yet."""
    return AzureCredentials(http, read_azure_cloud(environ), environ, clock)


def has_identity(environ: Mapping[str, str], chassis: Path = _CHASSIS) -> bool:
    """Whether anything tells of an Azure identity: variables, an az profile, or a machine of Azure's."""
    if has_managed_identity(environ, chassis) or all(environ.get(name) for name in _PRINCIPAL):
        return True
    if any(environ.get(name) for name in _SIGNS):
        return True
    try:
        profile = parse_object((config_folder(environ) / "azureProfile.json").read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError):
        return False
    return profile is not None and bool(children(profile, "subscriptions"))


def has_managed_identity(environ: Mapping[str, str], chassis: Path = _CHASSIS) -> bool:
    """Whether a managed identity's endpoint can be expected."""
    if environ.get("IDENTITY_ENDPOINT") or environ.get("MSI_ENDPOINT"):
        return True
    if environ.get("AZURE_TOKEN_CREDENTIALS", "").lower() in ("prod", "managedidentitycredential"):
        return True
    try:
        return chassis.read_text(encoding="utf-8").strip() == _AZURE_MACHINE
    except (OSError, UnicodeDecodeError):
        return False


def _imported() -> tuple[Callable[..., Any], Callable[..., Any]]:
    """What makes a credential, once it has been loaded."""
    from azure.core.pipeline.transport import AioHttpTransport
    from azure.identity.aio import DefaultAzureCredential

    return DefaultAzureCredential, AioHttpTransport
