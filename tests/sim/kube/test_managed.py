"""Field ownership after updates: against recorded objects of a real server, and the rules they do not show.

`test_apply_vectors` holds the same code against the real machinery's answers to a few hundred requests.
"""

import copy
from typing import Any

import pytest

from tests import recordings
from tests.recordings import load
from tests.sim.kube.samples import CONFIG_MAPS, GADGETS, kind_of
from tui.sim.kube.admission import default
from tui.sim.kube.fieldset import FieldSet, describe, from_fields_v1, key_element, to_fields_v1, value_element
from tui.sim.kube.managed import track
from tui.sim.kube.patch import apply_patch
from tui.sim.kube.status import Obj

NOW = "2026-11-22T01:04:11Z"
EARLIER = "2026-11-22T01:03:52Z"


def config_map(data: dict[str, str], **metadata: Any) -> Obj:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "cfg", **metadata}, "data": data}


def created(data: dict[str, str], manager: str = "one") -> Obj:
    return track(None, config_map(data, uid="u"), kind=CONFIG_MAPS, manager=manager, now=EARLIER)


def owners(obj: Obj) -> dict[str, dict[str, Any]]:
    return {entry["manager"]: entry["fieldsV1"] for entry in obj["metadata"].get("managedFields", [])}


@recordings.needed
def test_a_strategic_patch_leaves_the_recorded_owners():
    recording = load("strategic-patch")
    kind = kind_of("Deployment", "apps/v1")
    live = load("list-deployments").body["items"][0]
    new = apply_patch(recording.request["content_type"], live, recording.request["body"], kind)
    result = track(live, new, kind=kind, manager="recorder", now=NOW)
    assert result["metadata"]["managedFields"] == recording.body["metadata"]["managedFields"]


@recordings.needed
def test_a_merge_patch_leaves_the_recorded_owners():
    recording = load("merge-patch")
    live = track(None, config_map({"a": "1"}, uid="u"), kind=CONFIG_MAPS, manager="kubectl-create", now=EARLIER)
    new = apply_patch(recording.request["content_type"], live, recording.request["body"], CONFIG_MAPS)
    result = track(live, new, kind=CONFIG_MAPS, manager="recorder", now=NOW)
    assert result["metadata"]["managedFields"] == recording.body["metadata"]["managedFields"]


def as_asked(obj: Obj, *dropped: str) -> tuple[Obj, list[Obj]]:
    """A recorded object as its creator sent it: without what only the server fills; and its recorded owners."""
    asked = copy.deepcopy(obj)
    entries = asked["metadata"].pop("managedFields")
    asked.pop("status", None)
    for path in dropped:
        node = asked
        *steps, last = path.split(".")
        for step in steps:
            node = node[step]
        del node[last]
    return asked, entries


@recordings.needed
def test_a_created_job_is_owned_as_recorded_defaults_included():
    recorded = load("list-jobs").body["items"][0]
    asked, entries = as_asked(recorded, "metadata.labels", "spec.selector", "spec.template.metadata")
    del asked["spec"]["backoffLimit"], asked["spec"]["completionMode"]
    kind = kind_of("Job", "batch/v1")
    result = track(None, default(asked, kind), kind=kind, manager="kube-controller-manager", now=entries[0]["time"])
    assert result["metadata"]["managedFields"] == entries[:1]


@recordings.needed
def test_a_created_service_is_owned_as_recorded():
    asked, entries = as_asked(load("list-services").body["items"][1], "spec.clusterIPs", "spec.ipFamilies")
    kind = kind_of("Service", "v1")
    result = track(None, asked, kind=kind, manager="kube-apiserver", now=entries[0]["time"])
    assert result["metadata"]["managedFields"] == entries


@recordings.needed
def test_a_created_custom_resource_is_owned_as_recorded():
    asked, entries = as_asked(load("list-gadgets").body["items"][0])
    result = track(None, asked, kind=GADGETS, manager="recorder", now=entries[0]["time"])
    assert result["metadata"]["managedFields"] == entries


def test_an_update_by_a_subresource_is_an_entry_of_its_own():
    kind = kind_of("Deployment", "apps/v1")
    live = track(
        None,
        {"metadata": {"name": "d", "uid": "u"}, "spec": {"replicas": 1}},
        kind=kind,
        manager="one",
        now=EARLIER,
    )
    scaled = {**live, "spec": {"replicas": 2}}
    entries = track(live, scaled, kind=kind, manager="one", now=NOW, subresource="scale")["metadata"]["managedFields"]
    assert [(entry.get("subresource"), entry["fieldsV1"]) for entry in entries] == [
        ("scale", {"f:spec": {"f:replicas": {}}})
    ]


def test_no_change_leaves_owners_and_times():
    live = created({"a": "1"})
    assert track(live, copy.deepcopy(live), kind=CONFIG_MAPS, manager="two", now=NOW) == live


def test_time_moves_only_for_who_changed_something():
    live = created({"a": "1"})
    new = {**live, "data": {"a": "1", "b": "2"}}
    entries = track(live, new, kind=CONFIG_MAPS, manager="two", now=NOW)["metadata"]["managedFields"]
    assert [(entry["manager"], entry["time"]) for entry in entries] == [("one", EARLIER), ("two", NOW)]


def test_an_owner_left_with_nothing_is_dropped():
    live = created({"a": "1"})
    live = track(live, {**live, "data": {"a": "2"}}, kind=CONFIG_MAPS, manager="two", now=NOW)
    assert owners(live) == {"one": {"f:data": {}}, "two": {"f:data": {"f:a": {}}}}
    gone = {name: value for name, value in live.items() if name != "data"}
    assert owners(track(live, gone, kind=CONFIG_MAPS, manager="two", now=NOW)) == {}


def test_a_client_that_knows_no_managed_fields_does_not_lose_them():
    live = created({"a": "1"})
    new = config_map({"a": "1", "b": "2"}, uid="u")
    assert owners(track(live, new, kind=CONFIG_MAPS, manager="two", now=NOW)) == {
        "one": {"f:data": {".": {}, "f:a": {}}},
        "two": {"f:data": {"f:b": {}}},
    }


@pytest.mark.parametrize("given", [[], [{}]])
def test_given_empty_they_are_reset(given: list[Obj]):
    live = created({"a": "1"})
    new = config_map({"a": "1"}, uid="u", managedFields=given)
    result = track(live, new, kind=CONFIG_MAPS, manager="two", now=NOW)
    assert "managedFields" not in result["metadata"]


def test_a_subresource_cannot_set_them():
    live = created({"a": "1"})
    new = config_map({"a": "1"}, uid="u", managedFields=[])
    result = track(live, new, kind=CONFIG_MAPS, manager="two", now=NOW, subresource="status")
    assert owners(result) == owners(live)


def test_a_client_may_rewrite_them():
    live = created({"a": "1"})
    entry = {**live["metadata"]["managedFields"][0], "manager": "renamed"}
    new = config_map({"a": "1"}, uid="u", managedFields=[entry])
    assert list(owners(track(live, new, kind=CONFIG_MAPS, manager="two", now=NOW))) == ["renamed"]


@pytest.mark.parametrize(
    "entry",
    [
        {"operation": "Steal"},
        {"operation": "Update", "fieldsType": "FieldsV1"},
        {"operation": "Update", "apiVersion": "v1"},
        {"operation": "Update", "apiVersion": "v1", "fieldsType": "FieldsV2"},
        {"operation": "Update", "apiVersion": "v1", "fieldsType": "FieldsV1", "fieldsV1": {"f:data": 1}},
        {"operation": "Update", "apiVersion": "v1", "fieldsType": "FieldsV1", "fieldsV1": {"k:{": {}}},
        "text",
    ],
)
def test_nonsense_given_falls_back_to_the_live_ones(entry: object):
    live = created({"a": "1"})
    new = config_map({"a": "1"}, uid="u", managedFields=[entry])
    assert owners(track(live, new, kind=CONFIG_MAPS, manager="two", now=NOW)) == owners(live)


def test_inputs_are_not_changed():
    live = created({"a": "1"})
    new = {**live, "data": {"b": "2"}}
    before = copy.deepcopy((live, new))
    track(live, new, kind=CONFIG_MAPS, manager="two", now=NOW)
    assert (live, new) == before


def test_path_elements_are_written_and_ordered_as_go_does():
    fields = FieldSet.of(
        ("f:b",),
        ("f:a", key_element({"protocol": "TCP", "containerPort": 443}), "f:x"),
        ("f:a", key_element({"containerPort": 80, "protocol": "TCP"})),
        ("f:s", value_element("<&>")),
        ("f:s", value_element(2)),
    )
    written = to_fields_v1(fields)
    assert list(written) == ["f:a", "f:b", "f:s"]
    assert list(written["f:a"]) == [
        'k:{"containerPort":80,"protocol":"TCP"}',
        'k:{"containerPort":443,"protocol":"TCP"}',
    ]
    assert list(written["f:s"]) == ["v:2", 'v:"\\u003c\\u0026\\u003e"']
    assert from_fields_v1(written) == fields


def test_a_dot_is_the_element_itself():
    fields = from_fields_v1({"f:a": {".": {}, "f:b": {}}, "f:c": {"f:d": {}}, "x:unknown": {}})
    assert list(fields.paths()) == [("f:a",), ("f:a", "f:b"), ("f:c", "f:d")]


def test_conflict_paths_read_as_the_server_prints_them():
    path = ("f:spec", 'k:{"name":"a b","port":80}', "f:x.y/z", 'v:"q"', "v:true", "i:3")
    assert describe(path) == '.spec[name="a b",port=80].x.y/z[="q"][=true][3]'
