"""What is said of streams: which rows can have one, how old it is, how it ended and why. Pure."""

from __future__ import annotations

import re

from tui.errors import Problem
from tui.model.kube import KindRef
from tui.model.preflight import Light, Preflight, Shade
from tui.model.streams import PortPair, Queued
from tui.present.ages import age
from tui.present.clean import clean
from tui.present.problems import Line

CUT_FROM, CUT_TO = 20 * 60.0, 30 * 60.0
"""Seconds between which the Connect gateway ends every stream, by design (facts: "What the gateway documents")."""
WARNED = 2 * 60.0
"""Seconds before the first of them from which the end is told to be near."""

_WITH_PODS = frozenset(
    {
        "pods", "services", "replicationcontrollers", "deployments.apps", "replicasets.apps", "statefulsets.apps",
        "daemonsets.apps", "jobs.batch",
    }
)  # fmt: skip
_PORT = re.compile(r"(?:(\d{1,5}):)?(\d{1,5}|[a-z0-9](?:[a-z0-9-]{0,13}[a-z0-9])?)\Z")

_KILLERS = {
    1: "its terminal was taken away",
    9: "its container was ended or ran out of memory, or its pod was deleted",
    15: "it was told to end",
}
"""What a session's end by a signal points to, by its number."""

MARKS = {Shade.GOOD: "●", Shade.BAD: "×", Shade.WAIT: "◐", Shade.UNKNOWN: "?", Shade.NONE: "–"}
STYLES = {Shade.GOOD: "good", Shade.BAD: "bad", Shade.WAIT: "warn", Shade.UNKNOWN: "warn", Shade.NONE: "dim"}


def streams_to(kind: KindRef) -> bool:
    """Whether an object of this kind leads to a pod."""
    return kind.qualified in _WITH_PODS


def parse_pairs(text: str) -> tuple[PortPair, ...]:
    """ "8080:80, http" as pairs: LOCAL:REMOTE, or REMOTE alone for the same number here (a name: any that is free).
    Raises ValueError, whose words name what was wrong."""
    words = [word for word in re.split(r"[,\s]+", text.strip()) if word]
    if not words:
        raise ValueError("give a port, as in 8080:80")
    return tuple(map(_pair, words))


def _pair(word: str) -> PortPair:
    found = _PORT.match(word)
    if found is None or any(int(number) > 65_535 for number in found.groups() if number and number.isdigit()):
        raise ValueError(f"{clean(word, 40)} is no port: LOCAL:REMOTE, as in 8080:80 or 0:http")
    local, remote = found[1], int(found[2]) if found[2].isdigit() else found[2]
    if remote == 0:
        raise ValueError("port 0 in a pod means nothing; 0:80 is any free port here")
    if local is not None:
        return PortPair(int(local), remote)
    return PortPair(remote if isinstance(remote, int) else 0, remote)


def pair_words(pairs: tuple[PortPair, ...]) -> str:
    """The pairs as they would be typed."""
    return ", ".join(f"{pair.local}:{pair.remote}" for pair in pairs)


def light_lines(found: Preflight) -> list[Line]:
    """The five lights, one a line; below a bad one its cure."""
    lines: list[Line] = []
    for light in found.lights:
        lines.append(Line(f"{MARKS[light.shade]} {light.name:<9}{clean(light.words, 400)}", _style(light)))
        if light.shade is Shade.BAD and light.remedy:
            lines.append(Line(f"           {clean(light.remedy, 1000)}", "accent"))
    return lines


def _style(light: Light) -> str:
    """Only what is not well stands out."""
    return "" if light.shade is Shade.GOOD else STYLES[light.shade]


def clock_words(seconds: float, *, limited: bool) -> str:
    """ "19m, the gateway may cut it in 60s". limited: it goes through the gateway."""
    for_so_long = age(seconds)
    if not limited or seconds < CUT_FROM - WARNED:
        return for_so_long
    if seconds < CUT_FROM:
        return f"{for_so_long}, the gateway may cut it in {age(CUT_FROM - seconds)}"
    return f"{for_so_long}, the gateway may cut it now"


def near_cut(seconds: float, *, limited: bool) -> str:
    """ "cut in 60s" of a stream that is as old as that; "" while its end is not near."""
    if not limited or seconds < CUT_FROM - WARNED:
        return ""
    return f"cut in {age(CUT_FROM - seconds)}" if seconds < CUT_FROM else "cut is due"


def title_words(where: str, seconds: float, *, limited: bool) -> str:
    """What a session's window is called, "cut in 60s · prod-eu/…": what changes first, since tabs cut the end off."""
    return f"{near_cut(seconds, limited=limited) or age(seconds)} · {where}"


def was_limit(seconds: float, *, limited: bool) -> bool:
    """Whether a stream that lasted so long was ended by the gateway's limit, as far as its age tells."""
    return limited and CUT_FROM <= seconds <= CUT_TO + 60


def cut_words(problem: Problem, seconds: float, *, limited: bool) -> str:
    """Which of the two it was that ended a stream after `seconds`: the gateway's limit, or a link that dropped."""
    told = clean(str(problem), 400)
    if was_limit(seconds, limited=limited):
        return f"cut after {age(seconds)}: the gateway ends every stream after 20 to 30 minutes, as a security limit"
    if limited:
        return f"dropped after {age(seconds)}, before the gateway's limit of 20 minutes, by agent or network: {told}"
    return f"dropped after {age(seconds)}: {told}"


def queue_line(queued: Queued | None) -> bytes:
    """What is written to a terminal in raw mode while a session waits for a stream; nothing where it waits no more."""
    return b"" if queued is None else f"\r{clean(queued.words, 200)}; ctrl-c leaves\r\n".encode()


def exit_words(code: int | None, words: str) -> str:
    """How a command ended, "" where it ended well."""
    if code == 0:
        return ""
    if code is None:
        return clean(words, 600) or "it did not run, and nobody said why"
    signal = f" (signal {code - 128})" if 128 < code < 160 else ""
    return f"ended with exit code {code}{signal}"


def killed_words(code: int | None, words: str, seconds: float) -> str:
    """How a session ended after `seconds` that the person in it did not end."""
    after = age(seconds)
    if code is None:
        return f"ended by the cluster after {after}: {clean(words, 400) or 'nobody said why'}"
    return f"killed after {after} (exit code {code}, signal {code - 128}): {_KILLERS.get(code - 128, 'it crashed')}"
