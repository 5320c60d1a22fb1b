"""Patches: JSON Patch and JSON Merge Patch by their RFCs' examples, which kinds take which, and the recordings."""

import copy
import json
from typing import Any

import pytest

from tests import recordings
from tests.recordings import load
from tests.sim.kube.samples import CONFIG_MAPS, DEPLOYMENTS, GADGETS
from tui.sim.kube.patch import JSON_PATCH, MERGE_PATCH, STRATEGIC_MERGE_PATCH, apply_patch, undecodable
from tui.sim.kube.status import ApiError, Obj


def patched(live: Obj, operations: list[Obj]) -> Obj:
    before = copy.deepcopy(live), copy.deepcopy(operations)
    try:
        return apply_patch(JSON_PATCH, live, operations, CONFIG_MAPS)
    finally:
        assert (live, operations) == before, "the inputs were changed"


def op(name: str, path: str, **more: Any) -> Obj:
    return {"op": name, "path": path, **more}


@pytest.mark.parametrize(
    ("live", "operations", "result"),
    [  # RFC 6902, appendix A
        ({"foo": "bar"}, [op("add", "/baz", value="qux")], {"foo": "bar", "baz": "qux"}),
        ({"foo": ["bar", "baz"]}, [op("add", "/foo/1", value="qux")], {"foo": ["bar", "qux", "baz"]}),
        ({"baz": "qux", "foo": "bar"}, [op("remove", "/baz")], {"foo": "bar"}),
        ({"foo": ["bar", "qux", "baz"]}, [op("remove", "/foo/1")], {"foo": ["bar", "baz"]}),
        ({"baz": "qux", "foo": "bar"}, [op("replace", "/baz", value="boo")], {"baz": "boo", "foo": "bar"}),
        (
            {"foo": {"bar": "baz", "waldo": "fred"}, "qux": {"corge": "grault"}},
            [op("move", "/qux/thud", **{"from": "/foo/waldo"})],
            {"foo": {"bar": "baz"}, "qux": {"corge": "grault", "thud": "fred"}},
        ),
        (
            {"foo": ["all", "grass", "cows", "eat"]},
            [op("move", "/foo/3", **{"from": "/foo/1"})],
            {"foo": ["all", "cows", "eat", "grass"]},
        ),
        (
            {"baz": "qux", "foo": ["a", 2, "c"]},
            [op("test", "/baz", value="qux"), op("test", "/foo/1", value=2)],
            {"baz": "qux", "foo": ["a", 2, "c"]},
        ),
        ({"foo": "bar"}, [op("add", "/child", value={"grandchild": {}})], {"foo": "bar", "child": {"grandchild": {}}}),
        ({"foo": ["bar"]}, [op("add", "/foo/-", value=["abc", "def"])], {"foo": ["bar", ["abc", "def"]]}),
        ({"/": 9, "~1": 10}, [op("test", "/~01", value=10), op("test", "/~1", value=9)], {"/": 9, "~1": 10}),
        (
            {"a": {"b": 1}},
            [op("copy", "/c", **{"from": "/a"}), op("replace", "/c/b", value=2)],
            {"a": {"b": 1}, "c": {"b": 2}},
        ),
        ({"a": [1, 2, 3]}, [op("remove", "/a/-1")], {"a": [1, 2]}),
        ({"a": 1}, [op("test", "/absent", value=None)], {"a": 1}),
        ({"a": 1}, [op("replace", "", value={"b": 2})], {"b": 2}),
    ],
)  # fmt: skip
def test_json_patch_carries_out_operations_in_turn(live: Obj, operations: list[Obj], result: Obj):
    assert patched(live, operations) == result


@pytest.mark.parametrize(
    "operation",
    [
        op("test", "/a", value=2),
        op("test", "/a", value=True),
        op("test", "/absent", value=1),
        op("add", "/absent/b", value=1),
        op("add", "/list/9", value=1),
        op("add", "/list/x", value=1),
        op("add", "/a/b", value=1),
        op("add", "a", value=1),
        op("add", "/new"),
        op("remove", "/absent"),
        op("remove", "/list/2"),
        op("remove", ""),
        op("replace", "/absent", value=1),
        op("copy", "/b", **{"from": "/absent"}),
        op("move", "/map/inside/it", **{"from": "/map"}),
        op("replace", "", value=[]),
        op("frobnicate", "/a"),
        {"op": "remove"},
    ],
    ids=str,
)
def test_a_failing_operation_fails_the_whole_patch(operation: Obj):
    live: Obj = {"a": 1, "list": [1, 2], "map": {"inside": {}}}
    with pytest.raises(ApiError) as refused:
        patched(live, [op("add", "/ok", value=1), operation])
    assert refused.value.status()["code"] == 422
    assert refused.value.reason == "Invalid"


@pytest.mark.parametrize(
    ("live", "patch", "result"),
    [  # RFC 7386, appendix A
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_merge_patch_joins_objects_and_replaces_the_rest(live: Obj, patch: Obj, result: Obj):
    before = copy.deepcopy((live, patch))
    assert apply_patch(MERGE_PATCH, live, patch, GADGETS) == result
    assert (live, patch) == before


def test_custom_resources_take_no_strategic_merge_patch():
    with pytest.raises(ApiError) as refused:
        apply_patch(STRATEGIC_MERGE_PATCH, {"spec": {}}, {"spec": {}}, GADGETS)
    assert refused.value.code == 415
    assert refused.value.message == (
        "the body of the request was in an unknown format - accepted media types include: "
        "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml"
    )


@pytest.mark.parametrize("content_type", [MERGE_PATCH, STRATEGIC_MERGE_PATCH, JSON_PATCH])
@pytest.mark.parametrize("patch", ["text", 3])
def test_what_is_no_patch_at_all_is_a_bad_request(content_type: str, patch: object):
    with pytest.raises(ApiError) as refused:
        apply_patch(content_type, {}, patch, DEPLOYMENTS)
    assert refused.value.code == 400


def test_too_long_a_json_patch_is_refused():
    with pytest.raises(ApiError) as refused:
        patched({"a": 1}, [op("test", "/a", value=1)] * 10_001)
    assert refused.value.code == 413


@pytest.mark.parametrize(
    ("content_type", "shown"),
    [
        (STRATEGIC_MERGE_PATCH, "map[b:[1 x]]"),
        (MERGE_PATCH, '{\\"a\\":1,\\"b\\":[1,\\"x\\"]}'),
    ],
)
def test_what_a_patch_made_unreadable_is_shown(content_type: str, shown: str):
    error = undecodable(content_type, {"b": [1, "x"]}, {"a": 1, "b": [1, "x"]}, 'unknown field "b"')
    assert error.code == 422
    assert error.message == f' "" is invalid: patch: Invalid value: "{shown}": unknown field "b"'


@recordings.needed
def test_a_failing_json_patch_is_answered_as_recorded():
    recording = load("json-patch-test-fails")
    with pytest.raises(ApiError) as refused:
        apply_patch(JSON_PATCH, load("merge-patch").body, recording.request["body"], CONFIG_MAPS)
    assert refused.value.status() == recording.body


@recordings.needed
def test_an_unknown_type_is_answered_as_recorded():
    recording = load("error-415")
    with pytest.raises(ApiError) as refused:
        apply_patch(recording.request["content_type"], {}, recording.request["body"], CONFIG_MAPS)
    assert refused.value.status() == recording.body


@recordings.needed
def test_a_strategic_patch_changes_what_the_real_one_changed():
    recording = load("strategic-patch")
    live = load("list-deployments").body["items"][0]
    before = json.dumps(live)
    result = apply_patch(recording.request["content_type"], live, recording.request["body"], DEPLOYMENTS)
    assert result["spec"] == recording.body["spec"]
    assert json.dumps(live) == before


@recordings.needed
def test_a_merge_patch_changes_what_the_real_one_changed():
    recording = load("merge-patch")
    live = {"data": {"a": "1", "b": "2"}}
    result = apply_patch(recording.request["content_type"], live, recording.request["body"], CONFIG_MAPS)
    assert result["data"] == recording.body["data"]
