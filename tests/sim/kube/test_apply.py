"""Server-side apply against the recorded server, and what custom resources and broken objects make of it.

`test_apply_vectors` holds the same code against the real machinery's answers to a few hundred requests.
"""

import copy
from typing import Any

import pytest

from tests import recordings
from tests.recordings import Recording, load
from tests.sim.kube.samples import CONFIG_MAPS, DEPLOYMENTS, GADGETS
from tui.sim.kube.admission import default
from tui.sim.kube.apply import LAST_APPLIED, server_side_apply
from tui.sim.kube.kinds import Kind
from tui.sim.kube.schema import of_crd
from tui.sim.kube.status import ApiError, Obj

NOW = "2026-11-22T01:04:11Z"
SERVER_FILLED = ("namespace", "uid", "resourceVersion", "creationTimestamp", "generation")


def applied(live: Obj | None, recording: Recording, kind: Kind) -> Obj:
    """The answer to a recorded apply, with what only the store fills taken from the recorded answer."""
    _, _, query = recording.request["path"].partition("?")
    parameters = dict(pair.split("=") for pair in query.split("&"))
    result = server_side_apply(
        live,
        recording.request["body"],
        kind=kind,
        manager=parameters["fieldManager"],
        force=parameters.get("force") == "true",
        now=NOW,
    )
    filled = {name: recording.body["metadata"].get(name) for name in SERVER_FILLED}
    metadata = {**result["metadata"], **{name: value for name, value in filled.items() if value is not None}}
    return default({**result, "metadata": metadata}, kind)


@recordings.needed
def test_the_recorded_story_of_two_appliers():
    live = applied(None, load("apply-create"), CONFIG_MAPS)
    assert live == load("apply-create").body

    conflict = load("apply-again-other-manager-conflict")
    with pytest.raises(ApiError) as refused:
        server_side_apply(live, conflict.request["body"], kind=CONFIG_MAPS, manager="other", force=False, now=NOW)
    assert refused.value.status() == conflict.body

    live = applied(live, load("apply-force"), CONFIG_MAPS)
    assert live == load("apply-force").body

    live = applied(live, load("apply-drop-field"), CONFIG_MAPS)
    assert live == load("apply-drop-field").body


@recordings.needed
def test_a_forced_apply_takes_the_recorded_fields_from_their_owner():
    live = {"kind": "Deployment", "apiVersion": "apps/v1", **load("list-deployments").body["items"][0]}
    before = copy.deepcopy(live)
    assert applied(live, load("apply-dry-run"), DEPLOYMENTS) == load("apply-dry-run").body
    assert live == before


def apply(live: Obj | None, body: Obj, kind: Kind = GADGETS, manager: str = "one", **how: Any) -> Obj:
    return server_side_apply(live, body, kind=kind, manager=manager, force=how.pop("force", False), now=NOW, **how)


def gadget(**spec: Any) -> Obj:
    return {"apiVersion": "example.com/v1", "kind": "Gadget", "metadata": {"name": "g"}, "spec": spec}


def owned(obj: Obj, manager: str = "one") -> Obj:
    return next(entry["fieldsV1"] for entry in obj["metadata"]["managedFields"] if entry["manager"] == manager)


TYPED = of_crd(
    {
        "type": "object",
        "properties": {
            "spec": {
                "type": "object",
                "properties": {
                    "size": {"type": "integer"},
                    "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                    "tags": {"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set"},
                    "plain": {"type": "array", "items": {"type": "string"}},
                    "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
                    "port": {"x-kubernetes-int-or-string": True},
                    "parts": {
                        "type": "array",
                        "x-kubernetes-list-type": "map",
                        "x-kubernetes-list-map-keys": ["name", "kind"],
                        "items": {
                            "type": "object",
                            "properties": {
                                "name": {"type": "string"},
                                "kind": {"type": "string", "default": "std"},
                                "count": {"type": "integer"},
                            },
                        },
                    },
                },
            }
        },
    }
)


def test_without_a_schema_lists_are_one_value_and_every_key_is_owned():
    live = apply(None, gadget(size=1, tags=["a"], nested={"x": {"y": 1}}))
    assert owned(live) == {
        "f:spec": {".": {}, "f:nested": {".": {}, "f:x": {".": {}, "f:y": {}}}, "f:size": {}, "f:tags": {}}
    }
    with pytest.raises(ApiError) as refused:
        apply(live, gadget(tags=["a", "b"]), manager="two")
    assert refused.value.message == 'Apply failed with 1 conflict: conflict with "one": .spec.tags'


def test_a_custom_schema_makes_sets_and_maps_of_its_lists():
    first = gadget(tags=["a", "b"], parts=[{"name": "x", "count": 1}], plain=["p"], free={"q": [1]}, port="http")
    live = apply(None, first, custom=TYPED)
    assert owned(live)["f:spec"] == {
        "f:free": {"f:q": {}},
        "f:parts": {'k:{"kind":"std","name":"x"}': {".": {}, "f:count": {}, "f:name": {}}},
        "f:plain": {},
        "f:port": {},
        "f:tags": {'v:"a"': {}, 'v:"b"': {}},
    }
    second = gadget(tags=["b", "c"], parts=[{"name": "x", "kind": "std"}, {"name": "x", "kind": "big"}])
    live = apply(live, second, manager="two", custom=TYPED)
    assert live["spec"]["tags"] == ["a", "b", "c"]
    assert [(part["name"], part.get("kind")) for part in live["spec"]["parts"]] == [("x", "std"), ("x", "big")]
    live = apply(live, gadget(), manager="two", custom=TYPED)
    assert live["spec"]["tags"] == ["a", "b"]


def test_a_custom_schema_refuses_what_it_does_not_know():
    with pytest.raises(ApiError) as refused:
        apply(None, gadget(colour="red"), custom=TYPED)
    assert refused.value.code == 500
    assert refused.value.message == (
        "failed to create typed patch object (/g; example.com/v1, Kind=Gadget): "
        ".spec.colour: field not declared in schema"
    )


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({**gadget(), "kind": "Widget"}, "invalid object type: example.com/v1, Kind=Widget"),
        ({**gadget(), "apiVersion": "example.com/v2"}, "invalid object type: example.com/v2, Kind=Gadget"),
        ({**gadget(), "metadata": {"name": "g", "managedFields": []}}, "metadata.managedFields must be nil"),
    ],
)
def test_what_is_no_configuration_of_this_kind_is_a_bad_request(body: Obj, said: str):
    with pytest.raises(ApiError) as refused:
        apply(None, body)
    assert (refused.value.code, refused.value.message) == (400, said)


def test_an_object_that_nobody_owned_gets_an_owner_before_the_first_apply():
    live = {**gadget(size=1), "metadata": {"name": "g", "uid": "u"}}
    result = apply(live, gadget(size=2), force=True)
    assert [(entry["manager"], entry["operation"]) for entry in result["metadata"]["managedFields"]] == [
        ("one", "Apply"),
        ("before-first-apply", "Update"),
    ]


def test_the_status_is_not_applied_through_the_object_s_own_door():
    body = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "d"},
        "spec": {"replicas": 1},
        "status": {"replicas": 9},
    }
    result = apply(None, body, kind=DEPLOYMENTS)
    assert result["status"] == {}
    assert owned(result) == {"f:spec": {"f:replicas": {}}}
    through_status = apply(result, body, kind=DEPLOYMENTS, manager="two", subresource="status")
    assert through_status["status"] == {"replicas": 9}
    assert owned(through_status, "two") == {"f:status": {"f:replicas": {}}}


def test_kubectl_keeps_the_annotation_of_client_side_apply_true():
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"a": "2"}}
    live = {
        **body,
        "data": {"a": "1"},
        "metadata": {"name": "c", "uid": "u", "annotations": {LAST_APPLIED: '{"old":true}'}},
    }
    result = apply(live, body, kind=CONFIG_MAPS, manager="kubectl", force=True)
    assert result["metadata"]["annotations"][LAST_APPLIED] == (
        '{"apiVersion":"v1","data":{"a":"2"},"kind":"ConfigMap","metadata":{"name":"c"}}\n'
    )
    other = apply(live, body, kind=CONFIG_MAPS, manager="argocd", force=True)
    assert other["metadata"]["annotations"][LAST_APPLIED] == '{"old":true}'


def test_managed_fields_that_cannot_be_read_stop_an_apply():
    live = {**gadget(), "metadata": {"name": "g", "uid": "u", "managedFields": [{"operation": "Steal"}]}}
    with pytest.raises(ApiError) as refused:
        apply(live, gadget(size=1))
    assert refused.value.message == "failed to decode managed fields: operation must be `Apply` or `Update`"
