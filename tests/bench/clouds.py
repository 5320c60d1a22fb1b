"""Simulated clouds for a benchmark: a process of their own, so that their work is nobody's but theirs."""

from __future__ import annotations

import json
import os
import shlex
import ssl
import subprocess
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from tests.bench.programs import CLUSTERVIEW

CROWDED = "prod-eu"
"""The membership in whose cluster `--scale` puts the pods: the scenario's first one on GKE."""


@contextmanager
def clouds(folder: Path, *arguments: str) -> Generator[dict[str, str]]:
    """The whole environment, from scratch, for any client of a simulator started with `arguments`."""
    base = bare(folder)
    folder.mkdir(parents=True, exist_ok=True)
    script = folder / "environment.sh"
    child = subprocess.Popen(
        [CLUSTERVIEW, "sim", "--state", str(folder / "state"), "--env-file", str(script), "--with-parent", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=base,
    )
    try:
        assert child.stdout is not None
        ready = any(line.strip() == "# ready" for line in child.stdout)
        found = _exported(script.read_text()) if ready else {}
        if not found:
            raise RuntimeError(f"the simulator did not start: {arguments}")
        yield base | found
    finally:
        child.communicate()


def _exported(script: str) -> dict[str, str]:
    """The variables that a script exports; with the secret of the control endpoint, which stdout does not tell."""
    lines = [shlex.split(line, comments=True) for line in script.splitlines()]
    pairs = [words[1].partition("=") for words in lines if len(words) == 2]
    return {name: value for name, _, value in pairs}


def directly(folder: Path, env: Mapping[str, str], cluster: str) -> dict[str, str]:
    """The same environment, with a kubeconfig that leads to one cluster of the simulator without a gateway."""
    return leading_to(folder, env, cluster, server_of(env, cluster))


def leading_to(folder: Path, env: Mapping[str, str], cluster: str, url: str) -> dict[str, str]:
    """The same environment, with a kubeconfig whose one context is called `cluster` and leads to `url`."""
    known = {"server": url}
    if url.startswith("https:"):
        known["certificate-authority"] = env["SSL_CERT_FILE"]
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": cluster,
        "clusters": [{"name": cluster, "cluster": known}],
        "users": [{"name": "ana", "user": {"token": env["CLOUDSDK_AUTH_ACCESS_TOKEN"]}}],
        "contexts": [{"name": cluster, "context": {"cluster": cluster, "user": "ana"}}],
    }
    path = folder / f"{cluster}-{urlsplit(url).port}-kubeconfig"
    path.write_text(json.dumps(config))
    return {**env, "KUBECONFIG": str(path)}


def server_of(env: Mapping[str, str], cluster: str) -> str:
    """The URL of a cluster's API server."""
    return env["CLOUDSDK_API_ENDPOINT_OVERRIDES_GKEHUB"].rstrip("/") + f"/clusters/{cluster}"


def pod_named(env: Mapping[str, str], namespace: str, beginning: str) -> str:
    """The first pod of a namespace whose name begins so."""
    command = [CLUSTERVIEW, "get", "pods", "-n", namespace, "-o", "name"]
    printed = subprocess.run(command, env=dict(env), check=True, capture_output=True, text=True).stdout
    names = (line.rpartition("/")[2] for line in printed.split())
    return next(name for name in names if name.startswith(beginning))


def stir(env: Mapping[str, str], cluster: str, rate: int, seconds: float) -> None:
    """So many changes a second in the cluster's plain pods, from now on for so long."""
    server = urlsplit(env["CLOUDSDK_API_ENDPOINT_OVERRIDES_GKEHUB"])
    body = {"action": "churn", "match": {"cluster": cluster}, "options": {"rate": rate, "seconds": seconds}}
    request = Request(
        f"https://{server.netloc}/_sim/faults",
        json.dumps(body).encode(),
        {"X-Sim-Control": env["CLUSTERVIEW_SIM_CONTROL"]},
    )
    with urlopen(request, context=ssl.create_default_context(cafile=env["SSL_CERT_FILE"])):
        pass


def bare(folder: Path) -> dict[str, str]:
    """An empty home and nothing inherited but the path."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LANG": "C.UTF-8",
        "TEXTUAL_SPEEDUPS": "0",
    }
