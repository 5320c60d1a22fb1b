"""Where a Google access token can come from, in gcloud's own order (facts: "Real gcloud against a local fake server").

CLOUDSDK_AUTH_ACCESS_TOKEN, its file form, application-default credentials, then gcloud's own sign-in. On top of any
of these, impersonation where gcloud is set to it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from tui.clients.gcloud_config import GcloudConfig
from tui.clients.http import Http
from tui.clients.json_fields import JsonObject, parse_object, text
from tui.clients.problem_bodies import words
from tui.clients.renewing import Lease
from tui.clients.timestamps import epoch
from tui.clients.tools import run_tool
from tui.clock import Clock
from tui.errors import Problem, ProblemKind, SourceError

SIGN_IN = "gcloud auth login"
SCOPE = "https://www.googleapis.com/auth/cloud-platform"
_REREAD_FILE = 60.0
_GCLOUD_TIMEOUT = 30.0
_GCLOUD_LEAST_LIFE = 300.0  # `gcloud auth print-access-token` refreshes what would end sooner


class TokenSource(Protocol):
    """name: in words, for the screen. account: e-mail or "". quota_project: see GoogleCredentials. remedy: the command
    that renews what this source gives."""

    name: str
    account: str
    quota_project: str
    remedy: str

    async def mint(self) -> Lease[str]:
        """A fresh token. Raises SourceError."""
        ...


def signed_out(summary: str, said: str = "", remedy: str = SIGN_IN) -> SourceError:
    """The error of somebody who must sign in."""
    return SourceError(Problem(ProblemKind.SIGNED_OUT, summary, words(said), remedy, target="Google Cloud"))


class EnvironmentToken:
    """CLOUDSDK_AUTH_ACCESS_TOKEN: a token somebody else minted, whose end nobody knows."""

    name = "CLOUDSDK_AUTH_ACCESS_TOKEN"
    quota_project = ""
    remedy = f"unset CLOUDSDK_AUTH_ACCESS_TOKEN && {SIGN_IN}"

    def __init__(self, token: str, account: str) -> None:
        self._token = token.strip()
        self.account = account

    async def mint(self) -> Lease[str]:
        return Lease(self._token)


class TokenFile:
    """CLOUDSDK_AUTH_ACCESS_TOKEN_FILE or auth/access_token_file: read again every minute, since others rewrite it."""

    name = "access token file"
    quota_project = ""
    remedy = f"unset CLOUDSDK_AUTH_ACCESS_TOKEN_FILE && {SIGN_IN}"

    def __init__(self, path: Path, account: str, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self.account = account

    async def mint(self) -> Lease[str]:
        try:
            token = (await asyncio.to_thread(self._path.read_text, "utf-8")).strip()
        except (OSError, UnicodeDecodeError) as exc:
            raise signed_out(f"the access token file {self._path} cannot be read", str(exc)) from exc
        if not token:
            raise signed_out(f"the access token file {self._path} is empty")
        return Lease(token, refresh_at=self._clock.now() + _REREAD_FILE)


class GcloudToken:
    """The account signed in to gcloud.

    `gcloud config config-helper` is what gke-gcloud-auth-plugin runs too: it tells token, expiry and account at once.
    Where it fails, `gcloud auth print-access-token` does, which tells no expiry.
    """

    name = "gcloud"
    quota_project = ""
    remedy = SIGN_IN

    def __init__(self, gcloud: str, environ: Mapping[str, str], account: str, clock: Clock) -> None:
        self._gcloud = gcloud
        self._environ = {**environ, "CLOUDSDK_CORE_DISABLE_PROMPTS": "1"}
        self._clock = clock
        self.account = account

    async def mint(self) -> Lease[str]:
        helped = parse_object(await self._run("config", "config-helper", "--min-expiry=10m", "--format=json") or b"")
        token = text(helped, "credential", "access_token") if helped else ""
        if helped and token:
            self.account = text(helped, "configuration", "properties", "core", "account") or self.account
            expires = epoch(text(helped, "credential", "token_expiry"))
            if expires is not None:
                return Lease(token, expires, expires - _GCLOUD_LEAST_LIFE)
        else:
            token = (await self._run("auth", "print-access-token", must=True)).decode("utf-8", "replace").strip()
        if not token:
            raise signed_out("gcloud printed no access token")
        return Lease(token, refresh_at=self._clock.now() + _GCLOUD_LEAST_LIFE)

    async def _run(self, *arguments: str, must: bool = False) -> bytes:
        """What gcloud printed; b"" where it failed and need not succeed."""
        try:
            ran = await run_tool((self._gcloud, *arguments), environ=self._environ, timeout=_GCLOUD_TIMEOUT)
        except TimeoutError as exc:
            problem = Problem(ProblemKind.TIMEOUT, "gcloud did not answer in time", target="gcloud")
            raise SourceError(problem) from exc
        except OSError as exc:
            raise signed_out("gcloud cannot be started", str(exc)) from exc
        if ran.code == 0:
            return ran.out
        if must:
            raise signed_out("nobody is signed in to gcloud, or the sign-in has expired", ran.err)
        return b""


class Impersonated:
    """A token of a service account, given to whoever may act as it (IAM credentials `generateAccessToken`)."""

    quota_project = ""

    def __init__(self, source: TokenSource, http: Http, config: GcloudConfig) -> None:
        *delegates, target = [part.strip() for part in config.impersonate.split(",") if part.strip()]
        self._source = source
        self._http = http
        self._url = f"{config.endpoint('iamcredentials')}v1/projects/-/serviceAccounts/{target}:generateAccessToken"
        self._delegates = [f"projects/-/serviceAccounts/{email}" for email in delegates]
        self.account = target
        self.remedy = source.remedy
        self.name = f"{source.name}, impersonating"

    async def mint(self) -> Lease[str]:
        import msgspec

        minted = await self._source.mint()
        body: JsonObject = {"delegates": self._delegates or None, "scope": [SCOPE], "lifetime": "3600s"}
        headers = {"Authorization": f"Bearer {minted.value}", "Content-Type": "application/json"}
        answer = await self._http.request("POST", self._url, headers=headers, body=msgspec.json.encode(body))
        if answer.status == 403:
            raise SourceError(_may_not_impersonate(answer.problem(self._source.account), self.account, self._source))
        given = answer.checked(self._source.account).json()
        expires = epoch(text(given, "expireTime"))
        return Lease(text(given, "accessToken"), expires, expires - _GCLOUD_LEAST_LIFE if expires else None)


def _may_not_impersonate(problem: Problem, target: str, source: TokenSource) -> Problem:
    member = f"user:{source.account}" if source.account else '"user:$(gcloud config get account)"'
    role = "roles/iam.serviceAccountTokenCreator"
    remedy = f"gcloud iam service-accounts add-iam-policy-binding {target} --member={member} --role={role}"
    summary = f"{source.account or 'this account'} may not impersonate {target}"
    return Problem(ProblemKind.FORBIDDEN, summary, problem.server_words, remedy, None, problem.status, problem.target)
