"""Descriptions, whatever the object is like: shapeless and hostile bodies, refused neighbours, troubles first."""

from __future__ import annotations

import base64
import random
from typing import Any

import pytest
from rich.cells import cell_len

from tui.errors import Problem, ProblemKind
from tui.model.feed import Feed, Gap
from tui.model.objects import Beside, Happening
from tui.model.times import parse_time
from tui.present.clean import is_clean
from tui.present.describe.common import condition_fails
from tui.present.describe.kinds import _KINDS, description  # pyright: ignore[reportPrivateUsage]
from tui.present.describe.page import Grid, Head, Note, Pair, plain, setting

NOW = parse_time("2026-11-22T14:02:12Z") or 0.0
FORBIDDEN = Problem(ProblemKind.FORBIDDEN, "Kubernetes refused", "pods is forbidden", status=403)
NONE: Feed[tuple[Happening, ...]] = Feed((), NOW)
EVIL = "\x1b[31mred\x1b]52;c;eA==\x07\u202edcba\x9b2J\u200b[bold]x[/bold]\r\n\x00"
KINDS = [*_KINDS, ("example.com", "Gadget")]
FIELDS = [
    "spec",
    "status",
    "metadata",
    "containers",
    "conditions",
    "type",
    "name",
    "rules",
    "data",
    "http",
    "paths",
    "template",
    "selector",
    "matchLabels",
    "ports",
    "endpoints",
    "addresses",
    "subjects",
    "roleRef",
    "limits",
    "hard",
    "containerStatuses",
    "state",
    "terminated",
    "waiting",
    "volumes",
    "configMap",
    "metrics",
    "resource",
    "used",
    "labels",
    "ownerReferences",
    "annotations",
    "nodeInfo",
    "capacity",
    "allocatable",
    "versions",
    "names",
    "tls",
    "env",
    "valueFrom",
    "backend",
    "service",
    "port",
    "from",
    "ingress",
    "replicas",
    "schedule",
    "jobTemplate",
    "verbs",
    "creationTimestamp",
]


def said(body: dict[str, Any], width: int = 100, **more: Any) -> str:
    return plain(setting(description(body, more.pop("events", NONE), NOW, **more), width))


def of(kind: tuple[str, str], **more: Any) -> dict[str, Any]:
    group, name = kind
    return {"apiVersion": f"{group}/v1" if group else "v1", "kind": name, **more}


def shapeless(rng: random.Random, depth: int = 0) -> Any:
    choices: list[Any] = [None, True, 0, -3, 1.5, "", "x", EVIL, "2026-11-22T14:00:00Z", "500m", [], {}]
    roll = rng.random()
    if depth > 5 or roll < 0.4:
        return rng.choice(choices)
    if roll < 0.6:
        return [shapeless(rng, depth + 1) for _ in range(rng.randint(0, 3))]
    return {rng.choice(FIELDS): shapeless(rng, depth + 1) for _ in range(rng.randint(0, 6))}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind[1])
def test_no_body_is_so_shapeless_that_it_cannot_be_described(kind: tuple[str, str]) -> None:
    rng = random.Random(kind[1])
    for _ in range(150):
        body = of(
            kind, **{field: shapeless(rng) for field in ("metadata", "spec", "status", "data", "rules", "subjects")}
        )
        others = tuple(value for value in (shapeless(rng) for _ in range(3)) if isinstance(value, dict))
        names = (
            "pods",
            "replicasets",
            "endpointslices",
            "services",
            "leases",
            "resourcequotas",
            "limitranges",
            "secrets",
        )
        text = said(body, rng.choice((20, 40, 80)), beside=Beside(dict.fromkeys(names, others)))
        assert all(is_clean(line) for line in text.split("\n"))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind[1])
def test_nothing_at_all_is_described_too(kind: tuple[str, str]) -> None:
    assert "Events  none" in said(of(kind))


def test_a_megabyte_of_one_value_is_told_by_its_beginning() -> None:
    body = of(("", "ConfigMap"), metadata={"annotations": {"long": "y" * 1_000_000}}, data={"a": "x" * 1_000_000})
    text = said(body)
    assert len(text) < 10_000
    assert "1.0 MB in all: see YAML" in text


def test_what_is_wrong_comes_first_and_is_marked() -> None:
    waiting = {"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}}
    last = {"terminated": {"exitCode": 137, "reason": "OOMKilled", "finishedAt": "2026-11-22T14:01:12Z"}}
    status = {
        "phase": "Running",
        "conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes"}],
        "containerStatuses": [{"name": "c", "state": waiting, "lastState": last, "restartCount": 2}],
    }
    lines = said(of(("", "Pod"), metadata={"name": "p"}, spec={"containers": [{"name": "c"}]}, status=status)).split(
        "\n"
    )
    assert lines[0] == "status  ImagePullBackOff (phase Running) · 0/1 ready · 2 restarts"
    assert lines[1].startswith("× not scheduled")
    assert "0/3 nodes" in lines[1]
    assert lines[2] == "× c: ImagePullBackOff: Back-off pulling image"
    assert lines[3] == "× c: its last run ended 1m ago with exit code 137, OOMKilled" or "60s ago" in lines[3]


@pytest.mark.parametrize(
    ("one", "fails"),
    [
        ({"type": "Ready", "status": "True"}, False),
        ({"type": "Ready", "status": "False"}, True),
        ({"type": "Ready", "status": "False", "reason": "PodCompleted"}, False),
        ({"type": "Ready", "status": "Unknown"}, True),
        ({"type": "MemoryPressure", "status": "False"}, False),
        ({"type": "MemoryPressure", "status": "True"}, True),
        ({"type": "NetworkUnavailable", "status": "False"}, False),
        ({"type": "ReplicaFailure", "status": "True"}, True),
        ({"type": "ScalingLimited", "status": "False"}, False),
        ({"type": "Failed", "status": "True"}, True),
        ({"type": "DisruptionAllowed", "status": "False"}, True),
    ],
)
def test_conditions_are_judged_by_their_type(one: dict[str, str], fails: bool) -> None:
    assert condition_fails(one) is fails


def test_what_is_refused_beside_an_object_is_named() -> None:
    beside = Beside({}, (Gap("pods", FORBIDDEN),))
    text = said(of(("", "Node"), metadata={"name": "n"}), beside=beside)
    assert "× pods: Kubernetes refused: pods is forbidden" in text
    text = said(of(("", "Pod"), metadata={"name": "p"}), events=Feed(problem=FORBIDDEN))
    assert "Events  not seen" in text


def test_secrets_are_masked_until_shown() -> None:
    data = {
        "password": base64.b64encode(b"hunter2").decode(),
        "bin": base64.b64encode(b"\xff\x00").decode(),
        "bad": "%",
    }
    body = of(("", "Secret"), metadata={"name": "s", "annotations": {"n": "v"}}, data=data)
    hidden, shown = said(body), said(body, shown=True)
    assert "hunter2" not in hidden
    assert data["password"] not in hidden
    assert "password  •••• 7 bytes" in hidden
    assert "hunter2" in shown
    assert "no text, 2 bytes: ff 00" in shown


def test_a_page_is_set_to_its_width() -> None:
    blocks = [
        Pair("name", "a"),
        Pair("longer label", ("value " * 12, "warn")),
        Head("Section", "note"),
        Grid(("A", "LAST"), (("a" * 30, "word " * 20),)),
        Note("× a trouble that is told in many words and so takes more than one line", "bad"),
    ]
    lines = plain(setting(blocks, 50)).split("\n")
    assert lines[0] == "name          a"
    assert lines[2].startswith(" " * 14)
    assert lines[lines.index("Section  note") - 1] == ""
    assert max(map(len, lines)) <= 56
    assert lines[-1].startswith("  ")


def test_wide_characters_count_as_the_columns_they_take() -> None:
    wide = "日本語のとても長い説明 " * 8
    blocks = [Pair("名前", wide), Grid(("A", "B"), (("日本", wide), ("ab", "x")))]
    for line in plain(setting(blocks, 40)).split("\n"):
        assert cell_len(line) <= 40
    grid = plain(setting([Grid(("A", "B"), (("日本", "x"), ("abcd", "y")))], 40)).split("\n")
    assert [cell_len(line) for line in grid[1:]] == [7, 7]
