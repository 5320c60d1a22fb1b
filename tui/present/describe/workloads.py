"""Replica sets, stateful sets, daemon sets, jobs and cron jobs: how many pods there should be, and are."""

from __future__ import annotations

from collections import Counter

from tui.model.bodies import at, items, name_of, number, obj, selector, strings, text
from tui.model.objects import Body
from tui.present.describe.common import (
    ago,
    conditions,
    failing,
    joined,
    lasted,
    metadata,
    not_seen,
    owned_by,
    seconds,
    section,
    trouble,
    when,
    words,
)
from tui.present.describe.known import Known
from tui.present.describe.page import Block, Grid, Head, pairs
from tui.present.describe.pod import headline, phase_of
from tui.present.describe.podspec import template
from tui.present.describe.volumes import modes
from tui.present.parts import Cell
from tui.present.tone import tone

SHOWN_PODS = 20


def replica_set(known: Known) -> list[Block]:
    """A ReplicaSet or a ReplicationController."""
    body, now = known.body, known.now
    wanted, made = number(body, "spec", "replicas"), number(body, "status", "replicas")
    ready = number(body, "status", "readyReplicas")
    style = "good" if ready >= wanted else "warn"
    return [
        *pairs(("replicas", (f"{made} current / {wanted} desired, {ready} ready", style))),
        *failing(body, now),
        *metadata(body, now, ("selector", _selector(body)), ("min ready", seconds(body, "spec", "minReadySeconds"))),
        *pods(known),
        *template(body, now),
        *conditions(body, now),
    ]


def stateful_set(known: Known) -> list[Block]:
    body, now = known.body, known.now
    spec, status = obj(body, "spec"), obj(body, "status")
    wanted, made, ready = number(spec, "replicas"), number(status, "replicas"), number(status, "readyReplicas")
    partition = text(spec, "updateStrategy", "rollingUpdate", "partition")
    current, update = text(status, "currentRevision"), text(status, "updateRevision")
    behind = [trouble(f"being updated from {current} to {update}", "warn")] if update and current != update else []
    said = f"{wanted} desired | {made} total, {ready} ready"
    return [
        *pairs(("replicas", (said, "good" if ready >= wanted else "warn"))),
        *behind,
        *failing(body, now),
        *metadata(
            body,
            now,
            ("selector", _selector(body)),
            ("service", text(spec, "serviceName")),
            ("update strategy", text(spec, "updateStrategy", "type")),
            ("partition", partition),
            ("pod management", text(spec, "podManagementPolicy")),
            ("claims are", _retention(obj(spec, "persistentVolumeClaimRetentionPolicy"))),
            ("revision", update or current),
        ),
        *pods(known),
        *template(body, now),
        *_claims(spec),
        *conditions(body, now),
    ]


def _retention(held: Body) -> str:
    scaled, gone = text(held, "whenScaled"), text(held, "whenDeleted")
    return f"{scaled} when scaled down, {gone} when deleted" if scaled or gone else ""


def _claims(spec: Body) -> list[Block]:
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            name_of(one),
            text(one, "spec", "storageClassName"),
            text(one, "spec", "resources", "requests", "storage"),
            modes(obj(one, "spec")),
            joined(strings(one, "metadata", "labels")),
        )
        for one in items(spec, "volumeClaimTemplates")
    )
    return section("Volume claims", [Grid(("NAME", "CLASS", "CAPACITY", "MODES", "LABELS"), rows)] if rows else [])


def daemon_set(known: Known) -> list[Block]:
    body, now = known.body, known.now
    status = obj(body, "status")
    wanted, available = number(status, "desiredNumberScheduled"), number(status, "numberAvailable")
    updated = number(status, "updatedNumberScheduled")
    wrong = number(status, "numberMisscheduled")
    said = f"{wanted} desired | {number(status, 'currentNumberScheduled')} current | {updated} updated"
    return [
        *pairs(("nodes", (f"{said} | {available} available", "good" if available >= wanted else "warn"))),
        *([trouble(f"{wrong} run where they should not", "warn")] if wrong else []),
        *failing(body, now),
        *metadata(
            body,
            now,
            ("selector", _selector(body)),
            ("misscheduled", str(wrong)),
            ("ready", str(number(status, "numberReady"))),
            ("update strategy", text(body, "spec", "updateStrategy", "type")),
        ),
        *pods(known),
        *template(body, now),
        *conditions(body, now),
    ]


def job(known: Known) -> list[Block]:
    body, now = known.body, known.now
    spec, status = obj(body, "spec"), obj(body, "status")
    begun, done = text(status, "startTime"), text(status, "completionTime")
    failed = [
        trouble(f"failed: {text(one, 'reason')}: {text(one, 'message')}")
        for one in items(status, "conditions")
        if text(one, "type") in {"Failed", "FailureTarget"} and text(one, "status") == "True"
    ]
    return [
        *pairs(("pods", _job_pods(body))),
        *failed,
        *([trouble("suspended", "warn")] if at(spec, "suspend") else []),
        *metadata(
            body,
            now,
            ("selector", _selector(body)),
            ("started", when(begun, now)),
            ("completed", when(done, now)),
            ("duration", lasted(begun, done) or (f"{ago(begun, now)} so far" if begun and not failed else "")),
        ),
        *pairs(
            ("parallelism", text(spec, "parallelism")),
            ("completions", text(spec, "completions")),
            ("completion mode", text(spec, "completionMode")),
            ("suspend", text(spec, "suspend")),
            ("backoff limit", text(spec, "backoffLimit")),
            ("deadline", seconds(spec, "activeDeadlineSeconds")),
            ("kept for", seconds(spec, "ttlSecondsAfterFinished")),
            ("completed indexes", text(status, "completedIndexes")),
            ("failed indexes", text(status, "failedIndexes")),
        ),
        *pods(known),
        *template(body, now),
        *conditions(body, now),
    ]


def _job_pods(body: Body) -> Cell:
    status = obj(body, "status")
    active, failed, done = number(status, "active"), number(status, "failed"), number(status, "succeeded")
    said = f"{active} active ({number(status, 'ready')} ready) / {done} succeeded / {failed} failed"
    return said, "warn" if failed else "good" if done else ""


def cron_job(known: Known) -> list[Block]:
    body, now = known.body, known.now
    spec, status = obj(body, "spec"), obj(body, "status")
    held = obj(spec, "jobTemplate", "spec")
    running = [f"{text(one, 'kind')}/{text(one, 'name')}" for one in items(status, "active")]
    last, good = text(status, "lastScheduleTime"), text(status, "lastSuccessfulTime")
    zone = text(spec, "timeZone")
    return [
        *pairs(("schedule", text(spec, "schedule") + (f" ({zone})" if zone else ""))),
        *([trouble("suspended: it makes no jobs", "warn")] if at(spec, "suspend") else []),
        *pairs(
            ("last made a job", when(last, now) or ("never", "dim")),
            ("last success", when(good, now)),
            ("active jobs", words(running)),
        ),
        *metadata(
            body,
            now,
            ("concurrency", text(spec, "concurrencyPolicy")),
            ("suspend", text(spec, "suspend")),
            ("history", _history(spec)),
            ("starting deadline", seconds(spec, "startingDeadlineSeconds")),
            ("parallelism", text(held, "parallelism")),
            ("completions", text(held, "completions")),
        ),
        *template(spec, now, "jobTemplate", "spec", "template"),
    ]


def _history(spec: Body) -> str:
    kept, failed = text(spec, "successfulJobsHistoryLimit"), text(spec, "failedJobsHistoryLimit")
    return f"{kept} successful, {failed} failed jobs kept"


def pods(known: Known) -> list[Block]:
    """The pods that belong to a workload, those in trouble first."""
    refused = known.refused("pods")
    if refused is not None:
        return [Head("Pods"), not_seen("pods", refused)]
    found = known.found("pods")
    if found is None:
        return []
    own = [one for one in found if owned_by(one, known.body)]
    phases = Counter(text(one, "status", "phase") or "Unknown" for one in own)
    note = (
        f"{phases['Running']} Running / {phases['Pending']} Waiting / {phases['Succeeded']} Succeeded / "
        f"{phases['Failed']} Failed"
    )
    ordered = sorted(own, key=lambda one: (_order(one), name_of(one)))
    return [Head("Pods", note), *pod_grid(ordered, known.now)] if own else [Head("Pods", note)]


def _order(pod: Body) -> int:
    return {"bad": 0, "warn": 1}.get(tone("STATUS", phase_of(pod)), 2)


def pod_grid(found: list[Body], now: float) -> list[Block]:
    """Some pods, a line each."""
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            name_of(one),
            (ago(text(one, "metadata", "creationTimestamp"), now), "dim"),
            text(one, "spec", "nodeName"),
            headline(one, brief=True),
        )
        for one in found[:SHOWN_PODS]
    )
    more: list[Block] = [Head(f"and {len(found) - SHOWN_PODS:,} more", depth=1)] if len(found) > SHOWN_PODS else []
    return [Grid(("NAME", "AGE", "NODE", "STATUS"), rows), *more]


def _selector(body: Body) -> str:
    held = obj(body, "spec", "selector")
    return joined(strings(held)) if text(body, "kind") == "ReplicationController" else selector(held)
