"""kubeconfig files by kubectl's rules, and every way a user entry can sign in, against a real TLS server."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import ssl
import stat
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import trustme
import yaml

from tests.clients.scripted import Asked, Reply, ScriptedServer
from tui.clients.exec_plugin import cluster_info
from tui.clients.http import Http
from tui.clients.kube import KubeClient
from tui.clients.kube_endpoint import KubeEndpoint
from tui.clients.kubeconfig import ContextLoader
from tui.clients.kubeconfig_files import Contexts, contexts, read_kubeconfig
from tui.clients.tls import TlsSpec
from tui.clock import ManualClock
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.cluster import ClusterRef, Via

NOW = 1_700_000_000.0
REF = ClusterRef("context:c", "c", Via.CONTEXT)


def config(server: str = "https://h", user: Any = None, cluster: Any = None, name: str = "c") -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "clusters": [{"name": name, "cluster": {"server": server, **(cluster or {})}}],
        "users": [{"name": name, "user": user or {}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name, "namespace": "pay"}}],
    }


def write(path: Path, content: Any) -> Path:
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
    return path


async def failure(awaitable: Any) -> Problem:
    with pytest.raises(SourceError) as caught:
        await awaitable
    return caught.value.problem


def test_contexts_of_several_files(tmp_path: Path) -> None:
    one = write(tmp_path / "one", config(name="a") | {"current-context": ""})
    two = write(tmp_path / "two", config(name="b"))
    three = write(tmp_path / "three", config(name="a", server="https://later"))
    missing = tmp_path / "missing"
    assert contexts([one, missing, two, three]) == Contexts(("a", "b"), "b")
    assert read_kubeconfig([one, two, three]).clusters["a"].value["server"] == "https://h"


def test_no_file_at_all_is_no_context(tmp_path: Path) -> None:
    assert contexts([]) == contexts([tmp_path / "no"]) == Contexts()
    assert contexts([write(tmp_path / "empty", "")]) == Contexts()


def test_a_current_context_that_is_not_there_is_none(tmp_path: Path) -> None:
    assert contexts([write(tmp_path / "k", config() | {"current-context": "gone"})]) == Contexts(("c",), "")


@pytest.mark.parametrize(
    ("content", "place"), [("a: 1\nb: [}", " line 2"), ("- 1", ""), ("\x00", ""), ("just text", "")]
)
def test_an_unreadable_file_is_named_with_its_line(tmp_path: Path, content: str, place: str) -> None:
    path = write(tmp_path / "broken", content)
    with pytest.raises(SourceError) as caught:
        contexts([path])
    assert caught.value.problem.kind is ProblemKind.INVALID
    assert f"{path}{place}" in caught.value.problem.summary


def test_a_folder_where_a_file_should_be_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=str(tmp_path)):
        contexts([tmp_path])


def test_relative_paths_mean_the_folder_of_their_file(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    user = {"client-certificate": "me.pem", "tokenFile": "/abs/token", "exec": {"command": "./bin/plugin"}}
    path = write(tmp_path / "sub" / "k", config(user=user, cluster={"certificate-authority": "../ca.pem"}))
    found = read_kubeconfig([path])
    assert found.clusters["c"].value["certificate-authority"] == str(tmp_path / "sub" / "../ca.pem")
    assert found.users["c"].value["client-certificate"] == str(tmp_path / "sub" / "me.pem")
    assert found.users["c"].value["tokenFile"] == "/abs/token"
    assert found.users["c"].value["exec"] == {"command": str(tmp_path / "sub" / "bin/plugin")}


def test_contexts_are_told_without_importing_the_kubernetes_package(tmp_path: Path) -> None:
    path = write(tmp_path / "k", config())
    code = (
        "import sys; from pathlib import Path; from tui.clients.kubeconfig_files import contexts;"
        f"print(contexts([Path({str(path)!r})]).names, [m for m in ('kubernetes', 'aiohttp') if m in sys.modules])"
    )
    import subprocess

    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout.strip() == "('c',) []"


@pytest.fixture
async def cluster(authority: trustme.CA) -> AsyncIterator[ScriptedServer]:
    """A TLS server that asks for a client certificate and does without."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_OPTIONAL
    async with ScriptedServer(context) as server:
        server.on("/version", Reply(200, {"gitVersion": "v1"}))
        yield server


def ca_data(authority: trustme.CA) -> dict[str, str]:
    return {"certificate-authority-data": base64.b64encode(authority.cert_pem.bytes()).decode()}


async def ask(http: Http, endpoint: KubeEndpoint) -> str:
    return await KubeClient(http, endpoint, REF).version()


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
    assert "PRIVATE KEY" not in repr(endpoint)


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


class Plugin:
    """An exec plugin that notes how it was run."""

    def __init__(self, folder: Path, script: str) -> None:
        self.folder = folder
        self.path = folder / "plugin"
        self.path.write_text(
            f'#!/bin/sh\necho run >> {folder}/runs\necho "$KUBERNETES_EXEC_INFO" > {folder}/info\n{script}\n'
        )
        self.path.chmod(self.path.stat().st_mode | stat.S_IXUSR)

    @property
    def runs(self) -> int:
        return len((self.folder / "runs").read_text().splitlines())

    def spec(self, **more: Any) -> dict[str, Any]:
        return {"apiVersion": "client.authentication.k8s.io/v1beta1", "command": str(self.path), **more}


def credential(**status: Any) -> str:
    answer = {"apiVersion": "client.authentication.k8s.io/v1beta1", "kind": "ExecCredential", "status": status}
    return f"cat <<'EOF'\n{json.dumps(answer)}\nEOF"


ENVIRON = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}


async def test_a_plugins_token(http: Http, cluster: ScriptedServer, authority: trustme.CA, tmp_path: Path) -> None:
    plugin = Plugin(tmp_path, credential(token="p-token"))
    path = write(tmp_path / "k", config(cluster.url, {"exec": plugin.spec()}, ca_data(authority)))
    endpoint = await ContextLoader(ENVIRON).load_endpoint([path])
    await asyncio.gather(*(ask(http, endpoint) for _ in range(5)))
    assert {asked.headers["authorization"] for asked in cluster.asked} == {"Bearer p-token"}
    assert plugin.runs == 1
    info = json.loads((tmp_path / "info").read_text())
    assert info == {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "kind": "ExecCredential",
        "spec": {"interactive": False},
    }


async def test_contexts_that_share_a_user_share_one_run(
    http: Http, cluster: ScriptedServer, authority: trustme.CA, tmp_path: Path
) -> None:
    plugin = Plugin(tmp_path, credential(token="p-token"))
    document = config(cluster.url, {"exec": plugin.spec()}, ca_data(authority))
    document["contexts"].append({"name": "second", "context": {"cluster": "c", "user": "c"}})
    path = write(tmp_path / "k", document)
    loader = ContextLoader(ENVIRON)
    endpoints = [await loader.load_endpoint([path], name) for name in ("c", "second", "c")]
    await asyncio.gather(*(ask(http, endpoint) for endpoint in endpoints))
    assert plugin.runs == 1


async def test_a_plugin_runs_again_before_its_token_ends(tmp_path: Path) -> None:
    clock = ManualClock(NOW)
    plugin = Plugin(tmp_path, credential(token="t", expirationTimestamp="2023-11-14T23:13:20Z"))  # an hour from NOW
    path = write(tmp_path / "k", config("https://h", {"exec": plugin.spec()}))
    endpoint = await ContextLoader(ENVIRON, clock).load_endpoint([path])
    await endpoint.auth.access()
    await clock.advance(3539)
    await endpoint.auth.access()
    assert plugin.runs == 1
    await clock.advance(1)
    await endpoint.auth.access()
    assert plugin.runs == 2


async def test_a_plugin_runs_again_when_its_token_is_refused(
    http: Http, cluster: ScriptedServer, authority: trustme.CA, tmp_path: Path
) -> None:
    clock = ManualClock(NOW)

    def answer(asked: Asked) -> Reply:
        good = asked.headers["authorization"] == "Bearer token-2"
        return Reply(200, {"gitVersion": "v1"}) if good else Reply(401, "no")

    script = (
        f"n=$(wc -l < {tmp_path}/runs | tr -d ' ')\n"
        'echo "{\\"apiVersion\\":\\"client.authentication.k8s.io/v1beta1\\",\\"kind\\":\\"ExecCredential\\",'
        '\\"status\\":{\\"token\\":\\"token-$n\\"}}"'
    )
    plugin = Plugin(tmp_path, script)
    path = write(tmp_path / "k", config(cluster.url, {"exec": plugin.spec()}, ca_data(authority)))
    endpoint = await ContextLoader(ENVIRON, clock).load_endpoint([path])
    await endpoint.auth.access()
    await clock.advance(61)
    cluster.on("/version", answer)
    assert await ask(http, endpoint) == "v1"
    assert plugin.runs == 2


async def test_a_plugins_certificate(http: Http, authority: trustme.CA, tmp_path: Path) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    mine = authority.issue_cert("ana@example.com")
    status = {
        "clientCertificateData": mine.cert_chain_pems[0].bytes().decode(),
        "clientKeyData": mine.private_key_pem.bytes().decode(),
    }
    plugin = Plugin(tmp_path, credential(**status))
    async with ScriptedServer(context) as server:
        server.on("/version", Reply(200, {"gitVersion": "v1"}))
        path = write(tmp_path / "k", config(server.url, {"exec": plugin.spec()}, ca_data(authority)))
        assert await ask(http, await ContextLoader(ENVIRON).load_endpoint([path])) == "v1"


async def test_a_plugin_is_given_its_arguments_environment_and_the_cluster(
    authority: trustme.CA, tmp_path: Path
) -> None:
    plugin = Plugin(tmp_path, f'echo "$1 $WHO" > {tmp_path}/args\n' + credential(token="t"))
    spec = plugin.spec(args=["--as-asked"], env=[{"name": "WHO", "value": "ana"}], provideClusterInfo=True)
    path = write(tmp_path / "k", config("https://h", {"exec": spec}, ca_data(authority)))
    await (await ContextLoader(ENVIRON).load_endpoint([path])).auth.access()
    assert (tmp_path / "args").read_text() == "--as-asked ana\n"
    told = json.loads((tmp_path / "info").read_text())["spec"]["cluster"]
    assert told == {"server": "https://h", **ca_data(authority)}


def test_what_a_plugin_is_told_of_the_cluster(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_bytes(b"PEM")
    entry: dict[str, Any] = {
        "server": "https://h",
        "certificate-authority": str(tmp_path / "ca.pem"),
        "insecure-skip-tls-verify": False,
        "extensions": [
            {"name": "other", "extension": {}},
            {"name": "client.authentication.k8s.io/exec", "extension": {"audience": "x"}},
        ],
    }
    assert cluster_info(entry) == {
        "server": "https://h",
        "certificate-authority-data": "UEVN",
        "config": {"audience": "x"},
    }


@pytest.mark.parametrize(
    ("script", "more", "kind", "summary", "said"),
    [
        ("echo 'login first' >&2; exit 3", {}, ProblemKind.SIGNED_OUT, "exit code 3", "login first"),
        ("echo nonsense", {}, ProblemKind.INVALID, "printed no ExecCredential", ""),
        (credential(), {}, ProblemKind.INVALID, "neither a token nor a certificate", ""),
        (credential(clientCertificateData="x"), {}, ProblemKind.INVALID, "neither", ""),
        (
            credential(token="t"),
            {"apiVersion": "client.authentication.k8s.io/v1"},
            ProblemKind.INVALID,
            "no ExecCredential of client.authentication.k8s.io/v1",
            "",
        ),
        (credential(token="t"), {"apiVersion": "v9"}, ProblemKind.INVALID, "v9", ""),
        (credential(token="t"), {"interactiveMode": "Always"}, ProblemKind.INVALID, "terminal", ""),
        (
            "",
            {"command": "gke-gcloud-auth-plugin-absent", "installHint": "Install it from https://x"},
            ProblemKind.MISSING,
            "is not installed",
            "Install it from https://x",
        ),
    ],
)
async def test_every_failure_of_a_plugin_is_a_problem_with_its_own_words(
    tmp_path: Path, script: str, more: dict[str, Any], kind: ProblemKind, summary: str, said: str
) -> None:
    plugin = Plugin(tmp_path, script)
    path = write(tmp_path / "k", config("https://h", {"exec": plugin.spec(**more)}))
    endpoint = await ContextLoader(ENVIRON).load_endpoint([path])
    problem = await failure(endpoint.auth.access())
    assert (problem.kind, problem.server_words) == (kind, said)
    assert summary in problem.summary
    assert problem.target == f"{path} user c"


async def test_a_plugin_that_asks_a_question_gets_no_answer_from_the_terminal(tmp_path: Path) -> None:
    plugin = Plugin(tmp_path, 'if read answer; then echo "got $answer" >&2; else echo "no terminal" >&2; fi; exit 1')
    path = write(tmp_path / "k", config("https://h", {"exec": plugin.spec()}))
    endpoint = await ContextLoader(ENVIRON).load_endpoint([path])
    assert (await failure(endpoint.auth.access())).server_words == "no terminal"


async def test_a_plugin_that_hangs_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.clients.exec_plugin.PLUGIN_TIMEOUT", 0.1)
    plugin = Plugin(tmp_path, f"echo $$ > {tmp_path}/pid; exec sleep 600")
    path = write(tmp_path / "k", config("https://h", {"exec": plugin.spec()}))
    endpoint = await ContextLoader(ENVIRON).load_endpoint([path])
    assert (await failure(endpoint.auth.access())).kind is ProblemKind.TIMEOUT
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


async def test_known_plugins_name_the_command_that_cures_them(tmp_path: Path) -> None:
    (tmp_path / "gke-gcloud-auth-plugin").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "gke-gcloud-auth-plugin").chmod(0o755)
    spec = {"apiVersion": "client.authentication.k8s.io/v1beta1", "command": "gke-gcloud-auth-plugin"}
    path = write(tmp_path / "k", config("https://h", {"exec": spec}))
    with_it = await ContextLoader({"PATH": str(tmp_path)}).load_endpoint([path])
    without = await ContextLoader({"PATH": "/nonexistent"}).load_endpoint([path])
    assert (await failure(with_it.auth.access())).remedy == "gcloud auth login"
    assert (await failure(without.auth.access())).remedy == "gcloud components install gke-gcloud-auth-plugin"


async def test_a_plugin_has_no_terminal_by_any_name_and_leaves_nobody_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.clients.exec_plugin.PLUGIN_TIMEOUT", 0.3)
    plugin = Plugin(tmp_path, f"(: < /dev/tty) 2> {tmp_path}/tty; sleep 600 & echo $! > {tmp_path}/child; wait")
    path = write(tmp_path / "k", config("https://h", {"exec": plugin.spec()}))
    endpoint = await ContextLoader(ENVIRON).load_endpoint([path])
    assert (await failure(endpoint.auth.access())).kind is ProblemKind.TIMEOUT
    assert (tmp_path / "tty").read_text()  # the shell's complaint that there is no such device
    child = Path("/proc") / (tmp_path / "child").read_text().strip() / "stat"
    async with asyncio.timeout(5):
        while await asyncio.to_thread(_runs, child):
            await asyncio.to_thread(child.exists)


def _runs(stat_file: Path) -> bool:
    try:
        return stat_file.read_text().split()[2] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


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


async def test_a_written_token_outranks_a_plugin(tmp_path: Path) -> None:
    plugin = Plugin(tmp_path, credential(token="p-token"))
    path = write(tmp_path / "k", config("https://h", {"token": "written", "exec": plugin.spec()}))
    endpoint = await ContextLoader(ENVIRON).load_endpoint([path])
    assert (await endpoint.auth.access()).headers == (("Authorization", "Bearer written"),)
    assert not (tmp_path / "runs").exists()


async def test_a_kubeconfig_that_is_no_file(http: Http, cluster: ScriptedServer, authority: trustme.CA) -> None:
    document = config(cluster.url, {"token": "t"}, ca_data(authority))
    assert await ask(http, await ContextLoader({}).endpoint_of(document, "aks-1")) == "v1"
    problem = await failure(ContextLoader({}).endpoint_of({}, "aks-1"))
    assert "aks-1" in problem.summary
