"""The simulated API server held against a real one: discovery and tables.

The real server's build is a downstream one; what is only its own is not recorded in any of these.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest

from tests import recordings
from tests.recordings import load
from tui.sim.kube import crd, tables
from tui.sim.kube.durations import epoch
from tui.sim.kube.kinds import BUILTIN, Kind, Sub

pytestmark = recordings.needed

Obj = dict[str, Any]

PATH = re.compile(
    r"/(?:api/(?P<core>v1)|apis/(?P<group>[^/]+)/(?P<version>[^/]+))(?:/namespaces/[^/]+)?/(?P<plural>\w+)"
)
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def kind_at(path: str) -> Kind:
    """The kind a recorded URL asks for, the CRD's included."""
    match = PATH.match(path)
    assert match, path
    group, version = (match["group"] or "", match["core"] or match["version"])
    wanted = (group, version, match["plural"])
    kinds = [*BUILTIN, *gadgets()]
    return next(kind for kind in kinds if (kind.group, kind.version, kind.plural) == wanted)


def gadgets() -> list[Kind]:
    return [*crd.kinds_of(load("list-crds").body["items"][0])]


TABLES = [*recordings.names("table-*"), "metrics-pods-table", "page-1", "page-2"]


# --- discovery ---------------------------------------------------------------------------------------------------


def discovered(group: str, version: str, resource: Obj) -> Kind:
    """A kind as an entry of APIGroupDiscovery says it."""
    return Kind(
        group,
        version,
        resource["resource"],
        resource["responseKind"]["kind"],
        singular=resource["singularResource"],
        namespaced=resource["scope"] == "Namespaced",
        short=tuple(resource.get("shortNames", ())),
        categories=tuple(resource.get("categories", ())),
        verbs=tuple(resource["verbs"]),
        subs=tuple(
            Sub(
                sub["subresource"],
                tuple(sub["verbs"]),
                "/".join(filter(None, (sub["responseKind"]["group"], sub["responseKind"]["version"]))),
                sub["responseKind"]["kind"],
            )
            for sub in resource.get("subresources", ())
        ),
    )


def recorded_kinds() -> dict[tuple[str, str, str], Kind]:
    kinds = [
        discovered(group["metadata"].get("name", ""), version["version"], resource)
        for name in ("api-aggregated", "apis-aggregated")
        for group in load(name).body["items"]
        for version in group["versions"]
        for resource in version["resources"]
    ]
    return {(kind.group, kind.version, kind.plural): kind for kind in kinds}


def test_the_served_kinds_are_those_of_the_real_server() -> None:
    assert {(kind.group, kind.version, kind.plural) for kind in BUILTIN} == set(recorded_kinds())


@pytest.mark.parametrize("kind", BUILTIN, ids=lambda kind: f"{kind.plural}.{kind.group}.{kind.version}")
def test_a_kind_is_described_as_the_real_server_describes_it(kind: Kind) -> None:
    real = recorded_kinds()[(kind.group, kind.version, kind.plural)]
    assert (kind.kind, kind.namespaced, kind.short, kind.categories, kind.verbs) == (
        real.kind,
        real.namespaced,
        real.short,
        real.categories,
        real.verbs,
    )
    if kind.group != "metrics.k8s.io":  # metrics-server leaves the singular name empty
        assert kind.singular_name == real.singular
    # A subresource that shows its parent's own kind may leave both out, here as there.
    ours = [(sub.name, sub.verbs, sub.kind or kind.kind) for sub in kind.subs]
    assert ours == [(sub.name, sub.verbs, sub.kind) for sub in real.subs]


@pytest.mark.parametrize(
    ("name", "group", "version"), [("api-v1-resources", "", "v1"), ("apis-apps-v1-resources", "apps", "v1")]
)
def test_the_plain_discovery_documents_name_the_same_resources_and_verbs(name: str, group: str, version: str) -> None:
    recorded = {entry["name"]: entry for entry in load(name).body["resources"]}
    ours = {kind.plural: kind for kind in BUILTIN if (kind.group, kind.version) == (group, version)}
    expected = {plural: (kind.verbs, "") for plural, kind in ours.items()}
    for plural, kind in ours.items():
        expected |= {f"{plural}/{sub.name}": (sub.verbs, sub.api) for sub in kind.subs}
    assert {
        each: (tuple(entry["verbs"]), "/".join(filter(None, (entry.get("group"), entry.get("version")))))
        for each, entry in recorded.items()
    } == expected


# --- tables ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TABLES)
def test_columns_are_those_of_the_real_server(name: str) -> None:
    recording = load(name)
    ours = tables.columns(kind_at(recording.request["path"]))
    real = recording.body["columnDefinitions"]
    shape = ("name", "type", "format", "priority")
    assert [[column[part] for part in shape] for column in ours] == [
        [column[part] for part in shape] for column in real
    ]
    for our, theirs in zip(ours, real, strict=True):
        assert list(our) == list(theirs), "the order of keys"
        assert theirs["description"].startswith(our["description"])


def seconds(age: str) -> int:
    return sum(int(count) * SECONDS[unit] for count, unit in re.findall(r"(\d+)([smhd])", age))


def moments(rows: list[Obj], objects: dict[str, Obj], age: int) -> list[float]:
    """Candidates for the time at which a table was printed, from the first row whose object is known."""
    row = next(row for row in rows if row["cells"][0] in objects)
    born = epoch(objects[row["cells"][0]]["metadata"]["creationTimestamp"])
    assert born is not None
    return [born + seconds(row["cells"][age]) + tenth / 10 for tenth in range(10)]


# Every recorded table of which whole objects were recorded as well, in the same state.
FULL = {
    "table-pods": ("list-pods", "watch-send-initial-events"),
    "table-pods-no-object": ("list-pods",),
    "table-pods-full-object": ("table-pods-full-object",),
    "table-deployments": ("list-deployments",),
    "table-replicasets": ("list-replicasets",),
    "table-jobs": ("list-jobs",),
    "table-services": ("list-services",),
    "table-endpointslices": ("list-endpointslices",),
    "table-nodes": ("list-nodes",),
    "table-secrets": ("list-secrets",),
    "table-crds": ("list-crds",),
    "table-gadgets": ("list-gadgets",),
    "table-statefulsets": ("delete-foreground",),
}


def whole_objects(name: str) -> dict[str, Obj]:
    body = load(name).body
    if "_lines" in body:
        found = [line["object"] for line in body["_lines"] if line["type"] == "ADDED"]
    elif body["kind"] == "Table":
        found = [row["object"] for row in body["rows"]]
    else:
        found = body.get("items", [body])
    return {each["metadata"]["name"]: each for each in found}


@pytest.mark.parametrize("name", FULL)
def test_cells_of_whole_objects_are_those_of_the_real_server(name: str) -> None:
    """There is a moment at which our cells, ages included, are the recorded ones to the letter."""
    recording = load(name)
    kind = kind_at(recording.request["path"])
    objects = {key: obj for source in reversed(FULL[name]) for key, obj in whole_objects(source).items()}
    rows = [row for row in recording.body["rows"] if row["cells"][0] in objects]
    assert rows, "nothing to compare"
    real = [row["cells"] for row in rows]
    heads = [column["name"] for column in recording.body["columnDefinitions"]]
    if "Age" not in heads:
        assert [tables.row(kind, objects[row["cells"][0]], now=0.0)["cells"] for row in rows] == real
        return
    age = heads.index("Age")
    attempts = [
        [tables.row(kind, objects[row["cells"][0]], now=now)["cells"] for row in rows]
        for now in moments(rows, objects, age)
    ]
    assert real in attempts, attempts[0]


def test_events_are_printed_as_the_real_server_prints_them() -> None:
    """They have no Age: the moment is found through Last Seen."""
    objects = whole_objects("list-events")
    recording = load("table-events")
    rows = [row for row in recording.body["rows"] if row["cells"][-1] in objects]
    assert rows
    first = objects[rows[0]["cells"][-1]]
    born = epoch(first["lastTimestamp"] or first["eventTime"])
    assert born is not None
    kind = kind_at(recording.request["path"])
    nows = [born + seconds(rows[0]["cells"][0]) + tenth / 10 for tenth in range(10)]
    attempts = [[tables.row(kind, objects[row["cells"][-1]], now=now)["cells"] for row in rows] for now in nows]
    assert [row["cells"] for row in rows] in attempts, attempts[0]


def test_metrics_are_summed_and_printed_as_metrics_server_does() -> None:
    recording = load("metrics-pods-table")
    kind = kind_at(recording.request["path"])
    ours = tables.render(kind, load("metrics-pods").body["items"], now=0.0, list_meta={})
    # Taken a moment apart: the same pods, each with the same containers; most had not been measured anew.
    same = Counter(our == real for our, real in zip(ours["rows"], recording.body["rows"], strict=True))
    assert same[True] >= len(ours["rows"]) - 1, ours["rows"]


def dated_tables() -> list[str]:
    """The recorded tables with a name, a time and at least one row that carries its object's metadata."""
    found: list[str] = []
    for name in recordings.names("table-*"):
        body = load(name).body
        heads = {column["name"] for column in body["columnDefinitions"]}
        if {"Age", "Created At"} & heads and any(row["object"] for row in body["rows"]):
            found.append(name)
    return found


@pytest.mark.parametrize("name", dated_tables())
def test_name_and_age_of_every_recorded_row_follow_from_its_metadata(name: str) -> None:
    """For the kinds whose whole objects were not recorded, their metadata was."""
    recording = load(name)
    rows = recording.body["rows"]
    heads = [column["name"] for column in recording.body["columnDefinitions"]]
    told = [heads.index(head) for head in ("Name", "Age", "Created At") if head in heads]
    kind = kind_at(recording.request["path"])
    objects = {row["cells"][0]: row["object"] for row in rows}
    nows = moments(rows, objects, heads.index("Age")) if "Age" in heads else [0.0]
    real = [[row["cells"][index] for index in told] for row in rows]
    attempts = [
        [[tables.row(kind, row["object"], now=now)["cells"][index] for index in told] for row in rows] for now in nows
    ]
    assert real in attempts, attempts[0]


@pytest.mark.parametrize("name", ["table-pods", "table-pods-full-object", "table-pods-no-object"])
def test_a_whole_table_has_the_real_shape(name: str) -> None:
    recording = load(name)
    include = {"table-pods-full-object": "Object", "table-pods-no-object": "None"}.get(name, "Metadata")
    objects = whole_objects("watch-send-initial-events") | whole_objects("list-pods")
    real = recording.body
    shown = [objects[row["cells"][0]] for row in real["rows"]]
    kind = kind_at(recording.request["path"])
    ours = tables.render(kind, shown, now=0.0, list_meta=real["metadata"], include_object=include)
    assert [list(ours), ours["kind"], ours["apiVersion"], ours["metadata"]] == [
        list(real),
        real["kind"],
        real["apiVersion"],
        real["metadata"],
    ]
    for our, theirs in zip(ours["rows"], real["rows"], strict=True):
        assert list(our) == list(theirs)
        assert our.get("conditions") == theirs.get("conditions")
        assert our["object"] == theirs["object"]
        assert include == "None" or list(our["object"]) == list(theirs["object"])


def test_watch_events_carry_the_columns_once_and_bookmarks_are_printed_too() -> None:
    lines = load("watch-table-initial").lines
    objects = whole_objects("watch-send-initial-events")
    kind = kind_at(load("watch-table-initial").request["path"])
    for index, line in enumerate(lines):
        real = line["object"]
        if line["type"] == "BOOKMARK":
            bookmark = {"kind": "Pod", "apiVersion": "v1", "metadata": real["rows"][0]["object"]["metadata"]}
            assert tables.single(kind, bookmark, now=0.0, with_columns=False) == real
        elif line["type"] == "ADDED":
            obj = objects[real["rows"][0]["cells"][0]]
            ours = tables.single(kind, obj, now=0.0, with_columns=index == 0)
            assert list(ours) == list(real)
            assert (ours["columnDefinitions"] is None) == (real["columnDefinitions"] is None)
            if obj["metadata"]["resourceVersion"] == real["metadata"]["resourceVersion"]:
                assert ours["metadata"] == real["metadata"]
                assert ours["rows"][0]["object"] == real["rows"][0]["object"]
