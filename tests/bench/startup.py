"""How soon a person sees something, what it costs to keep it there, and how soon a key is answered."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.bench.clouds import CROWDED, bare, clouds
from tests.bench.programs import CLUSTERVIEW, PYTHON
from tests.bench.report import Figure, interleaved, milliseconds
from tests.bench.terminal import Terminal, ends_after

IDLE_SECONDS = 20.0
SETTLE_SECONDS = 8.0
REAL_FRAME = b"Connections"


def start_figures(folder: Path, rounds: int) -> list[Figure]:
    """First bytes and first real frame, without any account: what every start pays."""
    env = bare(folder)

    def first_bytes() -> float:
        with Terminal([CLUSTERVIEW], env) as terminal:
            return terminal.first_byte()

    def first_frame() -> float:
        with Terminal([CLUSTERVIEW], env) as terminal:
            return terminal.until(REAL_FRAME)

    nothing, bytes_, toolkit, frame = interleaved(
        lambda: ends_after([PYTHON, "-c", "pass"], env),
        first_bytes,
        lambda: ends_after([PYTHON, "-c", "import textual.app"], env),
        first_frame,
        rounds=rounds,
    )
    return [
        _slower("first bytes / python -c pass", bytes_, nothing, "<= 3x"),
        _slower("first real frame / import textual.app", frame, toolkit, "<= 1.35x"),
    ]


def _slower(what: str, ours: float, theirs: float, goal: str) -> Figure:
    return Figure(what, milliseconds(ours), milliseconds(theirs), f"{ours / theirs:.2f}x", goal)


def running_figures(folder: Path) -> list[Figure]:
    """Memory, idle CPU and key latency over the healthy scenario, and memory with 10,000 pods in the list."""
    figures: list[Figure] = []
    with clouds(folder / "healthy") as env, Terminal([CLUSTERVIEW], env) as terminal:
        terminal.until(b"live")
        terminal.drain(SETTLE_SECONDS)
        figures.append(cpu(terminal, "CPU, agents logging some lines a second", ""))
        terminal.press(f":pods @{CROWDED}\r".encode())  # a cluster without a connect agent: nothing flows
        terminal.drain(SETTLE_SECONDS)
        figures.append(cpu(terminal, "CPU, idle, four live panes", "<= 0.5 %"))
        figures.append(rss(terminal, "RSS, 12 memberships, 3 AKS clusters", ""))
    with clouds(folder / "scale", "--scale", "12,10000") as env:
        figures += _big(env)
    return figures


def _big(env: Mapping[str, str]) -> list[Figure]:
    with Terminal([CLUSTERVIEW], env) as terminal:
        terminal.until(b"live")
        terminal.press(f":pods @{CROWDED}\r".encode())
        terminal.until(b"10,0")
        terminal.drain(SETTLE_SECONDS)
        return [rss(terminal, "RSS, 10,000 pods in one cluster", "<= 110 MB"), *_keys(terminal, "10,000 pods")]


def cpu(terminal: Terminal, what: str, goal: str) -> Figure:
    before = terminal.cpu_seconds()
    terminal.drain(IDLE_SECONDS)
    used = (terminal.cpu_seconds() - before) / IDLE_SECONDS * 100
    return Figure(what, f"{used:.1f} %", "", "", goal)


def rss(terminal: Terminal, what: str, goal: str) -> Figure:
    return Figure(what, f"{terminal.rss_mb():.0f} MB", "", "", goal)


def _keys(terminal: Terminal, where: str) -> list[Figure]:
    terminal.press(b"3")
    down = sorted(terminal.press(b"\x1b[B") for _ in range(15))[7]
    page = sorted(terminal.press(b"\x1b[6~") for _ in range(7))[3]
    return [
        Figure(f"key down, {where}", milliseconds(down), "", "", "<= 5 ms"),
        Figure(f"page down, {where}", milliseconds(page), "", "", "<= 12 ms"),
    ]
