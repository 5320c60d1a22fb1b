"""Custom resources: served from the moment their definition is there until it goes."""

import copy
from typing import Any

from tests.sim.kube.conftest import TABLE, Api

CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
GADGETS = "/apis/example.com/v1/namespaces/default/gadgets"

SCHEMA = {
    "type": "object",
    "properties": {
        "spec": {
            "type": "object",
            "properties": {
                "size": {"type": "integer", "minimum": 1, "default": 2},
                "color": {"type": "string"},
                "replicas": {"type": "integer"},
            },
        },
        "status": {
            "type": "object",
            "properties": {
                "replicas": {"type": "integer"},
                "selector": {"type": "string"},
                "ready": {"type": "boolean"},
            },
        },
    },
}


def definition(*versions: dict[str, Any]) -> dict[str, Any]:
    first = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": SCHEMA},
        "selectableFields": [{"jsonPath": ".spec.color"}],
        "additionalPrinterColumns": [{"name": "Size", "type": "integer", "jsonPath": ".spec.size"}],
        "subresources": {
            "status": {},
            "scale": {
                "specReplicasPath": ".spec.replicas",
                "statusReplicasPath": ".status.replicas",
                "labelSelectorPath": ".status.selector",
            },
        },
    }
    return {
        "metadata": {"name": "gadgets.example.com"},
        "spec": {
            "group": "example.com",
            "scope": "Namespaced",
            "names": {"plural": "gadgets", "kind": "Gadget", "shortNames": ["gd"]},
            "versions": [first, *versions],
        },
    }


async def gadget(api: Api, name: str = "g", **spec: Any) -> Any:
    return await api.post(
        GADGETS, {"apiVersion": "example.com/v1", "kind": "Gadget", "metadata": {"name": name}, "spec": spec}
    )


async def test_a_definition_is_established_and_served_at_once(api: Api):
    assert (await api.get(GADGETS)).status == 404
    made = await api.post(CRDS, definition())
    assert made.status == 201
    found = (await api.get(f"{CRDS}/gadgets.example.com")).body
    assert found["spec"]["names"]["listKind"] == "GadgetList"
    conditions = {condition["type"]: condition["status"] for condition in found["status"]["conditions"]}
    assert conditions == {"NamesAccepted": "True", "Established": "True"}
    assert found["status"]["storedVersions"] == ["v1"]
    groups = [group["name"] for group in (await api.get("/apis")).body["groups"]]
    assert groups[-2:] == ["example.com", "metrics.k8s.io"]
    (resource, scale, status) = (await api.get("/apis/example.com/v1")).body["resources"]
    assert (resource["name"], resource["shortNames"]) == ("gadgets", ["gd"])
    assert (scale["name"], status["name"]) == ("gadgets/scale", "gadgets/status")


async def test_custom_objects_are_defaulted_validated_and_printed(api: Api):
    await api.post(CRDS, definition())
    made = await gadget(api, color="red")
    assert (made.status, made.body["spec"], made.body["metadata"]["generation"]) == (
        201,
        {"color": "red", "size": 2},
        1,
    )
    refused = await gadget(api, "bad", size=0)
    assert (refused.status, "should be greater than or equal to 1" in refused.message) == (422, True)
    unknown = await api.post(
        f"{GADGETS}?fieldValidation=Strict", {"metadata": {"name": "x"}, "spec": {"colour": "red"}}
    )
    assert unknown.message.endswith('strict decoding error: unknown field "spec.colour"')
    await gadget(api, "h", color="blue", size=5)
    assert (await api.get(f"{GADGETS}?fieldSelector=spec.color%3Dblue")).names == ["h"]
    table = (await api.get(GADGETS, accept=TABLE)).body
    assert [row["cells"] for row in table["rows"]] == [["g", 2], ["h", 5]]


async def test_custom_objects_are_never_overwritten_blindly(api: Api):
    await api.post(CRDS, definition())
    made = (await gadget(api, color="red")).body
    blind = {**made, "metadata": {"name": "g"}, "spec": {"size": 9}}
    refused = await api.put(f"{GADGETS}/g", blind)
    assert (refused.status, "must be specified for an update" in refused.message) == (422, True)
    assert (await api.put(f"{GADGETS}/g", {**made, "spec": {"size": 9}})).body["metadata"]["generation"] == 2
    strategic = await api.patch(f"{GADGETS}/g", {"spec": {"size": 3}}, "application/strategic-merge-patch+json")
    assert strategic.status == 415


async def test_status_and_scale_go_where_the_definition_says(api: Api):
    await api.post(CRDS, definition())
    made = (await gadget(api, replicas=3)).body
    status = {"replicas": 2, "selector": "app=g"}
    after = (await api.put(f"{GADGETS}/g/status", {**made, "spec": {"size": 99}, "status": status})).body
    assert (after["spec"]["size"], after["status"], after["metadata"]["generation"]) == (2, status, 1)
    scale = (await api.get(f"{GADGETS}/g/scale")).body
    assert (scale["spec"], scale["status"]) == ({"replicas": 3}, {"replicas": 2, "selector": "app=g"})
    await api.patch(f"{GADGETS}/g/scale", {"spec": {"replicas": 7}})
    assert (await api.get(f"{GADGETS}/g")).body["spec"]["replicas"] == 7


async def test_a_new_version_shows_the_same_objects(api: Api):
    await api.post(CRDS, definition())
    await gadget(api, color="red")
    found = (await api.get(f"{CRDS}/gadgets.example.com")).body
    second = {"name": "v2", "served": True, "storage": False, "schema": {"openAPIV3Schema": SCHEMA}}
    found["spec"]["versions"].append(second)
    assert (await api.put(f"{CRDS}/gadgets.example.com", found)).status == 200
    shown = (await api.get("/apis/example.com/v2/namespaces/default/gadgets/g")).body
    assert (shown["apiVersion"], shown["spec"]["color"]) == ("example.com/v2", "red")
    found = (await api.get(f"{CRDS}/gadgets.example.com")).body
    found["spec"]["versions"][1]["served"] = False
    await api.put(f"{CRDS}/gadgets.example.com", found)
    assert (await api.get("/apis/example.com/v2/namespaces/default/gadgets/g")).status == 404


async def test_a_definition_takes_its_objects_with_it(api: Api):
    await api.post(CRDS, definition())
    await gadget(api)
    async with api.watch(GADGETS) as watch:
        await watch.take(1)
        assert (await api.delete(f"{CRDS}/gadgets.example.com")).status == 200
        assert await watch.take(1) == [("DELETED", "g")]
    assert (await api.get(GADGETS)).status == 404
    assert "example.com" not in {group["name"] for group in (await api.get("/apis")).body["groups"]}
    await api.post(CRDS, definition())
    assert (await api.get(GADGETS)).body["items"] == []


async def test_the_sorted_form_of_custom_objects_is_kept_in_a_watch(api: Api):
    await api.post(CRDS, definition())
    await gadget(api, color="red")
    async with api.watch(GADGETS) as watch:
        event = await watch.next()
    assert list(event) == ["type", "object"]
    assert list(event["object"]) == sorted(event["object"])
    assert list(event["object"]["metadata"]) == sorted(event["object"]["metadata"])


async def test_who_defines_rules_that_are_not_evaluated_is_told(api: Api):
    assert "Warning" not in (await api.post(f"{CRDS}?dryRun=All", definition())).headers
    ruled: dict[str, Any] = copy.deepcopy(definition())
    spec = ruled["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    spec["x-kubernetes-validations"] = [{"rule": "self.size < 9"}]
    made = await api.post(CRDS, ruled)
    assert made.status == 201
    said = "x-kubernetes-validations are not evaluated by this simulated server"
    assert made.headers.getall("Warning") == [
        f'299 - "spec.versions[0].schema.openAPIV3Schema.properties[spec]: {said}"'
    ]
