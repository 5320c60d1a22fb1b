"""A million lines of one log into a pipe, beside kubectl and curl on the same server: how long, how much of the
processor, how much memory.

Twice: from the simulator, which makes and encrypts what it sends, so that the faster reader waits for it, and from a
server that sends what it has in memory, on which the goal was set."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from tests.bench.clouds import clouds, directly, leading_to, pod_named, server_of
from tests.bench.programs import CLUSTERVIEW, Child, Run, kubectl
from tests.bench.replayed import replayed
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
        path = f"api/v1/namespaces/lab/pods/{pod}/log"
        programs = {"logs": [*ours, pod], "logs -f": [*ours, "-f", pod]}
        if (other := kubectl()) is not None:
            programs["kubectl logs"] = [other, "logs", "-n", "lab", pod]
            programs["kubectl logs -f"] = [other, "logs", "-n", "lab", "-f", pod]
        if (curl := shutil.which("curl")) is not None:
            token = f"Authorization: Bearer {env['CLOUDSDK_AUTH_ACCESS_TOKEN']}"
            asking = [curl, "-s", "--cacert", env["SSL_CERT_FILE"], "-H", token, f"{server_of(env, 'flood')}/{path}"]
            programs["curl"], programs["curl, follow"] = asking, [*asking[:-1], f"{asking[-1]}?follow=true"]
        made = _taken(programs, env, rounds)
        with replayed(server_of(env, "flood"), env["SSL_CERT_FILE"], env["CLOUDSDK_AUTH_ACCESS_TOKEN"]) as url:
            env = leading_to(folder, env, "flood", url)
            programs = {name: command for name, command in programs.items() if name in ("logs", "kubectl logs")}
            if curl is not None:
                programs["curl"] = [curl, "-s", f"{url}/{path}"]
            _check_all_alike(programs, env)
            kept = _taken(programs, env, rounds)
    return [
        *_compared("logs", ("kubectl logs", "curl"), kept, " from memory", goal=">= 3x"),
        *_compared("logs", ("kubectl logs", "curl"), made, " as they are made"),
        *_compared("logs -f", ("kubectl logs -f", "curl, follow"), made, " as they are made"),
    ]


def _taken(programs: Mapping[str, Sequence[str]], env: Mapping[str, str], rounds: int) -> dict[str, list[Run]]:
    taken: dict[str, list[Run]] = {name: [] for name in programs}
    for _ in range(rounds):
        for name, command in programs.items():
            taken[name].append(_piped(command, env, endless=name.endswith(("-f", "follow"))))
    return taken


def _check_all_alike(programs: Mapping[str, Sequence[str]], env: Mapping[str, str]) -> None:
    """Raises RuntimeError where one prints something else than another."""
    printed: set[bytes] = set()
    for command in programs.values():
        with subprocess.Popen(command, env=dict(env), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
            assert child.stdout is not None
            digest = hashlib.sha256()
            while piece := child.stdout.read(1 << 20):
                digest.update(piece)
            printed.add(digest.digest())
    if len(printed) != 1:
        raise RuntimeError(f"these print different logs: {', '.join(programs)}")


def _compared(
    mine: str, others: Sequence[str], taken: Mapping[str, Sequence[Run]], whence: str, goal: str = ""
) -> list[Figure]:
    own = taken[mine]
    speed = LINES / median(run.seconds for run in own)
    figures = [
        Figure(f"{mine}{whence}, lines a second", f"{speed:,.0f}", "", "", ""),
        Figure(f"{mine}{whence}, memory", f"{median(run.memory for run in own):.0f} MB", "", "", ""),
    ]
    for other in others:
        if found := taken.get(other):
            aim = goal if other == "kubectl logs" else ""
            for what, of in (("time", lambda run: run.seconds), ("processor time", lambda run: run.processor)):
                one, two = median(map(of, own)), median(map(of, found))
                said = (milliseconds(one), milliseconds(two), f"{two / one:.1f}x")
                figures.append(Figure(f"{mine}{whence}, {LINES:,} lines into a pipe, {what} / {other}", *said, aim))
                aim = ""
    return figures


def _piped(command: Sequence[str], env: Mapping[str, str], *, endless: bool) -> Run:
    """Run into a pipe whose reader throws everything away; endless: and goes after a million lines."""
    reader = ["head", "-n", str(LINES)] if endless else ["cat"]
    writing = Child(command, env, stdout=subprocess.PIPE)
    reading = subprocess.Popen(reader, stdin=writing.stdout, stdout=subprocess.DEVNULL)
    assert writing.stdout is not None
    writing.stdout.close()
    reading.wait()
    return writing.run()
