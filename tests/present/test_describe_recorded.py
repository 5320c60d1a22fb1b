"""Our descriptions of recorded objects, held against kubectl's own text of the same objects of a real server."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests import recordings
from tests.present.sidebyside import missing, values
from tests.recordings import load
from tui.data.happenings import fold, happening
from tui.model.feed import Feed
from tui.model.objects import Beside
from tui.present.describe.kinds import description
from tui.present.describe.page import plain, setting

pytestmark = recordings.needed

NOW = datetime(2026, 11, 22, 1, 6, 58, tzinfo=UTC).timestamp()
DEFINED = {
    "apiextensions.k8s.io/v1", "CustomResourceDefinition", "670", "42c4beea-1685-442e-ad6b-348815c073b0",
    "object", "integer", "string", "date", "1", "size", "all", "gd", "no conflicts found",
}  # fmt: skip
LATER = {
    "describe-crd": DEFINED,
    "describe-service": {"10.88.1.24:8080,10.88.1.25:8080,10.88.1.26:8080"},
    "describe-node": {"Sun, 22 Nov 2026 01:06:53 +0000", "Sun, 22 Nov 2026 01:06:48 +0000"},
    "describe-deployment": {
        "deployment.kubernetes.io/revision: 2",
        "kubectl.kubernetes.io/restartedAt: 2026-11-21T00:00:00Z",
        "dep-6d855bd65 (0/0 replicas created)",
        "dep-868598b747 (3/3 replicas created)",
    },
}
"""What had changed between the object's recording and the text's (endpoints of a later rollout, heartbeats), and of a
definition the schema and what the YAML is for."""


def body(source: str, name: str) -> dict[str, Any]:
    if source == "watch-send-initial-events":
        seen = [line["object"] for line in load(source).lines if line["type"] == "ADDED"]
        return next(one for one in seen if one["metadata"]["name"] == name)
    held = load(source).body
    found = next(one for one in held["items"] if one["metadata"]["name"] == name)
    return {"apiVersion": held["apiVersion"], "kind": held["kind"].removesuffix("List"), **found}


def ours(source: str, name: str, width: int = 200, **beside: tuple[dict[str, Any], ...]) -> str:
    held = body(source, name)
    about = [one for one in load("list-events").body["items"] if one["involvedObject"]["name"] == name]
    blocks = description(held, Feed(fold(map(happening, about)), NOW), NOW, beside=Beside(beside), shown=False)
    return plain(setting(blocks, width))


def printed(name: str) -> str:
    """kubectl's text up to the events and pods, of which only some were recorded."""
    text = (recordings.FOLDER / "kubectl-text" / f"{name}.txt").read_text()
    return text.partition("\nEvents:")[0].partition("\nNon-terminated Pods:")[0]


@pytest.mark.parametrize(
    ("text", "source", "name"),
    [
        ("describe-pod", "watch-send-initial-events", "ticker"),
        ("describe-pod-badimage", "list-pods", "badimage"),
        ("describe-pod-init", "watch-send-initial-events", "withinit"),
        ("describe-node", "list-nodes", "node1"),
        ("describe-service", "list-services", "dep"),
        ("describe-secret", "list-secrets", "db"),
        ("describe-gadget", "list-gadgets", "g1"),
        ("describe-crd", "list-crds", "gadgets.example.com"),
        ("describe-deployment", "list-deployments", "dep"),
    ],
)
def test_every_value_that_kubectl_prints_stands_in_ours(text: str, source: str, name: str) -> None:
    assert missing(printed(text), ours(source, name, pods=()), LATER.get(text, ())) == []


def test_the_rule_finds_what_is_left_out() -> None:
    text = printed("describe-pod")
    assert len(list(values(text))) > 40
    held = ours("watch-send-initial-events", "ticker")
    for lost in ("localhost/busybox:1.35", "node1", "10.88.1.10", "kube-root-ca.crt", "BestEffort", "http-get"):
        assert missing(text, held.replace(lost, "")), lost


@pytest.mark.parametrize("width", [40, 76, 120])
def test_no_line_is_wider_than_the_screen(width: int) -> None:
    for source, name in (("list-pods", "crash"), ("list-nodes", "node1"), ("list-crds", "gadgets.example.com")):
        lines = ours(source, name, width).splitlines()
        assert max(map(len, lines)) <= max(width, 60)
