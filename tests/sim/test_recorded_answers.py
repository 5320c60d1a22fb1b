"""Recorded answers that are no refusals, asked for again: objects, lists, pages, watches, tables, apply, reviews."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator

import pytest

from tests import recordings
from tests.recordings import Recording, load
from tests.sim.replay import Answer, Obj, Replica, alike, recorded_padding, replica

pytestmark = recordings.needed


@pytest.fixture
async def server() -> AsyncIterator[Replica]:
    async with replica() as furnished:
        yield furnished


def written(body: Obj) -> str:
    """As text, so that the order of keys counts."""
    return json.dumps(alike(body), indent=1)


def compare(answer: Answer, recording: Recording) -> None:
    assert answer.status == recording.status
    assert written(answer.body) == written(recording.body)
    for header in ("Content-Type", "Cache-Control", "Warning"):
        assert answer.headers.get(header) == recording.headers.get(header)
    padding = recorded_padding(recording)
    assert padding is None or answer.padding == padding, "the white space"


@pytest.mark.parametrize(
    "name",
    [
        "api",
        "api-aggregated",
        "api-v1-resources",
        "apis-apps-v1-resources",
        "delete-dry-run",
        "delete-foreground",
        "eviction-dry",
        "healthz-livez-verbose",
        "list-crds",
        "list-deployments",
        "list-gadgets",
        "list-jobs",
        "list-nodes",
        "list-pods",
        "list-replicasets",
        "list-secrets",
        "merge-patch",
        "partial-metadata-list",
        "sar",
        "scale-get",
        "ssar-allowed",
        "ssar-denied",
        "strategic-patch",
        "tokenreview",
        "version",
        "warn-field",
        "whoami",
    ],
)
async def test_an_answer_is_the_recorded_one(server: Replica, name: str) -> None:
    recording = load(name)
    compare(await server.ask(recording), recording)


async def test_server_side_apply_moves_ownership_as_recorded(server: Replica) -> None:
    """One ConfigMap: made, fought for, taken by force, given up."""
    for name in ("apply-create", "apply-again-other-manager-conflict", "apply-force", "apply-drop-field"):
        recording = load(name)
        compare(await server.ask(recording), recording)


async def test_server_side_apply_without_effect_tells_what_it_would_do(server: Replica) -> None:
    recording = load("apply-dry-run")
    answer = await server.ask(recording)
    assert answer.status == recording.status
    assert list(answer.body) == list(recording.body)
    managers = [(each["manager"], each["operation"]) for each in answer.body["metadata"]["managedFields"]]
    assert ("clusterview", "Apply") in managers
    stored = await server.ask(load("list-deployments"))
    (deployment,) = stored.body["items"]
    assert "clusterview" not in json.dumps(deployment["metadata"]["managedFields"])


@pytest.mark.parametrize("name", ["apis", "apis-aggregated"])
async def test_discovery_of_the_groups_is_the_recorded_one(server: Replica, name: str) -> None:
    """But for the custom group, which was made after the recording."""
    recording = load(name)
    answer = await server.ask(recording)
    field = "groups" if name == "apis" else "items"
    names = [group.get("name") or group["metadata"]["name"] for group in answer.body[field]]
    kept = [group for group, label in zip(answer.body[field], names, strict=True) if label != "example.com"]
    assert names.index("example.com") == len(names) - 2, "before the aggregated metrics, after the built-in groups"
    shown = {**answer.body, field: kept}
    compare(Answer(answer.status, answer.headers, shown, json.dumps(shown, separators=(",", ":")) + "\n"), recording)


async def test_the_rules_of_a_user_are_the_recorded_ones(server: Replica) -> None:
    """But for /.well-known, which the recorded build alone opens to everybody."""
    recording = load("ssrr")
    status = recording.body["status"]
    rules = [rule for rule in status["nonResourceRules"] if "/.well-known" not in rule["nonResourceURLs"]]
    expected = {**recording.body, "status": {**status, "nonResourceRules": rules}}
    answer = await server.ask(recording)
    assert written(answer.body) == written(expected)


async def test_every_group_but_that_of_api_services_has_one(server: Replica) -> None:
    """The custom one included, which came later."""
    recording = load("table-apiservices")
    answer = await server.ask(recording)
    assert [row["cells"][:3] for row in answer.body["rows"]] == [row["cells"][:3] for row in recording.body["rows"]]
    assert answer.body["metadata"]["remainingItemCount"] == recording.body["metadata"]["remainingItemCount"]
    for ours, real in zip(answer.body["rows"], recording.body["rows"], strict=True):
        assert ours["object"]["metadata"]["labels"] == real["object"]["metadata"]["labels"]


# --- lists in pages ----------------------------------------------------------------------------------------------


async def test_pages_follow_one_another_by_a_token_of_the_recorded_form(server: Replica) -> None:
    first, second = load("page-1"), load("page-2")
    answer = await server.ask(first)
    token = answer.body["metadata"]["continue"]
    total = 2 + answer.body["metadata"]["remainingItemCount"]
    assert list(answer.body["metadata"]) == list(first.body["metadata"])
    assert alike({"continue": token}) == alike({"continue": first.body["metadata"]["continue"]})
    following = await server.ask(second, **{"continue": token})
    assert following.body["metadata"]["remainingItemCount"] == total - 4
    assert following.body["metadata"]["resourceVersion"] == answer.body["metadata"]["resourceVersion"]
    for ours, real in ((answer.body, first.body), (following.body, second.body)):
        assert [row["cells"][0] for row in ours["rows"]] == [row["cells"][0] for row in real["rows"]]
        assert [list(row) for row in ours["rows"]] == [list(row) for row in real["rows"]]


@pytest.mark.parametrize("name", ["table-pods", "table-pods-full-object", "table-pods-no-object", "table-gadgets"])
async def test_tables_over_the_wire_are_the_recorded_ones(server: Replica, name: str) -> None:
    """Columns and cells have tests of their own; here: the parameters, and what surrounds the cells."""
    recording = load(name)
    answer = await server.ask(recording)
    assert answer.status == recording.status
    ours, real = alike(answer.body), alike(recording.body)
    assert list(ours) == list(real)
    assert ours["metadata"] == real["metadata"]
    for our, theirs in zip(ours["rows"], real["rows"], strict=True):
        assert list(our) == list(theirs)
        assert our["cells"][:3] == theirs["cells"][:3]
        assert (our.get("conditions"), our["object"]) == (theirs.get("conditions"), theirs["object"])


# --- watches -----------------------------------------------------------------------------------------------------


async def test_a_watch_that_asks_for_it_begins_with_everything_and_a_bookmark(server: Replica) -> None:
    recording = load("watch-send-initial-events")
    expected = recording.lines
    lines = await server.lines(recording, len(expected))
    for ours, real in zip(lines, expected, strict=True):
        assert written(ours) == written(real)


async def test_a_watch_of_tables_has_columns_in_its_first_event_only(server: Replica) -> None:
    recording = load("watch-table-initial")
    expected = [line for line in recording.lines if line["type"] == "ADDED"]
    lines = await server.lines(recording, len(expected))
    assert [line["type"] for line in lines] == ["ADDED"] * len(expected)
    for ours, real in zip(lines, expected, strict=True):
        assert list(ours["object"]) == list(real["object"])
        assert (ours["object"]["columnDefinitions"] is None) == (real["object"]["columnDefinitions"] is None)
        assert ours["object"]["rows"][0]["cells"][:3] == real["object"]["rows"][0]["cells"][:3]


async def test_a_watch_from_a_version_tells_what_happened_since(server: Replica) -> None:
    """And nothing of what was there before, nor of other kinds."""
    recording = load("watch-from-rv")
    since = str(server.cluster.store.version)
    changed = recording.lines[0]["object"]
    server.cluster.apply_manifest({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "other"}})
    server.cluster.apply_manifest(changed)
    (event,) = await server.lines(recording, 1, resourceVersion=since)
    assert list(event) == list(recording.lines[0])
    assert (event["type"], event["object"]["metadata"]["name"]) == ("MODIFIED", changed["metadata"]["name"])
    assert list(event["object"]) == list(changed)


# --- metrics -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["metrics-nodes", "metrics-pods"])
async def test_metrics_are_listed_as_recorded(server: Replica, name: str) -> None:
    recording = load(name)
    kind = {"metrics-nodes": "NodeMetrics", "metrics-pods": "PodMetrics"}[name]
    measured = [{"kind": kind, "apiVersion": "metrics.k8s.io/v1beta1", **item} for item in recording.body["items"]]
    server.cluster.virtual[("metrics.k8s.io", name.removeprefix("metrics-"))] = lambda namespace: measured
    compare(await server.ask(recording), recording)


# --- logs --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "log-limit-bytes",
        "log-previous-crash",
        "log-since-seconds",
        "log-timestamps",
    ],
)
async def test_logs_come_in_the_recorded_form(server: Replica, name: str) -> None:
    """What a container says is its own; how it is cut and stamped is the server's."""
    recording = load(name)
    ours, real = await server.ask(recording), recording.body["_text"]
    assert ours.status == recording.status
    assert ours.headers.get("Content-Type") == recording.headers.get("Content-Type")
    said = ours.body["_text"]
    if name == "log-limit-bytes":
        assert len(said) == len(real) == 50
    if name == "log-timestamps":
        assert len(said.splitlines()) == len(real.splitlines()) == 5
    if "timestamps" in recording.request["path"]:
        stamp = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,9}Z ")
        assert all(stamp.match(line) for line in [*said.splitlines(), *real.splitlines()])
