"""Bytes through streams, beside kubectl on the same server: commands fed and read, files copied both ways, and
port-forwards of one connection and of fifty.

The goals are for the bytes on their way: what a command takes that carries one byte is told apart, and taken off. A
ratio is the median of those of the rounds, in each of which both ran right after each other: how fast the machine is
changes by more than what the two differ in."""

from __future__ import annotations

import filecmp
import os
import random
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median

from tests.bench.clouds import clouds, directly, leading_to, pod_named, server_of
from tests.bench.forwarded import PARALLEL, Forwarding, got, sent, together
from tests.bench.programs import CLUSTERVIEW, Run, kubectl, whole
from tests.bench.replayed import replayed
from tests.bench.report import Figure, milliseconds

MB = 1_000_000
BIG = 600 * MB
"""Bytes of the big file. What is measured is to be on its way several times as long as a program takes to start."""
FILES, FOLDERS, FILE_BYTES = 8_000, 160, 20_000
"""Of the tree."""
SAID, FED = 2_000 * MB, 1_000 * MB
"""Bytes that a command says, and is fed."""
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
        return [
            *_commands(folder, env, programs, rounds),
            *_copies(folder, env, programs, rounds),
            *_forwards(env, programs, rounds),
        ]


def _commands(folder: Path, env: Mapping[str, str], programs: Mapping[str, list[str]], rounds: int) -> list[Figure]:
    """exec, with a server that plays the commands: the simulator's own work would be most of what is measured."""
    pod = pod_named(env, "lab", "web")
    fed = folder / "fed"
    _fill(fed, FED)
    with replayed(server_of(env, "carry"), env["SSL_CERT_FILE"], env["CLOUDSDK_AUTH_ACCESS_TOKEN"]) as url:
        env = leading_to(folder, env, "carry", url)

        def command(name: str, *words: str, stdin: bool = False) -> list[str]:
            flags = [*(["--write"] if name == "clusterview" else []), *(["-i"] if stdin else [])]
            return [*programs[name], "exec", *flags, "-n", "lab", pod, "--", *words]

        def said(name: str) -> Run:
            return whole(command(name, "say", str(SAID)), env)

        def from_file(name: str) -> Run:
            return whole(command(name, "take", str(FED), stdin=True), env, fed)

        def from_pipe(name: str) -> Run:
            with subprocess.Popen(["cat", str(fed)], stdout=subprocess.PIPE) as writing:
                assert writing.stdout is not None
                return whole(command(name, "take", str(FED), stdin=True), env, writing.stdout)

        for name in programs:
            _check_says(command(name, "say", str(MB)), env, MB)
        measures = {
            f"exec, {SAID // MB:,} MB down": (said, SAID),
            f"exec, {FED // MB:,} MB up from a file": (from_file, FED),
            f"exec, {FED // MB:,} MB up from a pipe": (from_pipe, FED),
        }
        begun, taken = _nothing(programs), {what: _nothing(programs) for what in measures}
        for _ in range(rounds):
            for name in programs:
                begun[name].append(whole(command(name, "say", "0"), env))
            for what, (measure, _size) in measures.items():
                for name in programs:
                    taken[what][name].append(measure(name))
    start, figure = _start("exec of nothing: what is start", begun)
    return [
        figure,
        *(row for what, (_, size) in measures.items() for row in _compared(what, size, taken[what], start)),
    ]


def _check_says(command: list[str], env: Mapping[str, str], size: int) -> None:
    """Raises RuntimeError where not as much comes."""
    came = subprocess.run(command, env=dict(env), check=True, capture_output=True).stdout
    if len(came) != size:
        raise RuntimeError(f"{len(came):,} bytes came of {size:,}: {command}")


def _fill(path: Path, size: int) -> None:
    with open(path, "wb") as big:
        for number in range(size // MB):
            big.write(random.Random(number).randbytes(MB))


def _start(what: str, taken: Mapping[str, list[Run]]) -> tuple[dict[str, list[float]], Figure]:
    """What each program takes that carries nothing, in seconds by round."""
    begun = {name: [run.seconds for run in runs] for name, runs in taken.items()}
    return begun, _row(what, begun, milliseconds)


def _copies(folder: Path, env: Mapping[str, str], programs: Mapping[str, list[str]], rounds: int) -> list[Figure]:
    pod = pod_named(env, "lab", "web")
    here = folder / "carried"
    here.mkdir()
    _fill(here / "big", BIG)
    _plant(here / "tree")

    writes = {name: ["--write"] if name == "clusterview" else [] for name in programs}

    def copy(name: str, source: str, target: str) -> Run:
        return whole([*programs[name], "cp", *writes[name], source, target], env)

    (here / "one").write_bytes(b"1")
    sizes = {"big": BIG, "tree": FILES * FILE_BYTES}
    up, down = ({what: _nothing(programs) for what in ("one", *sizes)} for _ in range(2))
    for number in range(rounds):
        for what in up:
            for name in programs:
                at = f"/tmp/{what}-{name}-{number}"
                far = f"lab/{pod}:{at}"
                near = here / f"{what}-{name}-{number}"
                up[what][name].append(copy(name, str(here / what), far))
                down[what][name].append(copy(name, far, str(near)))
                _same(here / what, near)
                whole([*programs[name], "exec", *writes[name], "-n", "lab", pod, "--", "rm", "-rf", at], env)
    figures: list[Figure] = []
    for way, taken in (("up", up), ("down", down)):
        start, figure = _start(f"cp of one byte {way}: what is start", taken["one"])
        figures.append(figure)
        for what, size in sizes.items():
            words = f"{BIG // MB} MB" if what == "big" else f"{FILES:,} files of {FILE_BYTES // 1000} kB"
            figures += _compared(f"cp of {words} {way}", size, taken[what], start)
    return figures


def _nothing(programs: Mapping[str, list[str]]) -> dict[str, list[Run]]:
    return {name: [] for name in programs}


def _plant(root: Path) -> None:
    rng = random.Random(2)
    for number in range(FILES):
        folder = root / f"{number % FOLDERS}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number}").write_bytes(rng.randbytes(FILE_BYTES))


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
        taken = _nothing(programs)
        for _ in range(rounds):
            for name, command in programs.items():
                with Forwarding([*command, "port-forward", "-n", "lab", target, f":{port}"], env) as forwarding:
                    taken[name].append(forwarding.run(carry))
        figures += _compared(f"port-forward, {what}", size, taken)
    return figures


def _compared(
    what: str, size: int, taken: Mapping[str, list[Run]], start: Mapping[str, list[float]] | None = None
) -> list[Figure]:
    """Speed, processor time and memory, in columns. start: seconds that are none of the way, by round; None = it is not
    counted in what was taken."""
    whole = {name: [run.seconds for run in runs] for name, runs in taken.items()}
    carried = whole if start is None else {name: _beyond(whole[name], start[name]) for name in whole}
    processor = {name: [run.processor for run in runs] for name, runs in taken.items()}
    memory = {name: [run.memory for run in runs] for name, runs in taken.items()}

    def speed(seconds: float) -> str:
        return f"{size / MB / seconds:.0f} MB/s"

    return [
        _row(what, carried, speed, ">= 1x"),
        *([] if start is None else [_row("  with its start", whole, speed)]),
        _row("  processor time", processor, milliseconds),
        _row("  memory", memory, lambda value: f"{value:.0f} MB"),
    ]


def _beyond(whole: Sequence[float], start: Sequence[float]) -> list[float]:
    """What is left of each round."""
    return [one - begun for one, begun in zip(whole, start, strict=True)]


def _row(what: str, taken: Mapping[str, Sequence[float]], form: Callable[[float], str], goal: str = "") -> Figure:
    """The medians of what was taken, and how many times as much of it the other took in a round."""
    words = [*(form(median(values)) for values in taken.values()), ""][:2]
    ours, *others = taken.values()
    ratio = f"{median(its / own for own, its in zip(ours, others[0], strict=True)):.1f}x" if others else ""
    return Figure(what, words[0], words[1], ratio, goal)
