"""Exec plugins: run as kubectl runs them, but without a terminal, and their failures shown in their own words."""

from __future__ import annotations

import asyncio
import json
import os
import ssl
import stat
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.clients.kubeconfigs import NOW, ask, ca_data, config, failure, write
from tests.clients.scripted import Asked, Reply, ScriptedServer
from tui.clients.exec_plugin import cluster_info
from tui.clients.http import Http
from tui.clients.kubeconfig import ContextLoader
from tui.clock import ManualClock
from tui.errors import ProblemKind


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


async def test_a_written_token_outranks_a_plugin(tmp_path: Path) -> None:
    plugin = Plugin(tmp_path, credential(token="p-token"))
    path = write(tmp_path / "k", config("https://h", {"token": "written", "exec": plugin.spec()}))
    endpoint = await ContextLoader(ENVIRON).load_endpoint([path])
    assert (await endpoint.auth.access()).headers == (("Authorization", "Bearer written"),)
    assert not (tmp_path / "runs").exists()
