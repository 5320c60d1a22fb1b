"""Where Google tokens come from, in order; and that failures name the command that cures them."""

from __future__ import annotations

import base64
import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.clients.scripted import RESET, Reply, ScriptedServer
from tui.clients.gcloud_config import read_gcloud_config
from tui.clients.google_adc import on_google_compute
from tui.clients.google_auth import GoogleCredentials, google_credentials
from tui.clients.http import Http
from tui.clients.jwt_claims import claims_of
from tui.clients.timestamps import epoch
from tui.clock import ManualClock, SystemClock
from tui.errors import Problem, ProblemKind, SourceError

NOW = 1_700_000_000.0


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """A home without anything, and nothing on PATH."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "gcloud").mkdir()
    return {
        "HOME": str(tmp_path),
        "CLOUDSDK_CONFIG": str(tmp_path / "gcloud"),
        "PATH": str(tmp_path / "bin"),
        "NO_GCE_CHECK": "true",
    }


def credentials(http: Http, environ: Mapping[str, str], clock: ManualClock | None = None) -> GoogleCredentials:
    return google_credentials(http, environ, clock or ManualClock(NOW))


def tool(environ: Mapping[str, str], name: str, script: str) -> None:
    path = Path(environ["PATH"]) / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


async def problem_of(found: GoogleCredentials) -> Problem:
    with pytest.raises(SourceError) as caught:
        await found.token()
    return caught.value.problem


def adc(environ: Mapping[str, str], **info: Any) -> None:
    (Path(environ["CLOUDSDK_CONFIG"]) / "application_default_credentials.json").write_text(json.dumps(info))


USER = {"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "r"}


def token_endpoint(patch: pytest.MonkeyPatch, server: ScriptedServer) -> None:
    """google-auth has Google's token endpoint of user credentials written in."""
    import google.oauth2.credentials

    patch.setattr(google.oauth2.credentials, "_GOOGLE_OAUTH2_TOKEN_ENDPOINT", f"{server.url}/token")


async def test_nobody_is_signed_in(http: Http, environ: dict[str, str]) -> None:
    problem = await problem_of(credentials(http, environ))
    assert (problem.kind, problem.remedy) == (ProblemKind.SIGNED_OUT, "gcloud auth login")


async def test_a_token_in_the_environment_comes_first(http: Http, environ: dict[str, str]) -> None:
    (Path(environ["HOME"]) / "token").write_text("from-file")
    adc(environ, type="authorized_user")
    tool(environ, "gcloud", "echo from-gcloud")
    environ |= {
        "CLOUDSDK_AUTH_ACCESS_TOKEN": "from-env\n",
        "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE": str(Path(environ["HOME"]) / "token"),
        "CLOUDSDK_CORE_ACCOUNT": "ana@example.com",
    }
    found = credentials(http, environ)
    assert await found.token() == "from-env"
    assert (found.source, found.account, found.expires) == ("CLOUDSDK_AUTH_ACCESS_TOKEN", "ana@example.com", None)


async def test_the_stored_account_is_not_taken_for_the_owner_of_a_token_in_the_environment(
    http: Http, environ: dict[str, str]
) -> None:
    folder = Path(environ["CLOUDSDK_CONFIG"]) / "configurations"
    folder.mkdir()
    (folder / "config_default").write_text("[core]\naccount = somebody.else@example.com\n")
    found = credentials(http, environ | {"CLOUDSDK_AUTH_ACCESS_TOKEN": "t"})
    await found.token()
    assert found.account == ""


async def test_a_token_file_is_read_again_each_minute(http: Http, environ: dict[str, str]) -> None:
    clock = ManualClock(NOW)
    path = Path(environ["HOME"]) / "token"
    path.write_text("one\n")
    found = credentials(http, environ | {"CLOUDSDK_AUTH_ACCESS_TOKEN_FILE": str(path)}, clock)
    assert await found.token() == "one"
    path.write_text("two\n")
    assert await found.token() == "one"
    await clock.advance(60)
    assert await found.token() == "two"


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe"])
async def test_an_unusable_token_file_is_named(
    http: Http, environ: dict[str, str], content: str | bytes | None
) -> None:
    path = Path(environ["HOME"]) / "token"
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    problem = await problem_of(credentials(http, environ | {"CLOUDSDK_AUTH_ACCESS_TOKEN_FILE": str(path)}))
    assert problem.kind is ProblemKind.SIGNED_OUT
    assert str(path) in problem.summary


async def test_application_default_credentials_of_a_user(
    http: Http, server: ScriptedServer, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    token_endpoint(monkeypatch, server)
    claims = base64.urlsafe_b64encode(b'{"email":"ana@example.com"}').decode().rstrip("=")
    given = {"access_token": "ya29.adc", "expires_in": 3600, "id_token": f"h.{claims}.s"}
    server.on("POST /token", Reply(200, given))
    adc(environ, **(USER | {"quota_project_id": "billing-1"}))
    tool(environ, "gcloud", "exit 99")  # neither asked for a token nor for a project
    found = google_credentials(http, environ, SystemClock())
    assert await found.token() == "ya29.adc"
    assert await found.token() == "ya29.adc"
    assert (found.source, found.account) == ("application-default credentials", "ana@example.com")
    assert found.quota_project == "billing-1"
    assert found.expires is not None
    assert found.expires == pytest.approx(SystemClock().now() + 3600, abs=60)
    assert len(server.asked) == 1
    assert b"refresh_token=r" in server.asked[0].body


async def test_revoked_application_default_credentials_name_the_command(
    http: Http, server: ScriptedServer, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    token_endpoint(monkeypatch, server)
    refusal = {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}
    server.on("POST /token", Reply(400, refusal))
    adc(environ, **USER)
    problem = await problem_of(credentials(http, environ))
    assert (problem.kind, problem.remedy) == (ProblemKind.SIGNED_OUT, "gcloud auth application-default login")
    assert "Token has been expired or revoked." in problem.server_words


async def test_without_network_one_is_not_called_signed_out(
    http: Http, server: ScriptedServer, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    token_endpoint(monkeypatch, server)
    server.on("POST /token", RESET)
    adc(environ, **USER)
    problem = await problem_of(credentials(http, environ))
    assert problem.kind is ProblemKind.UNREACHABLE
    assert problem.target.endswith("/token")


async def test_who_signs_in_elsewhere_is_signed_in_here_a_moment_later(
    http: Http, server: ScriptedServer, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    token_endpoint(monkeypatch, server)
    clock = ManualClock(NOW)
    server.on(
        "POST /token", Reply(400, {"error": "invalid_grant"}), Reply(200, {"access_token": "new", "expires_in": 9})
    )
    found = credentials(http, environ, clock)
    assert (await problem_of(found)).kind is ProblemKind.SIGNED_OUT
    adc(environ, **USER)
    await clock.advance(10)
    assert (await problem_of(found)).kind is ProblemKind.SIGNED_OUT
    adc(environ, **(USER | {"refresh_token": "r2"}))
    await clock.advance(10)
    assert await found.token() == "new"
    assert b"refresh_token=r2" in server.asked[-1].body


async def test_a_service_account_file(
    http: Http, server: ScriptedServer, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = Path(environ["HOME"]) / "sa.json"
    info = {
        "type": "service_account",
        "project_id": "acme",
        "private_key": key.decode(),
        "private_key_id": "k",
        "client_email": "ci@acme.iam.gserviceaccount.com",
        "token_uri": f"{server.url}/token",
    }
    path.write_text(json.dumps(info))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))
    server.on("POST /token", Reply(200, {"access_token": "sa-token", "expires_in": 3600}))
    found = credentials(http, environ | {"GOOGLE_APPLICATION_CREDENTIALS": str(path)})
    assert await found.token() == "sa-token"
    assert found.account == "ci@acme.iam.gserviceaccount.com"


@pytest.mark.parametrize("content", ["", "no json", "[]", '{"type":"authorized_user"}'])
async def test_a_damaged_credentials_file_is_a_problem_that_names_it(
    http: Http, environ: dict[str, str], content: str
) -> None:
    path = Path(environ["CLOUDSDK_CONFIG"]) / "application_default_credentials.json"
    path.write_text(content)
    problem = await problem_of(credentials(http, environ))
    assert problem.kind is ProblemKind.SIGNED_OUT
    assert str(path) in problem.summary


HELPER = """
case "$1 $2" in
"config config-helper") echo '{"credential":{"access_token":"g-token","token_expiry":"2023-11-14T23:13:20Z"},
  "configuration":{"properties":{"core":{"account":"ana@example.com"}}}}';;
*) exit 1;;
esac
"""


async def test_gclouds_sign_in_with_its_expiry_and_account(http: Http, environ: dict[str, str]) -> None:
    tool(environ, "gcloud", HELPER)
    found = credentials(http, environ)
    assert await found.token() == "g-token"
    assert (found.source, found.account) == ("gcloud", "ana@example.com")
    assert found.expires == epoch("2023-11-14T23:13:20Z") == NOW + 3600


async def test_an_older_gcloud_that_only_prints_a_token(http: Http, environ: dict[str, str]) -> None:
    clock = ManualClock(NOW)
    log = Path(environ["HOME"]) / "log"
    tool(environ, "gcloud", f'echo "$*" >> {log}\n[ "$2" = print-access-token ] && echo p-token')
    found = credentials(http, environ, clock)
    assert await found.token() == "p-token"
    assert found.expires is None
    runs = len(log.read_text().splitlines())
    await clock.advance(299)
    await found.token()
    assert len(log.read_text().splitlines()) == runs
    await clock.advance(1)
    await found.token()
    assert len(log.read_text().splitlines()) > runs


async def test_gclouds_own_words_are_shown_when_nobody_is_signed_in_to_it(http: Http, environ: dict[str, str]) -> None:
    said = "ERROR: (gcloud.auth.print-access-token) You do not currently have an active account selected."
    tool(environ, "gcloud", f"echo '{said}' >&2\nexit 1")
    problem = await problem_of(credentials(http, environ))
    assert (problem.kind, problem.server_words, problem.remedy) == (ProblemKind.SIGNED_OUT, said, "gcloud auth login")


async def test_gcloud_reads_no_key_meant_for_the_screen(http: Http, environ: dict[str, str]) -> None:
    tool(environ, "gcloud", 'read line || line=nothing\necho "$line" >&2\nexit 1')
    assert (await problem_of(credentials(http, environ))).server_words == "nothing"


def _impersonating(environ: dict[str, str], server: ScriptedServer) -> dict[str, str]:
    return environ | {
        "CLOUDSDK_AUTH_ACCESS_TOKEN": "mine",
        "CLOUDSDK_CORE_ACCOUNT": "ana@example.com",
        "CLOUDSDK_AUTH_IMPERSONATE_SERVICE_ACCOUNT": "hop@p.iam.gserviceaccount.com,sa@p.iam.gserviceaccount.com",
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_IAMCREDENTIALS": f"{server.url}/",
    }


GENERATE = "POST /v1/projects/-/serviceAccounts/sa@p.iam.gserviceaccount.com:generateAccessToken"


async def test_impersonation_where_gcloud_is_set_to_it(
    http: Http, server: ScriptedServer, environ: dict[str, str]
) -> None:
    server.on(GENERATE, Reply(200, {"accessToken": "sa-token", "expireTime": "2023-11-14T23:13:20Z"}))
    found = credentials(http, _impersonating(environ, server))
    assert await found.token() == "sa-token"
    assert found.account == "sa@p.iam.gserviceaccount.com"
    assert found.expires == NOW + 3600
    asked = server.asked[0]
    assert asked.headers["authorization"] == "Bearer mine"
    assert json.loads(asked.body) == {
        "delegates": ["projects/-/serviceAccounts/hop@p.iam.gserviceaccount.com"],
        "scope": ["https://www.googleapis.com/auth/cloud-platform"],
        "lifetime": "3600s",
    }


async def test_who_may_not_impersonate_is_told_the_binding(
    http: Http, server: ScriptedServer, environ: dict[str, str]
) -> None:
    server.on(GENERATE, Reply(403, {"error": {"code": 403, "status": "PERMISSION_DENIED", "message": "no"}}))
    problem = await problem_of(credentials(http, _impersonating(environ, server)))
    assert problem.kind is ProblemKind.FORBIDDEN
    assert problem.remedy == (
        "gcloud iam service-accounts add-iam-policy-binding sa@p.iam.gserviceaccount.com "
        "--member=user:ana@example.com --role=roles/iam.serviceAccountTokenCreator"
    )


async def test_no_token_ever_reaches_a_disk_or_a_repr(
    http: Http, server: ScriptedServer, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    token_endpoint(monkeypatch, server)
    server.on("POST /token", Reply(200, {"access_token": "ya29.very-secret", "expires_in": 3600}))
    adc(environ, **USER)
    found = credentials(http, environ)
    await found.token()
    held = found._tokens.lease  # pyright: ignore[reportPrivateUsage]
    assert "very-secret" not in repr(held)
    for folder, _, files in os.walk(environ["HOME"]):
        assert not any(b"very-secret" in (Path(folder) / name).read_bytes() for name in files)


@pytest.mark.parametrize(
    ("environ", "product", "expected"),
    [
        ({}, "Google Compute Engine\n", True),
        ({}, "Google", True),
        ({}, "Latitude 7420", False),
        ({}, None, False),
        ({"NO_GCE_CHECK": "true"}, "Google", False),
        ({"GCE_METADATA_HOST": "127.0.0.1:1"}, None, True),
        ({"K_SERVICE": "x"}, None, True),
    ],
)
def test_the_metadata_server_is_asked_only_where_there_are_signs_of_one(
    tmp_path: Path, environ: dict[str, str], product: str | None, expected: bool
) -> None:
    path = tmp_path / "product_name"
    if product is not None:
        path.write_text(product)
    assert on_google_compute(environ, path) is expected


@pytest.mark.parametrize("token", [None, "", "a.b", "a.!.c", "a.bm8.c", 7])
def test_an_odd_id_token_claims_nothing(token: object) -> None:
    assert claims_of(token) == {}


async def test_googles_token_endpoint_is_asked_over_our_own_stack_and_trust(
    tls_server: ScriptedServer,
    authority: trustme.CA,
    environ: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    token_endpoint(monkeypatch, tls_server)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    tls_server.on("POST /token", Reply(200, {"access_token": "t", "expires_in": 3600}))
    adc(environ, **USER)
    stack = Http({"SSL_CERT_FILE": str(tmp_path / "ca.pem")})
    try:
        assert await credentials(stack, environ).token() == "t"
    finally:
        await stack.close()
    assert tls_server.asked[0].headers["user-agent"].startswith("clusterview")


@pytest.mark.skipif(not os.access("/usr/bin/gcloud", os.X_OK), reason="no gcloud installed")
async def test_the_real_gcloud_is_understood_when_signed_out(http: Http, environ: dict[str, str]) -> None:
    problem = await problem_of(credentials(http, environ | {"PATH": os.environ["PATH"]}))
    assert problem.kind is ProblemKind.SIGNED_OUT
    assert "gcloud auth login" in problem.server_words


@pytest.mark.skipif(not os.access("/usr/bin/gcloud", os.X_OK), reason="no gcloud installed")
async def test_the_real_gclouds_configuration_is_what_we_read(environ: dict[str, str]) -> None:
    from tui.clients.tools import run_tool

    env = environ | {"PATH": os.environ["PATH"]}
    for command in (["config", "set", "core/project", "acme-9"], ["config", "set", "core/account", "ana@example.com"]):
        ran = await run_tool(["gcloud", *command, "--quiet"], environ=env, timeout=60)
        assert ran.code == 0, ran.err
    config = read_gcloud_config(env)
    assert (config.project, config.account) == ("acme-9", "ana@example.com")
