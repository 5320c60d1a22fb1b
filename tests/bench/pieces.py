"""The pieces that must fit between two frames, one by one, in this process."""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec

from tests.bench.report import Figure, milliseconds
from tui.clients.kube_decode import decode_page
from tui.data.ring import Ring
from tui.present.filters import parse_filter
from tui.sim.kube import tables
from tui.sim.kube.kinds import Registry
from tui.sim.loading import load
from tui.sim.scale import scaled
from tui.sim.world import World

PAGE = 500
LINES = 1_000_000


def piece_figures() -> list[Figure]:
    """Best of five each; the goals are a frame of 60 Hz, or what a person waits for without noticing."""
    body = _page()
    parsed = parse_filter("x2f1p")
    assert parsed is not None
    rows = [["payments", f"api-7c9f6d-{number:05}", "2/2", "Running"] for number in range(50_000)]
    return [
        _timed(f"decode a Table page of {PAGE} pods", lambda: decode_page(body, "bench"), "<= 16 ms"),
        _timed("filter 50,000 rows, one word", lambda: [row for row in rows if parsed.matches(row)], "<= 50 ms"),
        _timed(f"{LINES:,} log lines into the ring", _fill_ring, "<= 500 ms"),
        _timed(f"simulator: print {PAGE} pods as a Table", _printer(), "<= 50 ms"),
        _timed("simulator: build 10,000 pods", lambda: World(scaled(load("healthy"), 12, 10_000)), "<= 2 s", 1),
    ]


def _timed(what: str, work: Callable[[], object], goal: str, times: int = 5) -> Figure:
    best = float("inf")
    for _ in range(times):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return Figure(what, f"{best * 1000:.1f} ms" if best < 0.1 else milliseconds(best), "", "", goal)


def _page() -> bytes:
    managed = {"manager": "kubelet", "fieldsV1": {f"f:{number}": {"f:status": {}} for number in range(60)}}
    meta = {
        "name": "api-7c9f6d-x2f1p",
        "namespace": "payments",
        "uid": "5cbd72f0-1579-47b0-b688-d74a19453bca",
        "resourceVersion": "589",
        "creationTimestamp": "2026-11-22T01:01:25Z",
        "labels": {"app": "web", "pod-template-hash": "6d855bd65"},
        "managedFields": [managed],
    }
    row = {
        "cells": ["api-7c9f6d-x2f1p", "1/1", "Running", "0", "3d", "10.0.0.1", "node-1", "<none>", "<none>"],
        "object": {"kind": "PartialObjectMetadata", "metadata": meta},
    }
    return msgspec.json.encode({"kind": "Table", "metadata": {}, "columnDefinitions": [], "rows": [row] * PAGE})


def _fill_ring() -> None:
    ring = Ring(100_000)
    batch = [b"2026-11-22T01:01:25.000000000Z stream 1: GET /version 200"] * 10_000
    sources = [0] * len(batch)
    for _ in range(LINES // len(batch)):
        ring.append(batch, sources)


def _printer() -> Callable[[], object]:
    world = World(scaled(load("healthy"), 12, PAGE))
    kind = Registry().resource("", "v1", "pods")
    assert kind is not None
    pods = world.clusters["prod-eu"].store.list(kind)[:PAGE]
    return lambda: tables.render(kind, pods, now=world.now(), list_meta={})
