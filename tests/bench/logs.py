"""A million lines of one log into a pipe, beside kubectl and curl on the same server: how long, how much of the
processor, how much memory."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from tests.bench.clouds import clouds, directly, pod_named, server_of
from tests.bench.programs import CLUSTERVIEW, Run, kubectl, reaped
from tests.bench.report import Figure, milliseconds

LINES = 1_000_000
RATE = 10_000
"""Lines a second that the container writes."""


def scenario(rate: int) -> str:
    """One container that writes so many lines a second, and has a million in its file."""
    return f"""\
title: a container that writes as fast as it can
people: [{{id: admin, email: ana@example.com, iam: [roles/owner], kube: cluster-admin}}]
projects: [{{id: acme-fleet, number: "605104041262", services: []}}]
clusters:
  - name: flood
    version: v1.36.2
    workloads:
      - {{kind: Deployment, namespace: lab, name: flood, log: flood, log_rate: {rate}, age: 7200}}
memberships: []
"""


def log_figures(folder: Path, rounds: int) -> list[Figure]:
    """Whole logs, and follows that are left after a million lines."""
    written = folder / "flood.yaml"
    written.write_text(scenario(RATE))
    with clouds(folder / "logs", "--scenario", str(written)) as env:
        env = directly(folder, env, "flood")
        ours = [CLUSTERVIEW, "logs", "-n", "lab"]
        pod = pod_named(env, "lab", "flood")
        url = f"{server_of(env, 'flood')}/api/v1/namespaces/lab/pods/{pod}/log"
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
    return reaped(writing, started)
