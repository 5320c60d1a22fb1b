"""A million lines of one log into a pipe, beside kubectl and curl on the same server: how long, how much of the
processor, how much memory."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.bench.clouds import clouds
from tests.bench.programs import CLUSTERVIEW, kubectl
from tests.bench.report import Figure, milliseconds

LINES = 1_000_000
_SCENARIO = """\
title: a container that writes as fast as it can
people: [{id: admin, email: ana@example.com, iam: [roles/owner], kube: cluster-admin}]
projects: [{id: acme-fleet, number: "605104041262", services: []}]
clusters:
  - name: flood
    version: v1.36.2
    workloads:
      - {kind: Deployment, namespace: lab, name: flood, log: flood, log_rate: 10000, age: 7200}
memberships: []
"""


@dataclass(frozen=True)
class Run:
    """seconds: from spawn to exit. processor: of it, user and system. memory: the most that was resident, in MB."""

    seconds: float
    processor: float
    memory: float


def log_figures(folder: Path, rounds: int) -> list[Figure]:
    """Whole logs, and follows that are left after a million lines."""
    scenario = folder / "flood.yaml"
    scenario.write_text(_SCENARIO)
    with clouds(folder / "logs", "--scenario", str(scenario)) as env:
        server = env["CLOUDSDK_API_ENDPOINT_OVERRIDES_GKEHUB"].rstrip("/") + "/clusters/flood"
        env = {**env, "KUBECONFIG": str(_kubeconfig(folder, env, server))}
        ours = [CLUSTERVIEW, "logs", "-n", "lab"]
        pod = _pod(env)
        url = f"{server}/api/v1/namespaces/lab/pods/{pod}/log"
        measures: dict[str, tuple[Sequence[str], bool]] = {
            "logs": ([*ours, pod], False),
            "logs -f": ([*ours, "-f", pod], True),
        }
        if (other := kubectl()) is not None:
            measures["kubectl logs"] = ([other, "logs", "-n", "lab", pod], False)
            measures["kubectl logs -f"] = ([other, "logs", "-n", "lab", "-f", pod], True)
        if (curl := shutil.which("curl")) is not None:
            token = f"Authorization: Bearer {env['CLOUDSDK_AUTH_ACCESS_TOKEN']}"
            measures["curl"] = ([curl, "-s", "--cacert", env["SSL_CERT_FILE"], "-H", token, url], False)
            measures["curl, follow"] = ([*measures["curl"][0][:-1], f"{url}?follow=true"], True)
        taken: dict[str, list[Run]] = {name: [] for name in measures}
        for _ in range(rounds):
            for name, (command, endless) in measures.items():
                taken[name].append(_piped(command, env, endless=endless))
    return [
        figure
        for mine, theirs in (("logs", ("kubectl logs", "curl")), ("logs -f", ("kubectl logs -f", "curl, follow")))
        for figure in _compared(mine, theirs, taken)
    ]


def _compared(mine: str, others: Sequence[str], taken: Mapping[str, Sequence[Run]]) -> list[Figure]:
    own = taken[mine]
    speed = LINES / median(run.seconds for run in own)
    figures = [
        Figure(f"{mine}, lines a second", f"{speed:,.0f}", "", "", ""),
        Figure(f"{mine}, memory", f"{median(run.memory for run in own):.0f} MB", "", "", ""),
    ]
    for other in others:
        if found := taken.get(other):
            goal = ">= 3x" if other == "kubectl logs" else ""
            for what, of in (("time", lambda run: run.seconds), ("processor time", lambda run: run.processor)):
                one, two = median(map(of, own)), median(map(of, found))
                said = (milliseconds(one), milliseconds(two), f"{two / one:.1f}x")
                figures.append(Figure(f"{mine}, {LINES:,} lines into a pipe, {what} / {other}", *said, goal))
                goal = ""
    return figures


def _piped(command: Sequence[str], env: Mapping[str, str], *, endless: bool) -> Run:
    """Run into a pipe whose reader throws everything away; endless: and goes after a million lines."""
    reader = ["head", "-n", str(LINES)] if endless else ["cat"]
    started = time.perf_counter()
    writing = subprocess.Popen(command, env=dict(env), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    reading = subprocess.Popen(reader, stdin=writing.stdout, stdout=subprocess.DEVNULL)
    assert writing.stdout is not None
    writing.stdout.close()
    reading.wait()
    _, _, used = os.wait4(writing.pid, 0)
    writing.returncode = 0
    return Run(time.perf_counter() - started, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def _pod(env: Mapping[str, str]) -> str:
    command = [CLUSTERVIEW, "get", "pods", "-n", "lab", "-o", "name"]
    printed = subprocess.run(command, env=dict(env), check=True, capture_output=True, text=True).stdout
    return printed.split()[0].rpartition("/")[2]


def _kubeconfig(folder: Path, env: Mapping[str, str], server: str) -> Path:
    cluster = {"server": server, "certificate-authority": env["SSL_CERT_FILE"]}
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "flood",
        "clusters": [{"name": "flood", "cluster": cluster}],
        "users": [{"name": "ana", "user": {"token": env["CLOUDSDK_AUTH_ACCESS_TOKEN"]}}],
        "contexts": [{"name": "flood", "context": {"cluster": "flood", "user": "ana"}}],
    }
    path = folder / "flood-kubeconfig"
    path.write_text(json.dumps(config))
    return path
