"""What bounds a namespace and its workloads: quotas, limit ranges, disruption budgets, autoscalers."""

from __future__ import annotations

from tui.model.bodies import items, name_of, number, obj, selector, strings, text, texts
from tui.model.objects import Body
from tui.present.describe.common import conditions, failing, metadata, not_seen, seconds, section, trouble, when, words
from tui.present.describe.known import Known
from tui.present.describe.page import Block, Grid, Head, pairs
from tui.present.meaning import quantity
from tui.present.parts import Cell
from tui.present.tone import tone

_FULL = 0.9


def namespace(known: Known) -> list[Block]:
    body, now = known.body, known.now
    phase = text(body, "status", "phase")
    blocks: list[Block] = [
        *pairs(("status", (phase, tone("STATUS", phase)))),
        *failing(body, now),
        *metadata(body, now, ("held by", words(texts(body, "spec", "finalizers")))),
    ]
    for key, name in (("resourcequotas", "Quota"), ("limitranges", "Limits")):
        refused = known.refused(key)
        if refused is not None:
            blocks += [Head(name), not_seen(key, refused)]
        for one in known.found(key) or ():
            blocks.append(Head(f"{name} {name_of(one)}"))
            blocks += used(one) if name == "Quota" else ranges(one)
    return [*blocks, *conditions(body, now)]


def quota(known: Known) -> list[Block]:
    body = known.body
    return [
        *metadata(body, known.now, ("scopes", words(texts(body, "spec", "scopes")))),
        *section("Used", used(body)),
    ]


def used(body: Body) -> list[Block]:
    """What of a quota is used up."""
    hard = strings(body, "status", "hard") or strings(body, "spec", "hard")
    taken = strings(body, "status", "used")
    rows: list[tuple[Cell, ...]] = []
    for key in sorted(hard):
        now, most = quantity(taken.get(key, "0")) or 0.0, quantity(hard[key]) or 0.0
        full = "full" if now >= most else "nearly full" if now >= _FULL * most else ""
        rows.append((key, taken.get(key, ""), hard[key], (f"! {full}" if full else "", "warn")))
    return [Grid(("RESOURCE", "USED", "HARD", ""), tuple(rows))] if rows else []


def limit_range(known: Known) -> list[Block]:
    return [*metadata(known.body, known.now), *section("Limits", ranges(known.body))]


_RANGE = ("min", "max", "defaultRequest", "default", "maxLimitRequestRatio")


def ranges(body: Body) -> list[Block]:
    """A line for each type and resource."""
    rows: list[tuple[Cell, ...]] = []
    for one in items(body, "spec", "limits"):
        for key in sorted({name for field in _RANGE for name in obj(one, field)}):
            rows.append((text(one, "type"), key, *(text(one, field, key) or "-" for field in _RANGE)))
    columns = ("TYPE", "RESOURCE", "MIN", "MAX", "DEFAULT REQUEST", "DEFAULT LIMIT", "MAX LIMIT/REQUEST")
    return [Grid(columns, tuple(rows))] if rows else []


def budget(known: Known) -> list[Block]:
    body, now = known.body, known.now
    spec, status = obj(body, "spec"), obj(body, "status")
    allowed = number(status, "disruptionsAllowed")
    healthy, wanted = number(status, "currentHealthy"), number(status, "desiredHealthy")
    tight = [trouble("no pod may be evicted now: draining their nodes would wait", "warn")] if not allowed else []
    return [
        *tight,
        *metadata(
            body,
            now,
            ("min available", text(spec, "minAvailable")),
            ("max unavailable", text(spec, "maxUnavailable")),
            ("selector", selector(obj(spec, "selector"))),
            ("unhealthy pods", text(spec, "unhealthyPodEvictionPolicy")),
        ),
        *pairs(
            ("allowed disruptions", str(allowed)),
            ("healthy", (f"{healthy} current / {wanted} desired", "" if healthy >= wanted else "warn")),
            ("total", str(number(status, "expectedPods"))),
        ),
        *conditions(body, now),
    ]


def autoscaler(known: Known) -> list[Block]:
    body, now = known.body, known.now
    spec, status = obj(body, "spec"), obj(body, "status")
    target = obj(spec, "scaleTargetRef")
    current, wanted = number(status, "currentReplicas"), number(status, "desiredReplicas")
    kind = text(target, "kind")
    rows: tuple[tuple[Cell, ...], ...] = tuple(_metric(one, items(status, "currentMetrics")) for one in _metrics(spec))
    return [
        *pairs(
            (
                "replicas",
                f"{current} current / {wanted} desired, between {_least(spec)} and {text(spec, 'maxReplicas')}",
            )
        ),
        *failing(body, now),
        *metadata(
            body,
            now,
            ("reference", f"{kind}/{text(target, 'name')}"),
            ("min replicas", _least(spec)),
            ("max replicas", text(spec, "maxReplicas")),
            ("last scaled", when(text(status, "lastScaleTime"), now)),
        ),
        *section("Metrics", [Grid(("METRIC", "CURRENT", "TARGET"), rows)] if rows else []),
        *_behaviour(obj(spec, "behavior")),
        *conditions(body, now),
    ]


def _least(spec: Body) -> str:
    return text(spec, "minReplicas") or "1"


def _metrics(spec: Body) -> list[Body]:
    """autoscaling/v1 knows only one, in a field of its own."""
    percent = text(spec, "targetCPUUtilizationPercentage")
    if percent:
        resource = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": int(percent)}}
        return [{"type": "Resource", "resource": resource}]
    return items(spec, "metrics")


_FIELDS = {
    "Resource": "resource",
    "ContainerResource": "containerResource",
    "Pods": "pods",
    "Object": "object",
    "External": "external",
}


def _metric(one: Body, current: list[Body]) -> tuple[Cell, ...]:
    field = _FIELDS.get(text(one, "type"), "")
    held = obj(one, field)
    name = text(held, "metric", "name") or text(held, "name")
    match text(one, "type"):
        case "Resource":
            said = f"resource {name} on pods"
        case "ContainerResource":
            said = f"resource {name} of container {text(held, 'container')}"
        case "Pods":
            said = f"{name} on pods"
        case "Object":
            about = obj(held, "describedObject")
            said = f"{name} on {text(about, 'kind')}/{text(about, 'name')}"
        case _:
            chosen = selector(obj(held, "metric", "selector"))
            said = f"{name} (external{f', {chosen}' if chosen else ''})"
    same = (obj(two, field) for two in current if text(two, "type") == text(one, "type"))
    nothing: Body = {}
    now = next((two for two in same if (text(two, "metric", "name") or text(two, "name")) == name), nothing)
    if text(held, "target", "averageUtilization"):
        said += " (as a percentage of request)"
    return said, _value(obj(now, "current")) or ("unknown", "warn"), _value(obj(held, "target"))


def _value(held: Body) -> str:
    percent = text(held, "averageUtilization")
    if percent:
        average = text(held, "averageValue")
        return f"{percent}%" + (f" ({average})" if average else "")
    return text(held, "averageValue") or text(held, "value")


def _behaviour(held: Body) -> list[Block]:
    blocks: list[Block] = []
    for key, name in (("scaleUp", "up"), ("scaleDown", "down")):
        rule = obj(held, key)
        said = [f"{text(p, 'type')} {text(p, 'value')} in {text(p, 'periodSeconds')}s" for p in items(rule, "policies")]
        blocks += pairs(
            (f"scaling {name}", words([*said, f"select {text(rule, 'selectPolicy')}" if said else ""])),
            ("steady for", seconds(rule, "stabilizationWindowSeconds")),
        )
    return section("Behaviour", blocks)
