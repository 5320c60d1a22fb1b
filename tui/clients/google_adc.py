"""Application-default credentials through google-auth, without the two things that make it slow.

`google.auth.default` runs gcloud to learn a project nobody asked for when it finds the usual user credentials, and
where it finds nothing it knocks at the metadata server of a machine that is not in Google's cloud, for seconds. So the
usual file is loaded directly, and the metadata server is asked only where there are signs of one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from tui.clients.gcloud_config import GcloudConfig
from tui.clients.google_sources import SCOPE, signed_out
from tui.clients.http import Http
from tui.clients.json_fields import JsonObject, parse_object, text
from tui.clients.jwt_claims import claims_of
from tui.clients.problem_bodies import words
from tui.clients.renewing import Lease
from tui.errors import Problem, ProblemKind, SourceError

_REFRESH_AHEAD = 300.0
_PRODUCT_NAME = Path("/sys/class/dmi/id/product_name")
_METADATA_SIGNS = ("GCE_METADATA_HOST", "GCE_METADATA_ROOT", "GCE_METADATA_IP", "K_SERVICE", "CLOUD_RUN_JOB")


def has_application_default(config: GcloudConfig, environ: Mapping[str, str]) -> bool:
    """Whether there is anything for `google.auth.default` to find: a file that is named or lies in its usual place,
    or a machine of Google's. Asks nobody."""
    return bool(_credentials_file(config, environ)) or on_google_compute(environ)


def on_google_compute(environ: Mapping[str, str], product_name: Path = _PRODUCT_NAME) -> bool:
    """Whether a metadata server can be expected: the sign that google-auth itself goes by last, looked at first."""
    if environ.get("NO_GCE_CHECK") == "true":
        return False
    if any(environ.get(name) for name in _METADATA_SIGNS):
        return True
    try:
        return product_name.read_text(encoding="utf-8").strip().startswith("Google")
    except (OSError, UnicodeDecodeError):
        return False


def _credentials_file(config: GcloudConfig, environ: Mapping[str, str]) -> Path | None:
    named = environ.get("GOOGLE_APPLICATION_CREDENTIALS")
    if named:
        return Path(named)
    usual = config.folder / "application_default_credentials.json"
    return usual if usual.is_file() else None


class ApplicationDefault:
    """A `TokenSource` over google-auth's credentials; its blocking calls run in a thread."""

    name = "application-default credentials"
    remedy = "gcloud auth application-default login"

    def __init__(self, http: Http, config: GcloudConfig, environ: Mapping[str, str]) -> None:
        self._http = http
        self._file = _credentials_file(config, environ)
        self._environ = environ
        self._credentials: Any = None  # google.auth.credentials.Credentials: its kinds share no useful types
        self.account = ""
        self.quota_project = environ.get("GOOGLE_CLOUD_QUOTA_PROJECT", "")

    async def mint(self) -> Lease[str]:
        from tui.clients.google_transport import LoopTransport

        transport = LoopTransport(self._http, asyncio.get_running_loop())
        return await asyncio.to_thread(self._mint, transport)

    def _mint(self, transport: object) -> Lease[str]:
        import google.auth.exceptions as google_errors

        try:
            if self._credentials is None:
                self._credentials = self._load(transport)
            self._credentials.refresh(transport)
        except google_errors.TransportError as exc:
            if isinstance(exc.__cause__, SourceError):
                raise exc.__cause__ from exc
            raise SourceError(_unreachable(str(exc))) from exc
        except google_errors.GoogleAuthError as exc:
            if isinstance(exc.__cause__, SourceError):
                raise exc.__cause__ from exc
            if getattr(exc, "retryable", False):
                raise SourceError(_unreachable(str(exc))) from exc
            summary = "the application-default credentials are refused or have expired"
            raise signed_out(summary, _said(exc), self.remedy) from exc
        except (OSError, ValueError) as exc:
            summary = f"the application-default credentials {self._file or ''} cannot be read"
            raise signed_out(summary, str(exc), self.remedy) from exc
        self._learn_account()
        expiry = self._credentials.expiry
        if expiry is None:
            return Lease(cast("str", self._credentials.token))
        from datetime import UTC

        expires = cast("float", expiry.replace(tzinfo=UTC).timestamp())
        return Lease(cast("str", self._credentials.token), expires, expires - _REFRESH_AHEAD)

    def _load(self, transport: object) -> Any:
        info = self._read_file()
        if text(info, "type") == "authorized_user":
            from google.oauth2.credentials import Credentials

            self.account = text(info, "account")
            self.quota_project = self.quota_project or text(info, "quota_project_id")
            return cast("Any", Credentials).from_authorized_user_info(info, [SCOPE])
        import google.auth

        credentials, _ = cast("Any", google.auth.default)(scopes=[SCOPE], request=transport)
        self.quota_project = self.quota_project or getattr(credentials, "quota_project_id", None) or ""
        return credentials

    def _read_file(self) -> JsonObject:
        if self._file is None:
            return {}
        info = parse_object(self._file.read_bytes())
        if info is None:
            raise ValueError(f"{self._file} is not JSON")
        return info

    def _learn_account(self) -> None:
        email = getattr(self._credentials, "service_account_email", None)
        if isinstance(email, str) and "@" in email:
            self.account = email
        elif not self.account:
            self.account = text(claims_of(getattr(self._credentials, "id_token", None)), "email")


def _said(exc: Exception) -> str:
    """google-auth puts the message first and the raw body after it."""
    return str(exc.args[0]) if exc.args else str(exc)


def _unreachable(said: str) -> Problem:
    summary = "Google's sign-in service cannot be reached"
    return Problem(ProblemKind.UNREACHABLE, summary, words(said), target="oauth2.googleapis.com")
