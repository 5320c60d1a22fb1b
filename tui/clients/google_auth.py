"""One Google access token for the whole program: minted once, refreshed before it expires, kept in memory only.

Forty clusters ask at the same moment; the first asks the source, the others wait for its answer (single-flight), and
a source that failed is left alone for a moment, since asking may mean running gcloud.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Mapping
from pathlib import Path

from tui.clients.gcloud_config import GcloudConfig
from tui.clients.google_adc import ApplicationDefault, has_application_default
from tui.clients.google_sources import (
    EnvironmentToken,
    GcloudToken,
    Impersonated,
    Minted,
    TokenFile,
    TokenSource,
    signed_out,
)
from tui.clients.http import Http
from tui.clock import Clock
from tui.errors import SourceError

REFRESH_AHEAD = 300.0
"""Seconds before its end at which a token is replaced."""

_FAILURE_KEPT = 10.0


class GoogleCredentials:
    """The token and who it belongs to. source: where tokens come from; None where nobody is signed in."""

    def __init__(self, source: TokenSource | None, clock: Clock) -> None:
        self._source = source
        self._clock = clock
        self._minted: Minted | None = None
        self._refused: set[str] = set()
        self._minting: asyncio.Task[Minted] | None = None
        self._failure: tuple[float, SourceError] | None = None

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
        return self._minted.expires if self._minted is not None else None

    @property
    def quota_project(self) -> str:
        """The project that calls are counted on (`x-goog-user-project`), "" where the credential names none."""
        return self._source.quota_project if self._source is not None else ""

    async def token(self) -> str:
        """An access token that is good for some minutes at least.

        Raises SourceError: SIGNED_OUT with the command that cures it, or whatever kept the source from answering.
        """
        minted = self._minted
        if minted is not None and minted.token not in self._refused:
            if minted.refresh_at is None or self._clock.now() < minted.refresh_at:
                return minted.token
            try:
                return (await self._mint()).token
            except SourceError:
                if minted.expires is not None and self._clock.now() < minted.expires:
                    return minted.token  # still good; the next caller tries again
                raise
        return (await self._mint()).token

    def invalidate(self, token: str) -> None:
        """A server answered 401 to `token`: it is not used again."""
        self._refused.add(token)

    async def _mint(self) -> Minted:
        if self._failure is not None:
            until, error = self._failure
            if self._clock.now() < until:
                raise SourceError(error.problem) from error
            self._failure = None
        if self._minting is None or self._minting.done():
            self._minting = asyncio.create_task(self._ask())
        return await asyncio.shield(self._minting)

    async def _ask(self) -> Minted:
        try:
            if self._source is None:
                raise signed_out("not signed in to Google Cloud: no credentials were found")
            minted = await self._source.mint()
            if minted.token in self._refused:
                raise signed_out(f"Google refused the token from {self._source.name}", remedy=self._source.remedy)
        except SourceError as error:
            self._failure = (self._clock.now() + _FAILURE_KEPT, error)
            raise
        self._minted = minted
        return minted


def google_credentials(http: Http, config: GcloudConfig, environ: Mapping[str, str], clock: Clock) -> GoogleCredentials:
    """Credentials from the first source that there is; asks none of them yet."""
    source = find_source(http, config, environ, clock)
    if source is not None and config.impersonate:
        source = Impersonated(source, http, config)
    return GoogleCredentials(source, clock)


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
