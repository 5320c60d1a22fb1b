"""The arithmetic of a rolling update; pure (pkg/controller/deployment/util, rolling.go)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bounds:
    """surge: pods beyond the wish that may exist. unavailable: pods of the wish that may be missing."""

    surge: int
    unavailable: int


@dataclass(frozen=True, slots=True)
class Old:
    """An old ReplicaSet: replicas it is set to, pods of it that are available."""

    name: str
    replicas: int
    available: int


def bounds(max_surge: object, max_unavailable: object, replicas: int) -> Bounds:
    """From "25%" or 1: surge rounded up, unavailable down; both zero would never move, so one may be missing."""
    surge = _share(max_surge, replicas, math.ceil)
    unavailable = min(_share(max_unavailable, replicas, math.floor), replicas)
    return Bounds(surge, 1 if surge == 0 and unavailable == 0 else unavailable)


def _share(value: object, replicas: int, rounded: object) -> int:
    if isinstance(value, str) and value.endswith("%"):
        share = int(value[:-1]) * replicas / 100
        return math.ceil(share) if rounded is math.ceil else math.floor(share)
    return value if isinstance(value, int) else 0


def new_size(wish: int, limits: Bounds, new: int, total: int) -> int:
    """How many replicas the new ReplicaSet may be set to, with `total` over all."""
    if new > wish:
        return wish
    room = wish + limits.surge - total
    return new if room <= 0 else new + min(room, wish - new)


def shrink(wish: int, limits: Bounds, olds: Sequence[Old], new: int, new_available: int) -> dict[str, int]:
    """The new sizes of old ReplicaSets that shrink: first those pods that are not available anyway (oldest first),
    then as many available ones as the rest can spare."""
    total = new + sum(old.replicas for old in olds)
    least = wish - limits.unavailable
    may_go = total - least - (new - new_available)
    sizes = {old.name: old.replicas for old in olds}
    if may_go <= 0:
        return {}
    for old in olds:
        broken = min(may_go, old.replicas - old.available)
        if broken > 0:
            sizes[old.name] -= broken
            may_go -= broken
    available = new_available + sum(min(old.available, sizes[old.name]) for old in olds)
    spare = min(available - least, may_go)
    for old in olds:
        if spare <= 0:
            break
        gone = min(sizes[old.name], spare)
        sizes[old.name] -= gone
        spare -= gone
    return {old.name: sizes[old.name] for old in olds if sizes[old.name] != old.replicas}
