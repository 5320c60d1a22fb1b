"""Fifty thousand pods in one cluster: how soon they are there, how soon a key is answered, what they cost; and the
same while two thousand of them change each second."""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.bench.clouds import CROWDED, clouds, stir
from tests.bench.programs import CLUSTERVIEW, gcloud, kubectl
from tests.bench.report import Figure, interleaved, milliseconds
from tests.bench.startup import SETTLE_SECONDS, cpu, rss
from tests.bench.terminal import Terminal, ends_after

PODS = 50_000
RATE = 2_000
"""Events a second in the unrest."""
UNREST_SECONDS = 60.0
KEY_EVERY = 0.2
ZOOM = b"3z"
SORTED = ("AGE", "MEM", "CPU", "RESTARTS", "STATUS", "READY")
"""Columns from right to left."""
HALF_PAGE = 16
FIRST_ROW = b"kube-proxy-"
"""What is in a namespace that comes before those of the many."""
FORGOTTEN_SECONDS = 25.0
"""After which a list that nobody looks at is not kept any more."""

_ELSEWHERE = re.compile(rb"\x1b\[\d+;\d+H|\r")
_INK = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")
_ROW = re.compile(r"^[^\w\n]*([a-z][\w.-]*) +([a-z][\w.-]*) +(\d+/\d+) +(\S+) +(\d+) ", re.MULTILINE)
_POSITIONED = re.compile(rb"\x1b\[(\d+);\d+H[^\n]*?\xe2\x96\x8c")


def list_figures(folder: Path, rounds: int) -> list[Figure]:
    """The list on screen, beside kubectl's whole run on the same server in the same minutes."""
    with clouds(folder / "lists", "--scale", f"12,{PODS}") as env:
        figures, other = _beside_kubectl(env, rounds)
        with Terminal([CLUSTERVIEW], env) as terminal:
            terminal.comes(b"live")
            terminal.press(f":nodes @{CROWDED}\r".encode())
            terminal.drain(FORGOTTEN_SECONDS)
            total = len(_rows(env))
            terminal.press(f":pods @{CROWDED}".encode())
            started = time.perf_counter()
            first = terminal.answer(b"\r", FIRST_ROW)
            full = terminal.matches(rf"{total:,}[^\n]{{0,120}}live".encode(), 120.0) - started
            figures += [
                _beside("first rows painted / kubectl, which prints all at its end", first, other),
                _beside(f"full list of {total:,} pods / kubectl", full, other),
            ]
            terminal.press(ZOOM)
            terminal.drain(SETTLE_SECONDS)
            figures += _keys(terminal)
            figures += [cpu(terminal, "CPU, idle", "<= 0.5 %"), rss(terminal, "RSS", "<= 150 MB")]
        return figures


def _beside(what: str, ours: float, other: float | None, goal: str = "") -> Figure:
    theirs, ratio = (milliseconds(other), f"{other / ours:.1f}x") if other is not None else ("", "")
    return Figure(what, milliseconds(ours), theirs, ratio, goal)


def _beside_kubectl(env: Mapping[str, str], rounds: int) -> tuple[list[Figure], float | None]:
    """And the seconds that kubectl took."""
    ours = [CLUSTERVIEW, "get", "pods", "-A", "--cluster", CROWDED]
    what = f"get pods -A, {PODS:,} pods / kubectl"
    other, clouds_own = kubectl(), gcloud()
    if other is None or clouds_own is None:
        print("kubectl or gcloud is not installed: no comparison with kubectl")
        return [_beside(what, ends_after(ours, env), None, ">= 40x")], None
    subprocess.run(
        [clouds_own, "container", "fleet", "memberships", "get-credentials", CROWDED],
        env=dict(env), check=True, capture_output=True,
    )  # fmt: skip
    mine, theirs = interleaved(
        lambda: ends_after(ours, env), lambda: ends_after([other, "get", "pods", "-A"], env), rounds=rounds
    )
    return [_beside(what, mine, theirs, ">= 40x")], theirs


def _rows(env: Mapping[str, str]) -> list[list[str]]:
    """The pods as a fresh list has them: [namespace, name, ready, status, restarts, …]."""
    command = [CLUSTERVIEW, "get", "pods", "-A", "--cluster", CROWDED]
    printed = subprocess.run(command, env=dict(env), check=True, capture_output=True, text=True).stdout
    return [line.split() for line in printed.splitlines()[1:]]


def _keys(terminal: Terminal) -> list[Figure]:
    down = [terminal.press(b"\x1b[B") for _ in range(15)]
    page = [terminal.press(b"\x1b[6~") for _ in range(15)]
    sort = [
        terminal.answer(key, f"{column}{mark}".encode())
        for column in SORTED
        for key, mark in ((b"<", "▲"), (b"i", "▼"), (b"i", "▲"))
    ]
    for _ in SORTED:  # back to the plain order
        terminal.press(b">")
        terminal.drain(0.5)
    terminal.press(b"/")
    terminal.drain(2.0)
    word = "worker-0123"
    typed = _typed(terminal, word)
    terminal.press(b"\x1b")
    terminal.drain(1.0)
    terminal.press(b"/")
    terminal.drain(2.0)
    asked = _typed(terminal, "status:Running ready:1")
    terminal.press(b"\x1b")
    return [
        _median("key down", down, "<= 5 ms"),
        _median("page down", page, "<= 12 ms"),
        _median("sort by each column", sort, "<= 25 ms"),
        _median("filter, each key of a word", typed, "<= 25 ms"),
        _median("filter, each key of column words", asked, "<= 25 ms"),
    ]


def _typed(terminal: Terminal, text: str) -> list[float]:
    """The seconds from each key until the pane's title tells that it shows what was typed so far. A space changes
    nothing in the title or the rows, and is not counted."""
    taken: list[float] = []
    for at, character in enumerate(text):
        if character == " ":
            terminal.press(b" ")
        else:
            taken.append(terminal.answer(character.encode(), f"/{text[: at + 1]}".encode()))
    return taken


def _median(what: str, taken: Sequence[float], goal: str) -> Figure:
    return Figure(f"{what}, {PODS:,} pods", f"{statistics.median(taken) * 1000:.1f} ms", "", "", goal)


def unrest_figures(folder: Path) -> list[Figure]:
    """Keys while the list churns, and whether what is on screen afterwards is what a fresh list says."""
    with clouds(folder / "unrest", "--scale", f"12,{PODS}") as env, Terminal([CLUSTERVIEW], env) as terminal:
        terminal.comes(b"live")
        terminal.drain(SETTLE_SECONDS)
        terminal.press(f":pods @{CROWDED}\r".encode())
        terminal.comes(f"{len(_rows(env)):,}".encode(), 120.0)
        terminal.press(ZOOM)
        terminal.drain(SETTLE_SECONDS)
        used = terminal.cpu_seconds()
        stir(env, CROWDED, RATE, UNREST_SECONDS)
        taken = sorted(_pressed(terminal, UNREST_SECONDS))
        used = (terminal.cpu_seconds() - used) / UNREST_SECONDS * 100
        terminal.drain(SETTLE_SECONDS)
        rows = _rows(env)
        same = [_agrees(terminal, text, rows) for text in ("restarts:>0", "restarts:>2", "name:.", "worker age:<1h")]
        fresh = {tuple(row[:5]) for row in rows}
        shown = _shown(terminal, len(fresh))
        if fresh - shown:  # paged over too fast, or not there: a second look tells
            shown |= _shown(terminal, len(fresh))
        unlike = fresh ^ shown
        p95, where = taken[int(len(taken) * 0.95)], f"at {RATE:,} events a second"
        return [
            Figure(f"key down, {where}, p95 of {len(taken)}", f"{p95 * 1000:.1f} ms", "", "", "<= 50 ms"),
            Figure(f"key down, {where}, median", f"{statistics.median(taken) * 1000:.1f} ms", "", "", ""),
            Figure(f"key down, {where}, worst", f"{taken[-1] * 1000:.1f} ms", "", "", ""),
            Figure(f"CPU, {where}", f"{used:.0f} %", "", "", ""),
            Figure("afterwards: counts as of a fresh list", f"{sum(same)} of {len(same)}", "", "", "all"),
            Figure(f"afterwards: rows unlike those of a fresh list of {len(fresh):,}", f"{len(unlike)}", "", "", "0"),
            rss(terminal, "RSS afterwards", ""),
        ]


def _pressed(terminal: Terminal, seconds: float) -> list[float]:
    """Down and up again, steadily; for each the seconds until the cursor is painted on another line. The line is told
    by where the terminal's own cursor was sent, so that a repaint for the changes is not taken for an answer."""
    taken: list[float] = []
    end, line, number = time.perf_counter() + seconds, -1, 0
    while time.perf_counter() < end:
        terminal.drain(KEY_EVERY)
        seen, sent = len(terminal.output), time.perf_counter()
        os.write(terminal.fd, b"\x1b[B" if number // 10 % 2 == 0 else b"\x1b[A")
        number += 1
        while (now := _cursor_line(terminal.output[seen:], line)) == line:
            if time.perf_counter() - sent > 5.0:
                raise TimeoutError("a key was never answered")
            terminal.read(0.5)
        if line >= 0:
            taken.append(time.perf_counter() - sent)
        line = now
    return taken


def _cursor_line(output: bytearray, before: int) -> int:
    """The line on which the cursor bar was painted last; `before` where it was not."""
    lines = [int(found[1]) for found in _POSITIONED.finditer(output)]
    others = [line for line in lines if line != before]
    return others[-1] if others else before


def _shown(terminal: Terminal, total: int) -> set[tuple[str, ...]]:
    """All rows, as they are painted while the list is paged through: namespace, name, ready, status, restarts."""
    found: set[tuple[str, ...]] = set()
    terminal.press(b"G")  # so that the first page is painted anew
    terminal.drain(0.5)
    begun = len(terminal.output)
    key, missed = b"g", 0
    while len(found) < total and missed < 3:
        os.write(terminal.fd, key)
        key, known, waited = b"\x1b[6~", len(found), time.perf_counter()
        # Two keys within one frame would jump over what is between them, so the rest of a page is waited for.
        while time.perf_counter() - waited < 2.0 and (terminal.read(0.02) or len(found) < known + HALF_PAGE):
            end = len(terminal.output)
            found |= {tuple(row) for row in _rows_in(terminal.output[begun:end])}
        begun = max(begun, len(terminal.output) - 4096)  # the last line may not be whole yet
        missed = missed + 1 if len(found) == known else 0
    return found


def _rows_in(output: bytes | bytearray) -> list[tuple[str, ...]]:
    lines = _ELSEWHERE.sub(b"\n", bytes(output))
    return _ROW.findall(_INK.sub(b"", lines).decode("utf-8", "replace"))


def _agrees(terminal: Terminal, text: str, rows: Sequence[Sequence[str]]) -> bool:
    """Whether the screen counts as many rows under this filter as a fresh list has."""
    expected = sum(_holds(text, row) for row in rows)
    terminal.press(b"/")
    try:
        terminal.answer(f"{text}\r".encode(), f"{expected:,} of {len(rows):,}".encode(), 10.0)
    except TimeoutError:
        return False
    finally:
        terminal.press(b"\x1b")
        terminal.drain(1.0)
    return True


def _holds(text: str, row: Sequence[str]) -> bool:
    match text:
        case "restarts:>0":
            return int(row[4]) > 0
        case "restarts:>2":
            return int(row[4]) > 2
        case "name:.":
            return "." in row[1]
        case _:
            return "worker" in row[1] and re.fullmatch(r"(\d+m)?(\d+s)?", row[-1]) is not None and _young(row[-1])


def _young(age: str) -> bool:
    minutes = re.match(r"(\d+)m", age)
    return minutes is None or int(minutes[1]) < 60
