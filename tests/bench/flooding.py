"""A log that floods, followed on screen: whether all of it is taken in, and how soon a key is answered meanwhile, also
while a filter or a find looks through it."""

from __future__ import annotations

import os
import re
import statistics
import time
from collections.abc import Mapping
from pathlib import Path

from tests.bench.clouds import clouds, directly, leading_to, server_of
from tests.bench.logs import scenario
from tests.bench.programs import CLUSTERVIEW
from tests.bench.replayed import replayed
from tests.bench.report import Figure
from tests.bench.startup import cpu, rss
from tests.bench.terminal import Terminal

RATES = (10_000, 100_000)
"""Lines a second."""
AT_MOST = ">= 2,000,000"
"""The goal where the server is faster than any reader."""
ANSWERED = "<= 50 ms"
AT_ONCE = "<= 16 ms"
"""The goal of a key where nothing is looked for, however much comes."""
KEYS = 80
KEY_EVERY = 0.12
SETTLE_SECONDS = 4.0
FILTER = "took 12"
"""In about one line of seventy."""

_RECEIVED = re.compile(rb"([\d,]+) received")
_PAUSED, _FOLLOWING = b"paused", b"following"


def flood_figures(folder: Path) -> list[Figure]:
    """One pod's log, full screen, at each of the rates; and from a server that says it as fast as it is read."""
    return [*(figure for rate in RATES for figure in _at(folder, rate)), *_at_most(folder)]


def _at(folder: Path, rate: int) -> list[Figure]:
    written = folder / f"flood-{rate}.yaml"
    written.write_text(scenario(rate))
    with clouds(folder / f"flood-{rate}", "--scenario", str(written)) as env:
        return _watched(directly(folder, env, "flood"), f"{rate:,} lines a second", f"{rate:,}")


def _at_most(folder: Path) -> list[Figure]:
    written = folder / "flood-at-most.yaml"
    written.write_text(scenario(1))
    with clouds(folder / "flood-at-most", "--scenario", str(written)) as env:
        env = directly(folder, env, "flood")
        with replayed(server_of(env, "flood"), env["SSL_CERT_FILE"], env["CLOUDSDK_AUTH_ACCESS_TOKEN"]) as url:
            return _watched(leading_to(folder, env, "flood", url), "all that is read", AT_MOST)


def _watched(env: Mapping[str, str], where: str, goal: str) -> list[Figure]:
    figures: list[Figure] = []
    with Terminal([CLUSTERVIEW, "--context", "flood"], env) as terminal:
        terminal.comes(b"flood-")
        terminal.drain(SETTLE_SECONDS)
        for keys in (b"3", b"l", b"4", b"f"):
            terminal.press(keys)
            terminal.drain(1.0)
        terminal.matches(_RECEIVED.pattern)
        terminal.drain(SETTLE_SECONDS)
        figures.append(Figure(f"received, of {where}", f"{_speed(terminal):,.0f}", "", "", goal))
        figures += _keys(terminal, f"key, {where}", AT_ONCE if goal == AT_MOST else ANSWERED)
        figures.append(cpu(terminal, f"CPU, {where}", ""))
        for key, what in ((b"/", "a filter"), (b"F", "a find")):
            os.write(terminal.fd, key)
            terminal.drain(1.0)
            os.write(terminal.fd, FILTER.encode() + b"\r")
            terminal.drain(1.0)
            os.write(terminal.fd, b"G")  # a find pauses where what it goes to is not on the screen any more
            terminal.drain(SETTLE_SECONDS)
            figures += _keys(terminal, f"key, {where}, {what}")
            found = "" if goal == AT_MOST else goal
            figures.append(Figure(f"received, {what}", f"{_speed(terminal):,.0f}", "", "", found))
            os.write(terminal.fd, b"\x1b")
            terminal.drain(1.0)
        figures.append(rss(terminal, f"RSS, {where}", ""))
    return figures


def _speed(terminal: Terminal) -> float:
    """Lines a second that are received, as the border counts them."""
    told: list[tuple[float, int]] = []
    for _ in range(2):
        seen = len(terminal.output)
        at = terminal.matches(_RECEIVED.pattern)
        found = _RECEIVED.findall(terminal.output[seen:])[-1]
        told.append((at, int(found.replace(b",", b""))))
        terminal.drain(SETTLE_SECONDS)
    (began, first), (ended, last) = told
    return (last - first) / (ended - began)


def _keys(terminal: Terminal, what: str, goal: str = ANSWERED) -> list[Figure]:
    """Pausing and following again: for each the seconds until the border says so."""
    taken: list[float] = []
    for number in range(KEYS):
        terminal.drain(KEY_EVERY)
        sent = time.perf_counter()
        os.write(terminal.fd, b"p")
        taken.append(terminal.matches(_FOLLOWING if number % 2 else _PAUSED) - sent)
    taken.sort()
    p95 = taken[int(len(taken) * 0.95)]
    return [
        Figure(f"{what}, p95 of {KEYS}", f"{p95 * 1000:.1f} ms", "", "", goal),
        Figure("  median", f"{statistics.median(taken) * 1000:.1f} ms", "", "", ""),
        Figure("  worst", f"{taken[-1] * 1000:.1f} ms", "", "", ""),
    ]
