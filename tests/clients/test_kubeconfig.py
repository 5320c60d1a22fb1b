"""Every way a kubeconfig's user entry can sign in, against a real TLS server."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme
from rich.pretty import pretty_repr

from tests.clients.kubeconfigs import NOW, ask, ca_data, config, failure, write
from tests.clients.scripted import Reply, ScriptedServer
from tui.clients.http import Http
from tui.clients.kubeconfig import ContextLoader
from tui.clients.tls import TlsSpec
from tui.clock import ManualClock
from tui.errors import ProblemKind


async def test_a_token_and_inline_ca(
    http: Http, cluster: ScriptedServer, authority: trustme.CA, tmp_path: Path
) -> None:
    path = write(tmp_path / "k", config(cluster.url + "/", {"token": "t0ken"}, ca_data(authority)))
    endpoint = await ContextLoader({}).load_endpoint([path])
    assert (endpoint.server, endpoint.namespace, endpoint.proxy) == (cluster.url, "pay", None)
    assert await ask(http, endpoint) == "v1"
    assert cluster.asked[0].headers["authorization"] == "Bearer t0ken"


async def test_a_client_certificate_from_files_and_from_data(http: Http, authority: trustme.CA, tmp_path: Path) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    mine = authority.issue_cert("ana@example.com")
    pem, key = mine.cert_chain_pems[0].bytes(), mine.private_key_pem.bytes()
    (tmp_path / "me.pem").write_bytes(pem)
    (tmp_path / "me.key").write_bytes(key)
    (tmp_path / "ca.pem").write_bytes(authority.cert_pem.bytes())
    encoded = {"client-certificate-data": pem, "client-key-data": key}
    async with ScriptedServer(context) as server:
        server.on("/version", Reply(200, {"gitVersion": "v1"}))
        files = config(server.url, {"client-certificate": "me.pem", "client-key": "me.key"})
        files["clusters"][0]["cluster"]["certificate-authority"] = "ca.pem"
        data = config(
            server.url, {name: base64.b64encode(blob).decode() for name, blob in encoded.items()}, ca_data(authority)
        )
        for document in (files, data):
            endpoint = await ContextLoader({}).load_endpoint([write(tmp_path / "k", document)])
            assert await ask(http, endpoint) == "v1"


async def test_no_key_stays_on_disk_or_in_a_repr(authority: trustme.CA, tmp_path: Path) -> None:
    mine = authority.issue_cert("ana@example.com")
    user = {
        "client-certificate-data": base64.b64encode(mine.cert_chain_pems[0].bytes()).decode(),
        "client-key-data": base64.b64encode(mine.private_key_pem.bytes()).decode(),
    }
    path = write(tmp_path / "k", config("https://h", user, ca_data(authority)))
    before = set(os.listdir("/tmp"))
    endpoint = await ContextLoader({}).load_endpoint([path])
    assert {name for name in set(os.listdir("/tmp")) - before if name.startswith("clusterview-")} == set()
    assert "PRIVATE KEY" in endpoint.tls.key.decode()
    assert "PRIVATE KEY" not in repr(endpoint) + pretty_repr(endpoint)


async def test_basic_auth(http: Http, cluster: ScriptedServer, authority: trustme.CA, tmp_path: Path) -> None:
    path = write(tmp_path / "k", config(cluster.url, {"username": "ana", "password": "pw"}, ca_data(authority)))
    await ask(http, await ContextLoader({}).load_endpoint([path]))
    assert cluster.asked[0].headers["authorization"] == "Basic " + base64.b64encode(b"ana:pw").decode()


async def test_insecure_server_name_and_proxy(tmp_path: Path) -> None:
    more = {"insecure-skip-tls-verify": True, "tls-server-name": "kube.internal", "proxy-url": "http://proxy:3128"}
    path = write(tmp_path / "k", config("https://h", {"token": "t"}, more))
    endpoint = await ContextLoader({}).load_endpoint([path])
    assert endpoint.tls == TlsSpec(insecure=True, server_name="kube.internal")
    assert endpoint.proxy == "http://proxy:3128"


async def test_the_environments_proxy_is_left_to_the_http_stack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://env-proxy:1")
    path = write(tmp_path / "k", config("https://h", {"token": "t"}))
    assert (await ContextLoader({}).load_endpoint([path])).proxy is None


async def test_a_socks_proxy_is_refused_plainly(tmp_path: Path) -> None:
    path = write(tmp_path / "k", config("https://h", {}, {"proxy-url": "socks5://h:1"}))
    problem = await failure(ContextLoader({}).load_endpoint([path]))
    assert "socks5" in problem.summary


async def test_credentials_are_not_sent_over_plain_http(http: Http, server: ScriptedServer, tmp_path: Path) -> None:
    server.on("/version", Reply(200, {"gitVersion": "v1"}))
    path = write(tmp_path / "k", config(server.url, {"token": "t0ken"}))
    await ask(http, await ContextLoader({}).load_endpoint([path]))
    assert "authorization" not in server.asked[0].headers


async def test_a_token_file_is_read_again_as_it_is_rotated(
    http: Http, cluster: ScriptedServer, authority: trustme.CA, tmp_path: Path
) -> None:
    clock = ManualClock(NOW)
    (tmp_path / "token").write_text("one\n")
    path = write(tmp_path / "k", config(cluster.url, {"tokenFile": "token"}, ca_data(authority)))
    endpoint = await ContextLoader({}, clock).load_endpoint([path])
    await ask(http, endpoint)
    (tmp_path / "token").write_text("two\n")
    await clock.advance(61)
    await ask(http, endpoint)
    assert [asked.headers["authorization"] for asked in cluster.asked] == ["Bearer one", "Bearer two"]


async def test_acting_as_somebody_else_is_sent_and_not_dropped(
    http: Http, cluster: ScriptedServer, authority: trustme.CA, tmp_path: Path
) -> None:
    user = {"token": "t", "as": "bob", "as-groups": ["dev", "ops"], "as-user-extra": {"reason": ["audit"]}}
    path = write(tmp_path / "k", config(cluster.url, user, ca_data(authority)))
    endpoint = await ContextLoader({}).load_endpoint([path])
    await ask(http, endpoint)
    headers = cluster.asked[0].headers
    assert (headers["impersonate-user"], headers["impersonate-extra-reason"]) == ("bob", "audit")
    sent = (await endpoint.auth.access()).headers
    assert [value for name, value in sent if name == "Impersonate-Group"] == ["dev", "ops"]


@pytest.mark.parametrize(
    ("document", "context", "kind", "words"),
    [
        (config(), "other", ProblemKind.MISSING, "no context other in"),
        (config() | {"current-context": ""}, "", ProblemKind.MISSING, "no current context"),
        (config() | {"clusters": []}, "", ProblemKind.INVALID, "context c: there is no cluster c"),
        (config() | {"users": []}, "", ProblemKind.INVALID, "context c: there is no user c"),
        (config(server=""), "", ProblemKind.INVALID, "cluster c: no server"),
        (config(user={"client-certificate": "/no/such.pem"}), "", ProblemKind.INVALID, "/no/such.pem"),
        (config(cluster={"certificate-authority-data": "%%%"}), "", ProblemKind.INVALID, "holds no certificate"),
        (config(cluster={"certificate-authority": "/no/ca.pem"}), "", ProblemKind.INVALID, "/no/ca.pem"),
    ],
)
async def test_errors_name_the_file_and_the_entry(
    tmp_path: Path, document: Any, context: str, kind: ProblemKind, words: str
) -> None:
    path = write(tmp_path / "k", document)
    problem = await failure(ContextLoader({}).load_endpoint([path], context))
    assert problem.kind is kind
    assert words in problem.summary
    assert str(path) in problem.summary


def jwt(claims: dict[str, Any]) -> str:
    return f"h.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.s"


@pytest.mark.parametrize(("end", "stale"), [(NOW + 3600, False), (NOW - 1, True)])
async def test_a_stale_oidc_token_is_left_for_kubectl_to_renew(tmp_path: Path, end: float, stale: bool) -> None:
    import time

    shift = time.time() - NOW  # the kubernetes package looks at the real clock
    provider = {"name": "oidc", "config": {"id-token": jwt({"exp": int(end + shift)}), "refresh-token": "once"}}
    path = write(tmp_path / "k", config(user={"auth-provider": provider}))
    loader = ContextLoader({}, ManualClock(time.time()))
    if stale:
        assert (await failure(loader.load_endpoint([path]))).kind is ProblemKind.SIGNED_OUT
    else:
        assert (await (await loader.load_endpoint([path])).auth.access()).headers[0][1].startswith("Bearer h.")


async def test_a_kubeconfig_that_is_no_file(http: Http, cluster: ScriptedServer, authority: trustme.CA) -> None:
    document = config(cluster.url, {"token": "t"}, ca_data(authority))
    assert await ask(http, await ContextLoader({}).endpoint_of(document, "aks-1")) == "v1"
    problem = await failure(ContextLoader({}).endpoint_of({}, "aks-1"))
    assert "aks-1" in problem.summary


async def test_many_contexts_that_share_a_ca_load_at_the_same_time(authority: trustme.CA, tmp_path: Path) -> None:
    paths: list[Path] = []
    for number in range(16):
        mine = authority.issue_cert(f"user{number}@example.com")
        user = {
            "client-certificate-data": base64.b64encode(mine.cert_chain_pems[0].bytes()).decode(),
            "client-key-data": base64.b64encode(mine.private_key_pem.bytes()).decode(),
        }
        paths.append(write(tmp_path / f"k{number}", config("https://h", user, ca_data(authority), f"c{number}")))
    loader = ContextLoader({})
    endpoints = await asyncio.gather(*(loader.load_endpoint([path]) for path in paths * 5))
    assert {endpoint.tls.ca for endpoint in endpoints} == {authority.cert_pem.bytes()}
    assert len({endpoint.tls.key for endpoint in endpoints}) == 16
