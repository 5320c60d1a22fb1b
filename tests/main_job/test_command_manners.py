"""What a shell and its user expect of every command: it ends when told to, imports what it needs, tells no secret."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import SimProcess
from tests.main_job.test_commands import COMMAND, clusterview

HEAVY = ("azure", "kubernetes", "google", "requests", "textual", "msal")
NEVER = 20.0
"""Seconds in which a command that was told to end must be gone, and less than any answer is waited for."""
CANARY = "ya29.canary-token-that-nobody-may-see"


@contextmanager
def silent_server() -> Iterator[socket.socket]:
    """Takes connections and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(16)
        listening.settimeout(60)
        yield listening


@contextmanager
def interruptible(*arguments: str, environ: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """The command with SIGINT as a shell's foreground job has it: whoever runs these tests in the background of a
    script hands an ignored one on."""
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.mark.parametrize(
    "arguments",
    [
        ("fleet", "list"),
        ("connections", "list"),
        ("get", "pods", "--cluster", "prod-*"),
        ("logs", "--agents", "-f", "--cluster", "prod-eu"),
    ],
)
def test_an_interrupt_while_nobody_answers_ends_it(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    with silent_server() as server:
        port = server.getsockname()[1]
        environ = {
            "HOME": str(tmp_path),
            "PATH": "",
            "CLOUDSDK_AUTH_ACCESS_TOKEN": CANARY,
            "CLOUDSDK_API_ENDPOINT_OVERRIDES_GKEHUB": f"https://127.0.0.1:{port}/",
            "IDENTITY_ENDPOINT": f"http://127.0.0.1:{port}/",
            "IDENTITY_HEADER": CANARY,
            "CLUSTERVIEW_PROJECTS": "acme-prod",
        }
        with interruptible(*arguments, environ=environ) as process:
            asked, _ = server.accept()  # it waits for the network now; sooner would be a test of the imports
            with asked:
                process.send_signal(signal.SIGINT)
                out, err = process.communicate(timeout=NEVER)
        assert (process.returncode, out, err) == (130, "", "")


def test_an_interrupt_during_the_imports_prints_no_traceback(tmp_path: Path) -> None:
    for delay in (0.03, 0.06, 0.1, 0.15):
        with interruptible("info", environ={"HOME": str(tmp_path), "PATH": ""}) as process:
            time.sleep(delay)
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=NEVER)
        # The interpreter's own start-up is not ours to guard; once our code runs, nothing is printed.
        assert "tui/" not in err, err


def test_a_plain_name_of_a_fleet_costs_no_sdk(sim_process: SimProcess, tmp_path: Path) -> None:
    code = (
        "import sys\nfrom tui.cli.main import main\ncode = main()\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)\nsys.exit(code)"
    )
    ran = subprocess.run(
        [sys.executable, "-P", "-c", code, "get", "ns", "--cluster", "prod-eu"],
        env=sim_process.environ(tmp_path),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ran.returncode, ran.stderr.strip()) == (0, "[]")


def test_names_of_several_clusters_tell_them_apart_and_of_one_are_kubectls(
    sim_process: SimProcess, tmp_path: Path
) -> None:
    environ = sim_process.environ(tmp_path)
    one = clusterview(environ, "get", "deploy", "-n", "payments", "--cluster", "prod-eu", "-o", "name")
    assert "deployment.apps/api" in one.stdout.splitlines()
    several = clusterview(environ, "get", "deploy", "-n", "payments", "--cluster", "prod-?u", "--cluster", "prod-us",
                          "-o", "name")  # fmt: skip
    assert {"prod-eu/deployment.apps/api", "prod-us/deployment.apps/api"} <= set(several.stdout.splitlines())


def test_a_cloud_that_cannot_be_asked_makes_a_wide_choice_partial(sim_process: SimProcess, tmp_path: Path) -> None:
    environ = sim_process.environ(tmp_path) | {"IDENTITY_HEADER": "wrong"}
    wide = clusterview(environ, "get", "ns", "--cluster", "prod-*")
    assert wide.returncode == 3
    assert "Azure: " in wide.stderr
    assert {line.split()[0] for line in wide.stdout.splitlines()[1:]} == {"prod-eu", "prod-us"}
    plain = clusterview(environ, "get", "ns", "--cluster", "prod-eu")
    assert (plain.returncode, plain.stderr) == (0, "")


def test_the_contexts_namespace_is_the_one_meant(tmp_path: Path) -> None:
    asyncio.run(_contexts_namespace(tmp_path))


async def _contexts_namespace(folder: Path) -> None:
    from tests.clients.kubernetes_server import table
    from tests.clients.scripted import Reply, ScriptedServer

    async with ScriptedServer() as server:
        server.on("/api/v1/namespaces/shop/pods", Reply(200, table("till-1")))
        document = {
            "current-context": "c",
            "clusters": [{"name": "c", "cluster": {"server": server.url}}],
            "contexts": [{"name": "c", "context": {"cluster": "c", "namespace": "shop"}}],
        }
        (folder / "kubeconfig").write_text(json.dumps(document))
        environ = {"HOME": str(folder), "PATH": "", "KUBECONFIG": str(folder / "kubeconfig")}
        ran = await asyncio.to_thread(clusterview, environ, "get", "pods", "-o", "name")
    assert (ran.returncode, ran.stdout) == (0, "pod/till-1\n")


def test_a_refused_token_is_in_no_output_and_no_log(sim_process: SimProcess, tmp_path: Path) -> None:
    environ = sim_process.environ(tmp_path) | {"CLOUDSDK_AUTH_ACCESS_TOKEN": CANARY, "IDENTITY_HEADER": CANARY}
    for arguments in (("fleet", "list"), ("connections", "list"), ("get", "po", "--cluster", "prod-*"), ("info",)):
        ran = clusterview(environ, "-v", *arguments)
        assert CANARY not in ran.stdout + ran.stderr, arguments
        assert ran.returncode in (0, 1, 4), (arguments, ran.stderr)
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path.name for path in written] != []
    for path in written:
        assert CANARY.encode() not in path.read_bytes(), path
