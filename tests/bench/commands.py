"""Headless commands against the tool people use today, on the same server, interleaved, output thrown away alike."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.bench.clouds import CROWDED, clouds
from tests.bench.programs import CLUSTERVIEW, gcloud, kubectl
from tests.bench.report import Figure, interleaved, milliseconds
from tests.bench.terminal import ends_after

PODS = 10_000


def command_figures(folder: Path, rounds: int) -> list[Figure]:
    """`get pods -A`, `fleet list`, `logs`: each skipped, with a line that says so, where the other tool is missing."""
    other_kubectl, other_gcloud = kubectl(), gcloud()
    figures: list[Figure] = []
    with clouds(folder / "commands", "--scale", f"100,{PODS}") as env:
        if other_gcloud is None:
            print("gcloud is not installed: no comparison with it")
            return figures
        theirs = [other_gcloud, "container", "fleet", "memberships", "list"]
        ours = [CLUSTERVIEW, "fleet", "list"]
        figures.append(_compared("fleet list, 100 memberships / gcloud", env, ours, theirs, ">= 3.5x", rounds))
        subprocess.run(
            [other_gcloud, "container", "fleet", "memberships", "get-credentials", CROWDED],
            env=dict(env), check=True, capture_output=True,
        )  # fmt: skip
        if other_kubectl is None:
            print("kubectl is not installed: no comparison with it")
            return figures
        figures.append(_compared(f"get pods -A, {PODS} pods / kubectl", env,
                                 [CLUSTERVIEW, "get", "pods", "-A", "--cluster", CROWDED],
                                 [other_kubectl, "get", "pods", "-A"], ">= 14x", rounds))  # fmt: skip
    return figures


def _compared(
    what: str, env: Mapping[str, str], ours: Sequence[str], theirs: Sequence[str], goal: str, rounds: int
) -> Figure:
    mine, other = interleaved(lambda: ends_after(ours, env), lambda: ends_after(theirs, env), rounds=rounds)
    return Figure(what, milliseconds(mine), milliseconds(other), f"{other / mine:.1f}x", goal)
