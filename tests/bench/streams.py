"""Bytes through streams, beside kubectl on the same server: files copied both ways, and port-forwards of one
connection and of fifty."""

from __future__ import annotations

import filecmp
import os
import random
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median

from tests.bench.clouds import clouds, directly, pod_named
from tests.bench.forwarded import PARALLEL, Forwarding, got, sent, together
from tests.bench.programs import CLUSTERVIEW, Run, kubectl, whole
from tests.bench.report import Figure, milliseconds

MB = 1_000_000
BIG = 200 * MB
"""Bytes of the big file."""
FILES, FOLDERS, FILE_BYTES = 2_000, 40, 20_000
"""Of the tree."""
ONE = 400 * MB
"""Bytes that one forwarded connection carries."""
EACH = 8 * MB
"""Bytes that each of many does."""
_SCENARIO = """\
title: a cluster to copy to and from, and to forward to
people: [{id: admin, email: ana@example.com, iam: [roles/owner], kube: cluster-admin}]
projects: [{id: acme-fleet, number: "605104041262", services: []}]
clusters:
  - name: carry
    version: v1.36.2
    workloads:
      - {kind: Deployment, namespace: lab, name: web, image: "registry.example.com/lab/web:1.0", port: 8080}
      - {kind: Deployment, namespace: lab, name: discard, image: "registry.example.com/lab/discard:1.0", port: 9}
memberships: []
"""


def stream_figures(folder: Path, rounds: int) -> list[Figure]:
    """Whole runs of cp, and port-forwards that are up."""
    scenario = folder / "carry.yaml"
    scenario.write_text(_SCENARIO)
    with clouds(folder / "streams", "--scenario", str(scenario)) as env:
        env = directly(folder, env, "carry")
        programs = {"clusterview": [CLUSTERVIEW]}
        if (other := kubectl()) is not None:
            programs["kubectl"] = [other]
        else:
            print("kubectl is not installed: no comparison with it")
        return _copies(folder, env, programs, rounds) + _forwards(env, programs, rounds)


def _copies(folder: Path, env: Mapping[str, str], programs: Mapping[str, list[str]], rounds: int) -> list[Figure]:
    pod = pod_named(env, "lab", "web")
    here = folder / "carried"
    here.mkdir()
    with open(here / "big", "wb") as big:  # in pieces: what is held here is counted as the most that a child held
        for number in range(BIG // MB):
            big.write(random.Random(number).randbytes(MB))
    _plant(here / "tree")

    def copy(name: str, source: str, target: str) -> Run:
        write = ["--write"] if name == "clusterview" else []
        return whole([*programs[name], "cp", *write, source, target], env)

    (here / "one").write_bytes(b"1")
    start = {name: [copy(name, str(here / "one"), f"lab/{pod}:/tmp/one") for _ in range(rounds)] for name in programs}
    begun = {name: median(run.seconds for run in runs) for name, runs in start.items()}
    seconds = list(begun.values())
    ratio = f"{seconds[1] / seconds[0]:.1f}x" if len(seconds) > 1 else ""
    words = [*map(milliseconds, seconds), ""][:2]
    figures = [Figure("cp of one byte up: what is start, here and below", words[0], words[1], ratio, "")]
    for what, size in (("big", BIG), ("tree", FILES * FILE_BYTES)):
        up: dict[str, list[Run]] = {name: [] for name in programs}
        down: dict[str, list[Run]] = {name: [] for name in programs}
        for number in range(rounds):
            for name in programs:
                far = f"lab/{pod}:/tmp/{what}-{name}-{number}"
                near = here / f"{what}-{name}-{number}"
                up[name].append(copy(name, str(here / what), far))
                down[name].append(copy(name, far, str(near)))
                _same(here / what, near)
        words = f"{BIG // MB} MB" if what == "big" else f"{FILES:,} files of {FILE_BYTES // 1000} kB"
        figures += [*_compared(f"cp of {words} up", size, up), _carried(size, up, begun)]
        figures += [*_compared(f"cp of {words} down", size, down), _carried(size, down, begun)]
    return figures


def _carried(size: int, taken: Mapping[str, list[Run]], begun: Mapping[str, float]) -> Figure:
    """The speed without what one byte takes too: of the road itself, whatever is carried."""
    speeds = [size / MB / (median(run.seconds for run in runs) - begun[name]) for name, runs in taken.items()]
    words = [*(f"{speed:.0f} MB/s" for speed in speeds), ""][:2]
    ratio = f"{speeds[0] / speeds[1]:.1f}x" if len(speeds) > 1 else ""
    return Figure("  without the start", words[0], words[1], ratio, "")


def _plant(root: Path) -> None:
    rng = random.Random(2)
    for number in range(FILES):
        folder = root / f"{number % FOLDERS:02}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number:04}").write_bytes(rng.randbytes(FILE_BYTES))


def _same(source: Path, copied: Path) -> None:
    """Remove what was copied. Raises RuntimeError where it is not what was to be copied."""
    pairs = [(source, copied)] if source.is_file() else [(one, copied / one.relative_to(source)) for one in _in(source)]
    for one, other in pairs:
        if not filecmp.cmp(one, other, shallow=False):
            raise RuntimeError(f"{other} is not as {one}")
        other.unlink()


def _in(folder: Path) -> list[Path]:
    return [Path(at, name) for at, _, names in os.walk(folder) for name in names]


def _forwards(env: Mapping[str, str], programs: Mapping[str, list[str]], rounds: int) -> list[Figure]:
    web, discard = f"pod/{pod_named(env, 'lab', 'web')}", f"pod/{pod_named(env, 'lab', 'discard')}"
    measures: list[tuple[str, str, int, int, Callable[[int], None]]] = [
        ("one connection, down", web, 8080, ONE, lambda port: got(port, ONE)),
        ("one connection, up", discard, 9, ONE, lambda port: sent(port, ONE)),
        (f"{PARALLEL} connections, down", web, 8080, PARALLEL * EACH, lambda port: together(got, port, EACH)),
        (f"{PARALLEL} connections, up", discard, 9, PARALLEL * EACH, lambda port: together(sent, port, EACH)),
    ]
    figures: list[Figure] = []
    for what, target, port, size, carry in measures:
        taken: dict[str, list[Run]] = {name: [] for name in programs}
        for _ in range(rounds):
            for name, command in programs.items():
                with Forwarding([*command, "port-forward", "-n", "lab", target, f":{port}"], env) as forwarding:
                    taken[name].append(forwarding.run(carry))
        figures += _compared(f"port-forward, {what}", size, taken)
    return figures


def _compared(what: str, size: int, taken: Mapping[str, list[Run]]) -> list[Figure]:
    """Speed, processor time and memory, in columns."""

    def told(read: Callable[[Run], float], form: Callable[[float], str]) -> tuple[list[float], list[str]]:
        values = [median(map(read, runs)) for runs in taken.values()]
        return values, [*map(form, values), ""][:2]

    figures: list[Figure] = []
    for title, goal, read, form in (
        (what, ">= 1x", lambda run: size / MB / run.seconds, lambda value: f"{value:.0f} MB/s"),
        ("  processor time", "", lambda run: run.processor, lambda value: f"{value * 1000:.0f} ms"),
        ("  memory", "", lambda run: run.memory, lambda value: f"{value:.0f} MB"),
    ):
        values, words = told(read, form)
        # More is better of the first, less of the others: above 1x is always ours.
        ratio = "" if len(values) < 2 else f"{values[0] / values[1] if title == what else values[1] / values[0]:.1f}x"
        figures.append(Figure(title, words[0], words[1], ratio, goal))
    return figures
