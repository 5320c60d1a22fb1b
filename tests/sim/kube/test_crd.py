"""CustomResourceDefinitions: the kinds they make, their columns, and what becomes of their objects."""

from __future__ import annotations

from typing import Any

import pytest

from tests import recordings
from tests.sim.kube.gadgets import Obj, definition, gadget
from tui.sim.kube import crd, tables
from tui.sim.kube.durations import epoch
from tui.sim.kube.kinds import Registry, Sub

BORN = "2026-11-22T01:00:00Z"
NOW = (epoch(BORN) or 0.0) + 300


# --- kinds -------------------------------------------------------------------------------------------------------


def test_a_definition_makes_a_kind_of_each_served_version_the_preferred_first() -> None:
    made = definition()
    names = ["v1alpha1", "v1beta1", "v2", "v1", "other", "v10", "v1beta2"]
    made["spec"]["versions"] = [{"name": name, "served": name != "v2"} for name in names]
    assert [kind.version for kind in crd.kinds_of(made)] == ["v10", "v1", "v1beta2", "v1beta1", "v1alpha1", "other"]


def test_a_kind_says_of_itself_what_its_definition_says() -> None:
    made = definition(subresources={"status": {}, "scale": {"specReplicasPath": ".spec.n"}})
    made["spec"]["scope"] = "Cluster"
    made["spec"]["names"] |= {"singular": "gizmo", "shortNames": ["gd"], "categories": ["all"]}
    (kind,) = crd.kinds_of(made)
    assert (kind.api_version, kind.plural, kind.kind, kind.singular_name) == (
        "example.com/v1",
        "gadgets",
        "Gadget",
        "gizmo",
    )
    assert (kind.namespaced, kind.short, kind.categories) == (False, ("gd",), ("all",))
    assert set(kind.verbs) == {"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"}
    verbs = ("get", "patch", "update")
    assert kind.subs == (Sub("status", verbs), Sub("scale", verbs, "autoscaling/v1", "Scale"))
    assert crd.kinds_of(definition())[0].subs == ()


def test_names_and_conversion_are_filled_in() -> None:
    spec = crd.complete(definition())["spec"]
    assert spec["names"] == {"plural": "gadgets", "kind": "Gadget", "singular": "gadget", "listKind": "GadgetList"}
    assert spec["conversion"] == {"strategy": "None"}


@recordings.needed
def test_status_of_a_served_definition_is_the_recorded_one() -> None:
    (recorded,) = recordings.load("list-crds").body["items"]
    bare = {key: value for key, value in recorded.items() if key != "status"}
    when = recorded["status"]["conditions"][0]["lastTransitionTime"]
    assert crd.established(crd.complete(bare), when) == recorded


# --- printer columns ---------------------------------------------------------------------------------------------


def column(column_type: str, path: str, **more: Any) -> Obj:
    return {"name": "Value", "type": column_type, "jsonPath": path, **more}


def cell(column_type: str, path: str, obj: Obj) -> Any:
    (kind,) = crd.kinds_of(definition(additionalPrinterColumns=[column(column_type, path)]))
    return tables.row(kind, obj, now=NOW)["cells"][1]


@pytest.mark.parametrize(
    ("column_type", "value", "expected"),
    [
        ("string", "text", "text"),
        ("string", 3, "3"),
        ("string", True, "true"),
        ("string", None, "<no value>"),
        ("integer", None, None),
        ("string", 1.5, "1.5"),
        ("string", ["b", "ä"], '["b","ä"]'),
        ("string", {"b": 1, "a": None}, '{"a":null,"b":1}'),
        ("integer", 3, 3),
        ("integer", 3.9, 3),
        ("integer", "3", None),
        ("integer", True, None),
        ("number", 1.5, 1.5),
        ("number", "1.5", None),
        ("boolean", True, True),
        ("boolean", "true", None),
        ("date", "2026-11-22T00:59:00Z", "6m"),
        ("date", "2026-11-22T01:10:00Z", "<invalid>"),
        ("date", "", "<unknown>"),
        ("date", "soon", "<invalid>"),
        ("date", 5, None),
        ("object", {}, None),
    ],
)
def test_cells_are_written_as_their_column_type_says(column_type: str, value: Any, expected: Any) -> None:
    printed = cell(column_type, ".spec.value", gadget(value=value))
    assert (printed, type(printed)) == (expected, type(expected))


@pytest.mark.parametrize("path", [".spec.missing", ".spec.value[5]", "not[a path"])
def test_a_cell_of_which_nothing_is_found_is_empty(path: str) -> None:
    assert cell("string", path, gadget(value=["a"])) is None


def test_the_first_of_several_values_is_shown() -> None:
    assert cell("string", ".spec.value[*]", gadget(value=["a", "b"])) == "a"


def test_column_definitions() -> None:
    columns = [column("integer", ".spec.n", priority=1, format="int32"), column("string", ".a", description="What.")]
    (kind,) = crd.kinds_of(definition(additionalPrinterColumns=columns))
    defined = tables.columns(kind)
    assert [each["name"] for each in defined] == ["Name", "Value", "Value"]
    assert defined[1] == {
        "name": "Value",
        "type": "integer",
        "format": "int32",
        "description": "Custom resource definition column (in JSONPath format): .spec.n",
        "priority": 1,
    }
    assert defined[2]["description"] == "What."


def test_a_kind_without_columns_shows_its_age() -> None:
    (kind,) = crd.kinds_of(definition())
    assert [(each["name"], each["type"]) for each in tables.columns(kind)] == [("Name", "string"), ("Age", "date")]
    obj = {"metadata": {"name": "g", "creationTimestamp": BORN}}
    assert tables.row(kind, obj, now=NOW)["cells"] == ["g", "5m"]


def test_two_clusters_may_print_the_same_kind_differently() -> None:
    (plain,) = crd.kinds_of(definition())
    (other,) = crd.kinds_of(definition(additionalPrinterColumns=[column("string", ".spec.a")]))
    registries = Registry(), Registry()
    for registry, kind in zip(registries, (plain, other), strict=True):
        registry.add(kind)
    shown = [registry.resource("example.com", "v1", "gadgets") for registry in registries]
    assert [[each["name"] for each in tables.columns(kind)] for kind in shown if kind] == [
        ["Name", "Age"],
        ["Name", "Value"],
    ]


# --- pruning and defaults ----------------------------------------------------------------------------------------

NESTED: Obj = {
    "known": {"type": "object", "properties": {"a": {"type": "string"}}},
    "list": {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "string"}}}},
    "map": {"type": "object", "additionalProperties": {"type": "object", "properties": {"a": {"type": "string"}}}},
    "free": {
        "type": "object",
        "x-kubernetes-preserve-unknown-fields": True,
        "properties": {"strict": {"type": "object", "properties": {"a": {"type": "string"}}}},
    },
    "any": {"type": "object", "additionalProperties": True},
    "embedded": {"type": "object", "x-kubernetes-embedded-resource": True, "properties": {"spec": {"type": "object"}}},
}


def test_unknown_fields_are_dropped_and_named() -> None:
    obj = gadget(
        known={"a": "1", "b": "2"},
        list=[{"a": "1"}, {"b": "2"}],
        map={"k": {"a": "1", "b": "2"}},
        free={"x": {"y": 1}, "strict": {"a": "1", "b": "2"}},
        any={"x": {"y": 1}},
        embedded={"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"x": 1}, "other": 1},
        stray=1,
    )
    obj["extra"] = {}
    before = repr(obj)
    made = definition(NESTED)
    pruned = crd.prune(made, "v1", obj)
    assert pruned == gadget(
        known={"a": "1"},
        list=[{"a": "1"}, {}],
        map={"k": {"a": "1"}},
        free={"x": {"y": 1}, "strict": {"a": "1"}},
        any={"x": {"y": 1}},
        embedded={"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {}},
    )
    assert crd.unknown_fields(made, "v1", obj) == [
        "spec.known.b",
        "spec.list[1].b",
        "spec.map.k.b",
        "spec.free.strict.b",
        "spec.embedded.spec.x",
        "spec.embedded.other",
        "spec.stray",
        "extra",
    ]
    assert repr(obj) == before, "what was given is untouched"


def test_nothing_is_dropped_where_the_definition_says_so_or_has_no_schema() -> None:
    free = definition(NESTED)
    free["spec"]["preserveUnknownFields"] = True
    for made in (free, definition(NESTED, schema=None)):
        assert crd.prune(made, "v1", gadget(stray=1)) == gadget(stray=1)


def test_defaults_are_filled_in_at_every_depth_without_sharing() -> None:
    level = {"type": "object", "properties": {"size": {"type": "integer", "default": 1}}}
    schema: Obj = {
        "mode": {"type": "string", "default": "auto"},
        "kept": {"type": "string", "default": "unused"},
        "was_null": {"type": "string", "default": "d"},
        "may_be_null": {"type": "string", "nullable": True, "default": "d"},
        "nested": {**level, "default": {}},
        "list": {"type": "array", "items": level},
        "map": {"type": "object", "additionalProperties": level},
        "absent": level,
    }
    made = definition(schema)
    obj = gadget(kept="k", was_null=None, may_be_null=None, list=[{}, {"size": 5}], map={"a": {}})
    filled = crd.default(made, "v1", obj)
    assert filled["spec"] == {
        "kept": "k",
        "was_null": "d",
        "may_be_null": None,
        "list": [{"size": 1}, {"size": 5}],
        "map": {"a": {"size": 1}},
        "mode": "auto",
        "nested": {"size": 1},
    }
    filled["spec"]["nested"]["size"] = 9
    assert crd.default(made, "v1", gadget())["spec"]["nested"] == {"size": 1}, "the default itself is not handed out"
