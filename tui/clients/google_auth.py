"""One Google access token for the whole program, and who it belongs to. Kept in memory only.

Where the token comes from is looked up anew after every failure: whoever signs in in another terminal is signed in
here a moment later.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from tui.clients.gcloud_config import GcloudConfig, read_gcloud_config
from tui.clients.google_adc import ApplicationDefault, has_application_default
from tui.clients.google_sources import (
    SIGN_IN,
    EnvironmentToken,
    GcloudToken,
    Impersonated,
    TokenFile,
    TokenSource,
    signed_out,
)
from tui.clients.http import Http
from tui.clients.renewing import Lease, Renewing
from tui.clock import Clock
from tui.errors import SourceError


class GoogleCredentials:
    """find: the source of tokens there is at the moment, None where nobody is signed in."""

    def __init__(self, find: Callable[[], TokenSource | None], clock: Clock) -> None:
        self._find = find
        self._source: TokenSource | None = None
        self._tokens = Renewing(self._mint, clock)

    @property
    def account(self) -> str:
        """The e-mail address the token belongs to, "" while or where it is not known."""
        return self._source.account if self._source is not None else ""

    @property
    def source(self) -> str:
        """Where the token comes from, in words for the header; "" where there is none."""
        return self._source.name if self._source is not None else ""

    @property
    def expires(self) -> float | None:
        """Epoch seconds at which the present token ends; None where that is not known."""
        return self._tokens.lease.expires if self._tokens.lease is not None else None

    @property
    def quota_project(self) -> str:
        """The project that calls are counted on (`x-goog-user-project`), "" where the credential names none."""
        return self._source.quota_project if self._source is not None else ""

    @property
    def remedy(self) -> str:
        """The command that renews the sign-in which the tokens come from."""
        return self._source.remedy if self._source is not None else SIGN_IN

    async def token(self) -> str:
        """An access token that is good for some minutes at least.

        Raises SourceError: SIGNED_OUT with the command that cures it, or whatever kept the source from answering.
        """
        return await self._tokens.get()

    def invalidate(self, token: str) -> bool:
        """A server answered 401 to `token`; whether another try, with what `token()` gives then, makes sense."""
        return self._tokens.refuse(token)

    async def _mint(self) -> Lease[str]:
        source = self._source or self._find()
        if source is None:
            raise signed_out("not signed in to Google Cloud: no credentials were found")
        self._source = source
        try:
            return await source.mint()
        except SourceError:
            self._source = None
            raise


def google_credentials(
    http: Http, environ: Mapping[str, str], clock: Clock, read: Callable[[], GcloudConfig] | None = None
) -> GoogleCredentials:
    """Credentials from the first source that there is; asks none of them yet. read: gcloud's configuration."""

    def find() -> TokenSource | None:
        config = read() if read is not None else read_gcloud_config(environ)
        source = find_source(http, config, environ, clock)
        return Impersonated(source, http, config) if source is not None and config.impersonate else source

    return GoogleCredentials(find, clock)


def find_source(http: Http, config: GcloudConfig, environ: Mapping[str, str], clock: Clock) -> TokenSource | None:
    """gcloud's order: token in the environment, token file, application-default credentials, gcloud's sign-in."""
    # Whose token the environment holds, only the environment can tell; the stored account may be another.
    account = environ.get("CLOUDSDK_CORE_ACCOUNT", "")
    if environ.get("CLOUDSDK_AUTH_ACCESS_TOKEN"):
        return EnvironmentToken(environ["CLOUDSDK_AUTH_ACCESS_TOKEN"], account)
    if config.token_file:
        return TokenFile(Path(config.token_file).expanduser(), account, clock)
    if has_application_default(config, environ):
        return ApplicationDefault(http, config, environ)
    gcloud = shutil.which("gcloud", path=environ.get("PATH"))
    return GcloudToken(gcloud, environ, config.account, clock) if gcloud else None
