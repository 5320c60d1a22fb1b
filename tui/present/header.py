"""The header's one line: where we are, who we are, what we may do and what we use."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from tui.model.changes import Lock
from tui.model.feed import Feed, FeedState
from tui.model.session import Identity, Meter
from tui.present.ages import age, time_of_day
from tui.present.clean import clean
from tui.present.parts import Part

_NEARLY = 0.8
"""The share of an allowance from which its meter warns."""
_SOON = 5 * 60
"""Seconds before a token's end from which that is worth a warning."""


def breadcrumbs(fleet: str, clusters: Sequence[str], kind: str, namespace: str, selector: str) -> tuple[Part, ...]:
    """ "fleets › prod-eu, prod-us › pods › payments › app=web". The last is where we are; what it is a list of goes
    last of the others, and many clusters are counted before they go."""
    names = ", ".join(clean(name, 40) for name in clusters[:2])
    counted = ""
    if len(clusters) > 2:
        names, counted = f"{names} +{len(clusters) - 2}", f"{len(clusters)} clusters"
    steps = (
        Part(fleet, "dim", 5),
        Part(names, "", 4 if counted else 2, short=counted),
        Part(clean(kind, 60), "", 1),
        Part(clean(namespace, 60), "", 3),
        Part(clean(selector, 80), "", 3),
    )
    shown = [step for step in steps if step.text]
    return (*shown[:-1], Part(shown[-1].text, "bold"))


def session_parts(identity: Feed[Identity], meter: Feed[Meter], lock: Lock | None, now: float) -> tuple[Part, ...]:
    """The right-hand side, in the order of reading."""
    return (
        *_who(identity, now),
        lock_part(lock, now),
        *_used(meter, now),
        Part(time_of_day(now, now), "dim", 7),
    )


def lock_part(lock: Lock | None, now: float) -> Part:
    """ "READ-ONLY", or "WRITE 4:32": for how long writing stays unlocked."""
    left = 0 if lock is None or lock.until is None else ceil(lock.until - now)
    if left <= 0:
        return Part("READ-ONLY", "good", 1)
    return Part(f"WRITE {left // 60}:{left % 60:02}", "warn", 0)


def _who(feed: Feed[Identity], now: float) -> tuple[Part, ...]:
    if feed.value is None:
        return (Part("signing in…" if feed.state(now) is FeedState.LOADING else "× not signed in", "dim", 3),)
    # A credential whose account nobody tells is one all the same: then where it came from stands for who it is.
    known = (feed.value.google or feed.value.google_source, feed.value.azure or feed.value.azure_source)
    accounts = [clean(name, 60) for name in known if name]
    unique = list(dict.fromkeys(accounts))
    if not unique:
        return (Part("× not signed in", "warn", 3),)
    return (
        Part(unique[0], "", 3),
        *(Part(name, "dim", 9, short=_short(name)) for name in unique[1:]),
        *_token(feed.value, now),
    )


def _short(name: str) -> str:
    """The first eight characters of an object id, which is what Azure knows a service principal by."""
    return f"{name[:8]}…" if len(name) == 36 and name.count("-") == 4 else ""


def _token(identity: Identity, now: float) -> tuple[Part, ...]:
    if identity.token_expires is None:
        return ()
    left = identity.token_expires - now
    if left <= 0:
        return (Part("! token expired", "warn", 2),)
    return (Part(f"token {age(left)}", "warn" if left < _SOON else "dim", 2 if left < _SOON else 8),)


def _used(feed: Feed[Meter], now: float) -> tuple[Part, ...]:
    meter = feed.value
    if meter is None:
        return ()
    rpm = f"{meter.requests_per_minute}/{meter.requests_allowed} rpm"
    waiting = (Part(f"! {meter.waiting} waiting", "warn", 2),) if meter.waiting else ()
    # The gateway counts exec, attach, cp and port-forward. "streams 0/10" over a pane that follows logs reads as wrong.
    streams = f"streams {meter.streams}/{meter.streams_allowed}" if meter.streams else ""
    queued = (Part(f"! {meter.streams_waiting} queued", "warn", 2),) if meter.streams_waiting else ()
    return (
        Part(rpm, _load(meter.requests_per_minute, meter.requests_allowed), 4),
        *waiting,
        Part(streams, _load(meter.streams, meter.streams_allowed), 5),
        *queued,
    )


def _load(used: int, allowed: int) -> str:
    return "warn" if allowed and used >= _NEARLY * allowed else ""
