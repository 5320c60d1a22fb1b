"""How far and how fast an autoscaler may go: stabilisation, rate limits, minimum and maximum.

pkg/controller/podautoscaler/horizontal.go: normalizeDesiredReplicas and normalizeDesiredReplicasWithBehaviors, which
differ in what a spec without `behavior` is limited by.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from tui.sim.kube.objects import items, mapping, number, text
from tui.sim.kube.status import Obj

_DOWN_WINDOW = 300.0
_UP_FACTOR, _UP_LEAST = 2.0, 4.0
_UP_POLICIES: list[Obj] = [
    {"type": "Pods", "value": 4, "periodSeconds": 15},
    {"type": "Percent", "value": 100, "periodSeconds": 15},
]
_DOWN_POLICIES: list[Obj] = [{"type": "Percent", "value": 100, "periodSeconds": 15}]
_WITHIN = "DesiredWithinRange", "the desired count is within the acceptable range"
_MOST = "TooManyReplicas", "the desired replica count is more than the maximum replica count"
_LEAST = "TooFewReplicas", "the desired replica count is less than the minimum replica count"
_UP_LIMIT = "ScaleUpLimit", "the desired replica count is increasing faster than the maximum scale rate"
_DOWN_LIMIT = "ScaleDownLimit", "the desired replica count is decreasing faster than the maximum scale rate"
_STEADY = "ReadyForNewScale", "recommended size matches current size"


@dataclass
class Memory:
    """What an autoscaler remembers: (when, how many) it recommended and (when, by how much) it scaled."""

    recommended: list[tuple[float, int]] = field(default_factory=list[tuple[float, int]])
    scaled: list[tuple[float, int]] = field(default_factory=list[tuple[float, int]])


@dataclass(frozen=True, slots=True)
class Decision:
    """able, limited: (reason, message) of the conditions AbleToScale and ScalingLimited. capped: of the latter."""

    replicas: int
    able: tuple[str, str]
    limited: tuple[str, str]
    capped: bool


def decide(spec: Obj, memory: Memory, current: int, proposed: int, now: float) -> Decision:
    """What becomes of the replicas that the metrics propose."""
    behaviour = mapping(spec.get("behavior"))
    up, down = mapping(behaviour.get("scaleUp")), mapping(behaviour.get("scaleDown"))
    stable, able = _stabilised(memory, current, proposed, now, up, down)
    least, most = number(spec.get("minReplicas"), 1), number(spec.get("maxReplicas"), 1)
    if behaviour:
        replicas, limited = _with_behaviour(memory, current, stable, now, (up, down), (least, most))
    else:
        replicas, limited = _plain(current, stable, least, most)
    return Decision(replicas, able, limited, replicas != stable)


def _stabilised(
    memory: Memory, current: int, proposed: int, now: float, up: Obj, down: Obj
) -> tuple[int, tuple[str, str]]:
    rising = proposed >= current
    up_window = float(number(up.get("stabilizationWindowSeconds")))
    down_window = float(number(down.get("stabilizationWindowSeconds"), int(_DOWN_WINDOW)))
    window = up_window if rising else down_window
    recent = [count for when, count in memory.recommended if when > now - window]
    stable = (min if rising else max)([proposed, *recent])
    kept = [(when, count) for when, count in memory.recommended if when >= now - max(up_window, down_window)]
    memory.recommended = [*kept, (now, proposed)]
    if stable == proposed:
        return stable, _STEADY
    way, other = ("Up", "lowest") if rising else ("Down", "highest")
    than = "lower" if rising else "higher"
    said = f"recent recommendations were {than} than current one, applying the {other} recent recommendation"
    return stable, (f"Scale{way}Stabilized", said)


def _plain(current: int, wanted: int, least: int, most: int) -> tuple[int, tuple[str, str]]:
    limit = int(max(_UP_FACTOR * current, _UP_LEAST))
    highest, why = (limit, _UP_LIMIT) if most > limit else (most, _MOST)
    if wanted < least:
        return least, _LEAST
    return (highest, why) if wanted > highest else (wanted, _WITHIN)


def _with_behaviour(
    memory: Memory, current: int, wanted: int, now: float, rules: tuple[Obj, Obj], bounds: tuple[int, int]
) -> tuple[int, tuple[str, str]]:
    least, most = bounds
    if wanted > current:
        limit = max(current, _rate_limit(rules[0], _UP_POLICIES, memory, current, now, 1))
        highest, why = (limit, _UP_LIMIT) if most > limit else (most, _MOST)
        return (highest, why) if wanted > highest else (wanted, _WITHIN)
    if wanted < current:
        limit = min(current, _rate_limit(rules[1], _DOWN_POLICIES, memory, current, now, -1))
        lowest, why = (limit, _DOWN_LIMIT) if least < limit else (least, _LEAST)
        return (lowest, why) if wanted < lowest else (wanted, _WITHIN)
    return wanted, _WITHIN


def _rate_limit(rules: Obj, usual: list[Obj], memory: Memory, current: int, now: float, way: int) -> int:
    """Up to (way 1) or down to (-1) how many replicas one may go now."""
    chosen = text(rules.get("selectPolicy")) or "Max"
    if chosen == "Disabled":
        return current
    limits = [_one_limit(policy, memory, current, now, way) for policy in items(rules.get("policies")) or usual]
    return _widest(limits, way) if chosen == "Max" else _widest(limits, -way)


def _one_limit(policy: Obj, memory: Memory, current: int, now: float, way: int) -> int:
    since = now - number(policy.get("periodSeconds"))
    start = current - sum(change for when, change in memory.scaled if when > since)
    value = number(policy.get("value"))
    if text(policy.get("type")) == "Pods":
        return start + way * value
    return math.ceil(start * (1 + value / 100)) if way > 0 else int(start * (1 - value / 100))


def _widest(limits: Iterable[int], way: int) -> int:
    return max(limits) if way > 0 else min(limits)
