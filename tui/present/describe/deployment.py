"""A deployment: how far its rollout is, and what holds it up."""

from __future__ import annotations

from tui.model.bodies import at, items, name_of, number, obj, selector, text
from tui.model.objects import Body
from tui.present.describe.common import (
    ago,
    conditions,
    failing,
    metadata,
    not_seen,
    owned_by,
    seconds,
    section,
    trouble,
)
from tui.present.describe.known import Known
from tui.present.describe.page import Block, Grid, Head, pairs
from tui.present.describe.podspec import template
from tui.present.parts import Cell

REVISION = "deployment.kubernetes.io/revision"
SHOWN_REVISIONS = 10
COLUMNS = ("", "NAME", "REPLICAS", "REVISION", "AGE", "IMAGES")


def describe(known: Known) -> list[Block]:
    body, now = known.body, known.now
    spec = obj(body, "spec")
    rolling = obj(spec, "strategy", "rollingUpdate")
    strategy = text(spec, "strategy", "type")
    if rolling:
        strategy += f": {text(rolling, 'maxUnavailable')} max unavailable, {text(rolling, 'maxSurge')} max surge"
    return [
        *pairs(("replicas", replicas(body))),
        *([trouble("the rollout is paused", "warn")] if at(spec, "paused") else []),
        *failing(body, now),
        *_behind(body),
        *metadata(
            body,
            now,
            ("selector", selector(obj(spec, "selector"))),
            ("strategy", strategy),
            ("min ready", f"{number(spec, 'minReadySeconds')}s"),
            ("progress deadline", seconds(spec, "progressDeadlineSeconds")),
            ("history limit", text(spec, "revisionHistoryLimit")),
        ),
        *_revisions(known),
        *template(body, now),
        *conditions(body, now),
    ]


def replicas(body: Body) -> Cell:
    """ "3 desired | 3 updated | 3 total | 3 available | 0 unavailable"."""
    wanted = number(body, "spec", "replicas")
    status = obj(body, "status")
    available, unavailable = number(status, "availableReplicas"), number(status, "unavailableReplicas")
    said = (
        f"{wanted} desired | {number(status, 'updatedReplicas')} updated | {number(status, 'replicas')} total | "
        f"{available} available | {unavailable} unavailable"
    )
    return said, "good" if available >= wanted and not unavailable else "warn"


def _behind(body: Body) -> list[Block]:
    """The controller has not looked at the newest spec yet."""
    seen, generation = number(body, "status", "observedGeneration"), number(body, "metadata", "generation")
    if seen >= generation:
        return []
    return [trouble(f"the controller has seen generation {seen} of {generation}", "warn")]


def _revisions(known: Known) -> list[Block]:
    refused = known.refused("replicasets")
    if refused is not None:
        return [Head("Replica sets"), not_seen("replicasets", refused)]
    found = known.found("replicasets")
    if found is None:
        return [Head("Replica sets", "loading")]
    own = sorted((one for one in found if owned_by(one, known.body)), key=_revision, reverse=True)
    now_at = text(known.body, "metadata", "annotations", REVISION)
    shown = own[:SHOWN_REVISIONS]
    note = f"the newest {len(shown)} of {len(own)}" if len(own) > len(shown) else ""
    rows = tuple(_row(one, now_at, known.now) for one in shown)
    return section("Replica sets", [Grid(COLUMNS, rows)] if rows else [], note)


def _at(one: Body) -> str:
    return text(one, "metadata", "annotations", REVISION)


def _revision(one: Body) -> int:
    held = _at(one)
    return int(held) if held.isdigit() else 0


def _row(one: Body, now_at: str, now: float) -> tuple[Cell, ...]:
    wanted, made = number(one, "spec", "replicas"), number(one, "status", "replicas")
    new = _at(one) == now_at
    images = ", ".join(text(c, "image") for c in items(one, "spec", "template", "spec", "containers"))
    style = "" if new or made else "dim"
    return (
        (("new" if new else "old"), style),
        (name_of(one), style),
        (f"{made}/{wanted} created", style),
        (_at(one), style),
        (ago(text(one, "metadata", "creationTimestamp"), now), "dim"),
        (images, style),
    )
